"""Process start to first paint and first Greeks, in a real terminal, as works beside the others."""

from __future__ import annotations

from collections.abc import Callable

from benchmarks import startup
from benchmarks.results import Party, Role, Work, at_most

TURNS = 4  # a round


def measure(say: Callable[[str], None], rounds: int = 3) -> list[Work]:
    """Start everything in turns; ``benchmarks/startup.py`` says what is watched for."""
    say(f"{TURNS * rounds} starts of each program, warm")
    rows = startup.measure(TURNS * rounds)
    floors = [_party(row, "floor") for row in rows if row.reach is None]
    works = []
    for row in rows:
        if row.reach is not None:
            beside = floors if "first paint" in row.work else []
            target = at_most(row.reach, row.p50, "p50", "ms")
            works.append(Work(f"warm start: {row.work}", "ms", (_party(row, "ours"), *beside), (target,)))
    return works


def _party(row: startup.Row, role: Role) -> Party:
    who = row.work.partition(":")[0]
    return Party(who, row.p50, None, row.turns, f"p90 {row.p90:.0f} ms of {row.turns} starts", role)
