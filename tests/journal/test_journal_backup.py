"""A backup is whole or not there, a restore loses nothing, and a schedule needs no hand."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import pytest
from journal_evidence import behind_its_back, play, sql
from journal_samples import DAY, info, life, progress, signal

from engine.journal import JournalError, JournalReader, JournalWriter
from engine.journal.backup import backup, backup_folder, backups, let_go
from engine.journal.drill import drill
from engine.journal.restoring import restore
from engine.journal.schedule import BackupSchedule
from engine.journal.verify import verify

NOON = 1_723_046_400.0  # 2024-08-07 16:00:00 UTC


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "main.sqlite"


def files(folder: Path) -> set[str]:
    return {file.name for file in folder.iterdir()}


# Backups.


def test_a_backup_is_one_private_verified_file_with_a_dated_name(path: Path) -> None:
    play(path)
    made, verdict = backup(path, now=NOON)
    assert made == backup_folder(path) / "main-20240807T160000Z.sqlite"
    assert files(made.parent) == {made.name}
    assert (made.stat().st_mode & 0o777, made.parent.stat().st_mode & 0o777) == (0o600, 0o700)
    assert verdict.head == verify(path).head == verify(made).head
    assert files(made.parent) == {made.name}, "a look leaves nothing beside it"
    again, _ = backup(path, now=NOON)
    assert again.name == "main-20240807T160000Z-2.sqlite"
    assert backups(path) == sorted([made, again])


def test_a_backup_while_a_session_writes_is_of_one_instant(path: Path, tmp_path: Path) -> None:
    with JournalWriter(path) as writer:
        session = writer.begin_session(info(), mode="demo")
        for seq in range(1, 200):
            writer.append([signal(seq, "x" * 2_000)], progress(seq))
        told: list[int] = []

        def write_on(done: int, _: int) -> None:
            told.append(done)
            writer.append([signal(1_000 + len(told))], progress(1_000 + len(told)))
            writer.flush()

        writer.flush()
        made, verdict = backup(path, tmp_path / "copy.sqlite", now=NOON, step=write_on)
        assert told
        with JournalReader(made) as reader:
            assert [record.seq for record in reader.records(session)] == list(range(1, 200))
    assert verdict.sound


def test_nothing_is_written_over_and_nothing_half_is_left(path: Path, tmp_path: Path) -> None:
    play(path)
    (tmp_path / "there.sqlite").write_text("somebody's")
    with pytest.raises(JournalError, match="is there already"):
        backup(path, tmp_path / "there.sqlite", now=NOON)
    assert (tmp_path / "there.sqlite").read_text() == "somebody's"
    with pytest.raises(JournalError, match="No such file"):
        backup(path, tmp_path / "no" / "such.sqlite", now=NOON)
    with behind_its_back(path) as connection:
        connection.execute("UPDATE fills SET price_e4 = 1")
    with pytest.raises(JournalError, match="does not verify and is not kept: fills"):
        backup(path, now=NOON)
    assert files(backup_folder(path)) == set()


def test_a_backup_on_a_full_disk_leaves_nothing(path: Path, tmp_path: Path) -> None:
    with JournalWriter(path) as writer:
        writer.begin_session(info(), mode="demo")
        writer.append([signal(1, "x" * 300_000)], progress(1))
    code = (
        "import resource, sys; from pathlib import Path\n"
        "from engine.journal.backup import backup; from engine.journal import JournalError\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))\n"
        "try: backup(Path(sys.argv[1]), Path(sys.argv[2]), now=0.0)\n"
        "except JournalError as error: print(error)\n"
    )
    target = tmp_path / "elsewhere"
    target.mkdir()
    done = subprocess.run(
        [sys.executable, "-c", code, str(path), str(target)], capture_output=True, text=True, check=True
    )
    assert "cannot copy" in done.stdout
    assert done.stdout.count("\n") == 1
    assert files(target) == set()


def test_only_the_newest_dated_backups_of_this_journal_stay(path: Path) -> None:
    play(path)
    folder = backup_folder(path)
    made = [backup(path, now=NOON + minute * 60)[0] for minute in range(5)]
    (folder / "main-mine.sqlite").write_text("a name of my own")
    (folder / "other-20240807T160000Z.sqlite").write_text("another account's")
    abandoned = folder / ".main-20240807T160000Z.sqlite.1.partial"
    abandoned.write_text("of a process that was killed")
    os.utime(abandoned, (1, 1))
    assert let_go(path, folder, 0) == []
    assert not abandoned.exists()
    assert let_go(path, folder, 2) == made[:3]
    assert files(folder) == {made[3].name, made[4].name, "main-mine.sqlite", "other-20240807T160000Z.sqlite"}


# The schedule.


def wait_for(condition: object, seconds: float = 60) -> None:
    until = time.monotonic() + seconds
    while not condition() and time.monotonic() < until:  # type: ignore[operator]
        time.sleep(0.02)


def test_a_schedule_backs_up_in_a_process_of_its_own_until_the_writer_is_closed(path: Path) -> None:
    with JournalWriter(path) as writer:
        writer.begin_session(info(), mode="demo")
        writer.append([signal(1)], progress(1))
        writer.flush()
        schedule = BackupSchedule.beside(writer, minutes=0.001, keep=1)
        wait_for(lambda: schedule.made >= 2)
    made = schedule.made
    assert made >= 2
    assert schedule.problem == ""
    (left,) = backups(path)
    assert verify(left).sound
    time.sleep(0.2)
    assert schedule.made == made, "it ended with the writer"


def test_a_backup_that_fails_is_told_and_tried_again(path: Path) -> None:
    play(path)
    blocked = path.parent / "backups"
    blocked.write_text("no folder")
    with BackupSchedule(path, minutes=0.001, keep=0) as schedule:
        wait_for(lambda: schedule.problem)
        assert "backups" in schedule.problem
        assert "\n" not in schedule.problem
        blocked.unlink()
        wait_for(lambda: schedule.made)
        assert schedule.problem == ""


def test_zero_minutes_start_nothing(path: Path) -> None:
    play(path)
    with BackupSchedule(path, minutes=0, keep=1) as schedule:
        assert schedule._thread is None
    assert not backup_folder(path).exists()


# Restoring.


def test_what_a_backup_replaces_is_kept_and_the_chain_says_so(path: Path) -> None:
    play(path)
    made, saved = backup(path, now=NOON)
    play(path)
    newest = verify(path).head
    done = restore(made, path, now=NOON + 60)
    assert done.replaced == path.with_name("main.replaced-20240807T160100Z.sqlite")
    assert verify(done.replaced).head == newest
    assert (done.verdict.sessions, verify(path).head.links) == (1, saved.head.links + 1)
    assert sql(path, "SELECT event FROM session_log ORDER BY entry DESC LIMIT 1") == [("restore",)]
    assert path.stat().st_mode & 0o777 == 0o600
    play(path)
    assert verify(path).sound


def test_what_waited_in_the_wal_of_a_killed_writer_is_kept(path: Path) -> None:
    play(path)
    made, _ = backup(path, now=NOON)
    code = (
        f"import os, sys; sys.path.insert(0, {str(Path(__file__).parent)!r})\n"
        "from pathlib import Path; from journal_samples import info, progress, signal\n"
        "from engine.journal import JournalWriter\n"
        "writer = JournalWriter(Path(sys.argv[1])); writer.begin_session(info(), mode='demo')\n"
        "writer.append([signal(1, 'waits in the WAL')], progress(1)); writer.flush(); os.kill(os.getpid(), 9)\n"
    )
    subprocess.run([sys.executable, "-c", code, str(path)], check=False)
    assert path.with_name("main.sqlite-wal").stat().st_size
    done = restore(made, path, now=NOON)
    assert done.replaced is not None
    assert sql(done.replaced, "SELECT count(*) FROM signals WHERE text = 'waits in the WAL'") == [(1,)]
    assert sql(path, "SELECT count(*) FROM signals WHERE text = 'waits in the WAL'") == [(0,)]
    assert verify(path).sound


def test_a_damaged_journal_is_set_aside_with_its_wal(path: Path) -> None:
    play(path)
    made, _ = backup(path, now=NOON)
    path.write_bytes(b"this is prose" * 1_000)
    path.with_name("main.sqlite-wal").write_bytes(b"frames")
    done = restore(made, path, now=NOON)
    assert done.replaced is not None
    assert done.replaced.read_bytes().startswith(b"this is prose")
    assert done.replaced.with_name(done.replaced.name + "-wal").read_bytes() == b"frames"
    assert verify(path).sound


def test_a_journal_that_is_gone_is_restored(path: Path) -> None:
    play(path)
    made, _ = backup(path, now=NOON)
    path.unlink()
    assert restore(made, path, now=NOON).replaced is None
    assert verify(path).sound


def test_a_journal_that_is_written_is_not_replaced(path: Path) -> None:
    play(path)
    made, _ = backup(path, now=NOON)
    with JournalWriter(path), pytest.raises(JournalError, match="in use by process"):
        restore(made, path, now=NOON)
    assert not list(path.parent.glob("*replaced*"))


def test_nothing_is_restored_from_an_edited_backup_or_another_accounts(path: Path, tmp_path: Path) -> None:
    play(path)
    made, _ = backup(path, now=NOON)
    before = path.read_bytes()
    with behind_its_back(made) as connection:
        connection.execute("DELETE FROM fills")
    with pytest.raises(JournalError, match="does not verify, so nothing is restored"):
        restore(made, path, now=NOON)
    other = play(tmp_path / "other.sqlite", account="other")
    with pytest.raises(JournalError, match="of the account other"):
        restore(other, path, now=NOON)
    assert path.read_bytes() == before
    assert not list(tmp_path.glob("*replaced*"))
    assert not list(tmp_path.glob(".*"))


def test_no_order_id_is_used_twice_after_a_restore(path: Path) -> None:
    """Runs that were lost since the backup may have sent orders: what follows takes no number of theirs."""
    play(path)
    made, _ = backup(path, now=NOON)
    play(path, sessions=3)
    with JournalReader(path) as reader:
        lost = reader.runs_of_day("main", DAY)
    restore(made, path, now=NOON)
    with JournalReader(path) as reader:
        first = reader.runs_of_day("main", DAY)
    assert first > lost
    play(path)
    with JournalReader(path) as reader:
        assert reader.runs_of_day("main", DAY) == first + 1
    restore(made, path, now=NOON + 600)
    with JournalReader(path) as reader:
        assert reader.runs_of_day("main", DAY) > first + 1


def test_a_session_that_was_open_goes_on_after_a_restore(path: Path) -> None:
    play(path, end=False)
    made, _ = backup(path, now=NOON)
    path.unlink()
    restore(made, path, now=NOON)
    with JournalReader(path) as reader:
        left = reader.open_session("main")
    assert left is not None
    with JournalWriter(path) as writer:
        writer.resume(left.session, mode="demo")
        writer.append([signal(9)], progress(9))
        writer.end_session("completed")
    assert verify(path).sound


# The drill.


@pytest.mark.parametrize("sessions", [0, 2])
def test_a_drill_goes_the_whole_way_and_touches_nothing(path: Path, sessions: int) -> None:
    if sessions:
        play(path, sessions, end=False)
    else:
        JournalWriter(path).close()
    before = path.read_bytes()
    with drill(path, now=NOON) as (done, restored):
        assert done.backup.sound
        assert done.records == sessions * sum(len(records) for records in life())
        assert (done.written is not None) == bool(sessions)
        assert restored.exists()
        place = restored.parent
    assert not place.exists()
    assert path.read_bytes() == before
    assert not backup_folder(path).exists()


def test_a_drill_on_research_needs_no_chain(path: Path) -> None:
    with JournalWriter(path, synchronous="NORMAL") as writer:
        writer.begin_session(info(), mode="backtest")
        writer.append([signal(1)], progress(1))
        writer.end_session("completed")
    with drill(path, now=NOON) as (done, _):
        assert done.written is not None
        assert not done.written.chained


def test_a_drill_names_the_step_that_fails(path: Path) -> None:
    play(path)
    with behind_its_back(path) as connection:
        connection.execute("UPDATE signals SET text = 'other'")
    with pytest.raises(JournalError, match=r"the backup failed: .*does not verify"), drill(path, now=NOON):
        pass


def test_a_backup_needs_no_writable_folder_beside_the_journal(path: Path, tmp_path: Path) -> None:
    play(path)
    for ending in ("-wal", "-shm"):
        path.with_name(path.name + ending).unlink(missing_ok=True)
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA journal_mode=DELETE")
    target = tmp_path / "copies"
    target.mkdir()
    path.parent.chmod(0o500)
    try:
        made, _ = backup(path, target, now=NOON)
    finally:
        path.parent.chmod(0o700)
    assert verify(made).sound
