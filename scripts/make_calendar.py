"""Write engine/calendar/data/xnys.csv from exchange-calendars: every weekday that is not a plain 09:30-16:00 session.

Run it when exchange-calendars is renewed: .venv/bin/python scripts/make_calendar.py
"""

from __future__ import annotations

import datetime as dt
from importlib.metadata import version
from pathlib import Path

import exchange_calendars

FIRST, LAST = dt.date(2010, 1, 4), dt.date(2027, 12, 31)
TARGET = Path(__file__).parents[1] / "engine" / "calendar" / "data" / "xnys.csv"


def rows() -> list[str]:
    """One line a weekday that is closed or closes early: ``date,kind,close`` in New York."""
    calendar = exchange_calendars.get_calendar("XNYS", start=FIRST.isoformat(), end=LAST.isoformat())
    closes = {stamp.date(): close.tz_convert("America/New_York").time() for stamp, close in calendar.closes.items()}
    found = []
    day = FIRST
    while day <= LAST:
        if day.weekday() < 5:
            close = closes.get(day)
            if close is None:
                found.append(f"{day},holiday,")
            elif close != dt.time(16):
                found.append(f"{day},early,{close:%H:%M}")
        day += dt.timedelta(days=1)
    return found


if __name__ == "__main__":
    head = f"# XNYS {FIRST} to {LAST}, from exchange-calendars {version('exchange-calendars')}\ndate,kind,close\n"
    TARGET.write_text(head + "\n".join(rows()) + "\n")
    print(f"wrote {TARGET}")
