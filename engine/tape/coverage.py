"""What of a day is there: minutes by strikes of one expiry, with holes, crossed quotes and the underlying's path."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.calendar import Session
from engine.clock import MINUTE
from engine.events.market import Int32, Int64
from engine.tape.columns import Columns, Mask
from engine.tape.tally import crossed
from engine.types import MISSING, Contract, Price, Underlying, parse_symbol

_A_DAY = 24 * 60


@dataclass(frozen=True)
class Coverage:
    """A grid of one expiry.

    Attributes:
        expiry: the one that is shown.
        edges: ns UTC; column ``j`` holds what was known after ``edges[j]`` and up to ``edges[j + 1]``.
        rows: the strikes of each row, ascending, in price units.
        share: rows by columns: of the prices that could be there, the share that is, 0 to 1.
        crossed: rows by columns: whether a quote in it is crossed.
        path: the underlying's last value in each column, price units; ``MISSING`` where there is none.
    """

    expiry: dt.date
    edges: Int64
    rows: tuple[tuple[Price, ...], ...]
    share: NDArray[np.float64]
    crossed: Mask
    path: Int32

    def row_of(self, value: Price) -> int:
        """The row whose strikes are nearest ``value``; -1 below all of them, ``len(rows)`` above."""
        strikes = np.array([strike for row in self.rows for strike in row])
        owner = np.repeat(np.arange(len(self.rows)), [len(row) for row in self.rows])
        edge = int(np.diff(strikes).min()) if len(strikes) > 1 else 0
        if value < strikes[0] - edge:
            return -1
        if value > strikes[-1] + edge:
            return len(self.rows)
        return int(owner[np.argmin(np.abs(strikes - value))])


def nearest_expiry(columns: Columns, day: dt.date) -> dt.date | None:
    """The first expiry on or after ``day``; ``None`` where no option is listed."""
    found = {one.expiry for one in map(parse_symbol, columns.symbols) if isinstance(one, Contract)}
    return min((expiry for expiry in found if expiry >= day), default=None)


def coverage(
    columns: Columns, of: Session, close: int, expiry: dt.date, underlying: str, size: tuple[int, int]
) -> Coverage:
    """The grid of ``expiry`` from the session's open to ``close`` (ns UTC), at most ``size`` (rows, columns) large.

    A price is expected of every listed contract as often as the day has instants, a minute at the most.
    """
    instruments = [parse_symbol(symbol) for symbol in columns.symbols]
    strikes = sorted({one.strike for one in instruments if isinstance(one, Contract) and one.expiry == expiry})
    a_row, a_column = -(-len(strikes) // size[0]), -(-((close - of.open) // MINUTE) // size[1])
    rows = tuple(tuple(strikes[at : at + a_row]) for at in range(0, len(strikes), a_row))
    row_of = {strike: number // a_row for number, strike in enumerate(strikes)}
    owner = np.array(
        [row_of[one.strike] if isinstance(one, Contract) and one.expiry == expiry else -1 for one in instruments]
    )
    edges = np.minimum(np.arange(of.open, close + a_column * MINUTE, a_column * MINUTE), close)
    minute = (columns.ts_known - 1 - of.open) // MINUTE
    inside = (owner[columns.code] >= 0) & (minute >= 0) & (columns.ts_known <= close)
    priced = inside & columns.has("bid", "ask", "price")
    shape = (len(rows), len(edges) - 1)
    # A contract counts once a minute, however many rows it has in it.
    cells = np.unique(columns.code[priced].astype(np.int64) * 10_000 + minute[priced])
    there = np.zeros(shape)
    np.add.at(there, (owner[cells // 10_000], (cells % 10_000) // a_column), 1)
    listed = np.bincount(owner[owner >= 0], minlength=shape[0])
    step = _usual_step(minute[priced])
    expected = np.maximum(1, np.round(np.diff(edges) / MINUTE / step))
    wrong = inside & crossed(columns)
    marked = np.zeros(shape, dtype=bool)
    marked[owner[columns.code[wrong]], minute[wrong] // a_column] = True
    return Coverage(
        expiry=expiry,
        edges=edges,
        rows=rows,
        share=np.clip(there / (listed[:, None] * expected[None, :]), 0, 1),
        crossed=marked,
        path=path(columns, underlying, edges),
    )


def path(columns: Columns, symbol: str, edges: Int64) -> Int32:
    """The last value of ``symbol`` in each interval of ``edges``, price units; ``MISSING`` where there is none."""
    return last_in(columns, symbol, "price", edges)


def last_in(columns: Columns, symbol: str, field: str, edges: Int64) -> Int32:
    """The last value of a field of an underlying in each interval of ``edges``."""
    found = np.full(len(edges) - 1, MISSING, dtype=np.int32)
    codes = [at for at, text in enumerate(columns.symbols) if parse_symbol(text) == Underlying(symbol)]
    if codes and field in columns.values:
        rows = np.flatnonzero((columns.code == codes[0]) & columns.has(field))
        rows = rows[(columns.ts_known[rows] > edges[0]) & (columns.ts_known[rows] <= edges[-1])]
        where = np.searchsorted(edges, columns.ts_known[rows], side="left") - 1
        found[where] = columns.values[field][rows]  # in order of time: the last one stays
    return found


def expiries(columns: Columns) -> list[tuple[dt.date, int, int, int]]:
    """Expiry, strikes, contracts and rows of each expiry of a day."""
    instruments = [parse_symbol(symbol) for symbol in columns.symbols]
    count = np.bincount(columns.code, minlength=len(instruments))
    found: dict[dt.date, list[tuple[Price, int]]] = {}
    for code, one in enumerate(instruments):
        if isinstance(one, Contract):
            found.setdefault(one.expiry, []).append((one.strike, int(count[code])))
    return [
        (expiry, len({strike for strike, _ in held}), len(held), sum(rows for _, rows in held))
        for expiry, held in sorted(found.items())
    ]


def _usual_step(minutes: Int64) -> int:
    """How many minutes usually lie between two minutes that have prices; a day for less than two."""
    distinct = np.unique(minutes)
    return max(1, int(np.median(np.diff(distinct)))) if len(distinct) > 1 else _A_DAY
