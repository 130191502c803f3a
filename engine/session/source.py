"""Where a session's market comes from: the day store or the simulator. A session cannot tell which."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

from engine.calendar import session
from engine.clock import MINUTE
from engine.events import AnyEvent, SessionStart
from engine.feed.simulator import SimulatedDay
from engine.pacing import merge
from engine.tape import DayEntry, Store
from engine.types import PriceMeaning, Provenance, product

START_BEFORE_OPEN = 30 * MINUTE


class Source(Protocol):
    """One day of market data for one or several roots."""

    @property
    def day(self) -> dt.date:
        """The trading day."""
        ...

    @property
    def roots(self) -> tuple[str, ...]:
        """Option roots it brings."""
        ...

    @property
    def provenance(self) -> tuple[Provenance, ...]:
        """One label a root, in the order of ``roots``."""
        ...

    def events(self) -> Iterator[AnyEvent]:
        """The day from the start, the same for every call; the session's start is among its first events."""
        ...


def meanings(source: Source) -> dict[str, PriceMeaning]:
    """What a price of each root stands for."""
    return {root: label.meaning for root, label in zip(source.roots, source.provenance, strict=True)}


def _start(day: dt.date) -> SessionStart:
    at = session(day).open - START_BEFORE_OPEN
    return SessionStart(ts_known=at, ts_event=at, day=day)


@dataclass(frozen=True)
class DemoSource:
    """Simulated days, one a root."""

    days: tuple[SimulatedDay, ...]

    @classmethod
    def of(cls, day: dt.date, roots: Iterable[str], seed: int) -> DemoSource:
        """The demo market of a day; VIX comes with the first root."""
        return cls(tuple(SimulatedDay(day, root, seed, with_vix=n == 0) for n, root in enumerate(roots)))

    @property
    def day(self) -> dt.date:
        """The trading day."""
        return self.days[0].day

    @property
    def roots(self) -> tuple[str, ...]:
        """Option roots it brings."""
        return tuple(day.root for day in self.days)

    @property
    def provenance(self) -> tuple[Provenance, ...]:
        """One label a root."""
        return tuple(day.provenance for day in self.days)

    def events(self) -> Iterator[AnyEvent]:
        """The day from the start."""
        return merge([[_start(self.day)], *(day.events() for day in self.days)])


@dataclass(frozen=True)
class TapeSource:
    """A stored day of one root, with the daily closes that were known then and the official close that came after."""

    store: Store
    root: str
    day: dt.date
    source: str | None = None

    @property
    def roots(self) -> tuple[str, ...]:
        """Option roots it brings."""
        return (self.root,)

    @cached_property
    def entry(self) -> DayEntry:
        """The file that is played. Raises ``StoreError`` for a day that is not there."""
        return self.store.choose(self.root, self.day, self.source)

    @property
    def provenance(self) -> tuple[Provenance, ...]:
        """The day file's label."""
        return (self.entry.provenance,)

    def events(self) -> Iterator[AnyEvent]:
        """The day from the start. Raises ``StoreError`` for a day that is not there or is damaged."""
        tape = self.store.open(self.entry)
        underlying = product(self.root).underlying
        closes = [
            self.store.prior_close("VIX", self.day),
            self.store.prior_close(underlying, self.day),
            self.store.official_close(underlying, self.day),
        ]
        daily = sorted((close for close in closes if close is not None), key=lambda close: close.order)
        return merge([[_start(self.day)], daily, tape.events()])
