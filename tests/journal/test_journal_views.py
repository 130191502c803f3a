"""The views: a trade's whole life and the day's figures, for somebody with sqlite3 and no manual."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from journal_samples import info, life, progress, trade

from engine.journal import JournalReader, JournalWriter, SessionSummary


@pytest.fixture
def path(tmp_path: Path) -> Path:
    file = tmp_path / "main.sqlite"
    with JournalWriter(file) as writer:
        for _ in range(2):
            writer.begin_session(info(), mode="demo")
            for number, records in enumerate(life(), 1):
                writer.append(records, progress(number))
            writer.end_session("finished")
    return file


@pytest.fixture
def database(path: Path) -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(path)) as connection:
        yield connection


def test_a_trades_life_is_one_query(database: sqlite3.Connection) -> None:
    rows = database.execute("SELECT time, event, text FROM trade_life WHERE session = 1 AND trade_id = 7").fetchall()
    legs = "(sell 1 SPXW240807P05100000 to open, sell 1 SPXW240807C05300000 to open)"
    assert rows == [
        ("2024-08-07T14:00:00.000Z", "signal", "entering 10:00: credit 2.30"),
        (
            "2024-08-07T14:00:00.000Z",
            "intent",
            f"strategy iron_condor wants to open 2 x {legs} for a credit of 2.30: the window is open",
        ),
        ("2024-08-07T14:00:00.000Z", "decision", "approved 2, worst case $820.00"),
        (
            "2024-08-07T14:00:00.000Z",
            "trade",
            "working: 2 x IC 10:00, credit 2.30, fees $0.00, worst case $820.00",
        ),
        ("2024-08-07T14:00:00.000Z", "order", f"main-20240807-0-1: open 2 x {legs} for a credit of 2.30"),
        ("2024-08-07T14:00:00.000Z", "order event", "main-20240807-0-1 sent, 0 of 2 filled, for a credit of 2.30"),
        ("2024-08-07T14:01:00.000Z", "order event", "main-20240807-0-1 filled, 2 of 2 filled, for a credit of 2.3525"),
        (
            "2024-08-07T14:01:00.000Z",
            "fill",
            "sold 2 SPXW240807P05100000 at 1.15, fee $1.30 (bid 1.10, ask 1.20, 0.4 s old)",
        ),
        ("2024-08-07T14:01:00.000Z", "fill", "sold 2 SPXW240807C05300000 at 1.2025, fee $1.30 (bid n/a, ask n/a)"),
        (
            "2024-08-07T14:01:00.000Z",
            "trade",
            "open: 2 x IC 10:00, credit 2.30, fees $2.60, worst case $820.00",
        ),
        ("2024-08-07T14:01:00.000Z", "signal", "entering 10:00: entered #7"),
        ("2024-08-07T14:03:00.000Z", "command", "person: close trade =1+1, 1 exit begun"),
        ("2024-08-07T14:03:00.000Z", "exit", "strategy closes puts: stop, level 2.35: held for 3 s"),
        (
            "2024-08-07T14:05:00.000Z",
            "settlement",
            "-2 SPXW240807P05100000 settled at 5098.50 for -$300.00, PROVISIONAL",
        ),
        (
            "2024-08-07T14:05:00.000Z",
            "trade",
            "settled provisional: 2 x IC 10:00, credit 2.30, fees $2.60, worst case $820.00, realised $167.40",
        ),
        (
            "2024-08-07T14:06:00.000Z",
            "trade",
            "settled: 2 x IC 10:00, credit 2.30, fees $2.60, worst case $820.00, realised -$132.60: official close",
        ),
    ]


def test_a_denied_intent_is_in_nobodys_life(database: sqlite3.Connection) -> None:
    assert database.execute("SELECT count(*) FROM trade_life WHERE trade_id = 0").fetchone() == (0,)
    assert database.execute("SELECT count(*) FROM intents WHERE trade_id = 0").fetchone() == (2,)


def test_every_cell_of_a_life_says_something(database: sqlite3.Connection) -> None:
    assert database.execute("SELECT count(*) FROM trade_life WHERE text IS NULL OR time IS NULL").fetchone() == (0,)


def test_a_trade_is_summed_up_as_it_last_stood(database: sqlite3.Connection) -> None:
    row = database.execute(
        "SELECT name, trade_id, key, status, quantity, credit_usd, fees_usd, realised_usd, worst_case_usd,"
        " began, changed, text, origin FROM trade_summary"
    ).fetchall()
    rest = (
        7,
        "10:00",
        "settled",
        2,
        2.3,
        2.6,
        -132.6,
        820.0,
        "2024-08-07T14:00:00.000Z",
        "2024-08-07T14:06:00.000Z",
        "official close",
        "simulated",
    )
    assert row == [("main-2024-08-07-SPXW-1", *rest), ("main-2024-08-07-SPXW-2", *rest)]


def test_an_order_stands_as_its_last_event_says(database: sqlite3.Connection) -> None:
    rows = database.execute("SELECT session, status, filled, limit_usd, ordered, changed FROM orders_now").fetchall()
    stands = ("filled", 2, 2.3525, "2024-08-07T14:00:00.000Z", "2024-08-07T14:01:00.000Z")
    assert rows == [(session, stands[0], stands[1], -stands[2], *stands[3:]) for session in (1, 2)]


def test_the_queries_of_the_manual_answer(database: sqlite3.Connection) -> None:
    manual = (Path(__file__).parents[2] / "docs" / "journal.md").read_text(encoding="utf-8")
    queries = re.findall(r"```sql\n(.*?)```", manual, flags=re.DOTALL)
    assert len(queries) >= 4
    for query in queries:
        assert database.execute(query.replace("main-2024-08-07-SPXW-1", "main-2024-08-07-SPXW-2")).fetchall(), query


def test_the_manual_names_every_table(database: sqlite3.Connection) -> None:
    manual = (Path(__file__).parents[2] / "docs" / "journal.md").read_text(encoding="utf-8")
    names = [name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type IN ('table', 'view')")]
    assert [name for name in names if f"| `{name}` |" not in manual] == []


def test_a_life_is_found_without_reading_other_sessions(database: sqlite3.Connection) -> None:
    plan = database.execute(
        "EXPLAIN QUERY PLAN SELECT text FROM trade_life WHERE session = 1 AND trade_id = 7"
    ).fetchall()
    steps = [row[3] for row in plan]
    scans = [step for step in steps if step.startswith("SCAN") and "VIRTUAL TABLE" not in step]
    assert all(step in ("SCAN life", "SCAN (subquery-1)") or "CONSTANT" in step for step in scans), steps


def test_the_summary_counts_what_was_traded_and_adds_what_is_over(tmp_path: Path) -> None:
    with JournalWriter(tmp_path / "j.sqlite") as writer:
        session = writer.begin_session(info(), mode="demo")
        writer.append(
            [
                trade(1, "working", 1, fees=0),
                trade(1, "abandoned", 2, fees=0),
                trade(1, "open", 3, fees=1_0000),
                trade(1, "open", 4),
                trade(2, "closed", 4, realised=12_3400, fees=2_0000),
                trade(2, "settled", 5, realised=-50_0000, fees=3_0000),
                trade(2, "settled_provisional", 6, realised=1_0000, fees=0),
                trade(2, "settled", 7, realised=0, fees=0),
            ],
            progress(1),
        )
    with JournalReader(tmp_path / "j.sqlite") as reader:
        wanted = SessionSummary(trades=5, open=1, wins=2, pnl=-36_6600, fees=6_0000, worst=-50_0000, provisional=True)
        assert reader.summary(session) == wanted
        assert reader.summaries() == {session: wanted}
