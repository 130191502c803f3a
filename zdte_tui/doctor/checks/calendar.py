"""Time zones, and how far the packaged table of trading days reaches."""

from __future__ import annotations

import datetime as dt
import struct
import time
from collections.abc import Iterator
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from zdte_tui.doctor.checks.packages import install
from zdte_tui.doctor.finding import Finding, fail, note, ok, warn
from zdte_tui.doctor.surroundings import Surroundings

_NEW_YORK = "America/New_York"
# When the clocks of New York change, UTC, and the hours from UTC just before and after.
_CHANGES = (
    (dt.datetime(2024, 11, 3, 6, tzinfo=dt.UTC), -4, -5),
    (dt.datetime(2025, 3, 9, 7, tzinfo=dt.UTC), -5, -4),
    (dt.datetime(2026, 3, 8, 7, tzinfo=dt.UTC), -5, -4),
    (dt.datetime(2026, 11, 1, 6, tzinfo=dt.UTC), -4, -5),
    (dt.datetime(2027, 11, 7, 6, tzinfo=dt.UTC), -4, -5),
)
_BAD_ZONE = (ZoneInfoNotFoundError, ValueError, OSError, struct.error)  # the last: a file cut short
_SOON = dt.timedelta(days=60)


def check(around: Surroundings) -> Iterator[Finding]:
    """This machine's zone, New York's, and the table of trading days."""
    yield local_zone(around.env.get("TZ"))
    yield new_york(_NEW_YORK)
    from engine.calendar import LAST_DAY

    yield reach(dt.datetime.now(dt.UTC).date(), LAST_DAY)


def local_zone(variable: str | None) -> Finding:
    """The zone of this machine. Nothing is computed in it; other programs show their times in it."""
    name = "/".join(dict.fromkeys(time.tzname))
    if not variable:
        if variable is None and not Path("/etc/localtime").exists():
            return note("time zone", f"{name}: none is set; the program trades by New York time whatever it is")
        return ok("time zone", name)
    try:
        ZoneInfo(variable.removeprefix(":"))
    except _BAD_ZONE:
        if Path(variable.removeprefix(":")).is_file() or any(char.isdigit() for char in variable):
            return ok("time zone", f"{name} (TZ={variable})")
        return warn("time zone", f"TZ={variable} is no known zone, so UTC is taken", f"export TZ={_NEW_YORK}")
    return ok("time zone", f"{name} (TZ={variable})")


def new_york(name: str) -> Finding:
    """Whether the zone's data are there and change the clocks when New York does."""
    try:
        zone = ZoneInfo(name)
    except _BAD_ZONE as error:
        return fail("New York", f"there are no data of {name}: {error}", install("tzdata"))
    for instant, before, after in _CHANGES:
        second = dt.timedelta(seconds=1)
        for at, hours in ((instant - second, before), (instant, after)):
            offset = at.astimezone(zone).utcoffset()
            if offset != dt.timedelta(hours=hours):
                seen = f"the data of {name} are wrong: at {at:%Y-%m-%d %H:%M:%S} UTC they say {offset} from UTC"
                return fail("New York", seen, f"{install('tzdata')} --force-reinstall; unset PYTHONTZPATH")
    return ok("New York", f"{len(_CHANGES)} changes of the clocks are right, 2024 to 2027")


def reach(today: dt.date, last: dt.date) -> Finding:
    """How far the table of trading days reaches."""
    if today > last:
        return fail("trading days", f"the table ends {last}: today is not in it", install("zdte-tui") + " --upgrade")
    if today + _SOON > last:
        return warn("trading days", f"the table ends {last}", install("zdte-tui") + " --upgrade")
    return ok("trading days", f"the table reaches {last}")
