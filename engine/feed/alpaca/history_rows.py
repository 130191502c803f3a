"""Bars, trades and listed contracts as Alpaca writes them, to exact values; what cannot be right is counted."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable
from typing import Any, Final, NamedTuple

from engine.clock import SECOND
from engine.types import Contract, Price, parse_symbol, to_units

_TIME: Final = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,9})\d*)?(?:Z|\+00:00)", re.ASCII)
_LARGEST: Final = 2**31 - 1


class HistoryBar(NamedTuple):
    """A minute of trades: ``start`` in ns UTC, prices in units of 1e-4 dollars, the volume of this bar alone."""

    start: int
    open: Price
    high: Price
    low: Price
    close: Price
    volume: int


class HistoryTrade(NamedTuple):
    """A trade: ns UTC, units of 1e-4 dollars, contracts."""

    time: int
    price: Price
    size: int


class Listed(NamedTuple):
    """A listed contract. ``open_interest`` is of the end of the day ``interest_day``; both ``None`` where not told."""

    contract: Contract
    open_interest: int | None
    interest_day: dt.date | None


class Read(NamedTuple):
    """What was read of one symbol, in order of time; ``bad`` rows were not believed."""

    rows: list[Any]
    bad: int


def instant(text: object) -> int:
    """Nanoseconds UTC of a time such as ``2024-03-12T13:55:39.17011584Z``. Raises ``ValueError``."""
    found = _TIME.fullmatch(text) if isinstance(text, str) else None
    if found is None:
        raise ValueError(f"not a time: {text!r}")
    whole = dt.datetime.fromisoformat(found[1]).replace(tzinfo=dt.UTC)
    return int(whole.timestamp()) * SECOND + int((found[2] or "").ljust(9, "0"))


def bars(raw: Iterable[Any]) -> Read:
    """Bars ``{t, o, h, l, c, v}``; a price of 0, a close outside its bar or a row without a field is ``bad``."""
    found, bad = [], 0
    for row in raw:
        try:
            opened, high, low, close = (_price(row[name]) for name in "ohlc")
            bar = HistoryBar(instant(row["t"]), opened, high, low, close, _count(row["v"]))
            if not low <= min(opened, close) <= max(opened, close) <= high:
                raise ValueError("open or close outside the bar")
        except (KeyError, TypeError, ValueError):
            bad += 1
        else:
            found.append(bar)
    return Read(sorted(found), bad)


def trades(raw: Iterable[Any]) -> Read:
    """Trades ``{t, p, s}``, whatever their condition."""
    found, bad = [], 0
    for row in raw:
        try:
            found.append(HistoryTrade(instant(row["t"]), _price(row["p"]), _count(row["s"])))
        except (KeyError, TypeError, ValueError):
            bad += 1
    return Read(sorted(found, key=lambda trade: trade.time), bad)


def listed(raw: Iterable[Any]) -> Read:
    """Contracts ``{symbol, open_interest, open_interest_date}``; other fields are not looked at."""
    found, bad = [], 0
    for row in raw:
        try:
            contract = parse_symbol(row["symbol"])
            if not isinstance(contract, Contract):
                raise ValueError(f"not an option: {row['symbol']!r}")
        except (KeyError, TypeError, ValueError):
            bad += 1
        else:
            found.append(Listed(contract, *_interest(row)))
    return Read(sorted(found, key=lambda one: one.contract), bad)


def _interest(row: Any) -> tuple[int | None, dt.date | None]:
    try:
        return _count(row["open_interest"]), dt.date.fromisoformat(row["open_interest_date"])
    except (KeyError, TypeError, ValueError):
        return None, None


def _price(value: Any) -> Price:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise ValueError(f"not a price: {value!r}")
    units = to_units(value)
    if not 0 < units <= _LARGEST:
        raise ValueError(f"not a price: {value!r}")
    return units


def _count(value: Any) -> int:
    if isinstance(value, str) and value.isascii() and value.isdigit():
        value = int(value[:11])
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= _LARGEST:
        raise ValueError(f"not a count: {value!r}")
    return value
