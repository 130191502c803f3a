"""Plain events at given instants, and a chain of several sources."""

from __future__ import annotations

import datetime as dt

import numpy as np

from engine.events import ChainBatch, Command, Listing, Timer
from engine.types import Instrument, Underlying

DAY = dt.date(2024, 8, 7)


def listing(ts: int, *symbols: str, first: int = 0, seq: int = 0) -> Listing:
    """Underlyings become known."""
    instruments: tuple[Instrument, ...] = tuple(Underlying(symbol) for symbol in symbols)
    return Listing(ts_known=ts, ts_event=ts, seq=seq, first=first, instruments=instruments)


def batch(ts: int, values: dict[int, int], seq: int = 0) -> ChainBatch:
    """Values by index."""
    idx, price = np.array(list(values), np.int32), np.array(list(values.values()), np.int32)
    return ChainBatch(ts_known=ts, ts_event=ts, seq=seq, idx=idx, price=price)


def command(ts: int, seq: int = 0) -> Command:
    """A note."""
    return Command(ts_known=ts, ts_event=ts, seq=seq, command_id=f"c{ts}-{seq}", kind="note")


def timer(ts: int) -> Timer:
    """A timer."""
    return Timer(ts_known=ts, ts_event=ts)
