"""The HTTP session under the SDK's clients while past days are fetched: paced, limited in time, with an end.

The SDK sets no time limit, retries without telling, follows page tokens for ever and trips over answers that are no
JSON. All of it is settled below it, one request at a time. Every request is a GET, so asking again changes nothing.
"""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable, Mapping
from typing import Any, Final
from urllib.parse import urlsplit

import requests

from engine.alpaca.bucket import TokenBucket
from engine.clock import SECOND
from engine.feed.alpaca.history_errors import HistoryError

_RETRIES: Final = 3  # of what a server may have got over by then
_BACK_OFF: Final = 0.5  # seconds before the first of them, twice as long before each next
_TURNED_AWAY: Final = 5  # times in a row with 429
_LONGEST_WAIT: Final = 60.0
_USUAL_WAIT: Final = 5.0  # where a 429 does not say how long
_WHOLE_ANSWER: Final = 60.0  # seconds: a read timeout alone lets a server drip for ever
_LARGEST: Final = 64 << 20
_MOST_PAGES: Final = 2000
_PIECE: Final = 1 << 16
_WORTH_TELLING: Final = 3.0  # seconds
_MESSAGE: Final = 200
_SECRET: Final = ("APCA-API-KEY-ID", "APCA-API-SECRET-KEY")
_ENTRIES: Final = ("bars", "trades", "option_contracts")


class _Unfinished(requests.RequestException):
    """An answer that is given up; the message says why."""


class PacedSession(requests.Session):
    """Takes the place of ``RESTClient._session``.

    Args:
        bucket: when the next request may go out.
        limits: seconds to connect, and between two pieces of an answer.
        told: hears in a line of every wait that a person would wonder about.
        longest: seconds that it waits after a 429 at most, whatever the answer says; None: a minute.

    Attributes:
        sent: requests so far, those that were sent again included.
        digest: hash of the bytes of all answers that were taken, in the order in which they came.
    """

    def __init__(
        self,
        bucket: TokenBucket,
        limits: tuple[float, float],
        told: Callable[[str], None],
        longest: float | None = None,
    ) -> None:
        super().__init__()
        self.trust_env = False  # neither proxies nor passwords of the machine's environment
        self.sent = 0
        self.digest = hashlib.sha256()
        self._bucket, self._limits, self._told, self._longest = bucket, limits, told, longest
        self._pages: set[str] = set()

    def request(self, method: str | bytes, url: str | bytes, *_: Any, **options: Any) -> requests.Response:
        """An answer that is a JSON object of status 200. Raises ``HistoryError`` for everything else."""
        address, where = str(url), str(urlsplit(str(url)).netloc)
        self._see_page(where, options.get("params") or {})
        failed = turned_away = 0
        while True:
            self._take(where)
            self.sent += 1
            try:
                answer = self._once(str(method), address, options)
            except requests.RequestException as error:
                failed += 1
                if failed > _RETRIES:
                    raise HistoryError("server", f"{where} does not answer: {_reason(error)}") from None
                time.sleep(_BACK_OFF * 2 ** (failed - 1))
                continue
            if answer.status_code == 429:
                turned_away += 1
                if turned_away > _TURNED_AWAY:
                    raise HistoryError(
                        "limit", f"{where} still says after {_TURNED_AWAY} waits that there are too many requests (429)"
                    )
                self._wait(where, answer)
                continue
            if answer.status_code >= 500:
                failed += 1
                if failed > _RETRIES:
                    raise HistoryError(
                        "server", f"{where} is out of order: {answer.status_code}, {_RETRIES + 1} times in a row"
                    )
                time.sleep(_BACK_OFF * 2 ** (failed - 1))
                continue
            return self._sound(where, answer, options.get("headers") or {})

    def _take(self, where: str) -> None:
        while wait := self._bucket.take() / SECOND:
            if wait > _WORTH_TELLING:
                self._told(f"{where}: as many requests as a minute allows, going on in {wait:.0f} s")
            time.sleep(wait)

    def _once(self, method: str, address: str, options: dict[str, Any]) -> requests.Response:
        given = {name: value for name, value in options.items() if name in ("params", "headers")}
        until = time.monotonic() + _WHOLE_ANSWER
        answer = super().request(
            method, address, timeout=self._limits, allow_redirects=False, stream=True, **given
        )  # fmt: skip
        with answer:
            pieces, size = [], 0
            for piece in answer.iter_content(_PIECE):
                pieces.append(piece)
                size += len(piece)
                if size > _LARGEST:
                    raise _Unfinished(f"an answer of more than {_LARGEST >> 20} MiB")
                if time.monotonic() > until:
                    raise _Unfinished(f"the answer is not whole after {_WHOLE_ANSWER:.0f} s")
        answer._content = b"".join(pieces)
        return answer

    def _see_page(self, where: str, params: dict[str, Any]) -> None:
        """A token that comes back would be followed for ever."""
        token = params.get("page_token")
        if not token:
            self._pages = set()
        elif token in self._pages:
            raise HistoryError("answer", f"{where} gives the same page twice: {_plain(str(token))[:40]!r}")
        elif len(self._pages) >= _MOST_PAGES:
            raise HistoryError("answer", f"{where} has no last page: {_MOST_PAGES} came of one request")
        else:
            self._pages.add(token)

    def _wait(self, where: str, answer: requests.Response) -> None:
        longest = _LONGEST_WAIT if self._longest is None else self._longest
        seconds = min(longest, max(0.0, _told_wait(answer)))
        self._told(f"{where}: too many requests (429), going on in {seconds:.0f} s")
        time.sleep(seconds)

    def _sound(self, where: str, answer: requests.Response, sent: Mapping[str, str]) -> requests.Response:
        status, said = answer.status_code, _message(answer)
        for name in _SECRET:  # a server may say back what it was sent
            said = said.replace(sent.get(name) or "\0", "...")
        said = said[:_MESSAGE]
        if status == 401:
            raise HistoryError("keys", f"{where} refuses the keys (401): {said}")
        if status == 403:
            raise HistoryError("plan", f"{where} does not allow that (403): {said}")
        if status != 200:
            raise HistoryError("request", f"{where} does not take the request ({status}): {said}")
        try:
            document = json.loads(answer.content)
        except ValueError:
            kind = answer.headers.get("Content-Type", "no type").partition(";")[0][:40]
            raise HistoryError("answer", f"{where} answers with {kind} where JSON is due") from None
        if not isinstance(document, dict):
            raise HistoryError("answer", f"{where} answers with a {type(document).__name__} where an object is due")
        self.digest.update(answer.content)
        empty: dict[str, Any] = {name: {} for name in _ENTRIES if name in document and document[name] is None}
        if empty:  # the SDK fails on a null where nothing is meant
            answer._content = json.dumps({**document, **empty}).encode()
        return answer


def _told_wait(answer: requests.Response) -> float:
    """Seconds until the next try may have an effect, as the answer says; the headers may be missing."""
    for name, since in (("Retry-After", 0.0), ("X-RateLimit-Reset", time.time())):
        text = answer.headers.get(name, "")
        if text.isascii() and text.isdigit() and len(text) < 12:
            return float(text) - since
    return _USUAL_WAIT


def _message(answer: requests.Response) -> str:
    """What an error says of itself, in one line: JSON with a ``message``, or nothing worth showing."""
    try:
        text = str(json.loads(answer.content)["message"])
    except (ValueError, TypeError, KeyError):
        return "without a reason that can be read"
    return _plain(text)


def _plain(text: str) -> str:
    """What a terminal shows and does not obey."""
    return "".join(char if char.isprintable() else " " for char in text)


def _reason(error: requests.RequestException) -> str:
    """A few words; what requests says of itself is a page, with addresses in it."""
    if isinstance(error, _Unfinished):
        return str(error)
    if isinstance(error, requests.ConnectTimeout):
        return "no connection within its time"
    if isinstance(error, requests.Timeout):
        return "nothing came within its time"
    if isinstance(error, requests.exceptions.SSLError):
        return "its certificate is not trusted"
    causes: list[object] = [error]
    for cause in causes:  # urllib3 wraps what the system said three times over
        if isinstance(cause, OSError) and cause.strerror:
            return cause.strerror
        if isinstance(cause, BaseException) and len(causes) < 20:
            causes += [cause.__cause__ or cause.__context__, getattr(cause, "reason", None), *cause.args[:1]]
    return "the connection broke" if isinstance(error, requests.ConnectionError) else type(error).__name__
