"""What a request for data asks for: instants, time frames, pages."""

from __future__ import annotations

import base64
import binascii
import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass

from engine.calendar import from_new_york
from engine.clock import HOUR, MINUTE, SECOND
from engine.types import Contract, parse_symbol

_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
_FRACTION = re.compile(r"\.(\d{1,9})")
_FRAME = re.compile(r"([1-9][0-9]?)(Min|T|Hour|H|Day|D|Week|W|Month|M)")
_LONGEST = 2**62

MOST_ITEMS = 10_000
MOST_SNAPSHOTS = 1_000


class BadQuery(ValueError):
    """A request for data makes no sense: 400, with this text as the message."""


def rfc3339(instant: int) -> str:
    """``2026-01-15T15:00:00.5Z``: nanoseconds UTC without trailing zeros."""
    seconds, rest = divmod(instant, SECOND)
    fraction = f".{rest:09d}".rstrip("0").rstrip(".")
    return f"{_EPOCH + dt.timedelta(seconds=seconds):%Y-%m-%dT%H:%M:%S}{fraction}Z"


def parse_instant(text: object, name: str, end: bool = False) -> int:
    """Nanoseconds UTC of an RFC 3339 time, or of a date in New York: its first instant, or its last with ``end``."""
    if not isinstance(text, str) or len(text) < len("2026-01-15"):
        raise BadQuery(f"invalid {name}: {text!r}")
    try:
        if len(text) == len("2026-01-15"):
            day = dt.date.fromisoformat(text) + dt.timedelta(days=end)
            return from_new_york(day, dt.time()) - end
        fraction = _FRACTION.search(text)
        whole = dt.datetime.fromisoformat(_FRACTION.sub("", text, count=1).replace(" ", "+"))
        if whole.tzinfo is None:
            raise BadQuery(f"invalid {name}: {text!r} has no time zone")
        seconds = (whole - _EPOCH) // dt.timedelta(seconds=1)
    except (ValueError, OverflowError):
        raise BadQuery(f"invalid {name}: {text!r}") from None
    return seconds * SECOND + (int(fraction[1].ljust(9, "0")) if fraction else 0)


def parse_frame(text: str) -> int:
    """The width of a bar in ns, or 0 for a day of New York: ``1Min`` to ``59Min``, ``1Hour`` to ``23Hour``, ``1Day``.

    Weeks and months need days that were never played.
    """
    found = _FRAME.fullmatch(text)
    if not found:
        raise BadQuery(f"invalid timeframe: {text}")
    number, unit = int(found[1]), found[2]
    if unit in ("Min", "T") and number <= 59:
        return number * MINUTE
    if unit in ("Hour", "H") and number <= 23:
        return number * HOUR
    if unit in ("Day", "D") and number == 1:
        return 0
    raise BadQuery(f"invalid timeframe: {text}; this exchange plays one day, and has bars up to 1Day")


def parse_symbols(query: Mapping[str, str], options: bool) -> list[str]:
    """The symbols asked for, each once, sorted; option symbols are checked, as Alpaca does."""
    symbols = sorted({symbol.strip().upper() for symbol in query.get("symbols", "").split(",")} - {""})
    if not symbols:
        raise BadQuery("symbols is required")
    if options and (bad := [symbol for symbol in symbols if not is_option(symbol)]):
        raise BadQuery(f"invalid symbol: {bad[0]}")
    return symbols


def is_option(symbol: str) -> bool:
    """Whether the text is an option's symbol as OCC writes it, without blanks."""
    try:
        return isinstance(parse_symbol(symbol), Contract) and " " not in symbol
    except ValueError:
        return False


@dataclass(frozen=True, slots=True)
class Span:
    """A page of a time span: ``start`` and ``end`` belong to it, ns UTC.

    Attributes:
        token: (symbol, key) of the last item of the page before, or None.
    """

    start: int
    end: int
    limit: int
    descending: bool
    token: tuple[str, int] | None


def parse_span(query: Mapping[str, str], today: int, most: int = MOST_ITEMS) -> Span:
    """The span a request asks for; ``today``: where it begins if not said, New York's midnight."""
    start = parse_instant(query["start"], "start") if query.get("start") else today
    end = parse_instant(query["end"], "end", end=True) if query.get("end") else _LONGEST
    if end < start:
        raise BadQuery("end should not be before start")
    sort = query.get("sort") or "asc"
    if sort not in ("asc", "desc"):
        raise BadQuery(f"invalid sort: {sort}")
    return Span(start, end, parse_limit(query, min(1000, most), most), sort == "desc", parse_token(query))


def parse_limit(query: Mapping[str, str], usual: int, most: int) -> int:
    """How many items a page may have."""
    text = query.get("limit") or str(usual)
    if not (text.isascii() and text.isdecimal() and 1 <= int(text[:9]) <= most):
        raise BadQuery(f"invalid limit: {text}; it must be from 1 to {most}")
    return int(text)


def parse_token(query: Mapping[str, str]) -> tuple[str, int] | None:
    """What ``make_token`` made, or None on the first page."""
    text = query.get("page_token")
    if not text:
        return None
    try:
        symbol, key = base64.b64decode(text, validate=True).decode().split("|")
        return symbol, int(key)
    except (binascii.Error, UnicodeDecodeError, ValueError):
        raise BadQuery(f"invalid page_token: {text[:80]}") from None


def make_token(symbol: str, key: int) -> str:
    """A page's last item, for the next page."""
    return base64.b64encode(f"{symbol}|{key}".encode()).decode()


def parse_choice(query: Mapping[str, str], name: str, choices: tuple[str, ...], usual: str) -> str:
    """One word of several."""
    value = query.get(name) or usual
    if value not in choices:
        raise BadQuery(f"invalid {name}: {value}")
    return value
