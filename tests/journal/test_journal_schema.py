"""A journal's file: created whole, for its owner alone, migrated or refused, never confused with another."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from journal_samples import info, progress, signal

from engine.journal import JournalError, JournalReader, JournalWriter
from engine.journal.schema import MIGRATIONS, prepare


@pytest.fixture
def journal(tmp_path: Path) -> Path:
    path = tmp_path / "main.sqlite"
    with JournalWriter(path) as writer:
        writer.begin_session(info(), mode="demo")
        writer.append([signal(1)], progress(1))
    return path


def run_sql(path: Path, sql: str) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        return connection.execute(sql).fetchall()


def test_folder_and_file_belong_to_the_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "state" / "zdte" / "main.sqlite"
    with JournalWriter(path) as writer:
        writer.begin_session(info(), mode="demo")
        modes = {file.name: file.stat().st_mode & 0o777 for file in path.parent.iterdir()}
    assert set(modes.values()) == {0o600}
    assert set(modes) == {"main.sqlite", "main.sqlite-wal", "main.sqlite-shm", "main.sqlite.lock"}
    assert path.parent.stat().st_mode & 0o777 == 0o700
    assert path.parent.parent.stat().st_mode & 0o777 == 0o700


def test_a_loose_journal_is_tightened_and_a_folder_of_yours_left_alone(journal: Path) -> None:
    journal.chmod(0o644)
    journal.parent.chmod(0o755)
    JournalWriter(journal).close()
    assert journal.stat().st_mode & 0o777 == 0o600
    assert journal.parent.stat().st_mode & 0o777 == 0o755


def test_a_newer_journal_is_refused_by_writer_and_reader(journal: Path) -> None:
    run_sql(journal, f"PRAGMA user_version = {len(MIGRATIONS) + 1}")
    for attempt in (JournalWriter, JournalReader):
        with pytest.raises(JournalError, match=r"main\.sqlite is from a newer zdte-tui .*upgrade"):
            attempt(journal)


def test_an_older_journal_is_not_read_half(journal: Path) -> None:
    run_sql(journal, f"PRAGMA user_version = {len(MIGRATIONS) - 1}")
    with pytest.raises(JournalError, match="older"):
        JournalReader(journal)


def test_another_programs_database_is_left_untouched(tmp_path: Path) -> None:
    path = tmp_path / "main.sqlite"
    run_sql(path, "CREATE TABLE recipes (name TEXT)")
    before = path.read_bytes()
    for attempt in (JournalWriter, JournalReader):
        with pytest.raises(JournalError, match="not a journal"):
            attempt(path)
    assert path.read_bytes() == before


def test_a_text_file_is_refused_in_one_line(tmp_path: Path) -> None:
    path = tmp_path / "main.sqlite"
    path.write_text("this is prose, and rather more of it than a header needs\n" * 40)
    for attempt in (JournalWriter, JournalReader):
        with pytest.raises(JournalError, match="no SQLite database") as caught:
            attempt(path)
        assert "\n" not in str(caught.value)


def test_a_refused_journal_is_not_kept_locked(journal: Path) -> None:
    run_sql(journal, "PRAGMA user_version = 99")
    with pytest.raises(JournalError):
        JournalWriter(journal)
    run_sql(journal, f"PRAGMA user_version = {len(MIGRATIONS)}")
    JournalWriter(journal).close()


def test_a_folder_that_cannot_be_made_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(JournalError, match="cannot make a folder"):
        JournalWriter(tmp_path / "file" / "below" / "main.sqlite")


def test_a_migration_keeps_what_was_written(journal: Path) -> None:
    def add_a_column(db: object) -> None:
        db.execute("ALTER TABLE signals ADD COLUMN colour TEXT NOT NULL DEFAULT 'grey'")  # type: ignore[attr-defined]

    prepare(journal, (*MIGRATIONS, add_a_column))
    assert run_sql(journal, "SELECT text, colour FROM signals") == [("credit 2.30", "grey")]
    assert run_sql(journal, "PRAGMA user_version") == [(len(MIGRATIONS) + 1,)]


@pytest.mark.parametrize("fresh", [True, False])
def test_a_migration_that_fails_leaves_the_file_as_it_was(journal: Path, tmp_path: Path, fresh: bool) -> None:
    path = tmp_path / "fresh.sqlite" if fresh else journal
    before = [] if fresh else run_sql(path, "SELECT name, sql FROM sqlite_master")

    def half(db: object) -> None:
        db.table("extra").create({"x": int})  # type: ignore[attr-defined]
        raise RuntimeError("the power went")

    with pytest.raises(RuntimeError):
        prepare(path, (*MIGRATIONS, half))
    assert run_sql(path, "SELECT name, sql FROM sqlite_master") == before
    assert run_sql(path, "PRAGMA user_version") == [(0 if fresh else len(MIGRATIONS),)]
    prepare(path)
    assert run_sql(path, "PRAGMA integrity_check") == [("ok",)]


def test_an_existing_journal_opens_without_importing_sqlite_utils(journal: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from engine.journal import JournalReader, JournalWriter\n"
        f"JournalWriter(Path({str(journal)!r})).close(); JournalReader(Path({str(journal)!r})).close()\n"
        "print(sorted({'sqlite_utils', 'pandas', 'numpy.random'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "sqlite_utils" not in done.stdout
