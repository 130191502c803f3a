"""Simulated days along recorded ones: real spot paths of the store, with a chain made up around them."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import msgspec
import numpy as np

from engine.calendar import NotASession, clock_text, from_new_york, previous_session, session
from engine.clock import MINUTE, SECOND
from engine.events import ChainBatch, DailyClose, Listing
from engine.feed.simulator import FULL_MINUTES, VERSION, RecordedPath, Scenario, SimulatedDay, scenario
from engine.market import Chain, Chains, Market
from engine.session.source import TapeSource
from engine.tape import DayEntry, Store, StoreError, UnderlyingEntry
from engine.types import MISSING, Price, Provenance, product

_FRESH = 90 * SECOND
_OVERNIGHT = 60 * MINUTE  # after every product's close
_USUAL_WIDTH = 0.0425
_DEVIATIONS = 4.0  # strikes are listed so far from the open, on a day that options expected to be that wild
_NEAR = 6  # strikes nearest spot whose volatilities are asked, the median of which counts


@dataclass(frozen=True)
class RecordedDays:
    """Days of one root to be simulated along the recorded ones of a source of the store.

    Each stands alone, between the official closes of its own market, and has no VIX during the day.

    Attributes:
        along: the source whose spot is followed. first, last: the days asked for, both included.
        scenario: gives its quotes, its feed and its loud hours; where spot goes is recorded.
        silent: times of day (New York) from and up to which no data comes; without an end, none until the day's.
        source: the name under which the store keeps them.
        step_seconds, expiries: as ``SimulatedDay`` has them.

    Raises ``KeyError`` for an unknown root or scenario, ``ValueError`` for a number out of range and for a scenario of
    which nothing is left, ``StoreError`` where no such day is stored.
    """

    store: Store
    along: str
    root: str
    first: dt.date
    last: dt.date
    seed: int
    scenario: str = ""
    step_seconds: int = 60
    expiries: int = 2
    source: str = "along"
    silent: tuple[dt.time, dt.time | None] | None = None

    def __post_init__(self) -> None:
        kind = scenario(self.scenario)
        if self.scenario and kind.on_recorded() == Scenario(name=kind.name, story=kind.story):
            raise ValueError(
                f"scenario {self.scenario} is a path of its own, of which a recorded path leaves nothing; "
                "fomc, gap and outage have quotes or a feed of their own"
            )
        if self.last < self.first:
            raise ValueError(f"the days from {self.first} to {self.last} are none: --to is before --from")
        for day in self.sessions:
            symbol = _symbol(self._entry(day))
            _close(self.store, symbol, _before(day)), _close(self.store, symbol, day)
        for day in (self.sessions[0], self.sessions[-1]):
            self._day(day)

    @property
    def alone(self) -> bool:
        """Whether two of these days may not adjoin: never so, their closes are the market's."""
        return False

    @cached_property
    def sessions(self) -> tuple[dt.date, ...]:
        """The recorded days, in order."""
        found = {entry.day for entry in self._entries(self.first, self.last)}
        if not found:
            raise StoreError(self._absence())
        return tuple(sorted(found))

    def simulated(self) -> Iterator[SimulatedDay]:
        """The days, one at a time. Raises ``StoreError`` for a day without its closes or its values."""
        for day in self.sessions:
            yield self._day(day)

    def identity(self) -> str:
        """What two runs must share for their days to stand side by side: closes of the same market."""
        return f"closes of the market, simulator version {VERSION}"

    def provenance(self, made: SimulatedDay) -> Provenance:
        """A stored day's label: simulated, along what, by whom and how."""
        note = made.provenance.note.rpartition("seed ")[0]
        note += f"seed {self.seed}, step {self.step_seconds} s, {self.identity()}"
        return msgspec.structs.replace(made.provenance, source=self.source, note=note)

    def _day(self, day: dt.date) -> SimulatedDay:
        path = self.path(day)
        return SimulatedDay(
            day,
            self.root,
            self.seed,
            self.step_seconds,
            self.scenario,
            self.expiries,
            width=max(_USUAL_WIDTH, round(_DEVIATIONS * path.deviation, 4)),
            with_vix=False,
            recorded=path,
            silent=self._silence(day),
        )

    def _silence(self, day: dt.date) -> tuple[float, float] | None:
        """The same as minutes after the open, as a scenario has them."""
        if self.silent is None:
            return None
        today, (start, end) = session(day), self.silent
        instants = from_new_york(day, start), today.close + _OVERNIGHT if end is None else from_new_york(day, end)
        if not today.open <= instants[0] < min(instants[1], today.close):
            raise ValueError(f"no part of the session of {day} lies in that silence, which must begin within it")
        share = ((at - today.open) / (today.close - today.open) for at in instants)
        first, last = (part * FULL_MINUTES for part in share)
        return first, last

    def path(self, day: dt.date) -> RecordedPath:
        """The recorded path of a day. Raises ``StoreError`` where the store has not all of it."""
        return recorded_path(self.store, self._entry(day))

    def _entry(self, day: dt.date) -> DayEntry | UnderlyingEntry:
        entry = next(iter(self._entries(day, day)), None)
        if entry is None:
            raise StoreError(self._absence())
        return entry

    def _entries(self, first: dt.date, last: dt.date) -> list[DayEntry | UnderlyingEntry]:
        """Files of the source that have a path for the root: chains before underlyings alone, its own root first."""
        ours = product(self.root).underlying
        chains = [
            entry
            for entry in self.store.days(None, first, last, self.along)
            if _follows(ours, product(entry.root).underlying) and _real(entry) and self._has_values(entry)
        ]
        alone = [
            entry
            for entry in self.store.underlyings(None, first, last, self.along)
            if _follows(ours, entry.symbol) and _real(entry)
        ]
        chains.sort(key=lambda entry: (entry.root != self.root, entry.root))
        alone.sort(key=lambda entry: (entry.symbol != ours, entry.symbol))
        return [*chains, *alone]

    def _has_values(self, entry: DayEntry) -> bool:
        """Whether the underlying's values are in a chain's file or beside it; a damaged one is told of when read."""
        if entry.header is None or entry.header.counts.get("underlying", 0):
            return True
        return self.store.beside(entry) is not None

    def _absence(self) -> str:
        every = self._entries(dt.date.min, dt.date.max)
        if not every:
            return (
                f"no recorded day in the store at {self.store.path} is from {self.along!r} and has a path for "
                f"{self.root}; see: zdte-tui data list"
            )
        days = sorted({entry.day for entry in every})
        near = [day for day in days if day < self.first][-1:] + [day for day in days if day > self.last][:1]
        return (
            f"no day of {self.along} from {self.first} to {self.last} is stored; the nearest: "
            f"{' and '.join(map(str, near))}"
        )


def _symbol(entry: DayEntry | UnderlyingEntry) -> str:
    return product(entry.root).underlying if isinstance(entry, DayEntry) else entry.symbol


def _follows(underlying: str, path_of: str) -> bool:
    probe = RecordedPath(path_of, "", (), (), 1, 1)
    try:
        probe.scale(underlying)
    except ValueError:
        return False
    return True


def _real(entry: DayEntry | UnderlyingEntry) -> bool:
    """Whether a file is of a market; a damaged one counts, and is told of when it is read."""
    return entry.header is None or entry.header.provenance.origin != "simulated"


def recorded_path(store: Store, entry: DayEntry | UnderlyingEntry) -> RecordedPath:
    """The path in a stored day: the underlying's values as they became known, the closes around it, and what options
    of the same file priced. Raises ``StoreError`` where a part is missing or the file is damaged."""
    symbol, implied = _symbol(entry), list[float | None]()
    if isinstance(entry, DayEntry):
        values, implied = _of_chain(store, entry, symbol)
    else:
        values = _of_underlying(store, entry)
    label = entry.provenance
    if not values:
        raise StoreError(f"{entry.path}: it has no value of {symbol} during the session, and so no path to follow")
    times = tuple(at for at, _ in values)
    first, last = (clock_text(at, seconds=False) for at in (times[0], times[-1]))
    many = f"{len(values)} values of {symbol}, {first} to {last}" if len(values) > 1 else f"one value, {first}"
    return RecordedPath(
        symbol=symbol,
        source=label.source,
        times=times,
        values=tuple(value for _, value in values),
        prior_close=_close(store, symbol, _before(entry.day)),
        official_close=_close(store, symbol, entry.day),
        prior_vix=_known_close(store, "VIX", _before(entry.day)),
        implied=tuple(implied),
        told=f"{label.label}: {many}, file {label.sha256[:12]}",
    )


def _of_chain(store: Store, entry: DayEntry, symbol: str) -> tuple[list[tuple[int, Price]], list[float | None]]:
    """The values of the underlying in or beside a chain, and the deviation to the close that options priced at each."""
    today, label = session(entry.day), entry.provenance
    market = Market({entry.root: label.meaning})
    chains, close = Chains(market), today.product_close(entry.root)
    values, implied, seen = list[tuple[int, Price]](), list[float | None](), -1
    for event in TapeSource(store, entry.root, entry.day, entry.source).events():
        if isinstance(event, Listing):
            market.list_instruments(event)
        elif isinstance(event, ChainBatch):
            market.apply(event)
            value, true = market.value(symbol)
            if value is None or true == seen or not today.open <= event.ts_known <= today.close:
                continue
            seen = true
            values.append((event.ts_known, value))
            implied.append(_deviation(chains.at(entry.root, entry.day, event.ts_known, close, _FRESH)))
    return values, implied


def _deviation(chain: Chain | None) -> float | None:
    """The standard deviation of the log of spot to the close, by the options nearest it."""
    if chain is None or chain.spot is None or chain.years <= 0:
        return None
    away = np.abs(chain.strikes * 1e4 - chain.spot)
    near = chain.iv[np.argsort(away, kind="stable")[:_NEAR]]
    near = near[np.isfinite(near)]
    return round(float(np.median(near)) * math.sqrt(chain.years), 9) if len(near) else None


def _of_underlying(store: Store, entry: UnderlyingEntry) -> list[tuple[int, Price]]:
    _, columns = store.open_underlying(entry, ("price",))
    today, price = session(entry.day), columns.values["price"]
    rows = zip(columns.ts_known.tolist(), price.tolist(), strict=True)
    return [(at, value) for at, value in rows if value != MISSING and today.open <= at <= today.close]


def _before(day: dt.date) -> dt.date:
    try:
        return previous_session(day).day
    except NotASession as error:
        raise StoreError(str(error)) from None


def _close(store: Store, symbol: str, day: dt.date) -> Price:
    found = _known_close(store, symbol, day)
    if found is None:
        raise StoreError(
            f"no official close of {symbol} on {day} is stored, between which a recorded path lies: "
            "bring in its daily values with: zdte-tui data import FILE"
        )
    return found


def _known_close(store: Store, symbol: str, day: dt.date) -> Price | None:
    """A close of the market, from the first source that is not simulated."""
    for entry in store.daily_series():
        if entry.symbol == symbol and not entry.problem and entry.header is not None:
            if entry.header.provenance.origin == "simulated":
                continue
            close: DailyClose | None = store.official_close(symbol, day, entry.source)
            if close is not None:
                return close.close
    return None
