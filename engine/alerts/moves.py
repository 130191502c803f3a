"""The expected move that short strikes are near by: read once a minute of market time, as it costs much to know."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import NamedTuple

from engine.clock import MINUTE
from engine.types import Price


class _Known(NamedTuple):
    """What was read: at which instant and event, of which expiry, and the move, price units."""

    ts: int
    seq: int
    expiry: dt.date
    move: Price


class Moves:
    """The moves of each root. Those of earlier minutes are kept: a session that goes back has the same again."""

    def __init__(self) -> None:
        self._known: dict[str, list[_Known]] = {}

    def of(self, root: str, expiry: dt.date, now: int, seq: int, read: Callable[[], Price | None]) -> Price | None:
        """The move as first known in the minute of ``now``, ns UTC, the instant of the event ``seq``; None where
        ``read`` knows none, and it is then read again the next time."""
        known = self._known.setdefault(root, [])
        if known and known[-1].ts // MINUTE == now // MINUTE and known[-1].expiry == expiry:
            return known[-1].move
        move = read()
        if move is not None:
            known.append(_Known(now, seq, expiry, move))
        return move

    def take_back(self, instant: int, seq: int) -> None:
        """Know nothing of what was read after an instant, or after the event of a number."""
        for known in self._known.values():
            while known and (known[-1].ts > instant or known[-1].seq > seq):
                known.pop()
