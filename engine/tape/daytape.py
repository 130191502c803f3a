"""A stored day as events: instruments become known when they first appear, then one batch an instant."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from engine.events import AnyEvent, ChainBatch, Listing
from engine.tape.columns import FIELDS, Columns
from engine.tape.header import DayHeader
from engine.types import Instrument, Provenance, parse_symbol

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
        highest = (np.maximum.accumulate(columns.code)[ends - 1] + 1).tolist()
        earliest = np.minimum.reduceat(columns.ts_event, starts)
        latest = np.maximum.reduceat(columns.ts_event, starts)
        same = (earliest == latest).tolist()
        interest = np.logical_or.reduceat(columns.has("open_interest"), starts).tolist()
        market = np.logical_or.reduceat(columns.has(*_MARKET), starts).tolist()
        known, event = columns.ts_known[starts].tolist(), latest.tolist()
        market_columns = [(name, columns.values[name]) for name in _MARKET if name in columns.values]

        listed = seq = 0
        for i, (start, end) in enumerate(zip(starts.tolist(), ends.tolist(), strict=True)):
            if highest[i] > listed:
                new: tuple[Instrument, ...] = tuple(parse_symbol(text) for text in columns.symbols[listed : highest[i]])
                yield Listing(ts_known=known[i], ts_event=event[i], seq=seq, first=listed, instruments=new)
                listed, seq = highest[i], seq + 1
            values = {name: column[start:end] for name, column in market_columns} if market[i] else {}
            yield ChainBatch(
                ts_known=known[i],
                ts_event=event[i],
                seq=seq,
                idx=columns.code[start:end],
                quote_ts=None if same[i] else columns.ts_event[start:end],
                bid=values.get("bid"),
                ask=values.get("ask"),
                bid_size=values.get("bid_size"),
                ask_size=values.get("ask_size"),
                price=values.get("price"),
                open=values.get("open"),
                high=values.get("high"),
                low=values.get("low"),
                volume=values.get("volume"),
                buy_volume=values.get("buy_volume"),
                open_interest=columns.values["open_interest"][start:end] if interest[i] else None,
            )
            seq += 1
