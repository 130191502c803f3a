"""What can go wrong with a request, in our own words: what was said, and whether anything may have happened."""

from __future__ import annotations

import json
from typing import Any, Literal

from alpaca.common.exceptions import APIError
from requests import exceptions as http
from urllib3 import exceptions as wire

Kind = Literal[
    "keys", "absent", "refused", "limit", "server", "unreadable", "unreachable", "timeout", "dropped", "unsent"
]

_PROOF: frozenset[Kind] = frozenset({"keys", "absent", "refused", "unsent"})
_LONGEST = 200
"""Characters of a server's own words that are passed on."""


class AlpacaError(Exception):
    """A request did not end well.

    Attributes:
        kind: ``keys`` were not taken; ``absent``: no such thing (404); ``refused``: the request was read and turned
            down; ``limit``: too many requests (429); ``server``: its own failure (5xx); ``unreadable``: an answer that
            is none, such as a page of HTML; ``unreachable``: no connection came about; ``timeout``, ``dropped``:
            no answer; ``unsent``: kept back here.
        status: the HTTP status, 0 without an answer. code: Alpaca's own, 0 where it gave none.
        message: the server's words, or ours, in one line. Neither holds a key.
    """

    def __init__(self, kind: Kind, message: str, status: int = 0, code: int = 0) -> None:
        super().__init__(message)
        self.kind = kind
        self.message = message
        self.status = status
        self.code = code

    @property
    def unknown(self) -> bool:
        """Whether it may have been done all the same: only a server that has read it proves the contrary."""
        return self.kind not in _PROOF

    def __str__(self) -> str:
        said = ", ".join(
            [*([f"HTTP {self.status}"] if self.status else []), *([f"code {self.code}"] if self.code else [])]
        )
        return f"{self.message} ({said})" if said else self.message


def failure_of(error: Exception) -> AlpacaError | None:
    """Our word for what the SDK or the network raised; ``None`` for anything else, which is a defect of ours."""
    if isinstance(error, AlpacaError):
        return error
    if isinstance(error, APIError):
        return _answered(error)
    if isinstance(error, http.JSONDecodeError):  # of a request that has ended well, as far as the status says
        return AlpacaError("unreadable", "the answer is no JSON")
    if isinstance(error, http.ConnectTimeout):
        return AlpacaError("unreachable", "no connection within the time limit")
    if isinstance(error, http.Timeout):
        return AlpacaError("timeout", "no answer within the time limit")
    if isinstance(error, http.ConnectionError):
        return _broken(error)
    if isinstance(error, http.RequestException | wire.HTTPError):
        return AlpacaError("dropped", f"the connection failed ({type(error).__name__})")
    return None


def _broken(error: http.ConnectionError) -> AlpacaError:
    """A connection that never was, or one that ended before the answer did."""
    reason: Any = error.args[0] if error.args else None
    reason = getattr(reason, "reason", reason)
    if isinstance(reason, wire.NameResolutionError):
        return AlpacaError("unreachable", "the server's name is not known here: is there a network?")
    if isinstance(reason, wire.NewConnectionError):
        return AlpacaError("unreachable", "no connection: nothing answers there, or there is no network")
    if isinstance(error, http.SSLError):
        return AlpacaError("dropped", "the server's certificate is not trusted, or it speaks no TLS")
    if isinstance(reason, wire.ReadTimeoutError):
        return AlpacaError("timeout", "no answer within the time limit")
    return AlpacaError("dropped", "the connection was dropped before the answer")


def _answered(error: APIError) -> AlpacaError:
    """An answer that is an error. The SDK's own ``code`` raises on HTML and on 401, so the text is read here."""
    status = _status(error)
    text = str(error.args[0]) if error.args else ""
    code, message = 0, ""
    try:
        body = json.loads(text)
    except ValueError:
        body = None
    if isinstance(body, dict):
        code = body["code"] if type(body.get("code")) is int else 0
        message = str(body.get("message") or "")
    said = one_line(message) or _without_words(text, body)
    if status == 401 or (status == 403 and code in (0, 40110000) and "forbidden" in said.lower()):
        return AlpacaError("keys", said, status, code)
    if status == 429:
        return AlpacaError("limit", said, status, code)
    if status >= 500 or status in (0, 408):
        return AlpacaError("server", said, status, code)
    if not isinstance(body, dict):
        return AlpacaError("unreadable", said, status, code)  # of something between us and Alpaca
    if status == 404:  # without a code of its own it says that there is no such page, not that there is no such order
        return AlpacaError("absent" if code else "unreadable", said, status, code)
    return AlpacaError("refused", said, status, code)


def _status(error: APIError) -> int:
    response = error.response
    return int(response.status_code) if response is not None else 0


def _without_words(text: str, body: object) -> str:
    if not text.strip():
        return "an empty answer"
    if text.lstrip()[:1] == "<":
        return "a page of HTML instead of an answer"
    return one_line(text) if body is None else "an answer without a message"


def one_line(text: str) -> str:
    """A server's words in one printable line, cut off where nobody would read on."""
    words = "".join(each if each.isprintable() else " " for each in text)
    return " ".join(words.split())[:_LONGEST]
