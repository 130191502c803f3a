"""A source whose events are kept as they are read, so that a later pass over the day need not make them again."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from engine.events import AnyEvent, ChainBatch
from engine.session.source import Source
from engine.types import Provenance

MOST_VALUES = 20_000_000
"""Quotes of all events together, some 40 bytes each at the most; a longer day is not kept but made again."""


class KeptSource:
    """A source for passes of one thread, of which only the newest goes on; see ``Source``."""

    def __init__(self, source: Source, most: int = MOST_VALUES) -> None:
        self._source = source
        self._left = most
        self._events: list[AnyEvent] = []
        self._rest: Iterator[AnyEvent] | None = None

    @property
    def day(self) -> dt.date:
        """The trading day."""
        return self._source.day

    @property
    def roots(self) -> tuple[str, ...]:
        """Option roots it brings."""
        return self._source.roots

    @property
    def provenance(self) -> tuple[Provenance, ...]:
        """One label a root."""
        return self._source.provenance

    @property
    def close_provenance(self) -> tuple[Provenance, ...]:
        """Where daily closes come from."""
        return self._source.close_provenance

    @property
    def grace(self) -> int:
        """How long a timer waits for data of its instant, ns."""
        return self._source.grace

    def events(self) -> Iterator[AnyEvent]:
        """The day from the start: what is kept, and then what was not read yet."""
        if self._left < 0:
            return self._source.events()
        if self._rest is None:
            self._rest = self._source.events()
        return self._passed(self._rest)

    def _passed(self, rest: Iterator[AnyEvent]) -> Iterator[AnyEvent]:
        at = 0
        while self._left >= 0:
            if at < len(self._events):
                yield self._events[at]
                at += 1
                continue
            event = next(rest, None)
            if event is None:
                return
            self._left -= len(event.idx) if isinstance(event, ChainBatch) else 1
            self._events.append(event)
        kept = self._events[at:]
        self._events = []
        yield from kept
        yield from rest
