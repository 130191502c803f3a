"""An import by several processes: the same store, account and errors as by one, and no way to hang it."""

from __future__ import annotations

import datetime as dt
import multiprocessing
import os
import pickle
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from engine.calendar import sessions_between
from engine.tape import ImportRefused, Store
from engine.tape.errors import WorkerLost
from engine.tape.importers import ImportOptions
from engine.tape.intake import Intake, Outcome, Watch
from engine.tape.lock import StoreLock
from engine.tape.looking import look
from engine.tape.staging import FOLDER

HEAD = "time,root,expiry,strike,right,bid,ask\n"


def quotes(path: Path, day: str, *, bad: str = "") -> None:
    rows = (f"{day} 10:{minute:02}:00,SPXW,{day},5300,C,12.1,12.{minute % 5 + 3}\n" for minute in range(30))
    path.write_text(HEAD + "".join(rows) + bad)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Good files, one that cannot be trusted, one that gives a day that another has given, and no market data."""
    data = tmp_path / "data"
    data.mkdir()
    for number, day in enumerate(("2024-08-05", "2024-08-06", "2024-08-07")):
        quotes(data / f"{number}.csv", day)
    quotes(data / "3-bad.csv", "2024-08-08", bad="2024-08-08 10:31:00,SPXW,2024-08-08,5300,C,x,12.5\n")
    quotes(data / "4-again.csv", "2024-08-06")
    quotes(data / "5.csv", "2024-08-09")
    (data / "README.md").write_text("# about")
    return data


def tree(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def bring(path: Path, store: Path, jobs: int, watch: Watch | None = None) -> list[Outcome]:
    quiet = Watch(lambda found, share: None, lambda name, rows: None)
    with StoreLock(store):
        return list(Intake(Store(store), ImportOptions(), watch or quiet, jobs=jobs).run(look([path], store)))


def test_outcomes_store_and_ledger_do_not_depend_on_the_number_of_processes(folder: Path, tmp_path: Path) -> None:
    told: list[tuple[str, int]] = []
    ended: set[str] = set()

    def share(found, done: float) -> None:
        if done == 1:
            ended.add(found.path.name)

    alone = bring(folder, tmp_path / "alone", 1)
    together = bring(folder, tmp_path / "together", 3, Watch(share, lambda name, rows: told.append((name, rows))))
    assert [(one.result, one.why, one.files, one.saved) for one in alone] == [
        (one.result, one.why, one.files, one.saved) for one in together
    ]
    assert [one.result for one in alone] == ["imported"] * 3 + ["refused"] * 2 + ["imported", "left out"]
    assert (alone[3].why, "as 1.csv has done" in alone[4].why) == ("row 32: not a number: 'x'", True)
    assert tree(tmp_path / "alone") == tree(tmp_path / "together")
    assert sorted(told) == sorted((f"SPXW 2024-08-0{day}", 30) for day in (5, 6, 6, 7, 9))
    assert ended == {path.name for path in folder.glob("*.csv")}
    again = [one.result for one in bring(folder, tmp_path / "together", 3)]
    assert again == ["unchanged"] * 3 + ["refused"] * 2 + ["unchanged", "left out"]


@pytest.fixture
def years(tmp_path: Path) -> Path:
    """Two files of ten months each: a second or so of work."""
    data = tmp_path / "years"
    data.mkdir()
    days = [str(one.day) for one in sessions_between(dt.date(2023, 1, 3), dt.date(2023, 10, 31))]
    for root in ("SPXW", "XSP"):
        rows = (f"{day} 10:{minute}:00,{root},{day},530,C,12.1,12.5\n" for day in days for minute in range(10, 40))
        (data / f"{root}.csv").write_text(HEAD + "".join(rows))
    return data


def test_a_process_that_dies_is_told_and_what_was_read_stays(years: Path, tmp_path: Path) -> None:
    def kill(*_: object) -> None:
        for child in multiprocessing.active_children():
            child.kill()

    with pytest.raises(WorkerLost, match="a process that read a file has died"):
        bring(years, tmp_path / "store", 2, Watch(lambda found, share: None, kill))
    assert list((tmp_path / "store" / FOLDER).rglob("*.parquet"))
    assert Store(tmp_path / "store").days() == []


@pytest.mark.parametrize("kill", [signal.SIGINT, signal.SIGKILL])
def test_cut_off_by_ctrl_c_or_a_kill_it_ends_at_once_and_resumes(
    kill: signal.Signals, years: Path, tmp_path: Path
) -> None:
    def start(*words: str) -> subprocess.Popen[str]:
        env = {**os.environ, "HOME": str(tmp_path), "PYTHONPATH": str(Path(__file__).parents[2])}
        command = [sys.executable, "-m", "zdte_tui", "data", "import", str(years), "--jobs", "2", *words]
        return subprocess.Popen(
            [*command, "--set", f"data.dir={store}"],
            env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True,
        )  # fmt: skip

    store = tmp_path / "store"
    process = start()
    until = time.monotonic() + 60
    while len(list(store.joinpath(FOLDER).rglob("*.parquet"))) < 20:
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < until
        time.sleep(0.01)
    if kill == signal.SIGINT:
        os.killpg(process.pid, kill)  # as a terminal does: to every process of the command
    else:
        process.kill()  # to the one that was started; the others must not outlive it
    _, err = process.communicate(timeout=30)  # the pipes are closed only when all processes have ended
    if kill == signal.SIGINT:
        assert process.returncode == 130
        assert f"go on with: zdte-tui data import {years} --resume --jobs 2" in err
        assert err.count("\n") == 1
    assert Store(store).days() == []
    process = start("--resume")
    out, err = process.communicate(timeout=60)
    assert process.returncode == 0, err
    assert "read before" in out
    bring(years, tmp_path / "whole", 1)
    assert tree(store) == tree(tmp_path / "whole")


def test_a_refusal_keeps_its_words_on_its_way_between_processes() -> None:
    error = ImportRefused("a\nb.csv", "not a price: 'x'", "row 2")
    assert str(pickle.loads(pickle.dumps(error))) == str(error) == r"a\nb.csv: row 2: not a price: 'x'"
