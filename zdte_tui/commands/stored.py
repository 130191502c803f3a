"""A day the person asked for and the store does not have: why, and what is there instead."""

from __future__ import annotations

import datetime as dt
import time
from difflib import get_close_matches
from typing import TYPE_CHECKING

from zdte_tui.exits import NO_INPUT, USAGE, CommandError

if TYPE_CHECKING:
    from engine.tape import DayEntry, Store


def stored_day(store: Store, root: str, day: dt.date, source: str | None) -> DayEntry:
    """The entry of a day; raises ``CommandError`` naming what is nearest to what was asked for."""
    from engine.tape import StoreError

    try:
        return store.choose(root, day, source)
    except StoreError as error:
        said = str(error)
    entries = store.days()
    here = [entry for entry in entries if entry.root == root]
    if any(entry.day == day and source in (None, entry.source) for entry in here):
        raise CommandError(said, NO_INPUT)  # it is there, and damaged
    _refuse_closed(day, sorted({entry.day for entry in here}))
    if not here and entries:
        others = ", ".join(sorted({entry.root for entry in entries}))
        said = f"the store at {store.path} has no days of {root}, only of {others}: choose with --root"
    sources = sorted({entry.source for entry in here})
    if here and source is not None and source not in sources:
        near = get_close_matches(source, sources, n=1)
        hint = f"; did you mean {near[0]}?" if near else ""
        said = f"no day of {root} is from {source!r}{hint}; there is: {', '.join(sources)}"
    raise CommandError(said, NO_INPUT)


def _refuse_closed(day: dt.date, stored: list[dt.date]) -> None:
    """A day on which nobody trades cannot be stored, and one in the future can only be simulated: say that first."""
    from engine.calendar import NotASession, date_of, session

    try:
        session(day)
    except NotASession as error:
        raise CommandError(f"{error}{_around(day, stored) or _sessions_around(day)}", USAGE) from None
    today = date_of(time.time_ns())
    if day > today:
        raise CommandError(f"{day} lies in the future: today is {today}{_around(day, stored)}", NO_INPUT)


def _around(day: dt.date, stored: list[dt.date]) -> str:
    near = [other for other in stored if other < day][-1:] + [other for other in stored if other > day][:1]
    return f"; the nearest stored: {' and '.join(map(str, near))}" if near else ""


def _sessions_around(day: dt.date) -> str:
    from engine.calendar import FIRST_DAY, LAST_DAY, next_session, previous_session

    if not FIRST_DAY < day < LAST_DAY:
        return ""
    return f"; the sessions around it: {previous_session(day).day} and {next_session(day).day}"
