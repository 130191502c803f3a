"""A backtest that was cut off goes on where it stopped, and ends with the rows of one that never was."""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from session_days import SIM_DAY, environment, store_simulated_day, zdte

import engine
from engine.config import Config, load
from engine.journal import JournalReader, JournalWriter, export
from engine.journal.schema import MIGRATIONS, prepare
from engine.session import backtest
from engine.session.code import code_digest
from engine.tape import DailyRow, DailyTable, DayTable, Store
from strategies.registry import REGISTRY

MONTH = ["--from", "2024-07-01", "--to", "2024-08-30", "--source", "midpoints", "--json"]
FIRST, LAST = dt.date(2024, 8, 5), dt.date(2024, 8, 9)


@pytest.fixture(scope="module")
def uninterrupted(real_store: Store, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, str]:
    """Rows and canonical journal of two months played in one go."""
    home = tmp_path_factory.mktemp("whole")
    done = zdte(home, "backtest", *MONTH, "--set", f"data.dir={real_store.path}")
    assert done.returncode == 0, done.stderr
    return done.stdout, canonical(home)


def canonical(home: Path) -> str:
    done = zdte(home, "journal", "export", "--canonical", "--research", "--session", "all")
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize(("how", "jobs"), [(signal.SIGINT, "1"), (signal.SIGKILL, "1"), (signal.SIGINT, "2")])
def test_cut_off_and_resumed_is_as_if_it_never_was(
    real_store: Store, tmp_path: Path, uninterrupted: tuple[str, str], how: signal.Signals, jobs: str
) -> None:
    arguments = ["backtest", *MONTH, "--jobs", jobs, "--set", f"data.dir={real_store.path}"]
    out = tmp_path / "out"
    with out.open("w") as stdout:  # a pipe's reader would lose the lines it has read ahead
        process = subprocess.Popen(
            [sys.executable, "-m", "zdte_tui", *arguments],
            env=environment(tmp_path),
            stdout=stdout,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        while out.read_text().count("\n") < 5 and process.poll() is None:
            time.sleep(0.01)
    for _ in range(2 if jobs == "2" else 1):  # what a terminal does on ctrl+c, here an impatient one
        os.killpg(process.pid, how)
        time.sleep(0.05)
    _, errors = process.communicate(timeout=60)
    before = sum("date" in line for line in out.read_text().splitlines())
    assert before < len(uninterrupted[0].splitlines()) - 1, "it was over before it was interrupted"
    if how == signal.SIGINT:
        assert process.returncode == 130
        counts = (before, before + 1)  # the last day may have been played and not printed
        line = "zdte-tui: interrupted after {} of 44 days; the same command with --resume goes on"
        assert any(line.format(count) in errors.splitlines() for count in counts), errors
        assert "Traceback" not in errors

    resumed = zdte(tmp_path, *arguments, "--resume")
    assert resumed.returncode == 0, resumed.stderr
    assert resumed.stdout == uninterrupted[0]
    assert "going on after" in resumed.stderr
    assert canonical(tmp_path) == uninterrupted[1]

    again = zdte(tmp_path, *arguments, "--resume")
    assert (again.returncode, again.stdout) == (0, uninterrupted[0])
    assert "complete since" in again.stderr
    assert canonical(tmp_path) == uninterrupted[1]


def test_other_settings_have_nothing_to_resume(real_store: Store, tmp_path: Path) -> None:
    config = settings(tmp_path)
    chosen = backtest.plan(real_store, "SPXW", FIRST, LAST, "midpoints")
    cut_off(config, chosen, after=2)
    found = backtest.resumable(config, backtest.prepare(config, REGISTRY, chosen))
    assert found is not None
    assert (sorted(found.done), found.complete) == ([dt.date(2024, 8, 5), dt.date(2024, 8, 6)], False)
    assert (
        backtest.resumable(
            settings(tmp_path, "fees.per_contract=1"),
            backtest.prepare(settings(tmp_path, "fees.per_contract=1"), REGISTRY, chosen),
        )
        is None
    )
    assert backtest.resumable(config, backtest.prepare(config, REGISTRY, chosen._replace(days=chosen.days[:4]))) is None
    done = zdte(tmp_path, "backtest", "--resume", "--set", f"data.dir={real_store.path}")
    assert done.returncode == 66
    assert done.stderr.splitlines() == [
        "zdte-tui: there is nothing to resume: no interrupted backtest of these days with these settings and this "
        "code; run it without --resume"
    ]


def test_a_day_that_was_imported_anew_is_not_the_same_backtest(real_store: Store, tmp_path: Path) -> None:
    store = Store(tmp_path / "store")
    tape = real_store.open(real_store.choose("SPXW", FIRST, "midpoints"))
    target = store.path / "days/SPXW" / tape.path.name
    target.parent.mkdir(parents=True)
    target.write_bytes(tape.path.read_bytes())
    config = settings(tmp_path)
    chosen = backtest.plan(store, "SPXW", FIRST, FIRST, None)
    cut_off(config, chosen, after=1)
    assert backtest.resumable(config, backtest.prepare(config, REGISTRY, chosen)) is not None
    import_from_other_bytes(store)
    assert backtest.resumable(config, backtest.prepare(config, REGISTRY, chosen)) is None


def import_from_other_bytes(store: Store) -> None:
    import msgspec

    from engine.tape import DayTable

    tape = store.open(store.choose("SPXW", FIRST))
    label = msgspec.structs.replace(tape.provenance, sha256="0" * 64)
    store.save_day(DayTable("SPXW", FIRST, label, "mid-json", 1, tape.columns, flags=tape.header.flags))


def test_a_figure_is_reused_only_where_the_values_and_closes_are_the_same(tmp_path: Path) -> None:
    """The label is of the file that was imported: read in another way, it is the same label."""
    store = Store(tmp_path / "store")
    store_simulated_day(store)
    config = settings(tmp_path)

    def complete() -> bool:
        chosen = backtest.plan(Store(store.path), "SPXW", None, None, None)
        found = backtest.resumable(config, backtest.prepare(config, REGISTRY, chosen))
        if found is None:
            list(backtest.run(config, REGISTRY, backtest.prepare(config, REGISTRY, chosen), 1))
        return found is not None

    assert [complete(), complete()] == [False, True]
    tape = store.open(store.choose("SPXW", SIM_DAY))
    dearer = {**tape.columns.values, "ask": tape.columns.values["ask"] + np.int32(500)}
    columns = dataclasses.replace(tape.columns, values=dearer)
    assert store.save_day(DayTable("SPXW", SIM_DAY, tape.provenance, "test", 1, columns)) == "replaced"
    assert [complete(), complete()] == [False, True]
    for symbol in ("SPX", "VIX"):
        entry = next(entry for entry in store.daily_series() if entry.symbol == symbol)
        closes = store.open_daily(entry).closes.items()
        rows = tuple(DailyRow(day, close.close + 100) for day, close in sorted(closes))
        assert store.save_daily(DailyTable(symbol, tape.provenance, "test", 1, rows)) == "replaced"
        assert [complete(), complete()] == [False, True]
    entry.path.unlink()
    assert not complete()


def test_a_journal_from_before_backtests_were_kept_in_it_is_brought_up_to_date(tmp_path: Path) -> None:
    store = Store(tmp_path / "store")
    store_simulated_day(store)
    config = settings(tmp_path)
    prepare(Path(config.research.path), MIGRATIONS[:1])
    chosen = backtest.plan(store, "SPXW", None, None, None)
    assert backtest.resumable(config, backtest.prepare(config, REGISTRY, chosen)) is None
    played = list(backtest.run(config, REGISTRY, backtest.prepare(config, REGISTRY, chosen), 1))
    found = backtest.resumable(config, backtest.prepare(config, REGISTRY, chosen))
    assert found is not None
    assert list(found.done.values()) == played


def test_another_calendar_is_other_code(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    copied = tmp_path / "engine"
    shutil.copytree(Path(engine.__file__).parent, copied)
    before = code_digest(REGISTRY)
    monkeypatch.setattr(engine, "__file__", str(copied / "__init__.py"))
    assert code_digest(REGISTRY) == before
    with (copied / "calendar/data/xnys.csv").open("a") as table:
        table.write("2028-12-28,13:00,early,A storm\n")
    assert code_digest(REGISTRY) != before


def test_a_day_journalled_and_not_counted_as_done_is_played_again(real_store: Store, tmp_path: Path) -> None:
    """A kill between a day's records and the end of its session."""
    config = settings(tmp_path)
    chosen = backtest.plan(real_store, "SPXW", FIRST, LAST, "midpoints")
    whole = list(backtest.run(config, REGISTRY, backtest.prepare(config, REGISTRY, chosen), 1))
    with sqlite3.connect(config.research.path) as connection:
        connection.execute("UPDATE backtests SET status = 'running'")
        connection.execute("DELETE FROM backtest_days WHERE day = '2024-08-09'")
        connection.execute("UPDATE sessions SET status = 'open' WHERE day = '2024-08-09'")
        connection.execute("UPDATE runs SET outcome = 'running' WHERE session = 5")
    connection.close()
    found = backtest.resumable(config, backtest.prepare(config, REGISTRY, chosen))
    assert found is not None
    assert len(found.done) == 4
    assert list(backtest.run(config, REGISTRY, backtest.prepare(config, REGISTRY, chosen), 1, found)) == whole
    connection = sqlite3.connect(config.research.path)
    rows = connection.execute("SELECT name, status, outcome FROM sessions JOIN runs USING (session) WHERE session > 4")
    assert rows.fetchall() == [
        ("main-2024-08-09-SPXW-1", "closed", "interrupted"),
        ("main-2024-08-09-SPXW-2", "closed", "completed"),
    ]
    connection.close()


@pytest.mark.parametrize("step", ["begin_session", "append_all", "end_session"])
@pytest.mark.parametrize("done", [False, True], ids=["before", "after"])
def test_ctrl_c_while_a_day_is_journalled_leaves_a_whole_day_or_none(
    real_store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str, done: bool
) -> None:
    chosen = backtest.plan(real_store, "SPXW", FIRST, LAST, "midpoints")
    whole = list(
        backtest.run(
            settings(tmp_path / "whole"), REGISTRY, backtest.prepare(settings(tmp_path / "whole"), REGISTRY, chosen), 1
        )
    )
    config = settings(tmp_path / "cut")
    once = getattr(JournalWriter, step)
    calls = 0

    def interrupted(writer: JournalWriter, *arguments: object, **named: object) -> object:
        nonlocal calls
        calls += 1
        result = once(writer, *arguments, **named) if done or calls != 3 else None
        if calls == 3:
            raise KeyboardInterrupt
        return result

    with monkeypatch.context() as patch:
        patch.setattr(JournalWriter, step, interrupted)
        with pytest.raises(KeyboardInterrupt):
            list(backtest.run(config, REGISTRY, backtest.prepare(config, REGISTRY, chosen), 1))
    found = backtest.resumable(config, backtest.prepare(config, REGISTRY, chosen))
    assert found is not None
    assert len(found.done) == {"begin_session": 2, "append_all": 2, "end_session": 2 + done}[step]
    assert list(backtest.run(config, REGISTRY, backtest.prepare(config, REGISTRY, chosen), 1, found)) == whole
    exported = []
    for name in ("whole", "cut"):
        with JournalReader(tmp_path / name / "research.sqlite") as reader:
            exported.append(b"".join(export(reader, "all", "canonical")))
    assert exported[0] == exported[1]


def settings(tmp_path: Path, *more: str) -> Config:
    return load(settings=[f"research.path={tmp_path / 'research.sqlite'}", *more])


def cut_off(config: Config, chosen: backtest.Plan, after: int) -> None:
    """Play so many days and walk away, as a killed process does."""
    playing: Iterator[object] = backtest.run(config, REGISTRY, backtest.prepare(config, REGISTRY, chosen), 1)
    for _ in range(after):
        next(playing)
    playing.close()  # type: ignore[attr-defined]
    with sqlite3.connect(config.research.path) as connection:
        assert json.loads(connection.execute("SELECT json_group_array(status) FROM backtests").fetchone()[0])
    connection.close()
