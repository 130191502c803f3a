"""In which zone bars without an offset are stamped: where their volume lies in regular hours."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

from engine.calendar import NEW_YORK, is_session, session
from engine.tape.errors import ImportRefused
from engine.tape.importers.bars_times import instant, told_zone
from engine.tape.importers.base import ImportOptions
from engine.tape.importers.index_bars_rows import RawDay

_CANDIDATES: Final = (NEW_YORK, ZoneInfo("UTC"), ZoneInfo("America/Chicago"))
# The hour that a wrong zone loses at one end of the day holds a tenth of its volume or more.
_MARGIN: Final = 0.03
_ENOUGH: Final = 0.5


class Zones:
    """The zone of one file, found at its first session and held to at the others."""

    def __init__(self, path: Path, options: ImportOptions) -> None:
        self._path = path
        self.told = told_zone(path, options)
        self._found: ZoneInfo | None = None

    def of(self, day: RawDay) -> dt.tzinfo:
        """The zone in which to read the day's stamps. Raises ``ImportRefused`` where none fits or another one does."""
        if self.told is not None:
            return self.told
        if day.aware or not is_session(day.day):
            return NEW_YORK
        shares = {zone: _share(day, zone) for zone in _CANDIDATES}
        best = max(shares.values())
        if best < _ENOUGH:
            reason = "its bars lie in no zone's regular hours; say the zone of its times with --zone"
            raise ImportRefused(self._path, reason, str(day.day))
        fitting = [zone for zone in _CANDIDATES if shares[zone] > best - _MARGIN]
        if self._found is None:
            self._found = fitting[0]
        elif self._found not in fitting:
            reason = (
                f"{shares[self._found]:.0%} of it lies in regular hours if its times are {self._found.key}, as on the "
                f"days before, and {best:.0%} if {fitting[0].key}: does one clock run through a change of DST? Say its "
                "zone with --zone"
            )
            raise ImportRefused(self._path, reason, str(day.day))
        return self._found

    def note(self, day: RawDay) -> str:
        """Where the zone comes from, in words."""
        if day.aware:
            return "with their offset from UTC"
        if self.told is not None:
            return f"of {self.told}, as told"
        return f"of {self._found or NEW_YORK}, found by when it trades most"


def _share(day: RawDay, zone: dt.tzinfo) -> float:
    """Which part of the day's volume (or of its ranges, where there is none) lies in regular hours."""
    of = session(day.day)
    by_volume = any(row.bar.volume for row in day.rows)
    inside = total = 0
    for row in day.rows:
        weight = (row.bar.volume or 0) if by_volume else row.bar.high - row.bar.low + 1
        total += weight
        if of.open <= instant(row.stamp, zone) < of.close:
            inside += weight
    return inside / total
