"""A day of market data as arrays: what a day file holds, in memory."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from engine.events.market import Int32, Int64
from engine.types import MISSING, parse_symbol

FIELDS: Final = (
    "bid", "ask", "bid_size", "ask_size", "price", "open", "high", "low", "volume", "buy_volume", "open_interest",
)  # fmt: skip
"""Columns of values, in the order in which files hold them. Prices are units of 1e-4 dollars; volumes of the day so
far."""

Mask = np.ndarray[tuple[int, ...], np.dtype[np.bool_]]
LARGEST: Final = 2**31 - 1


@dataclass(frozen=True, slots=True)
class Columns:
    """Rows sorted by (ts_known, code); no instrument twice at one instant.

    Attributes:
        ts_known, ts_event: int64 ns UTC, one a row.
        code: int32, the row's instrument: a position in ``symbols``.
        symbols: OCC symbols without padding and underlying symbols, in the order in which they first appear.
        values: int32 arrays by name, of ``FIELDS``; ``MISSING`` where a row has no value. A field that no row has
            is not in the dictionary.
    """

    ts_known: Int64
    ts_event: Int64
    code: Int32
    symbols: tuple[str, ...]
    values: dict[str, Int32]

    def __len__(self) -> int:
        return len(self.ts_known)

    def starts(self) -> Int64:
        """The first row of each distinct ``ts_known``."""
        changed = np.empty(len(self), dtype=bool)
        changed[:1] = True
        np.not_equal(self.ts_known[1:], self.ts_known[:-1], out=changed[1:])
        return np.flatnonzero(changed)

    def has(self, *fields: str) -> Mask:
        """Which rows carry a value in any of ``fields``."""
        found = np.zeros(len(self), dtype=bool)
        for field in fields:
            if field in self.values:
                found |= self.values[field] != MISSING
        return found


def problem(columns: Columns) -> str | None:
    """Why these are not the columns of a day, or ``None``."""
    size = len(columns)
    if size == 0:
        return "there are no rows"
    lengths = {len(columns.ts_event), len(columns.code), *(len(column) for column in columns.values.values())}
    if lengths != {size}:
        return "the columns differ in length"
    step = np.diff(columns.ts_known)
    if (step < 0).any():
        return f"rows are not in order of ts_known (row {int(np.argmax(step < 0)) + 2})"
    if (columns.ts_event > columns.ts_known).any():
        return f"a row is known before it was true (row {int(np.argmax(columns.ts_event > columns.ts_known)) + 1})"
    if ((step == 0) & (np.diff(columns.code) <= 0)).any():
        return "rows of one instant are not in order of their instruments, or an instrument comes twice"
    if columns.code.min() < 0 or columns.code.max() >= len(columns.symbols):
        return "a row names no instrument"
    seen = np.maximum.accumulate(columns.code)
    if columns.code[0] != 0 or (np.diff(seen) > 1).any() or seen[-1] != len(columns.symbols) - 1:
        return "instruments are not in the order of their first appearance"
    if len(set(columns.symbols)) != len(columns.symbols):
        return "a symbol is listed twice"
    for symbol in columns.symbols:
        try:
            parse_symbol(symbol)
        except ValueError as error:
            return str(error)
    unknown = sorted(set(columns.values) - set(FIELDS))
    return f"unknown column {unknown[0]}" if unknown else None
