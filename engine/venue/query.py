"""Reading a request's query and body, refused in Alpaca's words."""

from __future__ import annotations

import datetime as dt
import json
from decimal import Decimal
from typing import Any

from aiohttp import web

from engine.venue.errors import BAD_REQUEST, Refused, malformed
from engine.venue.wire import read_instant, read_number


async def body(request: web.Request) -> Any:
    """The JSON body, its numbers exact."""
    try:
        return json.loads(await request.text(), parse_float=Decimal)
    except (ValueError, RecursionError, LookupError):  # no JSON, JSON without a floor, no such charset
        raise Refused(400, BAD_REQUEST, "request body format is invalid") from None


def words(request: web.Request, name: str) -> set[str]:
    """A comma-separated list; empty where it is not given."""
    return {word.strip() for word in request.query.get(name, "").split(",") if word.strip()}


def whole(request: web.Request, name: str, usual: int, most: int) -> int:
    """A count from 1 to ``most``."""
    text = request.query.get(name)
    if text is None:
        return usual
    if not text.isascii() or not text.isdigit() or not 1 <= int(text[:9]) <= most:
        raise malformed(f"invalid {name}: {text}")
    return int(text)


def flag(request: web.Request, name: str) -> bool:
    """True where it says so."""
    return request.query.get(name, "").lower() in ("true", "1", "t")


def choice(request: web.Request, name: str, usual: str, *others: str) -> str:
    """One of the words."""
    text = request.query.get(name, usual)
    if text not in (usual, *others):
        raise malformed(f"invalid {name}: {text}")
    return text


def instant(request: web.Request, name: str) -> int | None:
    """ns UTC of an instant or a date."""
    text = request.query.get(name)
    if not text:
        return None
    try:
        return read_instant(text)
    except (ValueError, OverflowError):
        raise malformed(f"invalid {name}: {text}") from None


def day(request: web.Request, name: str) -> dt.date | None:
    """A date; an instant's date counts."""
    text = request.query.get(name)
    if not text:
        return None
    try:
        return dt.date.fromisoformat(text[:10])
    except ValueError:
        raise malformed(f"invalid {name}: {text}") from None


def number(request: web.Request, name: str) -> Decimal | None:
    """A number."""
    text = request.query.get(name)
    if text is None:
        return None
    try:
        return read_number(text)
    except ValueError:
        raise malformed(f"invalid {name}: {text}") from None
