"""Times of day as people write them in the config: ``10:00``, ``15:20:30``, ``close-40m``."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from functools import cache

from engine.calendar.newyork import from_new_york
from engine.clock import MINUTE

_RELATIVE = re.compile(r"^(open|close)(?:([+-])(\d{1,3})m)?$")
_CLOCK = re.compile(r"^(\d{1,2}):(\d{2})(?::(\d{2}))?$")


@dataclass(frozen=True, slots=True)
class TimeOfDay:
    """A wall time in New York, or minutes from the session's open or close."""

    text: str
    clock: dt.time | None
    anchor: str = ""
    minutes: int = 0

    def on(self, day: dt.date, open_: int, close: int) -> int:
        """The instant on ``day`` (ns UTC), given the session's open and close."""
        if self.clock is not None:
            return from_new_york(day, self.clock)
        return (open_ if self.anchor == "open" else close) + self.minutes * MINUTE


@cache
def parse_time_of_day(text: str) -> TimeOfDay:
    """Read a time of day; raises ``ValueError`` naming the forms that are understood."""
    found = _CLOCK.match(text.strip())
    if found:
        try:
            clock = dt.time(int(found[1]), int(found[2]), int(found[3] or 0))
        except ValueError:
            raise ValueError(f"{text!r} is not a time of day: hours are 0-23, minutes and seconds 0-59") from None
        return TimeOfDay(text, clock)
    relative = _RELATIVE.match(text.strip().lower())
    if relative:
        minutes = int(relative[3] or 0) * (-1 if relative[2] == "-" else 1)
        return TimeOfDay(text, None, relative[1], minutes)
    raise ValueError(f'{text!r} is not a time of day: write "10:00", "15:20:30", "close-40m" or "open+5m"')
