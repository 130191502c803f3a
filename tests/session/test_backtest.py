"""Backtests: the plan of days, several processes, what is never summed, what a day without data says."""

from __future__ import annotations

import datetime as dt
import json
import sqlite3
from pathlib import Path

import pytest
from session_days import ORACLE_SETTINGS, SIM_DAY, json_lines, settings_arguments, store_simulated_day, zdte

from engine.config import load
from engine.events import DailyClose
from engine.session import backtest
from engine.session.compose import session_info
from engine.session.day import equity_path, max_drawdown
from engine.session.source import TapeSource
from engine.tape import Store
from strategies.registry import REGISTRY

WEEK = ["--from", "2024-08-05", "--to", "2024-08-09", "--source", "midpoints"]


def test_two_processes_give_the_rows_of_one_in_date_order(real_store: Store, tmp_path: Path) -> None:
    outputs = []
    for jobs in ("1", "2"):
        home = tmp_path / jobs
        settings = ["--set", f"data.dir={real_store.path}", *settings_arguments(ORACLE_SETTINGS)]
        done = zdte(home, "backtest", *WEEK, "--json", "--jobs", jobs, *settings, hash_seed=jobs)
        assert done.returncode == 0, done.stderr
        outputs.append(done.stdout)
        exported = zdte(home, "journal", "export", "--canonical", "--research", "--session", "all")
        outputs.append(exported.stdout)
    assert outputs[0] == outputs[2]
    assert outputs[1] == outputs[3]
    days = json_lines(outputs[0])
    assert [day["date"] for day in days[:-1]] == [f"2024-08-0{n}" for n in range(5, 10)]
    assert set(days[0]) >= {"date", "trades", "wins", "pnl", "fees", "max_drawdown", "provenance", "skipped"}
    assert days[-1]["summary"]["trades"] == 5  # type: ignore[index]
    assert days[-1]["summary"]["pnl"] == pytest.approx(sum(day["pnl"] for day in days[:-1]))  # type: ignore[index,misc]


def test_simulated_and_real_days_are_never_summed(real_store: Store, tmp_path: Path) -> None:
    store = Store(tmp_path)
    store_simulated_day(store)
    real = real_store.open(real_store.choose("SPXW", dt.date(2024, 8, 7)))
    (tmp_path / "days/SPXW" / real.path.name).write_bytes(real.path.read_bytes())
    chosen = backtest.plan(store, "SPXW", None, None, None)
    assert ([day for day, _ in chosen.days], chosen.simulated) == ([real.day], 1), "the market's days come first"
    assert [day for day, _ in backtest.plan(store, "SPXW", None, None, "demo").days] == [SIM_DAY]


def test_a_damaged_day_is_reported_and_the_others_are_played(real_store: Store, tmp_path: Path) -> None:
    store = tmp_path / "store"
    for day in (dt.date(2024, 8, 6), dt.date(2024, 8, 7)):
        path = real_store.choose("SPXW", day).path
        target = store / "days/SPXW" / path.name
        target.parent.mkdir(parents=True, exist_ok=True)
        data = path.read_bytes()
        target.write_bytes(data[: len(data) // 2] if day.day == 6 else data)
    done = zdte(tmp_path / "home", "backtest", "--json", "--set", f"data.dir={store}")
    assert done.returncode == 0, done.stderr
    lines = json_lines(done.stdout)
    assert [line.get("date") for line in lines] == ["2024-08-06", "2024-08-07", None]
    assert lines[0]["provenance"] is None
    assert lines[0]["skipped"][0]["reason"]  # type: ignore[index]
    assert lines[-1]["summary"]["unreadable_days"] == 1  # type: ignore[index]


def test_windows_that_did_nothing_say_why(real_store: Store, tmp_path: Path) -> None:
    config = load(settings=[f"research.path={tmp_path / 'r.sqlite'}"])
    chosen = backtest.plan(real_store, "SPXW", dt.date(2024, 7, 3), dt.date(2024, 7, 3), "midpoints")
    (day,) = backtest.run(config, REGISTRY, backtest.prepare(config, REGISTRY, chosen), 1)
    reasons = dict(day.skipped)
    assert set(reasons) == {"10:00", "11:00", "12:00", "13:00"} - {
        key for key in ("10:00", "11:00") if key not in reasons
    }
    assert "within 90 minutes of the close" in reasons["12:00"]
    assert "within 90 minutes of the close" in reasons["13:00"]


def test_a_backtest_is_journalled_a_session_a_day(real_store: Store, tmp_path: Path) -> None:
    path = tmp_path / "research.sqlite"
    config = load(settings=[f"research.path={path}", *ORACLE_SETTINGS])
    chosen = backtest.plan(real_store, "SPXW", dt.date(2024, 8, 5), dt.date(2024, 8, 6), "midpoints")
    days = list(backtest.run(config, REGISTRY, backtest.prepare(config, REGISTRY, chosen), 1))
    connection = sqlite3.connect(path)
    found = connection.execute("SELECT day, status, provenance FROM sessions").fetchall()
    assert [(day, status) for day, status, _ in found] == [("2024-08-05", "closed"), ("2024-08-06", "closed")]
    assert json.loads(found[0][2])[0]["meaning"] == "mid"
    realised = connection.execute(
        "SELECT session, realised_e4 FROM trades WHERE status = 'settled' ORDER BY session"
    ).fetchall()
    assert [amount for _, amount in realised] == [day.pnl for day in days]
    connection.close()


def test_a_session_names_the_files_its_closes_come_from(real_store: Store, tmp_path: Path) -> None:
    source = TapeSource(real_store, "SPXW", dt.date(2024, 8, 7), "midpoints")
    info = session_info(load(), REGISTRY, source, "main", None)
    assert [label.source for label in info.provenance] == ["midpoints", "magis", "datahub"]
    assert all(len(label.sha256) == 64 for label in info.provenance)


def test_a_simulated_day_never_settles_on_a_real_close(real_store: Store, tmp_path: Path) -> None:
    store = Store(tmp_path)
    store_simulated_day(store)
    for path in (tmp_path / "daily").iterdir():
        path.unlink()
    for path in (real_store.path / "daily").iterdir():
        (tmp_path / "daily" / path.name).write_bytes(path.read_bytes())
    source = TapeSource(Store(tmp_path), "SPXW", SIM_DAY, "demo")
    assert source.close_provenance == ()
    assert not [event for event in source.events() if isinstance(event, DailyClose)]


def test_the_drawdown_is_the_deepest_fall_from_the_highest_point_before_it() -> None:
    assert max_drawdown([0, 5, 3, 8, 1, 9]) == 7
    assert max_drawdown([0, -4, -2]) == 4
    assert max_drawdown([0]) == 0
    assert equity_path([]) == [0, 0]
