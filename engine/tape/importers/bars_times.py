"""When a bar starts: times as text, with or without an offset, and the zone of those without."""

from __future__ import annotations

import datetime as dt
import re
from functools import lru_cache
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

from engine.calendar import NEW_YORK
from engine.clock import SECOND
from engine.tape.errors import ImportRefused
from engine.tape.importers.base import ImportOptions

_CLOCK: Final = r"(?P<clock>\d\d:\d\d)(:00(\.0{1,9})?)?"
_STAMP: Final = re.compile(rf"(?P<day>\d{{4}}-\d\d-\d\d)[ T]{_CLOCK}(?P<offset>Z|[+-]\d\d:?\d\d)?", re.ASCII)
_TIME: Final = re.compile(_CLOCK, re.ASCII)
_YEARS: Final = range(1990, 2100)


@lru_cache(maxsize=1 << 10)
def read_stamp(text: str) -> dt.datetime:
    """A whole minute such as ``2025-08-29 09:30``, aware where it has an offset. Raises ``ValueError``."""
    match = _STAMP.fullmatch(text)
    if match is None:
        raise ValueError(f"not a whole minute like 2025-08-29 09:30: {text[:40]!r}")
    return dt.datetime.combine(read_day(match["day"]), read_time(match["clock"]), _offset(match["offset"]))


def read_time(text: str) -> dt.time:
    """A whole minute of a day such as ``09:30`` or ``09:30:00``. Raises ``ValueError``."""
    match = _TIME.fullmatch(text)
    try:
        if match:
            return dt.time.fromisoformat(match["clock"])
    except ValueError:
        pass
    raise ValueError(f"not a whole minute like 09:30: {text[:40]!r}")


@lru_cache(maxsize=1 << 10)
def read_day(text: str) -> dt.date:
    """A date such as ``2025-08-29``. Raises ``ValueError``."""
    try:
        if re.fullmatch(r"\d{4}-\d\d-\d\d", text, re.ASCII) and int(text[:4]) in _YEARS:
            return dt.date.fromisoformat(text)
    except ValueError:
        pass
    raise ValueError(f"not a date like 2025-08-29: {text[:40]!r}")


def instant(stamp: dt.datetime, zone: dt.tzinfo) -> int:
    """Nanoseconds UTC of a stamp, read in ``zone`` where it has no offset of its own."""
    aware = stamp if stamp.tzinfo is not None else stamp.replace(tzinfo=zone)
    return int(aware.timestamp()) * SECOND


def told_zone(path: Path, options: ImportOptions) -> dt.tzinfo | None:
    """The zone named by ``--zone``, or ``None``. Raises ``ImportRefused`` for a name that is no zone's."""
    if options.zone is None:
        return None
    if options.zone == NEW_YORK.key:
        return NEW_YORK
    try:
        return ZoneInfo(options.zone)
    except (KeyError, ValueError, OSError):
        # KeyError: no such zone. The others: a name that is no path within the zones, or a folder's there.
        pass
    raise ImportRefused(path, f"--zone {options.zone} is not a time zone such as America/New_York or UTC")


def _offset(text: str | None) -> dt.timezone | None:
    if text is None:
        return None
    if text == "Z":
        return dt.UTC
    hours, minutes = int(text[1:3]), int(text[-2:])
    if hours > 14 or minutes > 59:
        raise ValueError(f"not an offset from UTC: {text!r}")
    return dt.timezone((dt.timedelta(hours=hours, minutes=minutes)) * (-1 if text[0] == "-" else 1))
