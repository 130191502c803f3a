"""Simulated days for the store: which days, one after the other, as day files with their official closes."""

from __future__ import annotations

import datetime as dt
from collections.abc import Generator, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

import msgspec
import numpy as np

from engine.calendar import Session, clock_text, next_session, previous_session, session
from engine.core.completeness import LATE_END
from engine.events import ChainBatch, DailyClose, Listing
from engine.feed.simulator import VERSION, Evening, SimulatedDay, is_half_day, scenario
from engine.tape import FIELDS, Columns, DailyRow, DailyTable, DayTable, Saved, Store, StoreError
from engine.types import MISSING, Instrument, Price, Provenance

IMPORTER = "simulate"


class Making(Protocol):
    """Days of one root to be simulated and stored: ``Simulation`` here, ``RecordedDays`` along recorded ones."""

    @property
    def root(self) -> str:
        """Their option root."""
        ...

    @property
    def source(self) -> str:
        """The name under which the store keeps them."""
        ...

    @property
    def sessions(self) -> tuple[dt.date, ...]:
        """The days, in order."""
        ...

    @property
    def alone(self) -> bool:
        """Whether two of these days may not adjoin, because each makes up an evening of its own."""
        ...

    def simulated(self) -> Iterator[SimulatedDay]:
        """The days, one at a time."""
        ...

    def identity(self) -> str:
        """What two runs must share for their days to stand side by side: their closes then agree."""
        ...

    def provenance(self, made: SimulatedDay) -> Provenance:
        """A stored day's label, which ends with ``identity``."""
        ...


@dataclass(frozen=True)
class Simulation:
    """Days of one root to be simulated.

    Without a scenario they are consecutive sessions, each opening where the one before closed and as volatile as it
    left the market. With one, each stands alone and an ordinary session, which is not stored, lies between two of them:
    twenty gaps of three per cent in a row would be no market. Half-days are as far apart as the calendar has them.

    Attributes:
        first: the first day is the first that suits on or after it.
        source: the name under which the store keeps them.
        step_seconds, expiries: as ``SimulatedDay`` has them.

    Raises ``KeyError`` for an unknown root or scenario, ``ValueError`` for a number out of range (``NotASession``
    where the calendar ends too soon).
    """

    root: str
    first: dt.date
    days: int
    seed: int
    scenario: str = ""
    step_seconds: int = 60
    expiries: int = 2
    source: str = "sim"

    def __post_init__(self) -> None:
        if self.days < 1:
            raise ValueError(f"{self.days} days cannot be simulated; give 1 or more")
        for day in (self.sessions[0], self.sessions[-1]):
            self._day(day, None)

    @cached_property
    def sessions(self) -> tuple[dt.date, ...]:
        """The days, in order."""
        kind, found = scenario(self.scenario), list[dt.date]()
        day = next_session(self.first - dt.timedelta(days=1)).day
        while len(found) < self.days:
            if not kind.half_day or is_half_day(day):
                found.append(day)
            if len(found) == self.days:
                break
            day = next_session(day).day
            if kind.name and not kind.half_day:
                day = next_session(day).day
        return tuple(found)

    def _day(self, day: dt.date, evening: Evening | None) -> SimulatedDay:
        return SimulatedDay(
            day,
            self.root,
            self.seed,
            self.step_seconds,
            self.scenario,
            self.expiries,
            evening=evening,
        )

    def simulated(self) -> Iterator[SimulatedDay]:
        """The days, one at a time."""
        evening: Evening | None = None
        for day in self.sessions:
            made = self._day(day, evening)
            yield made
            if not self.scenario:
                evening = made.next_evening

    @property
    def alone(self) -> bool:
        """Whether two of these days may not adjoin: those of a scenario."""
        return bool(self.scenario)

    def identity(self) -> str:
        """What two runs must share for their days to stand side by side: their closes then agree."""
        chained = "" if self.scenario else f", days from {self.sessions[0]}"
        return f"seed {self.seed}, step {self.step_seconds} s{chained}, simulator version {VERSION}"

    def provenance(self, made: SimulatedDay) -> Provenance:
        """A stored day's label: simulated, by whom and how."""
        note = made.provenance.note.split("seed ")[0] + self.identity()
        return msgspec.structs.replace(made.provenance, source=self.source, note=note)


class Stored(msgspec.Struct, frozen=True):
    """What became of one day."""

    day: dt.date
    saved: Saved
    rows: int


def store_days(simulation: Making, store: Store) -> Generator[Stored]:
    """Simulate day by day and store each; the closes of all follow at the end, or when the iterator is closed.

    Raises ``StoreError`` before anything is written where days of another run would be left with closes that are not
    theirs; ``OSError`` where the store cannot be written.
    """
    _no_clash(simulation, store)
    closes: dict[str, dict[dt.date, Price]] = {}
    try:
        for made in simulation.simulated():
            table = day_table(simulation, made, closes)
            yield Stored(made.day, store.save_day(table), len(table.columns))
    finally:
        _save_closes(simulation, store, closes)


def day_table(simulation: Making, made: SimulatedDay, closes: dict[str, dict[dt.date, Price]]) -> DayTable:
    """One day as a table for the store; its daily closes are added to ``closes``, by symbol and day."""
    instruments: tuple[Instrument, ...] = ()
    batches: list[ChainBatch] = []
    for event in made.events():
        if isinstance(event, ChainBatch):
            batches.append(event)
        elif isinstance(event, Listing):
            instruments = event.instruments
        elif isinstance(event, DailyClose):
            closes.setdefault(event.symbol, {})[event.day] = event.close
    return DayTable(
        root=simulation.root,
        day=made.day,
        provenance=simulation.provenance(made),
        importer=IMPORTER,
        importer_version=VERSION,
        columns=_columns(instruments, batches),
        flags=_flags(session(made.day), batches[-1].ts_known),
    )


def _flags(of: Session, last: int) -> tuple[str, ...]:
    flags = ["half_day"] if of.early else []
    if of.close - last > LATE_END:
        flags.append(f"truncated:{clock_text(last, seconds=False)}")
    return tuple(flags)


def _columns(instruments: tuple[Instrument, ...], batches: list[ChainBatch]) -> Columns:
    """Batches laid end to end; a row that says nothing is left out."""
    sizes = [len(batch.idx) for batch in batches]
    values = {}
    for name in FIELDS:
        parts = [getattr(batch, name) for batch in batches]
        if any(part is not None for part in parts):
            missing = np.full(max(sizes), MISSING, dtype=np.int32)
            values[name] = np.concatenate(
                [missing[:size] if part is None else part for part, size in zip(parts, sizes, strict=True)]
            )
    known = np.repeat(np.array([batch.ts_known for batch in batches], np.int64), sizes)
    event = np.repeat(np.array([batch.ts_event for batch in batches], np.int64), sizes)
    ends = np.cumsum(sizes)
    for batch, end, size in zip(batches, ends, sizes, strict=True):
        if batch.quote_ts is not None:
            event[end - size : end] = batch.quote_ts
    told = np.logical_or.reduce([column != MISSING for column in values.values()])
    return Columns(
        ts_known=known[told],
        ts_event=event[told],
        code=np.concatenate([batch.idx for batch in batches])[told],
        symbols=tuple(instrument.symbol for instrument in instruments),
        values={name: column[told] for name, column in values.items()},
    )


def _no_clash(simulation: Making, store: Store) -> None:
    """A day's closes are kept by source and symbol, so days of one source that adjoin must be of one run."""
    planned = set(simulation.sessions)
    beside = {previous_session(day).day for day in planned} | {next_session(day).day for day in planned}
    identity = simulation.identity()
    for entry in store.days(source=simulation.source):
        others = entry.day in planned and entry.root != simulation.root
        adjoins = entry.day in beside - planned
        if entry.header is None or not (others or adjoins):
            continue
        same = entry.header.provenance.note.endswith(identity)
        if not same or (adjoins and simulation.alone):
            raise StoreError(
                f"{entry.root} {entry.day} is stored as {simulation.source} already, from another run "
                f"({entry.header.provenance.note}), and shares daily closes with these days: "
                f"give this run a name of its own with --source, or delete {entry.path}"
            )


def _save_closes(simulation: Making, store: Store, closes: dict[str, dict[dt.date, Price]]) -> None:
    """Lay the closes over those of earlier runs."""
    label = Provenance(
        source=simulation.source,
        origin="simulated",
        meaning="quote",
        note=f"closes of simulated days, simulator version {VERSION}",
    )
    known = {
        entry.symbol: store.open_daily(entry)
        for entry in store.daily_series()
        if entry.source == simulation.source and not entry.problem
    }
    for symbol, found in closes.items():
        earlier = {day: close.close for day, close in known[symbol].closes.items()} if symbol in known else {}
        rows = tuple(DailyRow(day, close) for day, close in sorted({**earlier, **found}.items()))
        store.save_daily(DailyTable(symbol, label, IMPORTER, VERSION, rows))
