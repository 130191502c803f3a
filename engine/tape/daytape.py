"""A stored day as events: instruments become known when they first appear, then one batch an instant."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from engine.events import AnyEvent, ChainBatch, Listing
from engine.events.market import Int32, Int64
from engine.tape.columns import FIELDS, Columns, Mask
from engine.tape.header import DayHeader
from engine.types import MISSING, Instrument, Provenance, parse_symbol

_MARKET = tuple(name for name in FIELDS if name != "open_interest")


@dataclass(frozen=True, slots=True)
class DayTape:
    """One day of one root from one source, its hash checked."""

    header: DayHeader
    columns: Columns
    path: Path

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

    def events(self) -> Iterator[AnyEvent]:
        """The day in order of known time, the same for every call.

        A ``Listing`` comes right before the batch in which its instruments first appear, never earlier. Each distinct
        ``ts_known`` is one ``ChainBatch`` with ``idx`` ascending. A field that the whole file lacks is ``None``; so is
        open interest in a batch without any, and every other field in a batch that brings nothing but open interest.
        ``seq`` counts from 0. Arrays are views of the file's columns: do not write to them.
        """
        columns = self.columns
        starts = columns.starts()
        ends = np.append(starts[1:], len(columns))
        highest = (np.maximum.accumulate(columns.code[ends - 1]) + 1).tolist()  # idx ascends within an instant
        earliest = np.minimum.reduceat(columns.ts_event, starts)
        latest = np.maximum.reduceat(columns.ts_event, starts)
        quote_ts: list[Int64 | None] = [None] * len(starts)
        for i in np.flatnonzero(earliest != latest).tolist():
            quote_ts[i] = columns.ts_event[starts[i] : ends[i]]
        interest = self._tell(starts, ("open_interest",))
        market = self._tell(starts, _MARKET)
        known, event = columns.ts_known[starts].tolist(), latest.tolist()
        pieces = {name: _pieces(column, starts, ends, only=market) for name, column in columns.values.items()}
        pieces["open_interest"] = _pieces(columns.values.get("open_interest"), starts, ends, only=interest)
        absent: list[Int32 | None] = [None] * len(starts)
        rows = zip(
            known, event, highest, quote_ts, _codes(columns.code, starts, ends),
            *(pieces.get(name, absent) for name in FIELDS),
            strict=True,
        )  # fmt: skip

        listed = seq = 0
        for ts_known, ts_event, top, true, idx, *values in rows:
            if top > listed:
                new: tuple[Instrument, ...] = tuple(parse_symbol(text) for text in columns.symbols[listed:top])
                yield Listing(ts_known=ts_known, ts_event=ts_event, seq=seq, first=listed, instruments=new)
                listed, seq = top, seq + 1
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
            )
            seq += 1

    def _tell(self, starts: Int64, names: Iterable[str]) -> Mask:
        """Which instants have a value of any of those fields."""
        found = np.zeros(len(starts), dtype=bool)
        for name in names:
            if name in self.columns.values and not found.all():
                found |= np.maximum.reduceat(self.columns.values[name], starts) != MISSING
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
