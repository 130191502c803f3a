"""Encoded engines at intervals of a day, so that a jump back plays from the nearest and not from the open.

A minute tape has so few quotes that no checkpoint is made, and a jump back plays from the open within milliseconds.
An encoding is exact: the engine that comes of it goes on as the one that was encoded. It stays in memory and is read
by nobody else; what it must not hold (a closure, a file) cannot be encoded, and then jumps play from the open as well.
"""

from __future__ import annotations

import logging
import pickle
from bisect import bisect_left
from typing import NamedTuple

from engine.core import Engine
from engine.events import AnyEvent, ChainBatch
from engine.session.playing import Place, Playing
from engine.view.build import ViewBuilder

log = logging.getLogger(__name__)

QUOTES = 250_000
"""Quotes between two checkpoints: playing so many takes a twentieth of a second."""
MOST_BYTES = 64_000_000
"""Of all checkpoints together; beyond it every other one goes, and later ones are made half as often."""


class Checkpoint(NamedTuple):
    """A pass over a day after the event ``seq`` at ``ts`` (ns UTC); ``given``: how many commands came before it."""

    seq: int
    ts: int
    given: int
    place: Place
    data: bytes

    def decode(self) -> tuple[Engine, ViewBuilder]:
        """The engine as it was, and what views remembered of it; new ones at every call."""
        engine, builder = pickle.loads(self.data)  # noqa: S301 - our own bytes, from this process's memory
        return engine, builder


class Checkpoints:
    """The checkpoints of one session, in order."""

    def __init__(self, quotes: int = QUOTES, most_bytes: int = MOST_BYTES) -> None:
        self._quotes = quotes
        self._most = most_bytes
        self._since = 0
        self._made: list[Checkpoint] = []
        self._impossible = False

    def __len__(self) -> int:
        return len(self._made)

    @property
    def bytes(self) -> int:
        """How much memory they take."""
        return sum(len(each.data) for each in self._made)

    def passed(self, event: AnyEvent, playing: Playing, builder: ViewBuilder, given: int) -> None:
        """An event was processed; makes a checkpoint where one is due."""
        if isinstance(event, ChainBatch):
            self._since += len(event.idx)
        if self._since < self._quotes or self._impossible or not playing.takes_commands:
            return
        if self._made and playing.seq <= self._made[-1].seq:
            return  # played again, and made before
        self._since = 0
        playing.engine.state.market.detail(0)  # takes over what waits: one column instead of a thousand batches
        try:
            data = pickle.dumps((playing.engine, builder), pickle.HIGHEST_PROTOCOL)
        except (pickle.PicklingError, AttributeError, TypeError):
            log.exception("no checkpoints can be made: jumps back play from the open")
            self._impossible = True
            return
        self._made.append(Checkpoint(playing.seq, playing.now, given, playing.place, data))
        while self.bytes > self._most and len(self._made) > 1:
            del self._made[::2]
            self._quotes *= 2

    def before(self, instant: int | None = None, seq: int | None = None) -> Checkpoint | None:
        """The last one that lies before an instant or an event, neither included; None for the open."""
        if instant is not None:
            at = bisect_left(self._made, instant, key=lambda each: each.ts)
        else:
            at = bisect_left(self._made, seq or 0, key=lambda each: each.seq)
        return self._made[at - 1] if at else None

    def forget(self, seq: int = 0) -> None:
        """Another past than this begins after the event ``seq``: what was made later is of no use."""
        del self._made[bisect_left(self._made, seq + 1, key=lambda each: each.seq) :]
        self._since = 0
