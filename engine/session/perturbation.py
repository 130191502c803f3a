"""A stored day whose later part is another: what the look-ahead detector plays against the day as it is."""

from __future__ import annotations

import copy
import datetime as dt
from collections.abc import Collection
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray

from engine.clock import SECOND
from engine.events import DailyClose
from engine.events.market import Int32, Int64
from engine.tape import Columns, DayEntry, DayTape, Store, UnderlyingEntry
from engine.tape.header import UnderlyingHeader
from engine.types import MISSING, Underlying, parse_symbol

Mask = NDArray[np.bool_]

_CENT = 100
_NICKEL = 500
_LARGEST = 2**31 - 2
_SIZES = ("bid_size", "ask_size", "open_interest")
_BARS = ("open", "high", "low", "price")
_DROPPED = 0.2
_LONGEST_DELAY = 90


class Alteration(NamedTuple):
    """What is changed of a day after an instant; nothing that was known up to it is.

    Quotes stay uncrossed, bids and prices at or above zero, volumes of the day never fall, a bar holds its prices.

    Attributes:
        after: ns UTC. seed: decides everything; the same row gets the same noise whatever else is changed.
        values: whether prices, sizes, volumes and open interest become others. closes: official closes.
        rows: whether some rows are missing, and in half of the seeds the day ends early.
        times: whether, in half of the seeds, later data come up to ninety seconds later than they were known.
        span: only values known from the one to the other instant, both included. symbols, fields: only of these.
    """

    after: int
    seed: int
    values: bool = True
    closes: bool = True
    rows: bool = True
    times: bool = True
    span: tuple[int, int] | None = None
    symbols: frozenset[str] | None = None
    fields: frozenset[str] | None = None


class AlteredStore(Store):
    """The store at ``path``, but that days and closes come with a change. Each file is read once and kept."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self.change: Alteration | None = None
        self._days: dict[Path, DayTape] = {}
        self._underlyings: dict[Path, tuple[UnderlyingHeader, Columns]] = {}

    def changed(self, change: Alteration | None) -> AlteredStore:
        """The same files with that change; what is read of them is shared."""
        store = copy.copy(self)
        store.change = change
        return store

    def open(self, entry: DayEntry, fields: Collection[str] | None = None) -> DayTape:  # noqa: ARG002
        """As ``Store.open``; all fields are read."""
        tape = self._days.get(entry.path)
        if tape is None:
            tape = self._days[entry.path] = super().open(entry)
        if self.change is None:
            return tape
        change = self.change._replace(after=tape.last_of(self.change.after))
        return replace(tape, columns=altered(tape.columns, change))

    def open_underlying(
        self,
        entry: UnderlyingEntry,
        fields: Collection[str] | None = None,  # noqa: ARG002
    ) -> tuple[UnderlyingHeader, Columns]:
        """As ``Store.open_underlying``; all fields are read."""
        found = self._underlyings.get(entry.path)
        if found is None:
            found = self._underlyings[entry.path] = super().open_underlying(entry)
        header, columns = found
        return header, columns if self.change is None else altered(columns, self.change)

    def official_close(self, symbol: str, day: dt.date, source: str | None = None) -> DailyClose | None:
        """As ``Store.official_close``."""
        close, change = super().official_close(symbol, day, source), self.change
        if close is None or change is None or not change.closes or close.ts_known <= change.after:
            return close
        moved = round(close.close * (1.002 + change.seed % 7 / 1000) / _CENT) * _CENT
        return msgspec.structs.replace(close, close=moved)


def altered(columns: Columns, change: Alteration) -> Columns:
    """The columns with what is known after the instant changed; themselves where nothing is."""
    first = int(np.searchsorted(columns.ts_known, change.after, side="right"))
    if first == len(columns):
        return columns
    values = columns.values
    if change.values:
        noisy = _Noise(columns, first, _random(change, columns, "values")).values()
        wanted = _wanted(columns, first, change)
        values = {
            name: _laid_over(column, noisy[name], wanted, first)
            if change.fields is None or name in change.fields
            else column
            for name, column in values.items()
        }
    known, random = columns.ts_known, _random(change, columns, "times")
    if change.times and random.random() < 0.5:
        known = known.copy()
        known[first:] += int(random.integers(1, _LONGEST_DELAY + 1)) * SECOND
    found = replace(columns, values=values, ts_known=known)
    return _thinned(found, first, _random(change, columns, "rows")) if change.rows else found


def _random(change: Alteration, columns: Columns, what: str) -> np.random.Generator:
    """Chance for one kind of change, whatever the others are."""
    return np.random.default_rng([change.seed & 0xFFFFFFFF, len(columns), *what.encode()])


def _wanted(columns: Columns, first: int, change: Alteration) -> Mask:
    """Which of the later rows get other values."""
    wanted = np.ones(len(columns) - first, dtype=bool)
    if change.span is not None:
        known = columns.ts_known[first:]
        wanted &= (known >= change.span[0]) & (known <= change.span[1])
    if change.symbols is not None:
        named = np.array([symbol in change.symbols for symbol in columns.symbols], dtype=bool)
        wanted &= named[columns.code[first:]]
    return wanted


def _laid_over(column: Int32, noisy: Int64, wanted: Mask, first: int) -> Int32:
    found = column.copy()
    later = found[first:]
    later[:] = np.where(wanted & (later != MISSING), np.clip(noisy, 0, _LARGEST), later)
    return found


def _thinned(columns: Columns, first: int, random: np.random.Generator) -> Columns:
    """Without some of the later rows, and perhaps without all after an instant.

    The row in which an instrument first appears stays, as instruments are numbered by it, unless the day is over.
    """
    kept = np.ones(len(columns), dtype=bool)
    kept[first:] = random.random(len(columns) - first) >= _DROPPED
    _, appears = np.unique(columns.code, return_index=True)
    kept[appears] = True
    if random.random() < 0.5:
        kept[int(random.integers(first, len(columns))) :] = False
    return replace(
        columns,
        ts_known=columns.ts_known[kept],
        ts_event=columns.ts_event[kept],
        code=columns.code[kept],
        values={name: column[kept] for name, column in columns.values.items()},
    )


class _Noise:
    """Other values for all rows from ``first`` on; those of absent values are never read."""

    def __init__(self, columns: Columns, first: int, random: np.random.Generator) -> None:
        self._columns = columns
        self._first = first
        size = len(columns) - first
        is_index = np.array([isinstance(parse_symbol(symbol), Underlying) for symbol in columns.symbols], dtype=bool)
        self._is_index: Mask = is_index[columns.code[first:]]
        swing = np.where(self._is_index, 0.002, 0.3)
        self._factor = np.exp(swing * random.standard_normal(size))
        self._step = random.integers(1, 8, size) * random.choice([-1, 1], size)
        self._widen = random.integers(0, 6, size)
        self._sizes = random.uniform(0.2, 5.0, size)
        self._turnover = random.integers(2, 5, len(columns.symbols))[columns.code[first:]]

    def values(self) -> dict[str, Int64]:
        """By field, units as the columns have them."""
        later = {name: column[self._first :].astype(np.int64) for name, column in self._columns.values.items()}
        found: dict[str, Any] = dict(later)
        tick = self._tick()
        for name in ("bid", *_BARS):
            if name in later:
                found[name] = self._price(later[name], tick)
        if "ask" in later:
            bid = later.get("bid", np.full(len(later["ask"]), MISSING))
            width = np.maximum(later["ask"] - bid, 0) + self._widen * tick
            alone = self._price(later["ask"], tick)
            found["ask"] = np.where(bid == MISSING, alone, found.get("bid", bid) + np.maximum(width, tick))
        if "price" in later and "high" in later and "low" in later:
            bar = [np.where(later[name] == MISSING, found["price"], found[name]) for name in _BARS if name in later]
            found["high"], found["low"] = np.maximum.reduce(bar), np.minimum.reduce(bar)
        for name in _SIZES:
            if name in later:
                scaled = np.maximum(np.rint(later[name] * self._sizes).astype(np.int64), 1)
                found[name] = scaled + (scaled == later[name])
        for name, more in (("volume", 1), ("buy_volume", 0)):
            if name in later:
                before = self._before(name)
                found[name] = before + self._turnover * (later[name] - before) + more
        return found

    def _tick(self) -> int:
        quoted = self._columns.values.get("bid", np.zeros(0, np.int32))
        return _NICKEL if quoted.size and not (quoted[quoted != MISSING] % _NICKEL).any() else _CENT

    def _price(self, old: Int64, tick: int) -> Int64:
        """Another price on the grid, at least a tick away from the old one."""
        grid = np.where(self._is_index, _CENT, tick)
        moved = np.rint(old * self._factor / grid).astype(np.int64) * grid
        new = np.maximum(moved, 0)
        same = np.abs(new - old) < grid
        return np.where(same, old + np.where(old < 8 * grid, np.abs(self._step), self._step) * grid, new)

    def _before(self, name: str) -> Int64:
        """The day's volume so far of each later row's instrument, at the instant."""
        columns = self._columns
        earlier = columns.values[name][: self._first]
        told = earlier != MISSING
        last = np.zeros(len(columns.symbols), np.int64)
        np.maximum.at(last, columns.code[: self._first][told], earlier[told])
        return last[columns.code[self._first :]]
