"""Days for tests of whole sessions: the real ones, and a simulated one put into a store minute by minute."""

from __future__ import annotations

import datetime as dt
import json
import os
import subprocess
import sys
from pathlib import Path

from engine.events import ChainBatch, DailyClose, Listing
from engine.feed.simulator import SimulatedDay
from engine.tape import DailyRow, DailyTable, DayBuilder, DayTable, Store
from engine.types import MISSING, Contract, Instrument

SIM_DAY = dt.date(2026, 1, 15)

# The condor of the oracle: 10:00, +-25/40 from the strike nearest spot, held to settlement, no cost.
ORACLE_SETTINGS = (
    'strategies.iron_condor.entries=["10:00"]',
    "strategies.iron_condor.strikes.by=offset",
    "strategies.iron_condor.strikes.short=25",
    "strategies.iron_condor.strikes.wing=40",
    "strategies.iron_condor.hold_to_settlement=true",
    "strategies.iron_condor.entry_tolerance_minutes=5",
    "strategies.iron_condor.min_credit=0",
    "strategies.iron_condor.min_side_credit=0",
    "strategies.iron_condor.max_imbalance=0",
    "fees.per_contract=0",
    "fills.model=mid",
    "account.equity=1000000",
    "risk.daily_loss=1000000",
    "risk.vix_scale=false",
)


def settings_arguments(settings: tuple[str, ...]) -> list[str]:
    """``--set`` for each."""
    return [word for setting in settings for word in ("--set", setting)]


def store_simulated_day(store: Store, day: dt.date = SIM_DAY) -> None:
    """A simulated SPXW day as a minute tape with its closes, so that replay and backtest have stops to work on."""
    simulated = SimulatedDay(day, "SPXW", seed=7, step_seconds=60, width=0.03)
    instruments: list[Instrument] = []
    builder = DayBuilder()
    closes: dict[str, list[DailyRow]] = {}
    for event in simulated.events():
        if isinstance(event, Listing):
            instruments += event.instruments
        elif isinstance(event, DailyClose):
            closes.setdefault(event.symbol, []).append(DailyRow(event.day, event.close))
        elif isinstance(event, ChainBatch):
            for position, index in enumerate(event.idx.tolist()):
                instrument = instruments[index]
                if isinstance(instrument, Contract) and instrument.expiry != day:
                    continue
                values = {
                    name: int(column[position])
                    for name in ("bid", "ask", "bid_size", "ask_size", "price")
                    if (column := getattr(event, name)) is not None and column[position] != MISSING
                }
                builder.put(event.ts_known, event.ts_event, instrument, **values)
    label = simulated.provenance
    store.save_day(DayTable("SPXW", day, label, "test", 1, builder.build()))
    for symbol, rows in closes.items():
        store.save_daily(DailyTable(symbol, label, "test", 1, tuple(sorted(rows, key=lambda row: row.day))))


def environment(home: Path, hash_seed: str = "0") -> dict[str, str]:
    """A process environment with an empty home of its own."""
    names = ("XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME")
    own = {"HOME": str(home), "PYTHONHASHSEED": hash_seed, "NO_COLOR": "1"}
    return {**os.environ, **own, **{name: str(home / name.lower()) for name in names}}


def zdte(home: Path, *arguments: str, hash_seed: str = "0", timeout: float = 120) -> subprocess.CompletedProcess[str]:
    """Run the command in a process of its own."""
    return subprocess.run(
        [sys.executable, "-m", "zdte_tui", *arguments],
        env=environment(home, hash_seed),
        capture_output=True,
        text=True,
        timeout=timeout,
        check=False,
    )


def json_lines(text: str) -> list[dict[str, object]]:
    """JSON lines as objects."""
    return [json.loads(line) for line in text.splitlines()]
