"""What a chain shows beside its quotes: sizes, bars, volume, open interest. Taken over when somebody reads it."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.events import ChainBatch
from engine.types import MISSING, Price

Int32 = NDArray[np.int32]
Rows = slice | NDArray[np.bool_]

_SIZES = ("bid_size", "ask_size")
_LASTING = ("open", "high", "low", "volume", "buy_volume", "open_interest")

_MOST_WAITING = 1024  # batches; on a live feed, which nobody may look at for hours
_EVERY_ROW = slice(None)


def _quote_rows(batch: ChainBatch) -> Rows:
    """The rows of quotes: not those of a trade or an index value with neither bid nor ask."""
    if batch.bid is None or batch.ask is None:
        return _EVERY_ROW
    without = batch.bid == MISSING
    if not np.count_nonzero(without):
        return _EVERY_ROW
    without &= batch.ask == MISSING
    others = [other for other in (batch.price, batch.volume, batch.open_interest) if other is not None]
    if not others or not np.count_nonzero(without):
        return _EVERY_ROW
    told = others[0] != MISSING
    for other in others[1:]:
        told |= other != MISSING
    told &= without
    return np.logical_not(told, out=told) if np.count_nonzero(told) else _EVERY_ROW


def _row_of(batch: ChainBatch, position: int) -> int | None:
    found = np.flatnonzero(batch.idx == position)
    return int(found[0]) if found.size else None


def _is_quote(batch: ChainBatch, row: int) -> bool:
    rows = _quote_rows(batch)
    return isinstance(rows, slice) or bool(rows[row])


class Bar(NamedTuple):
    """The bar that ended at ``ts`` (ns UTC): its highest and lowest price, units of 1e-4 dollars."""

    high: Price
    low: Price
    ts: int


class Details:
    """Columns by index that only a fill or a screen reads, so that a backtest does not pay for them each minute."""

    def __init__(self) -> None:
        self._columns: dict[str, Int32] = {}
        self._bars = np.zeros((3, 0), np.int64)  # high, low and time of the newest bar that has both
        self._waiting: list[ChainBatch] = []

    def follow(self, batch: ChainBatch, capacity: int) -> None:
        """Remember a batch; its values are taken over later, in order."""
        self._waiting.append(batch)
        if len(self._waiting) >= _MOST_WAITING:
            self._catch_up(capacity)

    def of(self, position: int, capacity: int) -> dict[str, int | None]:
        """The newest values of one instrument; None where there is none."""
        self._catch_up(capacity)
        found = {name: int(column[position]) for name, column in self._columns.items()}
        return {name: None if found.get(name, MISSING) == MISSING else found[name] for name in (*_SIZES, *_LASTING)}

    def sizes(self, position: int) -> tuple[int | None, int | None]:
        """The newest quoted sizes of one instrument, bid and ask, contracts; None where the source tells none.

        For the few who ask at a fill: looks back through what waits, and takes nothing over.
        """
        bid = ask = None
        for batch in reversed(self._waiting):
            if batch.bid_size is None and batch.ask_size is None:
                continue
            row = _row_of(batch, position)
            if row is None or not _is_quote(batch, row):
                continue
            bid = batch.bid_size.item(row) if bid is None and batch.bid_size is not None else bid
            ask = batch.ask_size.item(row) if ask is None and batch.ask_size is not None else ask
            if bid is not None and ask is not None:
                break
        kept = [self._kept(name, position) for name in _SIZES]
        bid, ask = (old if new is None else new for new, old in zip((bid, ask), kept, strict=True))
        return (None if bid == MISSING else bid), (None if ask == MISSING else ask)

    def bar(self, position: int) -> Bar | None:
        """The newest bar of one instrument; None where there never was one."""
        for batch in reversed(self._waiting):
            if batch.high is None or batch.low is None:
                continue
            row = _row_of(batch, position)
            if row is not None and batch.high[row] != MISSING and batch.low[row] != MISSING:
                ts = batch.ts_event if batch.quote_ts is None else batch.quote_ts.item(row)
                return Bar(batch.high.item(row), batch.low.item(row), ts)
        if position >= self._bars.shape[1]:
            return None
        high, low, ts = self._bars[:, position].tolist()
        return None if high == MISSING else Bar(high, low, ts)

    def _kept(self, name: str, position: int) -> int:
        column = self._columns.get(name)
        return MISSING if column is None or position >= len(column) else column.item(position)

    def _catch_up(self, capacity: int) -> None:
        waiting, self._waiting = self._waiting, []
        for batch in waiting:
            self._take(batch, capacity)

    def _take(self, batch: ChainBatch, capacity: int) -> None:
        if batch.bid_size is not None or batch.ask_size is not None:
            rows = _quote_rows(batch)
            for name in _SIZES:
                sizes: Int32 | None = getattr(batch, name)
                if sizes is not None:
                    self._column(name, capacity)[batch.idx[rows]] = sizes[rows]
        if batch.high is not None and batch.low is not None:
            self._take_bars(batch, capacity)
        for name in _LASTING:
            values: Int32 | None = getattr(batch, name)
            if values is not None:
                new = values != MISSING
                self._column(name, capacity)[batch.idx[new]] = values[new]

    def _take_bars(self, batch: ChainBatch, capacity: int) -> None:
        assert batch.high is not None
        assert batch.low is not None
        if self._bars.shape[1] < capacity:
            longer = np.full((3, capacity), MISSING, np.int64)
            longer[:, : self._bars.shape[1]] = self._bars
            self._bars = longer
        new = (batch.high != MISSING) & (batch.low != MISSING)
        rows = batch.idx[new]
        self._bars[0, rows], self._bars[1, rows] = batch.high[new], batch.low[new]
        self._bars[2, rows] = batch.ts_event if batch.quote_ts is None else batch.quote_ts[new]

    def _column(self, name: str, capacity: int) -> Int32:
        column = self._columns.get(name)
        if column is None or len(column) < capacity:
            longer = np.full(capacity, MISSING, np.int32)
            if column is not None:
                longer[: len(column)] = column
            self._columns[name] = column = longer
        return column
