"""Grids in the journal: one row a configuration, readable in order, in older journals too once they are up to date."""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
import sqlite3
from contextlib import closing
from pathlib import Path

import msgspec
import pytest
from journal_samples import info, progress, signal

from engine.journal import BacktestInfo, ConfigurationRow, JournalError, JournalReader, JournalWriter, export
from engine.journal.schema import MIGRATIONS, prepare

GRID = BacktestInfo(
    key="k1",
    root="SPXW",
    first=dt.date(2024, 8, 5),
    last=dt.date(2024, 8, 9),
    days=5,
    config_hash="base",
    code_version="0.1.0",
)


def row(wing: int, pnl: int = 12_345) -> ConfigurationRow:
    return ConfigurationRow(
        settings=json.dumps({"strategies.iron_condor.strikes.wing": str(wing)}),
        config_hash=f"hash{wing}",
        trades=4,
        wins=3,
        pnl=pnl,
        fees=9_760,
        max_drawdown=50_000,
        figures=json.dumps({"pnl": pnl, "provenance": ["vendor lean quote"]}),
    )


ROWS = [row(30, pnl=-5), row(10), row(20)]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    found = tmp_path / "research.sqlite"
    with JournalWriter(found) as writer:
        writer.write_sweep(GRID, ROWS)
    return found


def test_a_grid_is_a_backtest_that_is_complete_with_a_row_a_configuration(path: Path) -> None:
    with JournalReader(path) as reader:
        (found,) = reader.backtests()
        assert (found.info, found.status, found.done) == (GRID, "completed", 0)
        assert reader.configurations(found.backtest) == ROWS
        assert reader.configurations(found.backtest + 1) == []
        assert reader.sessions() == []


def test_a_grid_is_written_whole_or_not_at_all(path: Path) -> None:
    broken = msgspec.structs.replace(row(40), settings=None)  # type: ignore[arg-type]
    with JournalWriter(path) as writer, pytest.raises(JournalError):
        writer.write_sweep(GRID, [row(5), broken])
    with JournalReader(path) as reader:
        assert len(reader.backtests()) == 1


def test_a_grid_does_not_come_between_the_records_of_a_session(path: Path) -> None:
    with JournalWriter(path) as writer:
        writer.begin_session(info(), mode="backtest")
        writer.append([signal(1)], progress(1))
        with pytest.raises(JournalError, match="still writing a session"):
            writer.write_sweep(GRID, ROWS)


def test_a_journal_of_before_grids_is_brought_up_to_date_and_keeps_what_it_had(tmp_path: Path) -> None:
    path = tmp_path / "old.sqlite"
    prepare(path, MIGRATIONS[:2])
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("PRAGMA user_version").fetchone() == (2,)
        connection.execute(
            "INSERT INTO backtests (key, root, first, last, days, config_hash, code_version, started_at, status) "
            "VALUES ('old', 'SPXW', '2024-01-02', '2024-01-03', 2, 'h', '0', '2024-02-01', 'completed')"
        )
        connection.commit()
    with pytest.raises(JournalError, match="older"):
        JournalReader(path)
    with JournalWriter(path) as writer:
        writer.write_sweep(GRID, ROWS)
    with JournalReader(path) as reader:
        assert [found.info.key for found in reader.backtests()] == ["old", "k1"]
        assert [reader.configurations(found.backtest) for found in reader.backtests()] == [[], ROWS]
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("PRAGMA user_version").fetchone() == (len(MIGRATIONS),)
        assert connection.execute("PRAGMA foreign_key_check").fetchall() == []


def text(path: Path, form: str, selection: str = "last") -> str:
    with JournalReader(path) as reader:
        return b"".join(export(reader, selection, form, "configurations")).decode()  # type: ignore[arg-type]


def test_the_newest_grid_can_be_exported_in_dollars(path: Path) -> None:
    with JournalWriter(path) as writer:
        writer.write_sweep(GRID, [row(15)])
    (only,) = map(json.loads, text(path, "json").splitlines())
    assert only["settings"] == {"strategies.iron_condor.strikes.wing": "15"}
    assert (only["pnl_usd"], only["fees_usd"], only["max_drawdown_usd"]) == ("1.2345", "0.9760", "5.00")
    assert (only["root"], only["first"], only["last"], only["days"]) == ("SPXW", "2024-08-05", "2024-08-09", 5)
    assert only["provenance"] == ["vendor lean quote"]
    rows = list(csv.DictReader(io.StringIO(text(path, "csv", "all"))))
    assert [(found["backtest"], json.loads(found["settings"])) for found in rows] == [
        *(("1", json.loads(found.settings)) for found in ROWS),
        ("2", {"strategies.iron_condor.strikes.wing": "15"}),
    ]
    assert rows[0]["provenance"] == "vendor lean quote"


def test_a_journal_without_a_grid_exports_none(tmp_path: Path) -> None:
    path = tmp_path / "main.sqlite"
    with JournalWriter(path) as writer:
        writer.begin_session(info(), mode="demo")
        writer.append([signal(1)], progress(1))
    assert text(path, "json", "all") == ""
    assert text(path, "csv").count("\n") == 1


def test_configurations_are_of_no_session(path: Path) -> None:
    with JournalReader(path) as reader:
        with pytest.raises(JournalError, match="not of a session such as main-1: choose last or all"):
            export(reader, "main-1", "json", "configurations")
        with pytest.raises(JournalError, match="canonical export holds every table"):
            export(reader, "last", "canonical", "configurations")
