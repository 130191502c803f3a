"""How late the engine takes up what is due while the screen's line is slow, or stands still."""

from __future__ import annotations

import sys
from collections.abc import Callable

import numpy as np

from benchmarks.processes import ask
from benchmarks.results import OURS, Party, Role, Target, Work, absent, at_most

SECONDS = 40
TITLE = "the engine's lateness behind a slow line: zdte-tui --demo at 600x, 160x48"

LINES: tuple[tuple[str, str, Role], ...] = (
    ("slow", f"{OURS}, a line of 30 kB/s", "ours"),
    ("stall", f"{OURS}, five seconds of every fifteen nothing is read", "variant"),
    ("fast", f"{OURS}, a line without limit", "floor"),
)


def measure(say: Callable[[str], None], rounds: int = 3) -> list[Work]:
    """The program in a pseudo-terminal, read at each speed in turns; local profile, which sends more."""
    late: dict[str, list[float]] = {line: [] for line, _, _ in LINES}
    rates: dict[str, list[float]] = {line: [] for line, _, _ in LINES}
    why: dict[str, str] = {}
    for turn in range(rounds):
        for line, _, _ in LINES:
            say(f"{line} line for {SECONDS} s, round {turn + 1} of {rounds}")
            answer = ask(sys.executable, "late_engine.py", line, str(SECONDS), "local", cores=2)
            if isinstance(answer, str):
                why[line] = answer
            else:
                late[line] += answer["late"]
                rates[line].append(answer["bytes_a_second"] / 1000)
    parties = []
    for line, who, role in LINES:
        if line in why or not late[line]:
            parties.append(absent(who, why.get(line, "nothing was due"), role))
        else:
            note = f"{max(late[line]):.0f} ms at worst of {len(late[line]):,}; {np.median(rates[line]):.0f} kB/s"
            parties.append(Party(who, _at(late[line], 50), _at(late[line], 99), len(late[line]), note, role))
    slow, stall = parties[0], parties[1]
    targets: tuple[Target, ...] = (
        at_most(20, slow.tail, "p99 on the slow line", "ms"),
        at_most(60, max(late["stall"]) if stall.median is not None else None, "at worst, stalled", "ms"),
    )
    notes = ("late is the time from when the pacer said an event was due to when the engine's thread took it up",)
    return [Work(TITLE, "ms", tuple(parties), targets, notes)]


def _at(values: list[float], percent: float) -> float:
    return float(np.percentile(np.asarray(values), percent))
