"""The day store: bringing 28 million quotes in, reading a day, reading all, beside bare pyarrow and duckdb.

    python -m benchmarks --only tape            as part of ``make bench``: 356 days of 78,000 rows
    python -m benchmarks.tape --days 40         fewer

The tables are written into a temporary folder (``TMPDIR``; 2.5 GB for 356 days) and imported by ``zdte-tui data
import`` itself. The floors read the very files that the import has made.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from pathlib import Path
from typing import Any, Literal

import numpy as np

from benchmarks.environments import pinned, python_with
from benchmarks.long_table import write
from benchmarks.processes import HERE, ask, one_core
from benchmarks.report import text
from benchmarks.results import OURS, Party, Section, Work, absent, at_least, at_most, party

DAYS = 356
FILES = 8
GIB = 1 << 30

Answers = dict[str, list[dict[str, Any]]]


def measure(say: Callable[[str], None], rounds: int = 3, days: int = DAYS) -> list[Work]:
    """Import once a format and number of processes; read in turns."""
    with tempfile.TemporaryDirectory(prefix="zdte-tape-") as scratch:
        top = Path(scratch)
        brought = _bring_in(top, days, say)
        found, refused = _read(top / "store-csv-1", rounds, say)
        works = [brought, _a_day(found, refused), _all(found, refused, days)]
        return [work for work in works if work is not None]


# Bringing in


def _bring_in(top: Path, days: int, say: Callable[[str], None]) -> Work:
    tables: list[tuple[Literal["csv", "parquet"], int, str]] = [
        ("csv", 1, "--jobs 1"),
        ("csv", 2, "--jobs 2, two cores"),
        ("parquet", 1, "--jobs 1"),
    ]
    parties: list[Party] = []
    pace: dict[tuple[str, int], float] = {}
    most = 0.0
    for kind, jobs, title in tables:
        folder = top / kind
        rows = days * 78_000 if folder.exists() else write(folder, kind, days, FILES, say)
        size = sum(file.stat().st_size for file in folder.iterdir())
        say(f"import of {rows:,} rows, {kind}, {title}")
        answer = _import(folder, top / f"store-{kind}-{jobs}", jobs)
        who = f"{OURS} data import, {kind}, {title}"
        if isinstance(answer, str):
            parties.append(absent(who, answer, "variant" if parties else "ours"))
            continue
        seconds, busy, memory = answer
        pace[kind, jobs] = rows / seconds / 1e6
        if jobs == 1:
            most = max(most, memory)
        note = f"{seconds:.1f} s, {busy:.1f} s of CPU, {size / 1e6:,.0f} MB" + (
            f", peak {memory / GIB:.2f} GiB" if jobs == 1 else ""
        )
        parties.append(party(who, [pace[kind, jobs]], note, "variant" if parties else "ours"))
        if (kind, jobs) == ("csv", 2):
            for file in folder.iterdir():
                file.unlink()
    targets = (
        at_least(1, pace.get(("csv", 1)), "from CSV, one core", "M rows/s"),
        at_most(2, most / GIB if most else None, "peak memory", "GiB"),
        at_least(1.7, pace["csv", 2] / pace["csv", 1] if len(pace) == 3 else None, "--jobs 2 ahead of --jobs 1", "x"),
    )
    title = f"import of {days * 78_000:,} quotes in {FILES} files: from process start to the last line in the ledger"
    notes = ("read, checked, sealed, on disk and in the ledger; the source's hash included",)
    return Work(title, "M rows/s", tuple(parties), targets, notes, "more")


def _import(folder: Path, store: Path, jobs: int) -> tuple[float, float, int] | str:
    """Seconds, seconds of CPU, and the most memory in bytes (of one process) of the command, or what went wrong."""
    command = [sys.executable, "-m", "zdte_tui", "data", "import", str(folder), "--jobs", str(jobs)]
    command += ["--set", f"data.dir={store}"]
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    environment["PYTHONPATH"] = str(HERE.parent)
    with one_core() if jobs == 1 else nullcontext(), tempfile.TemporaryFile() as said:
        start = time.perf_counter()
        files = [(os.POSIX_SPAWN_DUP2, said.fileno(), 1), (os.POSIX_SPAWN_DUP2, said.fileno(), 2)]
        process = os.posix_spawn(sys.executable, command, environment, file_actions=files)
        _, status, used = os.wait4(process, 0)
        taken = time.perf_counter() - start
        if os.waitstatus_to_exitcode(status):
            said.seek(0)
            return f"failed: {(said.read().decode(errors='replace').strip() or 'no message').splitlines()[-1][:160]}"
    return taken, used.ru_utime + used.ru_stime, used.ru_maxrss * (1 if sys.platform == "darwin" else 1024)


# Reading


def _read(store: Path, rounds: int, say: Callable[[str], None]) -> tuple[Answers, dict[str, str]]:
    duckdb = python_with("duckdb", pinned("duckdb"))
    readers: list[tuple[str, str | Path, Sequence[str]]] = [
        (OURS, sys.executable, ("tape_ours.py",)),
        ("pyarrow", sys.executable, ("tape_floor.py", "pyarrow")),
        ("duckdb", duckdb, ("tape_floor.py", "duckdb")),
    ]
    found: Answers = {}
    refused: dict[str, str] = {}
    for turn in range(rounds):
        for who, python, (script, *words) in readers:
            if who in refused:
                continue
            say(f"{who} reads, round {turn + 1} of {rounds}")
            answer = python if who == "duckdb" and isinstance(python, str) else ask(python, script, store, *words)
            if isinstance(answer, dict):
                found.setdefault(who, []).append(answer)
            else:
                refused[who] = str(answer)
    return found, refused


def _samples(found: Answers, who: str, name: str) -> list[float]:
    return [value for answer in found.get(who, []) for value in np.atleast_1d(answer[name]).tolist()]


def _floors(found: Answers, refused: dict[str, str], name: str, note: str) -> list[Party]:
    floors = [
        party(f"{answers[0]['version']}", _samples(found, who, name), note, "floor")
        for who, answers in found.items()
        if who != OURS
    ]
    return floors + [absent(who, why, "floor") for who, why in refused.items() if who != OURS]


def _a_day(found: Answers, refused: dict[str, str]) -> Work:
    title = "one day from the store, another each time: 390 minutes of 200 contracts"
    if OURS not in found:
        return Work(title, "ms", (absent(OURS, refused.get(OURS, "no runs"), "ours"),))
    events = party(f"{OURS}: the events that a replay plays", _samples(found, OURS, "events"), "seal checked", "ours")
    columns = party(f"{OURS}: columns", _samples(found, OURS, "columns"), "seal checked", "variant")
    quotes = party(f"{OURS}: bid and ask alone", _samples(found, OURS, "quotes"), "seal of those columns", "variant")
    targets = (
        at_most(5, events.median, "one day's events, p50", "ms"),
        at_most(5, columns.median, "one day's columns, p50", "ms"),
    )
    floors = _floors(found, refused, "columns", "columns, nothing checked")
    return Work(title, "ms", (events, columns, quotes, *floors), targets)


def _all(found: Answers, refused: dict[str, str], days: int) -> Work:
    title = f"all {days} days, {days * 78_000 / 1e6:.1f}M quotes, read day by day on one core"
    if OURS not in found:
        return Work(title, "s", (absent(OURS, refused.get(OURS, "no runs"), "ours"),))
    ours = party(f"{OURS}: every column", _samples(found, OURS, "scan"), "seals checked", "ours")
    quotes = party(f"{OURS}: bid and ask alone", _samples(found, OURS, "scan_quotes"), "their seals checked", "variant")
    floors = _floors(found, refused, "scan", "every column, nothing checked")
    floors += [
        party(f"{answers[0]['version']}: bid and ask alone", _samples(found, who, "scan_quotes"), role="floor")
        for who, answers in found.items()
        if who != OURS
    ]
    same = {(answer["rows"], answer["bids"]) for answers in found.values() for answer in answers}
    size = found[OURS][0]["bytes"]
    notes = (
        f"{size / 1e6:,.0f} MB on disk; listing the days takes {1e3 * found[OURS][0]['listed']:.0f} ms more",
        f"rows and the sum of all bids are {'the same' if len(same) == 1 else 'NOT the same'} for everyone",
    )
    scale = DAYS / days
    targets = (
        at_most(0.6, ours.median * scale if ours.median else None, f"{DAYS} days, every column", "s"),
        at_most(0.6, quotes.median * scale if quotes.median else None, f"{DAYS} days, bid and ask alone", "s"),
    )
    return Work(title, "s", (ours, quotes, *floors), targets, notes)


def main() -> int:
    """Run and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--days", type=int, default=DAYS, help=f"sessions of 78,000 rows ({DAYS})")
    parser.add_argument("--rounds", type=int, default=3, help="turns of each reader (3)")
    wanted = parser.parse_args()
    works = measure(lambda line: print(line, file=sys.stderr, flush=True), wanted.rounds, max(FILES, wanted.days))
    print(text(Section("tape", "The tape", tuple(works))))
    return 0


if __name__ == "__main__":
    sys.exit(main())
