"""Simulated days to play: 390 minutes of exactly 200 contracts, in a day store and as a plain table for the others.

They are made once, by the product's own simulator and store, and kept under the cache folder for as long as the code
that makes and stores them stays the same.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import hashlib
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

import engine
from benchmarks.environments import folder
from engine.session.simulation import Simulation, day_table
from engine.tape import Columns, DailyRow, DailyTable, DayTable, Store
from engine.types import MISSING, Contract, parse_symbol

ROOT = "SPXW"
FIRST = dt.date(2025, 1, 2)
SEED = 7
STRIKES = 100
MINUTES = 390
_WIDTH = 0.06  # of spot to each side: more than fifty strikes, of which the nearest are kept
_MADE_BY = ("feed/simulator", "tape", "session/simulation.py", "types", "events/market.py")


def stored(days: int, say: Callable[[str], None]) -> tuple[Path, list[dt.date]]:
    """The folder of a store with at least ``days`` full sessions, and their dates.

    Beside the store, ``plain/DAY.parquet`` holds the same quotes for those who cannot read ours: ``ts`` (ns UTC),
    ``strike``, ``call``, ``bid`` and ``ask`` (units of 1e-4 dollars; a bid that is not there is 0), minute by minute
    with the calls first and strikes ascending.
    """
    home = folder() / f"days-{_key()}"
    for old in folder().glob("days-*"):
        if old != home:
            shutil.rmtree(old, ignore_errors=True)
    made = _made(home)
    if len(made) < days:
        _make(home, days, say)
        made = _made(home)
    return home, made[:days]


def _key() -> str:
    """Of everything the bytes of a stored day follow from."""
    digest = hashlib.sha256(f"{ROOT} {FIRST} {SEED} {STRIKES} {_WIDTH}".encode())
    package = Path(engine.__file__).parent
    for name in _MADE_BY:
        files = sorted((package / name).rglob("*.py")) if (package / name).is_dir() else [package / name]
        for path in (*files, Path(__file__)):
            digest.update(path.read_bytes())
    return digest.hexdigest()[:12]


def _made(home: Path) -> list[dt.date]:
    """Days that are whole: the plain table is written last."""
    return sorted(dt.date.fromisoformat(path.stem) for path in (home / "plain").glob("*.parquet"))


def _make(home: Path, days: int, say: Callable[[str], None]) -> None:
    store = Store(home)
    (home / "plain").mkdir(parents=True, exist_ok=True)
    simulation = Simulation(ROOT, FIRST, days + days // 40 + 2, SEED, expiries=1, source="sim")
    closes: dict[str, dict[dt.date, int]] = {}
    kept = 0
    for made in simulation.simulated():
        table = trimmed(day_table(simulation, dataclasses.replace(made, width=_WIDTH), closes))
        if "half_day" in table.flags:  # played for what it leaves to the next, and not stored
            continue
        store.save_day(table)
        pq.write_table(plain(table.columns), home / "plain" / f"{made.day}.parquet", compression="lz4")
        kept += 1
        if kept % 25 == 0 or kept == days:
            say(f"{kept} of {days} days simulated, once")
        if kept == days:
            break
    for symbol, found in closes.items():
        rows = tuple(DailyRow(day, close) for day, close in sorted(found.items()))
        store.save_daily(DailyTable(symbol, table.provenance, table.importer, table.importer_version, rows))


def trimmed(table: DayTable) -> DayTable:
    """The same day with the ``STRIKES`` strikes nearest the first value of the underlying, calls and puts of each."""
    columns = table.columns
    instruments = [parse_symbol(text) for text in columns.symbols]
    strikes = sorted({one.strike for one in instruments if isinstance(one, Contract)})
    spot = int(columns.values["price"][columns.code == 0][0])
    near = set(sorted(strikes, key=lambda strike: abs(strike - spot))[:STRIKES])
    keep = np.array([not isinstance(one, Contract) or one.strike in near for one in instruments])
    place = np.cumsum(keep) - 1
    rows = keep[columns.code]
    return dataclasses.replace(
        table,
        columns=Columns(
            ts_known=columns.ts_known[rows],
            ts_event=columns.ts_event[rows],
            code=place[columns.code[rows]].astype(np.int32),
            symbols=tuple(text for text, kept in zip(columns.symbols, keep, strict=True) if kept),
            values={name: column[rows] for name, column in columns.values.items()},
        ),
    )


def plain(columns: Columns) -> pa.Table:
    """The option quotes as a table of five columns."""
    instruments = [parse_symbol(text) for text in columns.symbols]
    strike = np.array([one.strike if isinstance(one, Contract) else -1 for one in instruments], np.int32)
    call = np.array([isinstance(one, Contract) and one.right == "C" for one in instruments])
    rows = strike[columns.code] >= 0
    sides = {name: np.maximum(np.where(side == MISSING, 0, side), 0) for name, side in columns.values.items()}
    return pa.table(
        {
            "ts": columns.ts_known[rows],
            "strike": strike[columns.code[rows]],
            "call": call[columns.code[rows]],
            "bid": sides["bid"][rows].astype(np.int32),
            "ask": sides["ask"][rows].astype(np.int32),
        }
    )
