"""A sweep of parameters over days: ``zdte-tui backtest --grid``, entry time x delta x width."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

from benchmarks.days import stored
from benchmarks.processes import ask
from benchmarks.results import OURS, Work, absent, at_most, party

DAYS = 40
TITLE = "a day of a configuration in a sweep, Greeks only where they are read"


def measure(say: Callable[[str], None], rounds: int = 3) -> list[Work]:
    """The whole grid in turns, each with a cache that is empty at first."""
    home, days = stored(DAYS, say)
    found: list[dict[str, Any]] = []
    for turn in range(rounds):
        say(f"{DAYS} days, round {turn + 1} of {rounds}")
        answer = ask(sys.executable, "engine_sweep.py", home, str(days[0]), str(days[-1]))
        if isinstance(answer, str):
            return [Work(TITLE, "ms", (absent(OURS, answer, "ours"),))]
        found.append(answer)
    count = found[0]["configurations"]
    taken = []
    for answer in found:
        share = (answer["whole"] - sum(answer["days"])) / DAYS
        taken += [(took + share) / count for took in answer["days"]]
    ours = party(f"{OURS} backtest --grid", taken, f"{count} configurations at once, nothing remembered", "ours")
    again = [answer["again"] / DAYS / count for answer in found]
    alone = [answer["alone"] / DAYS for answer in found]
    parties = (
        ours,
        party(f"{OURS} backtest --grid, again", again, "everything remembered", "variant"),
        party(f"{OURS} backtest", alone, "one configuration, with its whole journal", "variant"),
    )
    same = all(answer["same"] for answer in found)
    repeated = all(answer["repeated"] for answer in found)
    notes = (
        f"{count} configurations (entry time x delta x width) over {DAYS} days (SIMULATED), "
        f"{found[0]['trades']:,} condors in all",
        f"a configuration of the grid comes to {'the same' if same else 'NOT the same'} as a backtest of its own, and "
        f"to {'the same' if repeated else 'NOT the same'} when it is remembered",
    )
    return [Work(TITLE, "ms", parties, (at_most(4, ours.median, "a day a configuration", "ms"),), notes)]
