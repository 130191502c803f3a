"""An import of a real year that is cut off by Ctrl-C or a kill, resumed in another process, and compared."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from engine.tape import Store
from engine.tape.importers import ImportOptions
from engine.tape.intake import Intake, Watch
from engine.tape.lock import StoreLock
from engine.tape.looking import look
from engine.tape.staging import FOLDER


def tree(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def zdte(folder: Path, *words: object) -> subprocess.Popen[str]:
    env = {**os.environ, "HOME": str(folder), "PYTHONPATH": str(Path(__file__).parents[2])}
    words = ("data", "import", *words, "--set", f"data.dir={folder / 'store'}")
    return subprocess.Popen(
        [sys.executable, "-m", "zdte_tui", *map(str, words)],
        env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip


def wait_for_days(store: Path, count: int, process: subprocess.Popen[str]) -> None:
    until = time.monotonic() + 60
    while len(list(store.joinpath(FOLDER).rglob("*.parquet"))) < count:
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < until
        time.sleep(0.01)


@pytest.fixture(scope="module")
def year(shared: Path) -> Path:
    return shared / "data" / "spxw_0dte_1min" / "spxw_0dte_1min_2023.csv.gz"


@pytest.fixture(scope="module")
def whole(year: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """The store after an import that nobody disturbed."""
    store = Store(tmp_path_factory.mktemp("whole") / "store")
    with StoreLock(store.path):
        quiet = Watch(lambda found, share: None, lambda name, rows: None)
        (outcome,) = Intake(store, ImportOptions(), quiet).run(look([year], store.path))
    assert len(outcome.files) == len(store.days()) > 200
    return tree(store.path)


@pytest.mark.parametrize(("kill", "after"), [(signal.SIGINT, 20), (signal.SIGKILL, 60)])
def test_a_cut_off_year_resumes_to_the_same_bytes(
    year: Path, whole: dict[str, bytes], tmp_path: Path, kill: signal.Signals, after: int
) -> None:
    store = tmp_path / "store"
    process = zdte(tmp_path, year)
    wait_for_days(store, after, process)
    process.send_signal(kill)
    _, err = process.communicate(timeout=30)
    if kill == signal.SIGINT:
        assert process.returncode == 130
        assert f"go on with: zdte-tui data import {year} --resume" in err
        assert err.count("\n") == 1
    assert not Store(store).days(), "no day is there before all are"
    process = zdte(tmp_path, year, "--resume")
    out, err = process.communicate(timeout=60)
    assert process.returncode == 0, err
    assert "read before" in out
    assert tree(store) == whole


def test_a_second_import_into_the_same_store_is_refused_while_one_runs(year: Path, tmp_path: Path) -> None:
    first = zdte(tmp_path, year)
    try:
        wait_for_days(tmp_path / "store", 1, first)
        first.send_signal(signal.SIGSTOP)
        second = zdte(tmp_path, year)
        _, err = second.communicate(timeout=30)
        assert second.returncode == 75
        assert f"another import (process {first.pid}) is writing the store" in err
        assert err.count("\n") == 1
    finally:
        first.kill()
        first.communicate()
