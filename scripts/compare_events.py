"""Compare the packaged event days with another list: a CSV with a ``date`` column and one naming the event.

    .venv/bin/python scripts/compare_events.py calendar.csv

The event's column is ``event``, ``kind`` or ``type``; CPI, NFP and FOMC are looked for in it, in any case. Prints what
only one side has, within the years both cover; exit code 1 if anything.
"""

from __future__ import annotations

import csv
import datetime as dt
import sys
from pathlib import Path

from engine.calendar import EventKind, coverage, events_between

KINDS: tuple[EventKind, ...] = ("cpi", "nfp", "fomc")


def read(path: Path) -> dict[EventKind, set[dt.date]]:
    """The dates of each kind in the file."""
    found: dict[EventKind, set[dt.date]] = {kind: set() for kind in KINDS}
    with path.open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            name = (row.get("event") or row.get("kind") or row.get("type") or "").strip().lower()
            for kind in KINDS:
                if name == kind:
                    found[kind].add(dt.date.fromisoformat(row["date"]))
    return found


def main(path: Path) -> int:
    """Say where the two differ; 1 if they do."""
    differ = 0
    listed = read(path)
    for kind in KINDS:
        if not listed[kind]:
            print(f"{kind}: none in {path}")
            continue
        first = max(coverage(kind).first, min(listed[kind]))
        last = min(coverage(kind).last, max(listed[kind]))
        theirs = {day for day in listed[kind] if first <= day <= last}
        ours = {event.day for event in events_between(first, last) if event.kind == kind}
        print(f"{kind}: {first} to {last}: {len(ours)} ours, {len(theirs)} theirs")
        for who, days in (("ours", ours - theirs), ("theirs", theirs - ours)):
            if days:
                differ = 1
                print(f"  only {who}: {', '.join(map(str, sorted(days)))}")
    return differ


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    sys.exit(main(Path(sys.argv[1])))
