"""A stored day as events: instruments become known when they first appear, then one batch an instant."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal

import msgspec
import numpy as np

from engine.calendar import session
from engine.events import AnyEvent, ChainBatch, Listing
from engine.events.market import Int32, Int64
from engine.tape.columns import FIELDS, Columns, Mask
from engine.tape.header import DayHeader
from engine.tape.heard import Heard, HeardListing, Item, event_of
from engine.tape.silence import Silence, silences
from engine.types import MISSING, Instrument, Provenance, parse_symbol

_MARKET = tuple(name for name in FIELDS if name != "open_interest")
_BLOCK: Final = 8192  # instants whose batches are prepared at once: all of a minute tape, a part of a day of frames


@dataclass(frozen=True, slots=True)
class DayTape:
    """One day of one root from one source, its hash checked; ``heard`` of a recorded day alone."""

    header: DayHeader
    columns: Columns
    path: Path
    heard: Heard | None = None

    @property
    def root(self) -> str:
        """The option root."""
        return self.header.root

    @property
    def day(self) -> dt.date:
        """The trading day, New York."""
        return self.header.day

    @property
    def provenance(self) -> Provenance:
        """Where the day comes from and what its prices mean."""
        return self.header.provenance

    def silences(self) -> list[Silence]:
        """Where a recorded day is silent; none of any other. Raises ``NotASession``."""
        if self.heard is None:
            return []
        of = session(self.day)
        instants = self.columns.ts_known[self.columns.starts()]
        return silences(self.heard, instants, of, of.product_close(self.root))

    def events(self) -> Iterator[AnyEvent]:
        """The day in order of known time, the same for every call.

        Each distinct ``ts_known`` is one ``ChainBatch`` with ascending instruments. A field that the whole file lacks
        is ``None``; so is open interest in a batch without any, and every other field in a batch that brings nothing
        but open interest. ``seq`` counts from 0. Arrays are views of the file's columns: do not write to them.

        A ``Listing`` comes right before the batch in which its instruments first appear, never earlier. But of a
        recorded day listings, the feed's state and daily closes come where its session heard them, a row without any
        value is a quote that was taken away, and instants a nanosecond apart are one: all but the last have ``more``.
        """
        columns = self.columns
        starts = columns.starts()
        ends = np.append(starts[1:], len(columns))
        listings = _Listings(columns, self.heard, starts)
        parted = self._parted(columns.ts_known[starts])
        known = self._whole(columns.ts_known[starts])
        aside = self._aside(known)
        told = known.tolist()
        due = next(aside, None)
        seq = 0
        for at in range(0, len(starts), _BLOCK):
            until = min(at + _BLOCK, len(starts))
            rows = self._rows(starts[at:until], ends[at:until], listings.numbers)
            for number, (ts_event, true, idx, *values) in enumerate(rows, at):
                ts_known = told[number]
                while due is not None and due[0] <= number:
                    yield msgspec.structs.replace(listings.numbered(due[1]), seq=seq)
                    due, seq = next(aside, None), seq + 1
                if number in listings.fresh:
                    yield listings.unannounced(number, ts_known, ts_event, seq)
                    seq += 1
                bid, ask, bid_size, ask_size, price, open_, high, low, volume, buy_volume, open_interest = values
                yield ChainBatch(
                    ts_known=ts_known,
                    ts_event=ts_event,
                    seq=seq,
                    idx=idx,
                    quote_ts=true,
                    bid=bid,
                    ask=ask,
                    bid_size=bid_size,
                    ask_size=ask_size,
                    price=price,
                    open=open_,
                    high=high,
                    low=low,
                    volume=volume,
                    buy_volume=buy_volume,
                    open_interest=open_interest,
                    more=number in parted,
                )
                seq += 1
        while due is not None:
            yield msgspec.structs.replace(listings.numbered(due[1]), seq=seq)
            due, seq = next(aside, None), seq + 1

    def _parted(self, instants: Int64) -> frozenset[int]:
        """The instants that are one with the next: a row has one time, and they had two."""
        if self.heard is None:
            return frozenset()
        return frozenset(np.flatnonzero(np.diff(instants) == 1).tolist())

    def last_of(self, ts: int) -> int:
        """The last time in the file, ns UTC, of what is known at ``ts``: a recorded instant may have several."""
        instants = self.columns.ts_known[self.columns.starts()]
        before = int(np.searchsorted(self._whole(instants), ts, side="right")) - 1
        return ts if before < 0 else max(ts, int(instants[before]))

    def _whole(self, instants: Int64) -> Int64:
        """When each instant of the file was known: of a recorded day those that are one at the first of them."""
        if self.heard is None or not len(instants):
            return instants
        begins = np.concatenate(([True], np.diff(instants) != 1))
        return instants[np.maximum.accumulate(np.where(begins, np.arange(len(instants)), 0))]

    def _aside(self, instants: Int64) -> Iterator[tuple[int, Item]]:
        """What was heard beside prices, each with the number of the instant it comes before."""
        for item in () if self.heard is None else self.heard.items:
            side: Literal["left", "right"] = "right" if item.after else "left"
            yield int(np.searchsorted(instants, item.ts_known, side=side)), item

    def _rows(self, starts: Int64, ends: Int64, numbers: Int32 | None) -> Iterator[tuple[Any, ...]]:
        """Of each of some instants ``ts_event``, ``quote_ts``, ``idx``, and a piece of each field."""
        first, last = int(starts[0]), int(ends[-1])
        columns, starts, ends = self.columns, starts - first, ends - first
        values = {name: column[first:last] for name, column in columns.values.items()}
        ts_event = columns.ts_event[first:last]
        earliest = np.minimum.reduceat(ts_event, starts)
        latest = np.maximum.reduceat(ts_event, starts)
        quote_ts: list[Int64 | None] = [None] * len(starts)
        for i in np.flatnonzero(earliest != latest).tolist():
            quote_ts[i] = ts_event[starts[i] : ends[i]]
        interest = _tell(values, starts, ("open_interest",))
        market = _tell(values, starts, _MARKET)
        if self.heard is not None:
            taken_away = _says_nothing(values, last - first)
            market |= np.logical_or.reduceat(taken_away, starts)
            if ("bid" in values) != ("ask" in values) or taken_away.any():  # a side nobody ever quoted is still a side
                values = {side: np.full(last - first, MISSING, np.int32) for side in ("bid", "ask")} | values
        code = columns.code[first:last]
        pieces = {name: _pieces(column, starts, ends, only=market) for name, column in values.items()}
        pieces["open_interest"] = _pieces(values.get("open_interest"), starts, ends, only=interest)
        absent: list[Int32 | None] = [None] * len(starts)
        return zip(
            latest.tolist(), quote_ts, _codes(code if numbers is None else numbers[code], starts, ends),
            *(pieces.get(name, absent) for name in FIELDS),
            strict=True,
        )  # fmt: skip


class _Listings:
    """Which instruments are listed when, and the number that each code of the columns has in the stream.

    Attributes:
        numbers: by code; ``None`` where the codes are the numbers.
        fresh: symbols that first appear in an instant, by its number, without having been listed before.
    """

    def __init__(self, columns: Columns, heard: Heard | None, starts: Int64) -> None:
        self.numbers: Int32 | None = None
        self._size = 0
        told = {} if heard is None else _places(heard, columns.ts_known[starts])
        first = _first_instants(columns, starts)
        order = [(at, 0, symbol) for symbol, at in told.items()]
        order += [(at, 1, symbol) for symbol, at in zip(columns.symbols, first, strict=True) if symbol not in told]
        if told:
            order.sort(key=lambda each: each[:2])
            number = {symbol: position for position, (_, _, symbol) in enumerate(order)}
            self.numbers = np.array([number[symbol] for symbol in columns.symbols], dtype=np.int32)
        self.fresh: dict[int, list[str]] = {}
        for at, unannounced, symbol in order:
            if unannounced:
                self.fresh.setdefault(at, []).append(symbol)

    def numbered(self, item: Item) -> AnyEvent:
        """The item as an event, its instruments numbered on."""
        event = event_of(item, self._size)
        if isinstance(event, Listing):
            self._size += len(event.instruments)
        return event

    def unannounced(self, instant: int, ts_known: int, ts_event: int, seq: int) -> Listing:
        """The listing of what first appears in an instant of ``fresh``."""
        new: tuple[Instrument, ...] = tuple(map(parse_symbol, self.fresh[instant]))
        self._size += len(new)
        first = self._size - len(new)
        return Listing(ts_known=ts_known, ts_event=ts_event, seq=seq, first=first, instruments=new)


def _places(heard: Heard, instants: Int64) -> dict[str, int]:
    """Before which instant each symbol was listed, in the order of listing."""
    return {
        symbol: int(np.searchsorted(instants, item.ts_known, side="left"))
        for item in heard.items
        if isinstance(item, HeardListing)
        for symbol in item.symbols
    }


def _first_instants(columns: Columns, starts: Int64) -> list[int]:
    """In which instant each code first appears."""
    highest = np.maximum.accumulate(columns.code[np.append(starts[1:], len(columns)) - 1])  # ascends within an instant
    found: list[int] = np.searchsorted(highest, np.arange(len(columns.symbols)), side="left").tolist()
    return found


def _tell(values: dict[str, Int32], starts: Int64, names: Iterable[str]) -> Mask:
    """Which instants have a value of any of those fields."""
    found = np.zeros(len(starts), dtype=bool)
    for name in names:
        if name in values and not found.all():
            found |= np.maximum.reduceat(values[name], starts) != MISSING
    return found


def _says_nothing(values: dict[str, Int32], size: int) -> Mask:
    """Which rows have no value of which a quote, a trade or an open interest is made."""
    found = np.ones(size, dtype=bool)
    for name in ("bid", "ask", "price", "volume", "open_interest"):
        if name in values:
            found &= values[name] == MISSING
    return found


def _pieces(column: Int32 | None, starts: Int64, ends: Int64, only: Mask) -> list[Int32 | None]:
    """The part of a column that is each instant's, views of it; ``None`` where not ``only``."""
    if column is None or not only.any():
        return [None] * len(starts)
    if len(starts) * ends[0] == len(column) and (ends - starts == ends[0]).all():
        found: list[Int32 | None] = list(column.reshape(len(starts), -1))
    else:
        found = [column[start:end] for start, end in zip(starts.tolist(), ends.tolist(), strict=True)]
    for i in np.flatnonzero(~only).tolist():
        found[i] = None
    return found


def _codes(code: Int32, starts: Int64, ends: Int64) -> Iterable[Int32]:
    """The instruments of each instant. Where all have the same it is one array, the same object in every batch, so
    that whoever looks up where they belong needs to do it once."""
    size = int(ends[0])
    if (ends - starts == size).all() and (code[size:] == code[:-size]).all():
        return [code[:size]] * len(starts)
    return [code[start:end] for start, end in zip(starts.tolist(), ends.tolist(), strict=True)]
