"""Stored days through this project's engine, as ``zdte-tui backtest`` plays them: plan, prepare, run, the journal too.

    engine_days.py STORE FIRST LAST watching|lazy|four JOBS

One condor a day, entered at 10:00; with ``four``, the four of the default configuration.

The first two days are played before, into a journal of their own: the kernel is loaded by then, as it is for all but
the first day of a backtest.
"""

from __future__ import annotations

import datetime as dt
import json
import sqlite3
import sys
import tempfile
import time
from contextlib import closing
from pathlib import Path
from typing import Any

from benchmarks import watching
from engine.config import Config, load
from engine.session import backtest
from engine.tape import Store
from strategies import registry

REGISTRIES = {"watching": watching.REGISTRY, "lazy": registry.REGISTRY, "four": registry.REGISTRY}


def played(config: Config, kind: str, store: Path, first: dt.date, last: dt.date, jobs: int) -> dict[str, Any]:
    """Play them, and say how long each took, and all of it from the look into the store to the closed journal."""
    from_, busy, taken, days = time.perf_counter(), time.process_time(), [], []
    chosen = backtest.plan(Store(store), "SPXW", first, last, None)
    prepared = backtest.prepare(config, REGISTRIES[kind], chosen)
    looked = since = time.perf_counter()
    for figures in backtest.run(config, REGISTRIES[kind], prepared, jobs):
        now = time.perf_counter()
        taken.append((now - since) * 1e3)
        since = now
        days.append(figures)
    return {
        "days": taken,
        "looking": (looked - from_) * 1e3,
        "whole": (time.perf_counter() - from_) * 1e3,
        "busy": (time.process_time() - busy) * 1e3,
        "trades": sum(day.trades for day in days),
        "pnl": sum(day.pnl for day in days) / 1e4,
        "read": sum(day.tallies.get(watching.READ, 0) for day in days),
    }


_ENTRIES = """
SELECT s.day, f.trade_id, f.ts, f.symbol, f.quantity, f.price_e4
FROM fills AS f JOIN sessions AS s ON s.session = f.session
WHERE f.client_order_id = (SELECT o.client_order_id FROM orders AS o
                           WHERE o.session = f.session AND o.trade_id = f.trade_id ORDER BY o.id LIMIT 1)
ORDER BY f.id
"""


def entries(journal: Path) -> list[tuple[str, int, int, str, int, int]]:
    """The fills that opened each condor, from the journal: day, trade, time, contract, signed quantity, price."""
    with closing(sqlite3.connect(journal)) as database:
        return database.execute(_ENTRIES).fetchall()


def main() -> None:
    """Play, and answer."""
    store, first, last, kind, jobs = sys.argv[1:]
    began, ended = dt.date.fromisoformat(first), dt.date.fromisoformat(last)
    with tempfile.TemporaryDirectory() as scratch:

        def config(name: str) -> Config:
            own = [] if kind == "four" else ['strategies.iron_condor.entries=["10:00"]']
            return load(settings=[f"data.dir={store}", f"research.path={scratch}/{name}.sqlite", *own])

        played(config("warm"), kind, Path(store), began, began + dt.timedelta(days=4), 1)
        answer = played(config("timed"), kind, Path(store), began, ended, int(jobs))
        answer["entries"] = entries(Path(scratch) / "timed.sqlite")
    sys.stdout.write(json.dumps(answer) + "\n")


if __name__ == "__main__":
    main()
