"""The picture ``zdte-tui calendar`` draws of a day, of a month and of the days that come."""

from __future__ import annotations

import datetime as dt

from engine.calendar import (
    EVENT_NAMES,
    LAST_DAY,
    EventDay,
    EventKind,
    Session,
    clock_text,
    coverage,
    date_of,
    events_on,
    is_session,
    session,
    to_new_york,
    unknown_on,
)
from engine.clock import MINUTE
from zdte_tui.commands.calendar_data import (
    Expirations,
    Item,
    coming,
    count_sessions,
    expirations,
    items,
    kind_of,
    local,
    neighbours,
    unknown_ahead,
)

_SETTLES = {
    "close": "cash, on the day's official close",
    "open": "cash, on the morning's opening quotation (SOQ)",
    "shares": "shares, if $0.01 in the money",
}
_LEGEND = {
    "X": "closed",
    "H": "half-day",
    "F": "FOMC",
    "C": "CPI",
    "N": "NFP",
    "M": "monthly expiration",
    "Q": "triple witching",
    "V": "VIX settles",
    "E": "month or quarter end",
}


def day_lines(day: dt.date, now: int) -> list[str]:
    """All there is to say about one day. ``now`` (ns UTC) makes the countdowns if ``day`` is today in New York."""
    before, after = neighbours(day)
    lines = [_title(day, date_of(now))]
    if is_session(day):
        lines += ["", *_hours(day, before, now)]
        lines += ["", *_expirations(day, expirations(day))]
    lines += ["", *_events(day, now), "", "what comes"]
    lines += [_coming(item, day) for item in coming(day)]
    lines += [f"  {line}" for line in unknown_ahead(day)]
    said = [f"{word} {each.day:%a %Y-%m-%d}" for word, each in (("previous", before), ("next", after)) if each]
    return [*lines, "", f"sessions: {', '.join(said)}"]


def span_lines(first: dt.date, last: dt.date, today: dt.date) -> list[str]:
    """One line for everything special from ``first`` to ``last``."""
    end = min(last, LAST_DAY)
    lines = [
        f"{first:%a %Y-%m-%d} to {end:%a %Y-%m-%d}: {count_sessions(first - dt.timedelta(days=1), end)} sessions",
        "",
    ]
    lines += [_listed(item, today) for item in items(first, end)] or ["  nothing special is known"]
    lines += _not_known(first, end)
    if last > LAST_DAY:
        lines.append(f"  the calendar ends on {LAST_DAY}; what comes after is not known")
    return lines


def month_picture(first: dt.date) -> list[str]:
    """The month's weeks, Monday to Friday, each special day with its letters; then what the letters mean."""
    marks: dict[dt.date, str] = {}
    last = (first + dt.timedelta(days=32)).replace(day=1) - dt.timedelta(days=1)
    for item in items(first, last):
        if item.mark not in marks.get(item.day, ""):
            marks[item.day] = marks.get(item.day, "") + item.mark
    lines = [f"{first:%B %Y}", "", "   Mon     Tue     Wed     Thu     Fri"]
    monday = first - dt.timedelta(days=first.weekday())
    while monday <= last:
        week = [monday + dt.timedelta(days=n) for n in range(5)]
        cells = [f"{each.day:>4} {marks.get(each, ''):<3}" if each.month == first.month else " " * 8 for each in week]
        line = "".join(cells).rstrip()
        if line:
            lines.append(line)
        monday += dt.timedelta(days=7)
    used = "".join(marks.values())
    meaning = [f"{letter} {word}" for letter, word in _LEGEND.items() if letter in used]
    return [*lines, "", *([", ".join(meaning), ""] if meaning else [])]


def _title(day: dt.date, today: dt.date) -> str:
    kind, name = kind_of(day)
    what = {
        "session": "a regular session",
        "half-day": f"a half-day, {name}",
        "holiday": f"closed, {name}",
        "closure": f"closed out of turn, {name}",
        "weekend": "no session, the exchange is closed at weekends",
    }[kind]
    away = (day - today).days
    when = "today" if away == 0 else f"in {_days(away)}" if away > 0 else f"{_days(-away)} ago"
    return f"{day:%A} {day}: {what} ({when})"


def _hours(day: dt.date, before: Session | None, now: int) -> list[str]:
    today = session(day)
    line = f"session   {_clock(today.open)}-{_clock(today.close)} ET, {today.minutes} minutes"
    here = local(today.open)
    if here.utcoffset() != to_new_york(today.open).utcoffset():
        line += f"; your time {here:%H:%M}-{local(today.close):%H:%M} {here:%Z}"
    lines = [line]
    if date_of(now) == day:
        lines.append(f"now       {_clock(now)} ET: {_state(today, now)}")
    if before is not None:
        lines += _clock_changes(today, before)
    return lines


def _state(today: Session, now: int) -> str:
    if now < today.open:
        return f"opens in {_duration(today.open - now)}"
    if now < today.close:
        return f"open, closes in {_duration(today.close - now)}"
    return f"closed {_duration(now - today.close)} ago"


def _clock_changes(today: Session, before: Session) -> list[str]:
    """What changed on the clocks since the session before, in New York and where the reader is."""
    lines = []
    old, new = to_new_york(before.open).utcoffset(), to_new_york(today.open).utcoffset()
    if old is not None and new is not None and old != new:
        turned = "forward, to summer time" if new > old else "back, to winter time"
        hours = int(new.total_seconds()) // 3600
        lines.append(f"clocks    New York's went {turned}, since {before.day}: it is now UTC{hours:+d}")
    was, here = local(before.open), local(today.open)
    if (was.hour, was.minute) != (here.hour, here.minute):
        lines.append(f"          for you the open moved from {was:%H:%M} to {here:%H:%M}")
    return lines


def _expirations(day: dt.date, found: Expirations) -> list[str]:
    lines = []
    if found.today:
        lines.append("expires   last trade  settles")
        for each in found.today:
            when = _clock(each.last_trade)
            if date_of(each.last_trade) != day:
                when = f"{to_new_york(each.last_trade):%a} {when}"
            line = f"  {each.root:<6}  {when:<10}  {_SETTLES[each.settles]}"
            if each.exercise_by is not None:
                line += f"; exercise cutoff {_clock(each.exercise_by)}"
            special = [name for name in each.names if name != "weekly"]
            lines.append(line + (f"  ({', '.join(special)})" if special else ""))
    else:
        lines.append("expires   nothing" if found.other else "expires   not known")
    if found.last_chance is not None:
        last, opening = _clock(found.last_chance.last_trade), f"{found.last_chance.day:%A}'s opening quotation"
        lines.append(f"  SPX     of {found.last_chance.day}: trades until {last} today, then settles on {opening}")
    for root, following in found.other:
        if found.last_chance is not None and root == found.last_chance.root:
            continue
        lines.append(f"  {root:<6}  not today{f'; next on {following:%a %Y-%m-%d}' if following else ''}")
    lines += [f"  {root:<6}  not known: {why.rpartition(': ')[2]}" for root, why in found.unknown]
    return lines


def _events(day: dt.date, now: int) -> list[str]:
    events = events_on(day)
    unknown = unknown_on(day)
    lines = ["events" if events else "events    none that is known" if unknown else "events    none"]
    lines += [f"  {_event(event, now)}" for event in events]
    if unknown:
        lines.append(f"  not known on this day: {', '.join(_short(kind) for kind in unknown if kind != 'fomc-press')}")
    return lines


def _event(event: EventDay, now: int) -> str:
    line = f"{_clock(event.at)}  {event.name}"
    note = f"unscheduled: {event.note}" if event.status == "unscheduled" else event.note
    if note:
        line += f": {note}"
    if date_of(now) == event.day:
        line += f", in {_duration(event.at - now)}" if event.at > now else f", {_duration(now - event.at)} ago"
    elif event.status == "scheduled" and event.at < now:
        line += " (as scheduled; that it took place is not recorded)"
    return line


def _coming(item: Item, day: dt.date) -> str:
    sessions = count_sessions(day, item.day)
    away = f"{_days((item.day - day).days)}, {sessions} session{'s' * (sessions != 1)}"
    name = f": {item.note}" if item.at is None and item.note else ""  # of an announcement only its day tells more
    return f"  {_when(item)}  {away:<22}  {item.what}{name}"


def _listed(item: Item, today: dt.date) -> str:
    here = " <- today" if item.day == today else ""
    return f"  {_when(item)}  {item.what}{f': {item.note}' if item.note else ''}{here}"


def _when(item: Item) -> str:
    return f"{item.day:%a %Y-%m-%d} {_clock(item.at) if item.at is not None else '':<5}"


def _not_known(first: dt.date, last: dt.date) -> list[str]:
    """Which kinds of event the tables do not reach in the span."""
    kinds: tuple[EventKind, ...] = ("fomc", "cpi", "nfp")
    return [
        f"  {_short(kind)}: known from {coverage(kind).first} to {coverage(kind).last} only"
        for kind in kinds
        if first not in coverage(kind) or last not in coverage(kind)
    ]


def _short(kind: EventKind) -> str:
    return {"fomc": "FOMC", "cpi": "CPI", "nfp": "NFP"}.get(kind, EVENT_NAMES[kind])


def _clock(instant: int) -> str:
    return clock_text(instant, seconds=False)


def _days(count: int) -> str:
    return f"{count} day{'s' * (count != 1)}"


def _duration(nanoseconds: int) -> str:
    minutes = nanoseconds // MINUTE
    if minutes < 1:
        return "less than a minute"
    hours, rest = divmod(minutes, 60)
    return f"{hours}h {rest:02}m" if hours else f"{rest}m"
