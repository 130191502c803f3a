"""A day store through this project's reader: one day, in columns and as events, and all days.

    tape_ours.py STORE

Every read is of another day than the one before, opened, checked against its seal and decoded anew.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from engine.tape import DayEntry, Store

QUOTES = ("bid", "ask")


def each(entries: list[DayEntry], work: Callable[[DayEntry], Any]) -> list[float]:
    """Milliseconds of each entry's work, after a few that are not counted."""
    for entry in entries[:5]:
        work(entry)
    taken = []
    for entry in entries:
        start = time.perf_counter_ns()
        work(entry)
        taken.append((time.perf_counter_ns() - start) / 1e6)
    return taken


def scan(entries: list[DayEntry], store: Store, fields: tuple[str, ...] | None) -> tuple[float, int, int]:
    """Seconds to read all days, their rows, and the sum of all bids."""
    start, rows, total = time.perf_counter(), 0, 0
    for entry in entries:
        columns = store.open(entry, fields).columns
        rows += len(columns)
    taken = time.perf_counter() - start
    for entry in entries:
        columns = store.open(entry, QUOTES).columns
        total += int(columns.values["bid"][columns.has("bid")].sum(dtype="int64"))
    return taken, rows, total


def main() -> None:
    """Read, and answer."""
    store = Store(Path(sys.argv[1]))
    start = time.perf_counter()
    entries = store.days()
    listed = time.perf_counter() - start
    full, rows, total = scan(entries, store, None)
    answer = {
        "listed": listed,
        "columns": each(entries, store.open),
        "events": each(entries, lambda entry: list(store.open(entry).events())),
        "quotes": each(entries, lambda entry: store.open(entry, QUOTES)),
        "scan": full,
        "scan_quotes": scan(entries, store, QUOTES)[0],
        "rows": rows,
        "bids": total,
        "bytes": sum(entry.path.stat().st_size for entry in entries),
    }
    sys.stdout.write(json.dumps(answer) + "\n")


if __name__ == "__main__":
    main()
