"""Sessions of the New York Stock Exchange and the hours of each option root; the only room that knows New York."""

from engine.calendar.newyork import NEW_YORK, clock_text, date_of, from_new_york, to_new_york
from engine.calendar.sessions import (
    FIRST_DAY,
    LAST_DAY,
    NotASession,
    Session,
    is_session,
    next_session,
    previous_session,
    session,
    sessions_between,
)
from engine.calendar.timeofday import TimeOfDay, parse_time_of_day

__all__ = [
    "FIRST_DAY",
    "LAST_DAY",
    "NEW_YORK",
    "NotASession",
    "Session",
    "TimeOfDay",
    "clock_text",
    "date_of",
    "from_new_york",
    "is_session",
    "next_session",
    "parse_time_of_day",
    "previous_session",
    "session",
    "sessions_between",
    "to_new_york",
]
