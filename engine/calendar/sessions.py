"""Which days trade, and from when to when.

The table in ``data/xnys.csv`` is generated from exchange-calendars (``scripts/make_calendar.py``) and checked against
it in the tests: every weekday that is a holiday, a one-off closure or closes early, with its name. All other weekdays
run from 09:30 to 16:00; the exchange has opened at 09:30 on every session of the table.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Literal

from engine.calendar.newyork import from_new_york
from engine.calendar.tables import table
from engine.clock import MINUTE
from engine.types import product

FIRST_DAY = dt.date(2010, 1, 4)
LAST_DAY = dt.date(2028, 12, 29)

_OPEN = dt.time(9, 30)
_CLOSE = dt.time(16)

Kind = Literal["holiday", "closure", "early"]


class NotASession(ValueError):
    """The exchange does not trade on that day, or the table does not reach it."""


@dataclass(frozen=True, slots=True)
class Session:
    """One trading day: regular hours in ns UTC, and whether it closes early."""

    day: dt.date
    open: int
    close: int
    early: bool

    def __hash__(self) -> int:
        return hash(self.day)

    def product_close(self, root: str) -> int:
        """When options of ``root`` that expire today stop trading, ns UTC: 16:15 for funds, 16:00 for SPXW and XSP."""
        return self.close + product(root).close_after_minutes * MINUTE

    @property
    def minutes(self) -> int:
        """Length of the regular session in minutes: 390, or 210 on most half-days."""
        return (self.close - self.open) // MINUTE


@dataclass(frozen=True, slots=True)
class SpecialDay:
    """A weekday unlike others: a holiday, a one-off closure, or a half-day (``early``), and what it is called.

    Attributes:
        close: the early close in New York; ``None`` where the exchange does not open.
    """

    day: dt.date
    kind: Kind
    close: dt.time | None
    name: str


@cache
def _special() -> dict[dt.date, SpecialDay]:
    found: dict[dt.date, SpecialDay] = {}
    for row in table("xnys"):
        day = dt.date.fromisoformat(row["date"])
        close = dt.time.fromisoformat(row["close"]) if row["close"] else None
        kind: Kind = "early" if close else "closure" if row["kind"] == "closure" else "holiday"
        found[day] = SpecialDay(day, kind, close, row["name"])
    return found


@cache
def session(day: dt.date) -> Session:
    """The session of ``day``; raises ``NotASession`` with the reason where there is none."""
    if not FIRST_DAY <= day <= LAST_DAY:
        raise NotASession(f"{day} is outside the calendar, which runs from {FIRST_DAY} to {LAST_DAY}")
    if day.weekday() >= 5:
        raise NotASession(f"{day} is a {day:%A}")
    special = _special().get(day)
    close = special.close if special else _CLOSE
    if special and close is None:
        what = "an exchange holiday" if special.kind == "holiday" else "a day on which the exchange stayed closed"
        raise NotASession(f"{day} is {what} ({special.name})")
    close = close or _CLOSE
    return Session(day, from_new_york(day, _OPEN), from_new_york(day, close), close != _CLOSE)


def is_session(day: dt.date) -> bool:
    """Whether the exchange trades on ``day``."""
    try:
        session(day)
    except NotASession:
        return False
    return True


def special_day(day: dt.date) -> SpecialDay | None:
    """The holiday, closure or half-day that ``day`` is, or ``None``."""
    return _special().get(day)


def holiday_name(day: dt.date) -> str | None:
    """Why the exchange is closed on that weekday, such as ``Good Friday`` or ``Hurricane Sandy``; else ``None``."""
    special = _special().get(day)
    return special.name if special and special.close is None else None


def next_half_day(day: dt.date) -> SpecialDay | None:
    """The first half-day after ``day``; ``None`` if the calendar knows of no other."""
    return _next_special(day, early=True)


def next_holiday(day: dt.date) -> SpecialDay | None:
    """The first weekday after ``day`` on which the exchange is closed; ``None`` if the calendar knows of no other."""
    return _next_special(day, early=False)


def _next_special(day: dt.date, early: bool) -> SpecialDay | None:
    # The table is in the order of its dates.
    return next((each for each in _special().values() if each.day > day and (each.kind == "early") == early), None)


def sessions_between(first: dt.date, last: dt.date) -> Iterator[Session]:
    """Every session from ``first`` to ``last``, both included."""
    day = max(first, FIRST_DAY)
    while day <= min(last, LAST_DAY):
        if is_session(day):
            yield session(day)
        day += dt.timedelta(days=1)


def previous_session(day: dt.date) -> Session:
    """The last session before ``day``; ``NotASession`` if that lies before the calendar."""
    return _step(day, -1)


def next_session(day: dt.date) -> Session:
    """The first session after ``day``; ``NotASession`` if that lies beyond the calendar."""
    return _step(day, 1)


def _step(day: dt.date, days: int) -> Session:
    found = day + dt.timedelta(days=days)
    while not is_session(found):
        if not FIRST_DAY <= found <= LAST_DAY:
            raise NotASession(f"no session beyond {day} is known: the calendar runs from {FIRST_DAY} to {LAST_DAY}")
        found += dt.timedelta(days=days)
    return session(found)
