"""The works themselves: what is handed to everyone, and that ours does on it what is said."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import numpy as np
import pytest

from benchmarks import days, environments, kernel, watching, workload
from benchmarks.day import condors
from engine.config import load
from engine.events import MarkRecord
from engine.session.compose import make_engine
from engine.session.day import DayRun, run_day
from engine.session.source import TapeSource
from engine.strategy import Registry
from engine.tape import DayTable, Store
from engine.types import Contract, parse_symbol
from strategies.registry import REGISTRY

DAY = dt.date(2025, 1, 2)


def _played(store: Store, registry: Registry) -> DayRun:
    source = TapeSource(store, "SPXW", DAY)
    return run_day(source, make_engine(load(), registry, source, "main"))


def test_a_day_is_390_minutes_of_exactly_200_contracts(benchmark_table: DayTable) -> None:
    listed = [parse_symbol(symbol) for symbol in benchmark_table.columns.symbols]
    rows = np.isin(benchmark_table.columns.code, [n for n, one in enumerate(listed) if isinstance(one, Contract)])

    minutes, counts = np.unique(benchmark_table.columns.ts_known[rows], return_counts=True)
    assert len(minutes) == 390
    assert set(counts.tolist()) == {200}


def test_the_plain_table_has_calls_first_and_strikes_ascending_each_minute(benchmark_table: DayTable) -> None:
    plain = days.plain(benchmark_table.columns)
    strike = plain["strike"].to_numpy().reshape(390, 200)
    call = plain["call"].to_numpy(zero_copy_only=False).reshape(390, 200)

    assert (call[:, :100]).all()
    assert not (call[:, 100:]).any()
    assert (np.diff(strike[:, :100], axis=1) > 0).all()
    assert (strike[:, :100] == strike[:, 100:]).all()
    assert (plain["bid"].to_numpy() <= plain["ask"].to_numpy()).all()


def test_the_watching_condor_reads_every_minute_and_trades_as_the_condor_does(benchmark_store: Store) -> None:
    watched, plain = _played(benchmark_store, watching.REGISTRY), _played(benchmark_store, REGISTRY)

    assert watched.figures.tallies.pop(watching.READ) == 389  # at the close nothing has a Greek
    assert watched.figures == plain.figures
    assert plain.figures.trades > 0
    assert any(isinstance(record, MarkRecord) for _, _, records in plain.ticks for record in records)


def test_condors_are_told_by_day_with_the_price_of_each_leg() -> None:
    rows = [
        ["2025-01-02", 1, 5, "SPXW250102P05930000", 1, 10_000],
        ["2025-01-02", 1, 5, "SPXW250102C06045000", -1, 14_000],
        ["2025-01-03", 1, 9, "SPXW250103P05930000", 1, 5_000],
    ]

    assert condors(rows, 1) == {"2025-01-02": [{"ts": 5, "legs": [["P59300000", 1, 1.0], ["C60450000", -1, 1.4]]}]}


def test_the_kernel_finds_the_volatilities_that_made_the_prices(tmp_path: Path) -> None:
    kernel.store(tmp_path / "work.npz", 500)
    with np.load(tmp_path / "work.npz") as work:
        columns = {name: work[name] for name in work.files}

    exact = workload.accuracy(columns, columns["crowd_sigma"])
    off = workload.accuracy(columns, columns["crowd_sigma"] + 1e-7)
    lost = workload.accuracy(columns, np.where(np.arange(500) % 2, np.nan, columns["crowd_sigma"]))
    assert exact == {"off_9": 0.0, "off_6": 0.0, "none": 0.0, "worst": 0.0}
    assert (off["off_9"], off["off_6"]) == (1.0, 0.0)
    assert lost["none"] == pytest.approx(0.5, abs=0.05)
    assert lost["off_6"] == lost["none"]


@pytest.mark.parametrize(
    "path", sorted((Path(environments.__file__).parent / "rivals").glob("*.txt")), ids=lambda p: p.stem
)
def test_every_rival_is_pinned_and_names_no_index(path: Path) -> None:
    packages = environments.pinned(path.stem)

    assert packages
    assert all("==" in package and "://" not in package and not package.startswith("-") for package in packages)


def test_an_environment_that_cannot_be_made_is_told_in_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    installer = tmp_path / "uv"
    installer.write_text("#!/bin/sh\necho 'WARNING: retrying' >&2\necho 'ERROR: no matching nothing==1' >&2\nexit 1\n")
    installer.chmod(0o755)
    monkeypatch.setattr(environments, "folder", lambda: tmp_path)
    monkeypatch.setattr(environments.shutil, "which", lambda _: str(installer))

    told = environments.python_with("lost", ("nothing==1",))

    assert told == "could not be installed (is there a network?): ERROR: no matching nothing==1"
