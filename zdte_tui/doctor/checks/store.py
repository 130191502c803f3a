"""The day store: which days it holds, by their headers alone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import TYPE_CHECKING

from zdte_tui.doctor.finding import Finding, fail, note, ok, warn
from zdte_tui.doctor.surroundings import Surroundings

if TYPE_CHECKING:
    from engine.tape import DailyEntry, DayEntry, UnderlyingEntry

_IMPORT = "zdte-tui data import PATH"
_VERIFY = "zdte-tui data verify"


def check(around: Surroundings) -> Iterator[Finding]:
    """Days a root and a symbol, daily series, and files that cannot be read."""
    from engine.config import data_dir
    from engine.tape import Store

    folder = data_dir(around.known_config)
    if folder.exists() and not folder.is_dir():
        yield fail("day store", f"{folder} is not a folder", f"mv {folder} {folder}.old, or set data.dir")
        return
    store = Store(folder)
    days, spots, series = store.days(), store.underlyings(), store.daily_series()
    if not (days or spots or series):
        yield note("day store", f"{folder} holds no days; the demo needs none", _IMPORT)
        return
    for root, found in groupby(days, key=lambda entry: entry.root):
        yield _name(root, list(found))
    for symbol, spot in groupby(spots, key=lambda entry: entry.symbol):
        yield _name(symbol, list(spot))
    yield from _broken([*days, *spots, *series])
    sound = [f"{entry.symbol} {entry.source}" for entry in series if not entry.problem]
    if sound:
        yield ok("daily closes", ", ".join(sound))
    yield note("contents", "only headers were read here", _VERIFY)
    left = sorted(folder.glob("**/.*.tmp"))
    if left:
        yield note(
            "leftovers", f"{len(left)} file(s) of an import that was cut off, such as {left[0]}", f"rm {left[0]}"
        )


def _name(name: str, entries: Sequence[DayEntry | UnderlyingEntry]) -> Finding:
    """Days are counted once; a day from two sources is two files. Simulated is said first."""
    sound = [entry for entry in entries if entry.header is not None]
    if not sound:
        return note(name, "no readable day")
    days = sorted({entry.day for entry in sound})
    origins = Counter(
        "SIMULATED" if each.provenance.origin == "simulated" else each.provenance.origin for each in sound
    )
    told = ", ".join(f"{count} {origin}" for origin, count in sorted(origins.items()))
    span = f"{days[0]} to {days[-1]}" if len(days) > 1 else str(days[0])
    return ok(name, f"{len(days)} day(s), {span}; files: {told}")


def _broken(entries: Sequence[DayEntry | UnderlyingEntry | DailyEntry]) -> Iterator[Finding]:
    problems = [entry.problem for entry in entries if entry.problem]
    if problems:
        more = f"; and {len(problems) - 1} more" if len(problems) > 1 else ""
        yield warn("broken files", f"{problems[0]}{more}", f"{_VERIFY}, then delete them and import their days again")
