"""Puts the rows of a day together, in any order, and sorts them into columns."""

from __future__ import annotations

import numpy as np

from engine.events.market import Int32
from engine.tape.columns import FIELDS, LARGEST, Columns
from engine.types import MISSING, Contract, Instrument

_POSITION = {name: position for position, name in enumerate(FIELDS)}


def listing_key(instrument: Instrument) -> tuple[int, str, str, int, str]:
    """The order in which instruments that appear together are listed: underlyings, then root, expiry, strike, right."""
    if isinstance(instrument, Contract):
        return (1, instrument.root, instrument.expiry.isoformat(), instrument.strike, instrument.right)
    return (0, instrument.symbol, "", 0, "")


class DayBuilder:
    """Collects values by (known time, instrument); values of one row may come from several files."""

    def __init__(self) -> None:
        self._rows: dict[tuple[int, Instrument], list[int]] = {}

    def __len__(self) -> int:
        return len(self._rows)

    def put(self, ts_known: int, ts_event: int, instrument: Instrument, **values: int | None) -> None:
        """Add values to the row of ``instrument`` at ``ts_known`` (ns UTC); ``None`` is a missing one.

        Raises ``ValueError`` if a value of that row is given twice, does not fit 32 bits or is negative, or if the
        row's event time is contradicted.
        """
        row = self._rows.setdefault((ts_known, instrument), [MISSING] * len(FIELDS) + [ts_event])
        if row[-1] != ts_event:
            raise ValueError(f"{instrument.symbol} has two event times at one instant")
        for name, value in values.items():
            if value is None:
                continue
            if not 0 <= value <= LARGEST:
                raise ValueError(f"{name} of {instrument.symbol} is out of range: {value}")
            position = _POSITION[name]
            if row[position] != MISSING:
                raise ValueError(f"{instrument.symbol} has two values of {name} at one instant")
            row[position] = value

    def build(self) -> Columns:
        """The rows in order. Raises ``ValueError`` where there are none."""
        if not self._rows:
            raise ValueError("there are no rows")
        keys = list(self._rows)
        table = np.array(list(self._rows.values()), dtype=np.int64)
        known = np.array([ts for ts, _ in keys], dtype=np.int64)
        first: dict[Instrument, int] = {}
        for ts, instrument in keys:
            first[instrument] = min(ts, first.get(instrument, ts))
        listed = sorted(first, key=lambda instrument: (first[instrument], listing_key(instrument)))
        position = {instrument: code for code, instrument in enumerate(listed)}
        code = np.array([position[instrument] for _, instrument in keys], dtype=np.int32)
        order = np.lexsort((code, known))
        values: dict[str, Int32] = {}
        for column, name in enumerate(FIELDS):
            filled = table[order, column].astype(np.int32)
            if (filled != MISSING).any():
                values[name] = filled
        return Columns(
            ts_known=known[order],
            ts_event=np.ascontiguousarray(table[order, -1]),
            code=code[order],
            symbols=tuple(instrument.symbol for instrument in listed),
            values=values,
        )
