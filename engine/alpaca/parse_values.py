"""Single values as Alpaca writes them: numbers as text or not, instants, option symbols. None of this raises."""

from __future__ import annotations

import datetime as dt
import re
from decimal import Decimal, InvalidOperation
from typing import Any

from engine.types import SCALE, Contract, Price, parse_symbol, to_units

Told = list[str]
"""What could not be read, a line each, for a log or a person; readers append to it and go on."""

_INSTANT = re.compile(r"(\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d)(?:\.(\d{1,9})\d*)?(Z|[+-]\d\d:?\d\d)")
_LARGEST = 10**15
"""Dollars beyond which a number is no amount of money."""
_SHOWN = 60


def price(value: Any, told: Told, what: str) -> Price | None:
    """Dollars as units of 1e-4, exact where they are whole units, else the nearest; ``None`` for what is absent."""
    number = _number(value, told, what)
    return None if number is None else to_units(number)


def whole(value: Any, told: Told, what: str) -> int | None:
    """A number of contracts; a fraction of one is told, and none."""
    number = _number(value, told, what)
    if number is None:
        return None
    if number != int(number):
        told.append(f"{what} is no whole number: {shown(value)}")
        return None
    return int(number)


def units_of_all(average: Any, quantity: int, told: Told, what: str) -> int | None:
    """An average price times a quantity in units of 1e-4 dollars, rounded once and not by contract."""
    number = _number(average, told, what)
    return None if number is None else int((number * SCALE * quantity).to_integral_value())


def instant(value: Any) -> int | None:
    """A time such as ``2024-12-10T16:15:53.677230742Z`` as ns UTC; ``None`` for anything else."""
    found = _INSTANT.fullmatch(value) if isinstance(value, str) else None
    if found is None:
        return None
    zone = "+00:00" if found[3] == "Z" else found[3]
    try:
        seconds = dt.datetime.fromisoformat(found[1] + zone).timestamp()
    except (ValueError, OverflowError):
        return None
    return int(seconds) * 1_000_000_000 + int((found[2] or "").ljust(9, "0"))


def option(symbol: Any, told: Told, what: str) -> Contract | None:
    """The contract of an OCC symbol; what is none, such as a share, is told."""
    try:
        found = parse_symbol(symbol) if isinstance(symbol, str) else None
    except ValueError:
        found = None
    if isinstance(found, Contract):
        return found
    told.append(f"{what} is no option: {shown(symbol)}")
    return None


def word(value: Any) -> str:
    """A word of Alpaca's, in small letters; empty where there is none."""
    return value.strip().lower() if isinstance(value, str) else ""


def shown(value: Any) -> str:
    """A value that was not understood, short enough for a line."""
    text = repr(value)
    return text if len(text) <= _SHOWN else text[:_SHOWN] + "..."


def _number(value: Any, told: Told, what: str) -> Decimal | None:
    if value is None or value == "":
        return None
    try:
        if isinstance(value, bool) or not isinstance(value, str | int | float):
            raise ValueError
        number = Decimal(str(value).strip())
        if not number.is_finite() or abs(number) > _LARGEST:
            raise ValueError
    except (ValueError, InvalidOperation):
        told.append(f"{what} is no number: {shown(value)}")
        return None
    return number
