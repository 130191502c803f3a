"""How Alpaca writes numbers, instants and ids in JSON, and how it reads those that are sent."""

from __future__ import annotations

import datetime as dt
import uuid
from decimal import Decimal, InvalidOperation

from engine.calendar import to_new_york
from engine.clock import SECOND
from engine.types import SCALE

_IDS = uuid.UUID("5f0a7c1e-6d0b-5c55-9d0e-7a64746521aa")

NO_ID = "00000000-0000-0000-0000-000000000000"


def id_of(*names: object) -> str:
    """The id of what has these names: the same names, the same id."""
    return str(uuid.uuid5(_IDS, "/".join(str(name) for name in names)))


def number_text(value: Decimal | int) -> str:
    """A number without needless zeros: ``1.28``, ``-0.4``, ``10``."""
    text = format(Decimal(value).normalize(), "f")
    return "0" if text == "-0" else text


def money_text(units: int | None) -> str | None:
    """Dollars of units of 1e-4 dollars."""
    return None if units is None else number_text(Decimal(units) / SCALE)


def instant_text(instant: int | None) -> str | None:
    """ns UTC as ``2026-01-15T15:30:00.123456789Z``."""
    if instant is None:
        return None
    seconds, rest = divmod(instant, SECOND)
    return f"{dt.datetime.fromtimestamp(seconds, dt.UTC):%Y-%m-%dT%H:%M:%S}.{rest:09d}Z"


def new_york_text(instant: int) -> str:
    """ns UTC as New York writes it: ``2026-01-15T10:30:00.123456-05:00``."""
    return to_new_york(instant).isoformat()


def read_instant(text: str) -> int:
    """ns UTC of a date or an instant in RFC 3339; a date is its midnight UTC. Raises ``ValueError``."""
    found = dt.datetime.fromisoformat(text.replace(" ", "+"))  # a plus sign that nobody has quoted
    if found.tzinfo is None:
        found = found.replace(tzinfo=dt.UTC)
    return round(found.timestamp() * 1_000_000) * 1000


def read_number(value: object) -> Decimal:
    """A number or its text. Raises ``ValueError`` for what is neither, and for what is not finite."""
    if isinstance(value, bool) or not isinstance(value, str | int | float | Decimal):
        raise ValueError(f"not a number: {value!r}")
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        raise ValueError(f"not a number: {value!r}") from None
    if not number.is_finite() or abs(number) > 1_000_000_000:
        raise ValueError(f"not a number in reach: {value!r}")
    return number
