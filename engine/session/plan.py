"""Which stored days a backtest plays."""

from __future__ import annotations

import datetime as dt
from difflib import get_close_matches
from pathlib import Path
from typing import NamedTuple

from engine.tape import DayEntry, Store, StoreError


class Plan(NamedTuple):
    """Which days are played, and which cannot be, with the reason; ``simulated`` days are left out beside real ones."""

    store: Path
    root: str
    days: tuple[tuple[dt.date, str], ...]
    unreadable: tuple[tuple[dt.date, str], ...]
    simulated: int = 0


def plan(store: Store, root: str, first: dt.date | None, last: dt.date | None, source: str | None) -> Plan:
    """Choose one file a day. Simulated and real days never fall into one figure: market data comes first.

    Raises ``StoreError`` where there is none.
    """
    entries = [entry for entry in store.days(root, first, last, source) if not entry.problem]
    broken = {entry.day: entry.problem for entry in store.days(root, first, last, source) if entry.problem}
    chosen: dict[dt.date, DayEntry] = {}
    for entry in sorted(entries, key=lambda entry: entry.preference):
        chosen.setdefault(entry.day, entry)
    if not chosen and not broken:
        raise StoreError(_nothing(store, root, first, last, source))
    simulated = [day for day, entry in chosen.items() if entry.provenance.origin == "simulated"]
    if len(simulated) < len(chosen):
        for day in simulated:
            del chosen[day]
    else:
        simulated = []
    days = tuple((day, chosen[day].source) for day in sorted(chosen))
    unreadable = tuple((day, broken[day]) for day in sorted(broken.keys() - chosen.keys()))
    return Plan(store.path, root, days, unreadable, len(simulated))


def _nothing(store: Store, root: str, first: dt.date | None, last: dt.date | None, source: str | None) -> str:
    every = store.days(root)
    if not every:
        return f"no {root} day is stored in {store.path}: `zdte-tui data import PATH` brings some"
    sources = sorted({entry.source for entry in every})
    if source is not None and source not in sources:
        near = get_close_matches(source, sources, n=1)
        hint = f"did you mean {near[0]}? " if near else ""
        return f"no {root} day is stored from a source {source!r}; {hint}There are: {', '.join(sources)}"
    span = f"from {first or 'the first'} to {last or 'the last'}" + (f" of source {source}" if source else "")
    return f"no {root} day {span} is stored; there are {len(every)}, from {every[0].day} to {every[-1].day}"
