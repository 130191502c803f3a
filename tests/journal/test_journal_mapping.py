"""Every record has its table, every table its record, and nothing is lost on the way to the disk and back."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from math import inf, nan
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from journal_samples import at, records_of

from engine.events import RECORD_TYPES, AnyRecord, MarkRecord, Record
from engine.journal.mapping import MAPS
from engine.journal.schema import prepare
from engine.journal.tables import RECORDS


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[sqlite3.Connection]:
    path: Path = tmp_path_factory.mktemp("mapping") / "journal.sqlite"
    prepare(path)
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        yield connection


@pytest.mark.parametrize("kind", RECORD_TYPES, ids=lambda kind: kind.table)
def test_a_records_fields_are_its_tables_columns(kind: type[Record], database: sqlite3.Connection) -> None:
    columns = database.execute(f"PRAGMA table_info('{kind.table}')").fetchall()
    assert [column[1] for column in columns] == ["id", "session", *MAPS[kind].names]
    assert {column[1] for column in columns if not column[3]} == {
        "id",
        *(column.name for column in MAPS[kind].columns if column.optional),
    }
    declared = {"integer": "INTEGER", "boolean": "INTEGER", "real": "FLOAT", "text": "TEXT", "date": "TEXT"}
    wanted = [declared.get(column.kind, "TEXT") for column in MAPS[kind].columns]
    assert [column[2].replace("REAL", "FLOAT") for column in columns][2:] == wanted


def test_every_record_table_has_a_record() -> None:
    assert set(RECORDS) == {kind.table for kind in RECORD_TYPES}


def test_money_and_prices_are_told_from_counts() -> None:
    exact = {kind.table: [c.field for c in table_map.columns if c.money] for kind, table_map in MAPS.items()}
    assert exact["fills"] == ["price", "fee", "bid", "ask"]
    assert exact["trades"] == ["credit", "fees", "realised", "worst_case"]
    assert exact["marks"] == ["spot", "pnl_mid", "pnl_now"]
    assert exact["exits"] == ["level", "observed"]
    assert exact["notices"] == []


@pytest.mark.parametrize("kind", RECORD_TYPES, ids=lambda kind: kind.table)
@given(data=st.data())
def test_a_record_survives_its_row(kind: type[Record], database: sqlite3.Connection, data: st.DataObject) -> None:
    record: AnyRecord = data.draw(records_of(kind))  # type: ignore[assignment]
    table_map = MAPS[kind]
    database.execute("BEGIN")
    try:
        database.execute(table_map.insert, table_map.to_row(1, 1, record))
        row = database.execute(table_map.select, (1,)).fetchone()
    finally:
        database.execute("ROLLBACK")
    assert table_map.from_row(row) == record


@pytest.mark.parametrize("value", [nan, inf, -inf])
def test_a_float_that_is_no_number_is_missing(value: float) -> None:
    greeks = {"delta": value, "gamma": value, "theta": value, "vega": value}
    mark = MarkRecord(**at(1), trade_id=1, spot=None, pnl_mid=None, pnl_now=None, why="", **greeks)
    assert MAPS[MarkRecord].to_row(1, 1, mark)[-5:-1] == (None, None, None, None)
