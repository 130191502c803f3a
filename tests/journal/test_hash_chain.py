"""Every row of an account's journal has its link; research has none; an older journal gets them."""

from __future__ import annotations

import hashlib
import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from journal_evidence import play, play_with_restart, sql
from journal_samples import info, life, progress, records_of, signal

from engine.events import RECORD_TYPES, MarkRecord
from engine.journal import JournalError, JournalReader, JournalWriter
from engine.journal.mapping import BY_TABLE
from engine.journal.schema import MIGRATIONS, prepare
from engine.journal.verify import verify


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "main.sqlite"


def test_the_links_are_what_the_manual_says(path: Path) -> None:
    """Worked out again with nothing of the program: hashes, JSON, SQLite."""
    play_with_restart(path)
    connection = sqlite3.connect(path)
    connection.row_factory = sqlite3.Row
    before = "0" * 64
    links = connection.execute("SELECT * FROM chain ORDER BY link").fetchall()
    for number, link in enumerate(links, 1):
        key = "entry" if link["subject"] == "session_log" else "id"
        row = connection.execute(f"SELECT * FROM {link['subject']} WHERE {key} = ?", (link["row"],)).fetchone()
        held = {"table": link["subject"]} | {name: row[name] for name in row.keys() if row[name] is not None}  # noqa: SIM118
        text = json.dumps(held, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        before = hashlib.sha256((before + text).encode()).hexdigest()
        assert (link["link"], link["hash"]) == (number, before)
    connection.close()
    rows = sum(sql(path, f"SELECT count(*) FROM {table}")[0][0] for table in (*BY_TABLE, "session_log"))  # type: ignore[misc]
    assert len(links) == rows


def test_sessions_begin_go_on_and_end_in_the_log(path: Path) -> None:
    play_with_restart(path)
    events = [event for (event,) in sql(path, "SELECT event FROM session_log ORDER BY entry")]
    assert events == ["origin", "begin", "stop", "resume", "end", "begin", "end"]
    assert sql(path, "SELECT count(*) FROM session_log JOIN chain ON link = entry AND subject = 'session_log'") == [
        (7,)
    ]
    assert verify(path).sound


def test_records_of_one_transaction_are_linked_in_their_order(path: Path) -> None:
    with JournalWriter(path, commit="flush") as writer:
        writer.begin_session(info(), mode="demo")
        for seq, records in enumerate(life(), 1):
            writer.append(records, progress(seq))
        writer.flush()
    ids = [row for (row,) in sql(path, "SELECT row FROM chain WHERE subject <> 'session_log' ORDER BY link")]
    assert ids == sorted(ids)  # type: ignore[type-var]
    assert verify(path).sound


@settings(max_examples=60)
@given(st.lists(st.sampled_from(RECORD_TYPES).flatmap(records_of), max_size=8))
def test_whatever_a_record_holds_its_link_verifies(tmp_path_factory: pytest.TempPathFactory, records: list) -> None:  # type: ignore[type-arg]
    path = tmp_path_factory.mktemp("any") / "main.sqlite"
    with JournalWriter(path) as writer:
        writer.begin_session(info(), mode="demo")
        writer.append(records, progress(2**62))
    about_rows = [line for line in verify(path).problems if "link" in line]
    assert about_rows == []


@pytest.mark.parametrize("value", [-0.0, 3, 1e300, 5e-324, float("inf"), float("nan")])
def test_a_number_is_linked_as_sqlite_keeps_it(path: Path, value: float) -> None:
    record = MarkRecord(
        seq=1, ts=1, account="main", trade_id=1, spot=None, pnl_mid=None, pnl_now=None,
        delta=value, gamma=value, theta=value, vega=value, why="",
    )  # fmt: skip
    with JournalWriter(path) as writer:
        writer.begin_session(info(), mode="demo")
        writer.append([record], progress(1))
    assert verify(path).sound


# Research.


def test_research_has_no_chain_and_says_so(path: Path) -> None:
    with JournalWriter(path, synchronous="NORMAL", commit="flush") as writer:
        writer.begin_session(info(), mode="backtest")
        writer.append([signal(1)], progress(1))
        writer.end_session("completed")
    verdict = verify(path)
    assert (verdict.sound, verdict.chained, verdict.rows) == (True, False, 0)
    assert sql(path, "SELECT count(*) FROM chain") == [(0,)]


def test_an_account_and_research_do_not_share_a_journal(path: Path, tmp_path: Path) -> None:
    play(path)
    with pytest.raises(JournalError, match=r"is an account's.*research\.path"):
        JournalWriter(path, synchronous="NORMAL")
    other = tmp_path / "research.sqlite"
    with JournalWriter(other, synchronous="NORMAL") as writer:
        writer.begin_session(info(), mode="replay")
    with pytest.raises(JournalError, match=r"holds backtests or replays.*journal\.path"):
        JournalWriter(other)
    JournalWriter(other, synchronous="NORMAL").close()
    JournalWriter(path).close()


# Older journals.


def old_journal(path: Path) -> None:
    """A journal of schema 3 as the program before this one left it: a closed session and one cut off."""
    prepare(path, MIGRATIONS[:3])
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        for session, status in ((1, "closed"), (2, "open")):
            connection.execute(
                "INSERT INTO sessions "
                "VALUES (?, ?, 'main', '2024-08-07', 'SPXW', '[]', 'c0', '{}', '0.1', 7, 1, ?, NULL)",
                (session, f"main-2024-08-07-SPXW-{session}", status),
            )
            outcome = "completed" if status == "closed" else "running"
            connection.execute(
                "INSERT INTO runs VALUES (?, ?, 0, 'then', NULL, 'demo', 1.0, 'h', 1, '3.11', ?, 5, 5)",
                (session, session, outcome),
            )
            for number in range(3):
                connection.execute(
                    "INSERT INTO signals VALUES (?, ?, ?, 1, 'main', 's', 'SPXW', 'k', 'key', 'text')",
                    (session * 10 + number, session, number),
                )


def test_an_older_journal_is_linked_and_says_from_where_on_the_chain_is_original(path: Path) -> None:
    old_journal(path)
    with JournalWriter(path) as writer:
        assert writer.resume(2, mode="demo") == 1
        writer.append([signal(6)], progress(6))
        writer.end_session("completed")
    verdict = verify(path)
    assert verdict.problems == ()
    assert verdict.original_from == 9  # six records, two sessions found
    events = [event for (event,) in sql(path, "SELECT event FROM session_log ORDER BY entry")]
    assert events == ["found", "found", "origin", "resume", "end"]
    with JournalReader(path) as reader:
        assert [len(reader.records(session)) for session in (1, 2)] == [3, 4]


def test_bringing_an_older_journal_up_to_date_is_whole_or_not_at_all(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    old_journal(path)

    def fails(*_: object, **__: object) -> None:
        raise sqlite3.OperationalError("the power went")

    with monkeypatch.context() as patch:
        patch.setattr("engine.journal.chain.note", fails)
        with pytest.raises(JournalError, match="the power went"):
            JournalWriter(path)
    assert sql(path, "SELECT (SELECT count(*) FROM chain), (SELECT count(*) FROM session_log)") == [(0, 0)]
    assert "no hash chain" in verify(path).problems[0]
    JournalWriter(path).close()
    assert verify(path).sound


# Triggers.


@pytest.mark.parametrize("table", [*BY_TABLE, "chain", "session_log", "archives", "archived", "sessions", "runs"])
def test_a_row_is_neither_changed_nor_deleted_by_a_slip_of_the_hand(path: Path, table: str) -> None:
    play(path)
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        column = connection.execute(f'PRAGMA table_info("{table}")').fetchall()[1][1]
        if not connection.execute(f'SELECT count(*) FROM "{table}"').fetchone()[0]:
            columns = [row[1] for row in connection.execute(f'PRAGMA table_info("{table}")')]
            marks = ", ".join("1" for _ in columns)
            connection.execute(f'INSERT INTO "{table}" VALUES ({marks})')
        for statement in (f'UPDATE "{table}" SET "{column}" = "{column}"', f'DELETE FROM "{table}"'):
            with pytest.raises(sqlite3.IntegrityError):
                connection.execute(statement)


def test_a_session_that_was_closed_is_not_opened_again(path: Path) -> None:
    play(path)
    with pytest.raises(sqlite3.IntegrityError, match="closed"):
        sql(path, "UPDATE sessions SET status = 'open'")
