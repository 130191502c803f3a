"""Between nanoseconds UTC and New York, at the edges only."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

from engine.clock import SECOND

NEW_YORK = ZoneInfo("America/New_York")


def from_new_york(day: dt.date, time: dt.time) -> int:
    """Nanoseconds UTC of a wall time in New York. In the repeated hour of autumn the first reading is meant."""
    return int(dt.datetime.combine(day, time, NEW_YORK).timestamp()) * SECOND + time.microsecond * 1000


def to_new_york(instant: int) -> dt.datetime:
    """The wall time in New York of nanoseconds UTC, to the microsecond."""
    seconds, rest = divmod(instant, SECOND)
    return dt.datetime.fromtimestamp(seconds, NEW_YORK).replace(microsecond=rest // 1000)


def date_of(instant: int) -> dt.date:
    """The date in New York at ``instant``."""
    return to_new_york(instant).date()


def clock_text(instant: int, seconds: bool = True) -> str:
    """The time of day in New York, such as ``10:00:07``."""
    return f"{to_new_york(instant):%H:%M:%S}" if seconds else f"{to_new_york(instant):%H:%M}"
