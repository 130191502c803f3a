"""Rows of LEAN's minute files, one parser a kind. All raise ``ValueError`` with the reason for a row they distrust.

The first field is milliseconds after midnight (of New York for options and shares, of Chicago for SPX) at which the
minute STARTS. Option and share prices are whole numbers of 1e-4 dollars; index values are plain decimals.
"""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from engine.tape.columns import LARGEST
from engine.types import round_to_cent, to_units

_WHOLE: Final = re.compile(r"[0-9]{1,10}")
_DECIMAL: Final = re.compile(r"[0-9]{1,6}(\.[0-9]{1,10})?")
DAY_MS: Final = 86_400_000


class QuoteRow(NamedTuple):
    """The close of a minute's quote bar; a side without a quote is ``None`` with size 0."""

    ms: int
    bid: int | None
    bid_size: int
    ask: int | None
    ask_size: int


class TradeRow(NamedTuple):
    """The close of a minute's trade bar and the contracts or shares traded in it."""

    ms: int
    price: int
    volume: int


class InterestRow(NamedTuple):
    """Open interest, and when it was published."""

    ms: int
    open_interest: int


class IndexRow(NamedTuple):
    """The close of a minute's index bar, units of 1e-4, whole cents."""

    ms: int
    value: int


def quote_row(line: str) -> QuoteRow:
    """``ms,bid O,H,L,C,bid size,ask O,H,L,C,ask size``; the four prices of a side are all there or all empty."""
    fields = _fields(line, 11)
    return QuoteRow(_stamp(fields[0]), _side(fields[1:5]), _size(fields[5]), _side(fields[6:10]), _size(fields[10]))


def trade_row(line: str) -> TradeRow:
    """``ms,O,H,L,C,volume`` in units of 1e-4."""
    fields = _fields(line, 6)
    price = _side(fields[1:5])
    if price is None:
        raise ValueError("a trade without a price")
    return TradeRow(_stamp(fields[0]), price, _size(fields[5]))


def interest_row(line: str) -> InterestRow:
    """``ms,open interest``."""
    fields = _fields(line, 2)
    if not fields[1]:
        raise ValueError("the open interest is empty")
    return InterestRow(_stamp(fields[0]), _size(fields[1]))


def index_row(line: str) -> IndexRow:
    """``ms,O,H,L,C,volume`` in plain decimals; the volume of an index counts updates and is not kept."""
    fields = _fields(line, 6)
    for field in fields[1:5]:
        if not _DECIMAL.fullmatch(field):
            raise ValueError(f"not an index value: {field!r}")
    value = round_to_cent(to_units(fields[4]))
    if not 0 < value <= LARGEST:
        raise ValueError(f"not an index value: {fields[4]!r}")
    return IndexRow(_stamp(fields[0]), value)


def _fields(line: str, count: int) -> list[str]:
    fields = line.split(",")
    if len(fields) != count:
        raise ValueError(f"{len(fields)} fields where {count} belong")
    return fields


def _stamp(field: str) -> int:
    if not _WHOLE.fullmatch(field) or int(field) >= DAY_MS:
        raise ValueError(f"not milliseconds of a day: {field!r}")
    return int(field)


def _side(fields: list[str]) -> int | None:
    """The last of open, high, low, close; ``None`` where all are empty."""
    if not any(fields):
        return None
    for field in fields:
        if not _WHOLE.fullmatch(field) or int(field) > LARGEST:
            raise ValueError(f"not a price in units of 1e-4: {field!r}")
    return int(fields[3])


def _size(field: str) -> int:
    if not field:
        return 0
    if not _WHOLE.fullmatch(field) or int(field) > LARGEST:
        raise ValueError(f"not a whole number: {field!r}")
    return int(field)
