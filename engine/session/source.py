"""Where a session's market comes from: the day store or the simulator. A session cannot tell which."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Protocol

from engine.calendar import NotASession, previous_session, session
from engine.clock import MINUTE
from engine.config import Config, ConfigError
from engine.events import AnyEvent, DailyClose, SessionStart
from engine.feed.simulator import SimulatedDay, playable
from engine.feed.simulator import scenario as kind
from engine.pacing import merge
from engine.types import PriceMeaning, Provenance, product

if TYPE_CHECKING:
    from engine.tape import DayEntry, Store, UnderlyingEntry
    from engine.tape.heard import Heard

START_BEFORE_OPEN = 30 * MINUTE

DECIDING = ("bid", "ask", "bid_size", "ask_size", "price", "high", "low", "volume", "open_interest")
"""The columns of a tape that anything is decided by: volume and open interest tell a trade's row from a quote's, sizes
limit fills, and a bar's range reaches stops. The others are shown to people; where nobody looks they are not read."""


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

    @property
    def close_provenance(self) -> tuple[Provenance, ...]:
        """Where daily closes and the underlying's values come from, as far as they are of another file."""
        ...

    @property
    def grace(self) -> int:
        """How long a timer waits for data of its instant, ns of the market; 0 where none come late."""
        ...

    def events(self) -> Iterator[AnyEvent]:
        """The day from the start, the same for every call; the session's start is among its first events."""
        ...


def meanings(source: Source) -> dict[str, PriceMeaning]:
    """What a price of each root stands for."""
    return {root: label.meaning for root, label in zip(source.roots, source.provenance, strict=True)}


def _start(day: dt.date, heard: Heard | None = None) -> SessionStart:
    at = session(day).open - START_BEFORE_OPEN
    if heard is not None and heard.started:  # as its session began, so what it missed is missed again
        at = heard.started
    return SessionStart(ts_known=at, ts_event=at, day=day)


@dataclass(frozen=True)
class DemoSource:
    """Simulated days, one a root."""

    days: tuple[SimulatedDay, ...]

    @classmethod
    def of(
        cls,
        day: dt.date,
        roots: Iterable[str],
        seed: int,
        scenario: str = "",
        expiries: int = 2,
        step_seconds: int = 15,
    ) -> DemoSource:
        """The demo market of a day; the VIX family comes with the first root.

        A scenario that needs a half-day is played on the one nearest ``day``. Raises ``NotASession``.
        """
        names = list(roots)
        played = playable(kind(scenario), day)
        days = (
            SimulatedDay(played, root, seed, step_seconds, scenario, expiries, with_vix=n == 0, leader=names[0])
            for n, root in enumerate(names)
        )
        return cls(tuple(days))

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

    @property
    def close_provenance(self) -> tuple[Provenance, ...]:
        """None: a simulated day brings its own closes."""
        return ()

    @property
    def grace(self) -> int:
        """None: all of an instant comes at it."""
        return 0

    def events(self) -> Iterator[AnyEvent]:
        """The day from the start."""
        return merge([[_start(self.day)], *(day.events() for day in self.days)])


def demo_source(config: Config) -> DemoSource:
    """The configured demo day. Raises ``ConfigError``."""
    demo = config.demo
    try:
        return DemoSource.of(
            demo.date, config.session.roots, demo.seed, demo.scenario, demo.expiries, demo.step_seconds
        )
    except NotASession as error:
        raise ConfigError(f"config: demo.date: {error}; choose a trading day") from None


@dataclass(frozen=True)
class TapeSource:
    """A stored day of one root, with the daily closes that were known then and the official close that came after.

    ``fields``: the columns of values that are read; all of them if not given.
    """

    store: Store
    root: str
    day: dt.date
    source: str | None = None
    fields: tuple[str, ...] | None = None

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

    @cached_property
    def _heard(self) -> Heard | None:
        """What the session heard beside prices that recorded the day."""
        return self.store.heard(self.entry)

    @property
    def grace(self) -> int:
        """What the session waited that recorded the day; 0 of any other day."""
        return 0 if self._heard is None else self._heard.grace

    @cached_property
    def _closes(self) -> tuple[DailyClose, ...]:
        """The closes known before the open and the official one after the close, in order; of a recorded day those its
        session did not hear: the official one alone, which comes when the session may be over."""
        before, underlying = self._before, product(self.root).underlying
        wanted = [] if before is None else [("VIX", before), (underlying, before)]
        if self._heard is not None:
            wanted = []
        if self._heard is None or not any((c.symbol, c.day) == (underlying, self.day) for c in self._heard.closes):
            wanted.append((underlying, self.day))
        found = [self.store.official_close(*key, source=self._closes_from(*key)) for key in wanted]
        return tuple(sorted((close for close in found if close is not None), key=lambda close: close.order))

    @property
    def _before(self) -> dt.date | None:
        try:
            return previous_session(self.day).day
        except NotASession:
            return None

    def _closes_from(self, symbol: str, day: dt.date) -> str:
        """The source of a close: a simulated day takes its own and no other, a real day the first that is not
        simulated; its own where there is none."""
        own = self.entry.provenance
        label = self.store.close_provenance(symbol, day)
        if own.origin == "simulated" or label is None:
            return own.source
        if label.origin != "simulated":
            return label.source
        real = (
            entry.source
            for entry in self.store.daily_series()
            if entry.symbol == symbol and entry.header is not None and entry.header.provenance.origin != "simulated"
        )
        return next((name for name in real if self.store.official_close(symbol, day, name)), own.source)

    @cached_property
    def _values(self) -> UnderlyingEntry | None:
        """The underlying's own day, for a chain that has no underlying's values in its file."""
        return self.store.beside(self.entry)

    @cached_property
    def close_provenance(self) -> tuple[Provenance, ...]:
        """Where the underlying's values and those closes come from, each file once."""
        keys = [(close.symbol, close.day) for close in self._closes]
        labels = [self.store.close_provenance(*key, source=self._closes_from(*key)) for key in keys]
        joined = [] if self._values is None else [self._values.provenance]
        return tuple(dict.fromkeys((*joined, *(label for label in labels if label is not None))))

    @property
    def content(self) -> tuple[str, ...]:
        """What is played, by content: the hashes of the files' values, and each close. A label names the file that a
        day was imported from, and the same file read in another way has the same label."""
        headers = (entry.header for entry in (self.entry, self._values) if entry is not None)
        closes = (f"{close.symbol} {close.day} {close.close}" for close in self._closes)
        return (*(header.sha256 for header in headers if header is not None), *closes)

    def events(self) -> Iterator[AnyEvent]:
        """The day from the start. Raises ``StoreError`` for a day that is not there or is damaged."""
        tape = self.store.open(self.entry, self.fields)
        if self._values is not None:
            _, values = self.store.open_underlying(self._values)
            from engine.tape.join import join

            tape = replace(tape, columns=join(tape.columns, values))
        return merge([[_start(self.day, tape.heard)], self._closes, tape.events()])
