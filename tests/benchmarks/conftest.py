"""A day as the benchmarks play it: 390 minutes of exactly 200 contracts, simulated."""

from __future__ import annotations

import datetime as dt

import pytest

from benchmarks import days
from engine.feed.simulator import SimulatedDay
from engine.session.simulation import Simulation, day_table
from engine.tape import DailyRow, DailyTable, DayTable, Store

DAY = dt.date(2025, 1, 2)


@pytest.fixture(scope="session")
def benchmark_table() -> DayTable:
    simulation = Simulation("SPXW", DAY, 1, 7, expiries=1)
    return days.trimmed(day_table(simulation, SimulatedDay(DAY, seed=7, step_seconds=60, count=1, width=0.06), {}))


@pytest.fixture(scope="session")
def benchmark_store(benchmark_table: DayTable, tmp_path_factory: pytest.TempPathFactory) -> Store:
    kept = Store(tmp_path_factory.mktemp("days"))
    kept.save_day(benchmark_table)
    made, label = benchmark_table, benchmark_table.provenance
    close = DailyRow(dt.date(2024, 12, 31), 170_000)
    kept.save_daily(DailyTable("VIX", label, made.importer, made.importer_version, (close,)))
    return kept
