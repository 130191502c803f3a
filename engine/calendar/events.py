"""Days on which something is announced or expires that moves the market: FOMC, CPI, payrolls, triple witching, VIX.

Announcements are rows of ``data/events.csv``, each with its source; ``data/coverage.csv`` says from when to when they
are complete. Outside, an event is not known, which is not the same as none: ask ``coverage`` or ``unknown_on``.
Expirations are computed from the sessions.
"""

from __future__ import annotations

import bisect
import datetime as dt
from dataclasses import dataclass
from functools import cache
from typing import Literal, cast, get_args

from engine.calendar.expiries import is_triple_witching, monthly_expiry, vix_expiry
from engine.calendar.newyork import from_new_york
from engine.calendar.sessions import FIRST_DAY, LAST_DAY, session
from engine.calendar.tables import source_of, table

EventKind = Literal["fomc", "fomc-press", "cpi", "nfp", "witching", "vix"]
Status = Literal["happened", "unscheduled", "scheduled", "computed"]

EVENT_KINDS: tuple[EventKind, ...] = get_args(EventKind)
EVENT_NAMES: dict[EventKind, str] = {
    "fomc": "FOMC statement",
    "fomc-press": "FOMC press conference",
    "cpi": "consumer price index (CPI)",
    "nfp": "employment situation (NFP)",
    "witching": "triple witching",
    "vix": "VIX options and futures settle",
}

_RULES: dict[str, str] = {
    "witching": "rule: third Friday of March, June, September and December, or the session before",
    "vix": "rule: 30 days before the next month's third Friday, or the session before that Wednesday",
}
# The VIX expiration of the table's last month hangs on a Friday beyond it.
_COMPUTED_TO = {"witching": LAST_DAY, "vix": LAST_DAY.replace(day=1) - dt.timedelta(days=1)}


@dataclass(frozen=True, slots=True)
class EventDay:
    """One event.

    Attributes:
        day: its date in New York; an unscheduled one may lie on a day without a session.
        at: its instant, ns UTC.
        status: ``happened`` where the source was written after the event, ``unscheduled`` if moreover nobody could
            know of it before, ``scheduled`` where only a schedule is known, ``computed`` for expirations.
        note: what was unusual about it; mostly empty.
        source: the document, in a line.
        taken: when the row was taken from the source; ``None`` for computed ones.
    """

    kind: EventKind
    name: str
    day: dt.date
    at: int
    status: Status
    note: str
    source: str
    taken: dt.date | None


@dataclass(frozen=True, slots=True)
class Coverage:
    """From when to when the events of a kind are complete, both included."""

    first: dt.date
    last: dt.date

    def __contains__(self, day: dt.date) -> bool:
        return self.first <= day <= self.last


@cache
def coverage(kind: EventKind) -> Coverage:
    """From when to when the events of ``kind`` are known; ``KeyError`` for an unknown kind."""
    if kind in _COMPUTED_TO:
        return Coverage(FIRST_DAY, _COMPUTED_TO[kind])
    for row in table("coverage"):
        if row["kind"] == kind:
            return Coverage(dt.date.fromisoformat(row["first"]), dt.date.fromisoformat(row["last"]))
    raise KeyError(f"unknown kind of event {kind!r}; known: {', '.join(EVENT_KINDS)}")


def unknown_on(day: dt.date) -> tuple[EventKind, ...]:
    """The kinds of which nothing is known on ``day``: there may have been one."""
    return tuple(kind for kind in EVENT_KINDS if day not in coverage(kind))


def events_on(day: dt.date) -> tuple[EventDay, ...]:
    """The known events of ``day`` in the order of their times. Whether there may be others: ``unknown_on``."""
    return events_between(day, day)


def events_between(first: dt.date, last: dt.date) -> tuple[EventDay, ...]:
    """The known events from ``first`` to ``last``, both included, in the order of their times."""
    events = _events()
    low = bisect.bisect_left(events, first, key=lambda event: event.day)
    high = bisect.bisect_right(events, last, key=lambda event: event.day)
    return events[low:high]


def next_event(kind: EventKind, day: dt.date) -> EventDay | None:
    """The first event of ``kind`` after ``day``; ``None`` if ``day`` or all that follows lies outside its coverage.

    Unscheduled ones are left out: they could not be awaited. A release that a shutdown delayed is awaited on the day
    it came, which was not known until a few days before.
    """
    if day not in coverage(kind):
        return None
    later = events_between(day + dt.timedelta(days=1), dt.date.max)
    return next((event for event in later if event.kind == kind and event.status != "unscheduled"), None)


@cache
def _events() -> tuple[EventDay, ...]:
    return tuple(sorted([*_announced(), *_computed()], key=lambda event: (event.at, event.kind)))


def _announced() -> list[EventDay]:
    found = []
    for row in table("events"):
        kind = cast("EventKind", row["kind"])
        day = dt.date.fromisoformat(row["date"])
        at = from_new_york(day, dt.time.fromisoformat(row["time"]))
        status = cast("Status", row["status"])
        source, taken = source_of(row["source"]), dt.date.fromisoformat(row["taken"])
        found.append(EventDay(kind, EVENT_NAMES[kind], day, at, status, row["note"], source, taken))
    return found


def _computed() -> list[EventDay]:
    found = []
    for year in range(FIRST_DAY.year, LAST_DAY.year + 1):
        for month in range(1, 13):
            witching = monthly_expiry(year, month)
            if is_triple_witching(witching):
                found.append(_expiration("witching", witching, session(witching).close))
            if (year, month) <= (_COMPUTED_TO["vix"].year, _COMPUTED_TO["vix"].month):
                settles = vix_expiry(year, month)
                found.append(_expiration("vix", settles, session(settles).open))
    return found


def _expiration(kind: EventKind, day: dt.date, at: int) -> EventDay:
    return EventDay(kind, EVENT_NAMES[kind], day, at, "computed", "", _RULES[kind], None)
