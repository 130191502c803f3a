"""A sweep of this project's engine, as ``zdte-tui backtest --grid`` plays it, Greeks computed where they are read.

    engine_sweep.py STORE FIRST LAST

Twenty-four configurations (entry time x delta x width) over every day: once with nothing remembered, once more with
what the first run has left in the cache. One of them is played as a backtest of its own, to compare.
"""

from __future__ import annotations

import datetime as dt
import json
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from engine.config import Config, points, read_axis
from engine.session import backtest
from engine.session.cache import DayCache
from engine.session.grid import Sweep
from engine.session.plan import Plan, plan
from engine.tape import Store
from strategies.registry import REGISTRY

AXES = (
    'iron_condor.entries="10:00","11:00","12:00","13:00"',
    "iron_condor.strikes.short=0.05,0.10,0.15",
    "iron_condor.strikes.wing=10,20",
)
ALONE = ('"10:00"', "0.10", "20")
CACHE_BYTES = 1 << 28


def swept(settings: list[str], chosen: Plan, cache: Path | None) -> tuple[dict[str, Any], Sweep]:
    """Play what ``cache`` lacks; milliseconds of each day, and from the start to the journal's rows."""
    begun = since = time.perf_counter()
    axes = [read_axis(text) for text in AXES]
    made = points([], settings, axes)
    taken = []
    with DayCache(cache, CACHE_BYTES) as kept:
        sweep = Sweep(made[0].config, REGISTRY, chosen, axes, made, kept)
        for _ in sweep.run(1):
            now = time.perf_counter()
            taken.append((now - since) * 1e3)
            since = now
    whole = (time.perf_counter() - begun) * 1e3
    return {"days": taken, "whole": whole, "configurations": len(made)}, sweep


def alone(config: Config, chosen: Plan) -> tuple[float, backtest.Summary]:
    """The milliseconds and the summary of a backtest of one configuration."""
    begun = time.perf_counter()
    played = list(backtest.run(config, REGISTRY, backtest.prepare(config, REGISTRY, chosen), 1))
    return (time.perf_counter() - begun) * 1e3, backtest.summarise(played, 0)


def main() -> None:
    """Sweep, sweep again, and answer."""
    store, first, last = sys.argv[1:]
    began, ended = dt.date.fromisoformat(first), dt.date.fromisoformat(last)
    with tempfile.TemporaryDirectory() as scratch:

        def settings(name: str) -> list[str]:
            return [f"data.dir={store}", f"research.path={scratch}/{name}.sqlite"]

        warm = plan(Store(Path(store)), "SPXW", began, began + dt.timedelta(days=4), None)
        swept(settings("warm"), warm, None)
        chosen = plan(Store(Path(store)), "SPXW", began, ended, None)
        cache = Path(scratch) / "cache.sqlite"
        answer, sweep = swept(settings("first"), chosen, cache)
        again, repeated = swept(settings("again"), chosen, cache)
        cell = next(cell for cell in sweep.cells if cell.point.texts == ALONE)
        took, summary = alone(cell.point.config, chosen)
        answer["again"] = again["whole"]
        answer["alone"] = took
        answer["same"] = summary == cell.summary
        answer["repeated"] = [one.summary for one in sweep.cells] == [one.summary for one in repeated.cells]
        answer["trades"] = sum(one.summary.trades for one in sweep.cells)
    sys.stdout.write(json.dumps(answer) + "\n")


if __name__ == "__main__":
    main()
