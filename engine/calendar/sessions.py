"""Which days trade, and from when to when.

The table in ``data/xnys.csv`` is generated from exchange-calendars (``scripts/make_calendar.py``) and checked against
it in the tests: every weekday that is a holiday or closes early. All other weekdays run from 09:30 to 16:00.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from engine.calendar.newyork import from_new_york
from engine.clock import MINUTE
from engine.types import product

FIRST_DAY = dt.date(2010, 1, 4)
LAST_DAY = dt.date(2027, 12, 31)

_OPEN = dt.time(9, 30)
_CLOSE = dt.time(16)


class NotASession(ValueError):
    """The exchange does not trade on that day, or the table does not reach it."""


@dataclass(frozen=True, slots=True)
class Session:
    """One trading day: regular hours in ns UTC, and whether it closes early."""

    day: dt.date
    open: int
    close: int
    early: bool

    def product_close(self, root: str) -> int:
        """When options of ``root`` that expire today stop trading, ns UTC: 16:15 for funds, 16:00 for SPXW and XSP."""
        return self.close + product(root).close_after_minutes * MINUTE

    @property
    def minutes(self) -> int:
        """Length of the regular session in minutes: 390, or 210 on most half-days."""
        return (self.close - self.open) // MINUTE


@cache
def _exceptions() -> dict[dt.date, dt.time | None]:
    text = files("engine.calendar").joinpath("data/xnys.csv").read_text()
    found: dict[dt.date, dt.time | None] = {}
    for line in text.splitlines()[2:]:
        day, kind, close = line.split(",")
        found[dt.date.fromisoformat(day)] = dt.time.fromisoformat(close) if kind == "early" else None
    return found


@cache
def session(day: dt.date) -> Session:
    """The session of ``day``; raises ``NotASession`` with the reason where there is none."""
    if not FIRST_DAY <= day <= LAST_DAY:
        raise NotASession(f"{day} is outside the calendar, which runs from {FIRST_DAY} to {LAST_DAY}")
    if day.weekday() >= 5:
        raise NotASession(f"{day} is a {day:%A}")
    close = _exceptions().get(day, _CLOSE)
    if close is None:
        raise NotASession(f"{day} is an exchange holiday")
    return Session(day, from_new_york(day, _OPEN), from_new_york(day, close), close != _CLOSE)


def is_session(day: dt.date) -> bool:
    """Whether the exchange trades on ``day``."""
    try:
        session(day)
    except NotASession:
        return False
    return True


def sessions_between(first: dt.date, last: dt.date) -> Iterator[Session]:
    """Every session from ``first`` to ``last``, both included."""
    day = max(first, FIRST_DAY)
    while day <= min(last, LAST_DAY):
        if is_session(day):
            yield session(day)
        day += dt.timedelta(days=1)


def previous_session(day: dt.date) -> Session:
    """The last session before ``day``."""
    return _step(day, -1)


def next_session(day: dt.date) -> Session:
    """The first session after ``day``."""
    return _step(day, 1)


def _step(day: dt.date, days: int) -> Session:
    found = day + dt.timedelta(days=days)
    while not is_session(found):
        if not FIRST_DAY <= found <= LAST_DAY:
            raise NotASession(f"no session beyond {day} in the calendar")
        found += dt.timedelta(days=days)
    return session(found)
