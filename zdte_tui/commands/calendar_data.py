"""What ``zdte-tui calendar`` knows of a day and of a span of days, as values and as JSON."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from engine.calendar import (
    EVENT_KINDS,
    EVENT_NAMES,
    FIRST_DAY,
    LAST_DAY,
    EventDay,
    Expiry,
    NotASession,
    NotKnown,
    Session,
    clock_text,
    coverage,
    date_of,
    events_between,
    events_on,
    expires_on,
    expiring_roots,
    is_month_end,
    is_session,
    is_triple_witching,
    monthly_expiry,
    next_event,
    next_half_day,
    next_holiday,
    next_session,
    previous_session,
    session,
    sessions_between,
    special_day,
    to_new_york,
    unknown_on,
)
from engine.clock import SECOND

_AHEAD = 45  # days within which the next expiration of a root is looked for: a monthly one is never farther


@dataclass(frozen=True, slots=True)
class Item:
    """Something special about a day: ``mark`` is its letter in the month's picture."""

    day: dt.date
    at: int | None
    mark: str
    what: str
    note: str


@dataclass(frozen=True, slots=True)
class Expirations:
    """Which roots expire on a day, which do not (with the next day they do), and for which it is not known."""

    today: tuple[Expiry, ...]
    other: tuple[tuple[str, dt.date | None], ...]
    unknown: tuple[tuple[str, str], ...]
    last_chance: Expiry | None


def kind_of(day: dt.date) -> tuple[str, str]:
    """What a day is (``session``, ``half-day``, ``holiday``, ``closure``, ``weekend``) and its name, or ``""``."""
    special = special_day(day)
    if special is not None:
        return ("half-day" if special.kind == "early" else special.kind), special.name
    return ("session" if is_session(day) else "weekend"), ""


def neighbours(day: dt.date) -> tuple[Session | None, Session | None]:
    """The session before and the one after; ``None`` beyond the calendar."""
    found: list[Session | None] = []
    for step in (previous_session, next_session):
        try:
            found.append(step(day))
        except NotASession:
            found.append(None)
    return found[0], found[1]


def expirations(day: dt.date) -> Expirations:
    """What expires on ``day``; ``last_chance`` is what expires with the next session's opening and trades no longer."""
    today, other, unknown = [], [], []
    for root in expiring_roots():
        try:
            expiry = expires_on(root, day)
        except NotKnown as error:
            unknown.append((root, str(error)))
            continue
        if expiry is not None:
            today.append(expiry)
        else:
            other.append((root, _next_expiry(root, day)))
    return Expirations(tuple(today), tuple(other), tuple(unknown), _last_chance(day))


def _next_expiry(root: str, day: dt.date) -> dt.date | None:
    for each in sessions_between(day + dt.timedelta(days=1), day + dt.timedelta(days=_AHEAD)):
        try:
            if expires_on(root, each.day):
                return each.day
        except NotKnown:
            return None
    return None


def _last_chance(day: dt.date) -> Expiry | None:
    _, following = neighbours(day)
    if following is None or not is_session(day):
        return None
    try:
        expiry = expires_on("SPX", following.day)
    except NotKnown:
        return None
    return expiry if expiry is not None and date_of(expiry.last_trade) == day else None


def coming(day: dt.date) -> list[Item]:
    """The next of each kind after ``day``, soonest first; what is not known is left out (see ``unknown_ahead``)."""
    found = [_event_item(event) for kind in EVENT_KINDS if kind != "fomc-press" and (event := next_event(kind, day))]
    found += [_special_item(special.day) for special in (next_half_day(day), next_holiday(day)) if special is not None]
    monthly = _next_monthly(day)
    if monthly is not None and not is_triple_witching(monthly):
        found.append(Item(monthly, None, "M", "monthly expiration", ""))
    return sorted(found, key=lambda item: (item.day, item.at or 0))


def _next_monthly(day: dt.date) -> dt.date | None:
    """The standard expiration after ``day``, this month's or the next one's; ``None`` beyond the calendar."""
    following = (day.replace(day=1) + dt.timedelta(days=32)).replace(day=1)
    for first in (day, following):
        if first <= LAST_DAY and (monthly := monthly_expiry(first.year, first.month)) > day:
            return monthly
    return None


def unknown_ahead(day: dt.date) -> list[str]:
    """One line a kind of event whose next date is not known."""
    return [
        f"{EVENT_NAMES[kind]}: not known (known from {coverage(kind).first} to {coverage(kind).last})"
        for kind in EVENT_KINDS
        if kind != "fomc-press" and next_event(kind, day) is None
    ]


def items(first: dt.date, last: dt.date) -> list[Item]:
    """Everything special from ``first`` to ``last``, in order."""
    found = [_event_item(event) for event in events_between(first, last)]
    day = max(first, FIRST_DAY)
    while day <= min(last, LAST_DAY):
        if special_day(day) is not None:
            found.append(_special_item(day))
        if is_session(day):
            if day == monthly_expiry(day.year, day.month) and not is_triple_witching(day):
                found.append(Item(day, None, "M", "monthly expiration", ""))
            if is_month_end(day):
                found.append(Item(day, None, "E", "quarter end" if day.month % 3 == 0 else "month end", ""))
        day += dt.timedelta(days=1)
    return sorted(found, key=lambda item: (item.day, item.at or 0))


_MARKS = {"fomc": "F", "fomc-press": "F", "cpi": "C", "nfp": "N", "witching": "Q", "vix": "V"}


def _event_item(event: EventDay) -> Item:
    note = f"unscheduled: {event.note}" if event.status == "unscheduled" else event.note
    return Item(event.day, event.at, _MARKS[event.kind], event.name, note)


def _special_item(day: dt.date) -> Item:
    kind, name = kind_of(day)
    if kind == "half-day":
        return Item(day, None, "H", f"half-day to {clock_text(session(day).close, seconds=False)} ET", name)
    return Item(day, None, "X", "closed", name)


def count_sessions(after: dt.date, to: dt.date) -> int:
    """Sessions after ``after`` up to ``to``, which is counted if it is one."""
    return sum(1 for _ in sessions_between(after + dt.timedelta(days=1), to))


# JSON


def day_json(day: dt.date, now: int) -> dict[str, Any]:
    """One day: times as ISO 8601 in New York and, under ``local``, where the reader is."""
    kind, name = kind_of(day)
    before, after = neighbours(day)
    found = expirations(day) if is_session(day) else Expirations((), (), (), None)
    return {
        "day": day.isoformat(),
        "weekday": f"{day:%A}",
        "kind": kind,
        "name": name or None,
        "today": day == date_of(now),
        "session": _session_json(day, before) if is_session(day) else None,
        "expires": [_expiry_json(each) for each in found.today],
        "last_trade_of_next_morning": _expiry_json(found.last_chance) if found.last_chance else None,
        "expires_later": [{"root": root, "next": next_day and next_day.isoformat()} for root, next_day in found.other],
        "expiry_not_known": [{"root": root, "why": why} for root, why in found.unknown],
        "events": [_event_json(event, now) for event in events_on(day)],
        "events_not_known": list(unknown_on(day)),
        "coming": [
            {**_item_json(item), "days": (item.day - day).days, "sessions": count_sessions(day, item.day)}
            for item in coming(day)
        ],
        "previous_session": before and before.day.isoformat(),
        "next_session": after and after.day.isoformat(),
        "coverage": _coverage_json(),
    }


def span_json(first: dt.date, last: dt.date) -> dict[str, Any]:
    """The special days of a span."""
    return {
        "first": first.isoformat(),
        "last": min(last, LAST_DAY).isoformat(),
        "sessions": sum(1 for _ in sessions_between(first, last)),
        "items": [_item_json(item) for item in items(first, last)],
        "coverage": _coverage_json(),
    }


def _session_json(day: dt.date, before: Session | None) -> dict[str, Any]:
    today = session(day)
    offset = to_new_york(today.open).utcoffset()
    return {
        "open": _iso(today.open),
        "close": _iso(today.close),
        "minutes": today.minutes,
        "early": today.early,
        "local": {"open": local(today.open).isoformat(), "close": local(today.close).isoformat()},
        "utc_offset_changed": before is not None and to_new_york(before.open).utcoffset() != offset,
    }


def _expiry_json(expiry: Expiry) -> dict[str, Any]:
    return {
        "root": expiry.root,
        "day": expiry.day.isoformat(),
        "last_trade": _iso(expiry.last_trade),
        "settles": expiry.settles,
        "exercise_by": None if expiry.exercise_by is None else _iso(expiry.exercise_by),
        "names": list(expiry.names),
        "sources": list(expiry.sources),
    }


def _event_json(event: EventDay, now: int) -> dict[str, Any]:
    return {
        "kind": event.kind,
        "name": event.name,
        "at": _iso(event.at),
        "local": local(event.at).isoformat(),
        "seconds_until": (event.at - now) // SECOND,
        "status": event.status,
        "note": event.note or None,
        "source": event.source,
        "taken": event.taken and event.taken.isoformat(),
    }


def _item_json(item: Item) -> dict[str, Any]:
    at = None if item.at is None else _iso(item.at)
    return {"day": item.day.isoformat(), "at": at, "what": item.what, "note": item.note or None}


def _coverage_json() -> dict[str, Any]:
    known = {kind: coverage(kind) for kind in EVENT_KINDS}
    return {kind: {"first": each.first.isoformat(), "last": each.last.isoformat()} for kind, each in known.items()}


def _iso(instant: int) -> str:
    return to_new_york(instant).isoformat()


def local(instant: int) -> dt.datetime:
    """The wall time where the reader is."""
    return dt.datetime.fromtimestamp(instant // SECOND, dt.UTC).astimezone()
