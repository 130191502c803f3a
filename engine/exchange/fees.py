"""What an execution costs: commission, exchange and regulators, by root, day and premium."""

from __future__ import annotations

import datetime as dt

from engine.config import FeesTable
from engine.types import Money, Price


class Fees:
    """The fees of one day."""

    def __init__(self, table: FeesTable, day: dt.date) -> None:
        self._table = table
        self._day = day
        self._bands: dict[str, tuple[tuple[Price, Money], ...]] = {}

    def of(self, root: str, quantity: int, price: Price) -> Money:
        """The fee of so many contracts at ``price``, money units, exact."""
        bands = self._bands.get(root)
        if bands is None:
            bands = self._bands[root] = self._table.bands(root, self._day)
        each = next(fee for premium, fee in reversed(bands) if price >= premium)
        return quantity * each
