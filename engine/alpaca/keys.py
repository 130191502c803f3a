"""A pair of Alpaca keys, which no print, log or traceback shows, and what such a pair looks like."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Literal, NoReturn

Kind = Literal["paper", "live"]
"""Of which account a key is. The two have separate names wherever keys lie, and neither stands in for the other."""

KINDS: tuple[Kind, ...] = ("paper", "live")

_ID = re.compile(r"[A-Za-z0-9_-]{4,128}")
_SECRET = re.compile(r"[!-~]{8,256}")
_OTHER_KIND: dict[Kind, str] = {"paper": "AK", "live": "PK"}  # Alpaca's ids begin with PK (paper) or AK (live)
_LIKE_AN_ID = re.compile(r"(PK|AK)[A-Z0-9]{10,}")


class Keys:
    """The id of a key and its secret. Neither is in its ``repr``, and nothing that writes objects down can write it.

    No dataclass on purpose: msgspec would encode one into a journal or a checkpoint, ``asdict`` and pickle into others.

    Attributes:
        source: where they were found, in words, such as ``~/.config/zdte-tui/keys.toml``.
    """

    __slots__ = ("_pair", "source")

    def __init__(self, key_id: str, secret: str, source: str = "") -> None:
        self._pair: Callable[[], tuple[str, str]] = lambda: (key_id, secret)  # not even where slots are listed
        self.source = source

    @property
    def key_id(self) -> str:
        """The id, which is half a secret: it is not shown either."""
        return self._pair()[0]

    @property
    def secret(self) -> str:
        """The secret."""
        return self._pair()[1]

    def __repr__(self) -> str:
        return f"Keys(source={self.source!r})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Keys) and (self._pair(), self.source) == (other._pair(), other.source)

    def __hash__(self) -> int:
        return hash((self._pair(), self.source))

    def __reduce__(self) -> NoReturn:
        raise TypeError("keys are not written down or copied: hand them on, or find them again")


class KeysError(ValueError):
    """Keys that are missing or cannot be used: one line that names where and how to mend it, and never a key."""


def wrong_shape(kind: Kind, key_id: str, secret: str) -> str:
    """What cannot be right about a pair, in words without any of its characters; empty where nothing is.

    Lengths are left open: Alpaca has changed them, and a local exchange has its own.
    """
    if not key_id and not secret:
        return "both the id and the secret are empty"
    if not key_id or not secret:
        return "the id is empty" if not key_id else "the secret is empty"
    if _LIKE_AN_ID.fullmatch(secret) and not _LIKE_AN_ID.fullmatch(key_id):
        return "the secret looks like an id: are the two swapped?"
    if not _ID.fullmatch(key_id):
        return "the id is not 4 to 128 letters, digits, - or _"
    if not _SECRET.fullmatch(secret):
        return "the secret is not 8 to 256 plain characters without spaces"
    if key_id == secret:
        return "the id and the secret are the same"
    if key_id.startswith(_OTHER_KIND[kind]):
        other = "live" if kind == "paper" else "paper"
        return f"the id begins with {_OTHER_KIND[kind]}, as ids of {other} keys do, and this is for {kind} ones"
    return ""
