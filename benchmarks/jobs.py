"""Many days on one core and on two: ``zdte-tui backtest --jobs``, with Greeks read each minute."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

import numpy as np

from benchmarks.days import stored
from benchmarks.processes import ask
from benchmarks.results import OURS, Work, absent, at_least, at_most, party

MOST = 250
_LEAST, _SECONDS = 40, 10.0


def measure(say: Callable[[str], None], rounds: int = 3) -> list[Work]:
    """As many days as take about ten seconds on one core, 250 at most; in turns with one process and with two."""
    home, few = stored(_LEAST, say)
    say(f"{_LEAST} days, to see how many to take")
    tried = _play(home, few, 1)
    if isinstance(tried, str):
        return [Work("many days", "s", (absent(OURS, tried, "ours"),))]
    count = int(np.clip(_SECONDS * 1e3 / (tried["whole"] / _LEAST), _LEAST, MOST))
    home, days = stored(count, say)
    taken: dict[int, list[float]] = {1: [], 2: []}
    results = set()
    for turn in range(rounds):
        for jobs, whole in taken.items():
            say(f"{count} days, --jobs {jobs}, round {turn + 1} of {rounds}")
            answer = _play(home, days, jobs)
            if isinstance(answer, str):
                return [Work("many days", "s", (absent(f"{OURS} --jobs {jobs}", answer, "ours"),))]
            whole.append(answer["whole"] / 1e3)
            results.add((answer["trades"], answer["pnl"], str(answer["entries"])))
    one, two = (float(np.median(taken[jobs])) for jobs in (1, 2))
    scaled = "" if count == MOST else f", scaled from {count}"
    return [
        Work(
            f"{count} days, IV and second-order Greeks each minute, from the store to the closed journal",
            "s",
            (
                party(f"{OURS} --jobs 1", taken[1], "one process", "ours"),
                party(
                    f"{OURS} --jobs 2", taken[2], "two more processes, started each time; this one writes", "variant"
                ),
            ),
            (
                at_most(5, one / count * MOST, f"{MOST} days on one core{scaled}", "s"),
                at_least(1.7, one / two, "--jobs 2 ahead of --jobs 1", "x"),
            ),
            (f"the rows are {'the same' if len(results) == 1 else 'NOT the same'} with one process and with two",),
        )
    ]


def _play(home: Any, days: list[Any], jobs: int) -> dict[str, Any] | str:
    return ask(sys.executable, "engine_days.py", home, str(days[0]), str(days[-1]), "watching", str(jobs), cores=jobs)
