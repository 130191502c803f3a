"""Why a stream is not there, in words, and how long to wait before the next try: seconds of the machine."""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import Final

from engine.alpaca.failures import one_line

ROLL_BACK: Final = frozenset({400, 405, 410, 413})
"""Errors that refuse one request as a whole and leave the connection as it was."""

_WORDS: Final = {
    401: "not logged in there",
    402: "the keys are refused",
    404: "it waited too long for the keys",
    406: "another connection of this account is open: Alpaca allows one to each feed",
    407: "it was read too slowly and Alpaca ended it",
    409: "this account's plan does not have the feed",
    412: "it sends msgpack only",
}
_USUAL: Final = (0.25, 5.0)
_BACK_OFF: Final = {402: (60.0, 900.0), 406: (10.0, 120.0), 409: (60.0, 900.0)}
"""First and longest wait. Keys and plans do not change by asking again; a connection of ours that broke may still count
for some seconds."""


class Lost(Exception):
    """There is no connection, or it is of no use. Raised within the SDK's loop, which connects again after a wait."""


@dataclass(frozen=True, slots=True)
class Failure:
    """What keeps a stream from being there.

    Attributes:
        code: Alpaca's, 0 where it said none. text: for people, one line.
    """

    text: str
    code: int = 0

    @property
    def lasting(self) -> bool:
        """Whether somebody must do something about it."""
        return self.code in (402, 409)


def refusal(code: object, said: object) -> Failure:
    """An error frame in words."""
    number = code if type(code) is int else 0
    words = _WORDS.get(number) or one_line(str(said or "")) or "refused"
    return Failure(f"{words} ({number})" if number else words, number)


def back_off(failure: Failure | None, tries: int) -> float:
    """Seconds until the next try, the ``tries``-th in a row: doubled each time, with jitter, from half of it up."""
    first, longest = _BACK_OFF.get(failure.code if failure else 0, _USUAL)
    whole = min(longest, first * 2.0 ** min(tries - 1, 20))
    return whole * random.uniform(0.5, 1.0)  # many clients do not come at once
