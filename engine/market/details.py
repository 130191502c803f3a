"""What a chain shows beside its quotes: sizes, bars, volume, open interest. Taken over when somebody reads it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from engine.events import ChainBatch
from engine.types import MISSING

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


class Details:
    """Columns by index that no decision is made on, so that a backtest never pays for them."""

    def __init__(self) -> None:
        self._columns: dict[str, Int32] = {}
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
        for name in _LASTING:
            values: Int32 | None = getattr(batch, name)
            if values is not None:
                new = values != MISSING
                self._column(name, capacity)[batch.idx[new]] = values[new]

    def _column(self, name: str, capacity: int) -> Int32:
        column = self._columns.get(name)
        if column is None or len(column) < capacity:
            longer = np.full(capacity, MISSING, np.int32)
            if column is not None:
                longer[: len(column)] = column
            self._columns[name] = column = longer
        return column
