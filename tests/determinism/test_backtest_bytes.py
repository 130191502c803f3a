"""A backtest's canonical journal: the same bytes under any hash seed, number of processes and compiled kernel."""

from __future__ import annotations

import datetime as dt
import os
import subprocess
import sys
from pathlib import Path

import pytest
from session_days import environment, settings_arguments, zdte

from engine.session.simulation import Simulation, store_days
from engine.tape import Store

SETTINGS = (
    "risk.vix_scale=false",
    "risk.per_trade=0.05",
    "strategies.iron_condor.stop.multiple=0.7",
    "strategies.iron_condor.profit_target=0.4",
)


@pytest.fixture(scope="module")
def whipsaws(tmp_path_factory: pytest.TempPathFactory) -> Store:
    """Four simulated days that stop a side or two."""
    store = Store(tmp_path_factory.mktemp("whipsaws"))
    wanted = Simulation("SPXW", dt.date(2025, 3, 3), 4, 11, scenario="whipsaw", expiries=1)
    assert [day.saved for day in store_days(wanted, store)] == ["new"] * 4
    return store


def journal_text(home: Path, store: Store, hash_seed: str, *more: str, **environ: str) -> str:
    """Run a backtest in a home of its own; its canonical journal."""
    command = ["backtest", "--set", f"data.dir={store.path}", *settings_arguments(SETTINGS), *more]
    done = subprocess.run(
        [sys.executable, "-m", "zdte_tui", *command],
        env={**environment(home, hash_seed), **environ},
        capture_output=True, text=True, timeout=240, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    exported = zdte(home, "journal", "export", "--canonical", "--research", "--session", "all")
    assert exported.returncode == 0, exported.stderr
    return exported.stdout


def test_hash_seeds_and_processes_change_no_byte(whipsaws: Store, tmp_path: Path) -> None:
    texts = [
        journal_text(tmp_path / f"{seed}-{jobs}", whipsaws, seed, "--jobs", jobs)
        for seed, jobs in (("0", "1"), ("1", "2"), ("123456", "1"))
    ]
    assert texts[0] == texts[1] == texts[2]
    assert texts[0].count('"record":"exit"') >= 4


def test_a_kernel_compiled_anew_for_any_processor_of_the_family_changes_no_byte(
    whipsaws: Store, tmp_path: Path
) -> None:
    """The kernel of this machine, with all its vector instructions, beside one without them."""
    day = ("--from", "2025-03-03", "--to", "2025-03-03")
    own = journal_text(tmp_path / "own", whipsaws, "0", *day)
    other = journal_text(
        tmp_path / "other", whipsaws, "0", *day, NUMBA_CPU_NAME="generic", NUMBA_CACHE_DIR=str(tmp_path / "kernel")
    )
    assert own == other
    assert '"delta":-' in own or '"delta":0.' in own
    assert any((tmp_path / "kernel").rglob("*.nbi")), "another kernel was compiled"
    assert "generic" not in os.environ.get("NUMBA_CPU_NAME", "")
