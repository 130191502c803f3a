"""Frames as the instants of a day file: an instrument once at each, and whoever plays it knows what a session knew."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from engine.events.market import Int32, Int64
from engine.tape.columns import FIELDS, Columns, Mask
from engine.tape.frames import QUOTE_FIELDS, Rows, joined
from engine.types import MISSING, Instrument

_BAR = ("high", "low")
_BESIDE = ("price", "volume", "open_interest")
"""What a row without bid and ask tells instead of a quote."""


@dataclass(frozen=True, slots=True)
class Framed:
    """Columns, and what was counted: ``merged`` rows, ``nudged`` ones, known a nanosecond later than they were, and
    ``event_after_known`` ones, true when they came at the latest: their clock was ahead."""

    columns: Columns
    counts: Counter[str]


class _Block(NamedTuple):
    """Rows of a block that stay, in order; what was last quoted, by the name of a column and instrument."""

    known: Int64
    event: Int64
    code: Int32
    values: dict[str, Int32]
    quoted: dict[str, Int32]
    counts: Counter[str]


def framed(blocks: Iterable[Rows], instruments: Sequence[Instrument]) -> Framed | None:
    """The columns of a day, or ``None`` where no row says anything. No instant may be in two blocks.

    Rows of one instrument at one instant become one. Where they cannot, because a quote and a trade, or two bars, have
    two times and a row has one, the later row is known a nanosecond later. A batch that left a column of quotes out
    said nothing of it: the instrument's last value stands there. Instruments that appear together stand in the order of
    ``instruments``.
    """
    found: list[_Block] = []
    quoted = {name: np.full(len(instruments), MISSING, dtype=np.int32) for name in QUOTE_FIELDS}
    counts: Counter[str] = Counter()
    labels = np.full(len(instruments), -1, dtype=np.int32)
    listed: list[int] = []

    def keep(block: _Block) -> None:
        nonlocal quoted
        quoted = block.quoted
        counts.update(block.counts)
        if len(block.known):
            _label(block, labels, listed)
            found.append(_ordered(block, labels))

    before: Rows | None = None
    done: _Block | None = None
    for rows in blocks:
        if before is None or done is None:
            before = rows
        elif len(done.known) and done.known[-1] >= rows.ts_known[0]:  # nudged into what comes: both at once
            before = joined(before, rows)
        else:
            keep(done)
            before = rows
        done = _block(before, quoted)
    if done is not None:
        keep(done)
    if not found:
        return None
    return Framed(_columns(found, tuple(instruments[code].symbol for code in listed)), counts)


def _label(block: _Block, labels: Int32, listed: list[int]) -> None:
    """Number the instruments that appear in the block for the first time, as they appear."""
    codes, first = np.unique(block.code, return_index=True)  # rows are in order of time
    new = labels[codes] < 0
    order = np.lexsort((codes[new], block.known[first[new]]))
    for code in codes[new][order].tolist():
        labels[code] = len(listed)
        listed.append(code)


def _ordered(block: _Block, labels: Int32) -> _Block:
    code = labels[block.code]
    order = np.lexsort((code, block.known))
    values = {name: column[order] for name, column in block.values.items()}
    return block._replace(known=block.known[order], event=block.event[order], code=code[order], values=values)


def _columns(found: list[_Block], symbols: tuple[str, ...]) -> Columns:
    """The blocks end to end; they are forgotten column by column, so that a day is not twice in memory."""
    sizes = [len(block.known) for block in found]
    times = {"known": [block.known for block in found], "event": [block.event for block in found]}
    codes = [block.code for block in found]
    parts = {name: [block.values.get(name) for block in found] for name in FIELDS}
    found.clear()
    values: dict[str, Int32] = {}
    for name in FIELDS:
        pieces = parts.pop(name)
        if any(piece is not None and (piece != MISSING).any() for piece in pieces):
            values[name] = np.concatenate(
                [
                    np.full(size, MISSING, dtype=np.int32) if piece is None else piece
                    for piece, size in zip(pieces, sizes, strict=True)
                ]
            )
        del pieces
    known = np.concatenate(times.pop("known"))
    event = np.concatenate(times.pop("event"))
    return Columns(ts_known=known, ts_event=event, code=np.concatenate(codes), symbols=symbols, values=values)


def _block(rows: Rows, quoted: dict[str, Int32]) -> _Block:
    """A block's rows as they will stand, by instrument as it came; ``quoted`` what was last quoted before it."""
    values: dict[str, Int32] = {name: rows.values[name].copy() for name in FIELDS if name in rows.values}
    beside = _any(values, _BESIDE, len(rows))
    is_quote = rows.quoted & ~(beside & ~_any(values, ("bid", "ask"), len(rows)) & ~_one_sided(rows))
    after = {}
    for name in QUOTE_FIELDS:
        column, unsaid = values.get(name), rows.unsaid.get(name)
        if column is None and not _carries(quoted[name], rows.code[is_quote]):
            after[name] = quoted[name]
            continue
        if column is None:
            column = values[name] = np.full(len(rows), MISSING, dtype=np.int32)
        after[name] = _carry(column, rows.code, is_quote, unsaid, quoted[name])
        column[~is_quote] = MISSING
    told = is_quote | beside
    known, event, code = rows.ts_known[told], rows.ts_event[told], rows.code[told]
    values = {name: column[told] for name, column in values.items()}
    counts = Counter({"event_after_known": int((event > known).sum())})
    event = np.minimum(event, known)
    kept = _once(known, event, code, is_quote[told], values, counts)
    values = {name: column[kept] for name, column in values.items()}
    return _Block(known[kept], event[kept], code[kept], values, after, counts)


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


def _carries(last: Int32, code: Int32) -> bool:
    """Whether quotes of those instruments that say nothing of a column have a last value of it."""
    return bool((last[code] != MISSING).any())


def _carry(column: Int32, code: Int32, is_quote: Mask, unsaid: Mask | None, last: Int32) -> Int32:
    """Write the instrument's last value into quotes that say nothing of the column; the last values after it."""
    at = np.flatnonzero(is_quote)
    if not len(at):
        return last
    at = at[np.argsort(code[at], kind="stable")]
    ends = np.flatnonzero(np.append(code[at][1:] != code[at][:-1], True))
    if unsaid is not None and unsaid[at].any():
        starts = np.concatenate(([0], ends[:-1] + 1))
        start = np.repeat(starts, ends - starts + 1)
        said = np.maximum.accumulate(np.where(~unsaid[at], np.arange(len(at)), -1))
        column[at] = np.where(said >= start, column[at[np.maximum(said, 0)]], last[code[at]])
    after = last.copy()
    after[code[at[ends]]] = column[at[ends]]
    return after


def _once(
    known: Int64, event: Int64, code: Int32, is_quote: Mask, values: dict[str, Int32], counts: Counter[str]
) -> Int64:
    """Make rows of one instrument at one instant one, in place; which rows are kept, in order of time."""
    kept = np.arange(len(known))
    while True:
        order = kept[np.lexsort((code[kept], known[kept]))]  # stable: rows of one place stay as they came
        same = (known[order][1:] == known[order][:-1]) & (code[order][1:] == code[order][:-1])
        if not same.any():
            return order
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
    if bar == later and has(row, _BAR) and event[row] != event[later]:  # two bars of a day that is caught up with
        return False
    for name, column in values.items():
        if name in QUOTE_FIELDS:
            column[later] = MISSING if quote is None else column[quote]
        elif column[later] == MISSING:
            column[later] = column[row]
    is_quote[later] = quote is not None
    if times:
        event[later] = times.pop()
    return True
