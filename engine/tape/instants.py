"""Frames as the instants of a day file: an instrument once at each, and whoever plays it knows what a session knew."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from engine.events.market import Int32, Int64
from engine.tape.assemble import assemble
from engine.tape.columns import FIELDS, Columns, Mask
from engine.tape.frames import Rows
from engine.types import MISSING, Instrument

_QUOTE = ("bid", "ask", "bid_size", "ask_size")
_BAR = ("high", "low")
_BESIDE = ("price", "volume", "open_interest")
"""What a row without bid and ask tells instead of a quote."""


@dataclass(frozen=True, slots=True)
class Framed:
    """Columns, which of the rows given are in them (by ``Rows.number``, ascending) with the time each is known at, and
    what was counted: ``merged`` rows, and ``nudged`` ones, known a nanosecond later than they were."""

    columns: Columns
    number: Int64
    ts_known: Int64
    counts: Counter[str]


def framed(rows: Rows, instruments: Sequence[Instrument]) -> Framed | None:
    """The columns of a day, or ``None`` where no row says anything.

    Rows of one instrument at one instant become one. Where they cannot, because a quote and a trade have two times and
    a row has one, the later row is known a nanosecond later. A batch that left a column of quotes out said nothing of
    it: the instrument's last value stands there.
    """
    values: dict[str, Int32] = {name: rows.values[name].copy() for name in FIELDS if name in rows.values}
    beside = _any(values, _BESIDE, len(rows))
    is_quote = rows.quoted & ~(beside & ~_any(values, ("bid", "ask"), len(rows)) & ~_one_sided(rows))
    for name in _QUOTE:
        if name in rows.unsaid and name in values:
            _carry(values[name], rows.code, is_quote, rows.unsaid[name])
        if name in values:
            values[name][~is_quote] = MISSING
    told = is_quote | beside
    if not told.any():
        return None
    known, event, code = rows.ts_known[told], rows.ts_event[told], rows.code[told]
    values = {name: column[told] for name, column in values.items()}
    # Nothing is known before it is true: clocks apart make it true when it came.
    counts = Counter({"event_after_known": int((event > known).sum())})
    event = np.minimum(event, known)
    known, kept = _once(known.copy(), event, code, is_quote[told], values, counts)
    values = {name: column[kept] for name, column in values.items()}
    columns = assemble(known[kept], event[kept], code[kept], instruments, values, as_given=True)
    return Framed(columns, rows.number[told][kept], known[kept], counts)


def _any(values: dict[str, Int32], names: Sequence[str], size: int) -> Mask:
    found = np.zeros(size, dtype=bool)
    for name in names:
        if name in values:
            found |= values[name] != MISSING
    return found


def _one_sided(rows: Rows) -> Mask:
    """Rows of a batch with one column of bids and asks alone: always quotes."""
    none = np.zeros(len(rows), dtype=bool)
    return rows.quoted & (rows.unsaid.get("bid", none) ^ rows.unsaid.get("ask", none))


def _carry(column: Int32, code: Int32, is_quote: Mask, unsaid: Mask) -> None:
    """Write the instrument's last value into quotes that say nothing of the column."""
    if not (is_quote & unsaid).any():
        return
    at = np.flatnonzero(is_quote)
    at = at[np.argsort(code[at], kind="stable")]
    new = np.ones(len(at), dtype=bool)
    new[1:] = code[at][1:] != code[at][:-1]
    start = np.maximum.accumulate(np.where(new, np.arange(len(at)), 0))
    said = np.maximum.accumulate(np.where(~unsaid[at], np.arange(len(at)), -1))
    known = said >= start  # of the same instrument
    carried = np.where(known, column[at[np.maximum(said, 0)]], np.int32(MISSING))
    column[at] = carried


def _once(
    known: Int64, event: Int64, code: Int32, is_quote: Mask, values: dict[str, Int32], counts: Counter[str]
) -> tuple[Int64, Int64]:
    """Make rows of one instrument at one instant one, in place; when each is known, and which are kept, in order."""
    kept = np.arange(len(known))
    while True:
        order = kept[np.lexsort((code[kept], known[kept]))]  # stable: rows of one place stay as they came
        same = (known[order][1:] == known[order][:-1]) & (code[order][1:] == code[order][:-1])
        if not same.any():
            return known, np.sort(order)
        gone = np.zeros(len(known), dtype=bool)
        begins = np.flatnonzero(same & ~np.concatenate(([False], same[:-1])))
        ends = np.flatnonzero(same & ~np.concatenate((same[1:], [False]))) + 1
        for first, last in zip(begins.tolist(), ends.tolist(), strict=True):
            group = order[first : last + 1].tolist()
            row = group[0]
            for place, later in enumerate(group[1:], 1):
                if not _folded(row, later, event, is_quote, values):
                    known[group[place:]] += 1
                    counts["nudged"] += len(group) - place
                    break
                # The later row is kept: what was heard between the two has come before it.
                gone[row] = True
                counts["merged"] += 1
                row = later
        kept = kept[~gone[kept]]


def _folded(row: int, later: int, event: Int64, is_quote: Mask, values: dict[str, Int32]) -> bool:
    """Let the later row say what both say; whether it can, with its one time."""

    def has(at: int, names: Sequence[str], every: bool = False) -> bool:
        found = [name in values and values[name][at] != MISSING for name in names]
        return all(found) if every else any(found)

    quote = later if is_quote[later] else row if is_quote[row] else None
    price = later if has(later, ("price",)) else row if has(row, ("price",)) else None
    bar = later if has(later, _BAR, True) else row if has(row, _BAR, True) else None
    times = {int(event[at]) for at in (quote, price, bar) if at is not None}
    beside = has(row, _BESIDE) or has(later, _BESIDE)
    if len(times) > 1 or (quote is not None and beside and not has(quote, ("bid", "ask"))):
        return False
    if bar == row and has(later, _BAR):  # half a bar is no bar, and would become one
        return False
    for name, column in values.items():
        if name in _QUOTE:
            column[later] = MISSING if quote is None else column[quote]
        elif column[later] == MISSING:
            column[later] = column[row]
    is_quote[later] = quote is not None
    if times:
        event[later] = times.pop()
    return True
