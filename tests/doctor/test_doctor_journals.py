"""Journals as the doctor meets them: sound, damaged, foreign, newer, older, open to others, being written."""

from __future__ import annotations

import datetime as dt
import os
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from engine.journal import JournalWriter, Progress, SessionInfo
from engine.types import Provenance
from zdte_tui.doctor.checks import journals
from zdte_tui.doctor.checks.journals import look_at, quick_check
from zdte_tui.doctor.finding import Finding
from zdte_tui.doctor.surroundings import look

SESSION = SessionInfo(
    account="demo",
    day=dt.date(2026, 1, 15),
    roots=("SPXW",),
    provenance=(Provenance("demo", "simulated", "quote"),),
    config_text="{}",
    config_hash="ab",
    code_version="test",
    seed=7,
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "state"
    made.mkdir(mode=0o700)
    return made


def written(path: Path, ended: bool = True) -> Path:
    with JournalWriter(path) as writer:
        writer.begin_session(SESSION, mode="demo")
        writer.append([], Progress(ts=1, seq=1))
        if ended:
            writer.end_session("completed")
    return path


def examine(path: Path, subject: str = "account demo") -> list[Finding]:
    """The findings, after which nothing has appeared, gone or changed."""
    before = _files(path.parent)
    found = list(look_at(subject, path))
    assert _files(path.parent) == before
    return found


def _files(folder: Path) -> dict[str, bytes]:
    return {each.name: each.read_bytes() for each in folder.iterdir() if each.is_file()}


def worst(found: list[Finding]) -> Finding:
    return max(found, key=lambda finding: ("ok", "note", "warn", "fail").index(finding.state))


def test_no_journal_yet_is_no_fault(folder: Path) -> None:
    assert [each.state for each in examine(folder / "demo.sqlite")] == ["ok"]


def test_a_sound_journal_leaves_no_trace_of_the_look(folder: Path) -> None:
    (found,) = examine(written(folder / "demo.sqlite"))
    assert found.state == "ok"
    assert "sound, at rest" in found.seen
    assert {each.name for each in folder.iterdir()} == {"demo.sqlite", "demo.sqlite.lock"}


def test_unfinished_sessions_are_named(folder: Path) -> None:
    found = worst(examine(written(folder / "demo.sqlite", ended=False)))
    assert found.state == "note"
    assert "demo-2026-01-15-SPXW-1" in found.seen
    assert "--demo" in found.mend


def test_the_writer_of_a_journal_is_named_and_its_session_is_not_unfinished(folder: Path) -> None:
    path = folder / "demo.sqlite"
    with JournalWriter(path) as writer:
        writer.begin_session(SESSION, mode="demo")
        writer.flush()
        (found,) = list(look_at("account demo", path))
    assert found.state == "ok"
    assert f"in use by process {os.getpid()}" in found.seen


def test_a_newer_journal_is_a_fault_and_an_older_one_is_not(folder: Path) -> None:
    path = written(folder / "demo.sqlite")
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA user_version = 99")
    newer = worst(examine(path))
    assert newer.state == "fail"
    assert "schema 99" in newer.seen
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA user_version = 0")
    older = worst(examine(path))
    assert older.state == "note"
    assert "brings it up to date" in older.mend


@pytest.mark.parametrize("content", [b"", b"hello, I am not a database " * 99, b"SQLite format 3\0" + bytes(4096)])
def test_a_file_that_is_no_journal(content: bytes, folder: Path) -> None:
    path = folder / "demo.sqlite"
    path.write_bytes(content)
    found = worst(examine(path))
    assert (found.state, bool(found.mend)) == ("fail", True)


def test_another_programs_database_is_not_told_to_change_its_mode(folder: Path) -> None:
    path = folder / "demo.sqlite"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE bookmarks (url TEXT)")
    path.chmod(0o644)
    (found,) = examine(path)
    assert found.state == "fail"
    assert "not a journal" in found.seen


def test_a_damaged_journal(folder: Path) -> None:
    path = written(folder / "demo.sqlite")
    data = bytearray(path.read_bytes())
    data[8192:40960] = b"\xa5" * (40960 - 8192)
    path.write_bytes(data)
    found = worst(examine(path))
    assert found.state == "fail"
    assert found.mend
    path.write_bytes(bytes(data[:5000]))
    assert worst(examine(path)).state == "fail"


def test_a_folder_in_place_of_a_journal(folder: Path) -> None:
    (folder / "demo.sqlite").mkdir()
    (found,) = look_at("account demo", folder / "demo.sqlite")
    assert found.state == "fail"


def test_a_journal_others_may_read_is_a_warning(folder: Path) -> None:
    path = written(folder / "demo.sqlite")
    path.chmod(0o644)
    found = worst(examine(path))
    assert (found.state, found.mend) == ("warn", f"chmod 600 {path}")


def test_commits_that_wait_in_a_wal_without_its_index_are_left_alone(folder: Path) -> None:
    path = folder / "demo.sqlite"
    with JournalWriter(path) as writer:
        writer.begin_session(SESSION, mode="demo")
        writer.flush()
        copies = folder / "copy"
        copies.mkdir(mode=0o700)
        for name in ("demo.sqlite", "demo.sqlite-wal"):
            shutil.copy(folder / name, copies / name)
    found = worst(examine(copies / "demo.sqlite"))
    assert found.state == "note"
    assert "demo.sqlite-wal" in found.seen


def test_a_large_journal_is_not_checked_for_ever(folder: Path) -> None:
    with closing(sqlite3.connect(folder / "large.sqlite")) as connection:
        connection.execute("CREATE TABLE numbers (n INTEGER, t TEXT)")
        rows = ((number, "x" * 50) for number in range(60_000))
        connection.executemany("INSERT INTO numbers VALUES (?, ?)", rows)
        assert quick_check(connection, budget=60.0) == ("", True)
        assert quick_check(connection, budget=-1.0) == ("", False)


def test_every_journal_of_the_configuration_is_looked_at_once(folder: Path) -> None:
    one = f"{folder}/one.sqlite"
    settings = [f"journal.path={one}", f"research.path={folder}/r.sqlite", "account.name=main"]
    found = list(journals.check(look([], settings, frozenset(), online=False)))
    assert [each.subject for each in found] == ["account main", "research"]
