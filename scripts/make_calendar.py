"""Write engine/calendar/data/xnys.csv from exchange-calendars: every weekday that is not a plain 09:30-16:00 session.

Run it when exchange-calendars is renewed: .venv/bin/python scripts/make_calendar.py
"""

from __future__ import annotations

import datetime as dt
from importlib.metadata import version
from pathlib import Path

import exchange_calendars

FIRST, LAST = dt.date(2010, 1, 4), dt.date(2028, 12, 29)
TARGET = Path(__file__).parents[1] / "engine" / "calendar" / "data" / "xnys.csv"

# exchange-calendars names its rules, not its one-off closures; a closure it gains is refused until it is named here.
CLOSURES = {
    dt.date(2012, 10, 29): "Hurricane Sandy",
    dt.date(2012, 10, 30): "Hurricane Sandy",
    dt.date(2018, 12, 5): "National Day of Mourning for George H. W. Bush",
    dt.date(2025, 1, 9): "National Day of Mourning for Jimmy Carter",
}
PLAIN = {
    "Dr. Martin Luther King Jr. Day": "Martin Luther King Jr. Day",
    "President's Day": "Presidents' Day",
    "Juneteenth National Independence Day": "Juneteenth",
    "July 4th": "Independence Day",
    "Thanksgiving": "Thanksgiving Day",
    "Christmas": "Christmas Day",
}
EARLY = {7: "the day before Independence Day", 11: "the day after Thanksgiving", 12: "Christmas Eve"}


def rows() -> list[str]:
    """One line a weekday that is closed or closes early: ``date,kind,close,name``, the close in New York."""
    calendar = exchange_calendars.get_calendar("XNYS", start=FIRST.isoformat(), end=LAST.isoformat())
    closes = {stamp.date(): close.tz_convert("America/New_York").time() for stamp, close in calendar.closes.items()}
    if any(opens.tz_convert("America/New_York").time() != dt.time(9, 30) for opens in calendar.opens):
        raise SystemExit("a session opens at another hour than 09:30: engine.calendar.sessions must learn it first")
    named = calendar.regular_holidays.holidays(FIRST.isoformat(), LAST.isoformat(), return_name=True)
    names = {stamp.date(): PLAIN.get(name, name) for stamp, name in named.items()}
    found = []
    day = FIRST
    while day <= LAST:
        if day.weekday() < 5:
            close = closes.get(day)
            if close is None:
                kind, name = ("holiday", names[day]) if day in names else ("closure", CLOSURES[day])
                found.append(f"{day},{kind},,{name}")
            elif close != dt.time(16):
                found.append(f"{day},early,{close:%H:%M},{EARLY[day.month]}")
        day += dt.timedelta(days=1)
    return found


if __name__ == "__main__":
    head = f"# XNYS {FIRST} to {LAST}, from exchange-calendars {version('exchange-calendars')}\ndate,kind,close,name\n"
    TARGET.write_text(head + "\n".join(rows()) + "\n")
    print(f"wrote {TARGET}")
