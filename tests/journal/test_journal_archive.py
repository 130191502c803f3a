"""Old sessions move whole, both files verify by themselves and as a pair, and a crash in the middle loses nothing."""

from __future__ import annotations

import datetime as dt
import shutil
import sqlite3
from pathlib import Path
from typing import Any

import msgspec
import pytest
from journal_evidence import behind_its_back, play, sql
from journal_samples import DAY, info, life, progress, signal

from engine.journal import JournalError, JournalReader, JournalWriter
from engine.journal.anchors import Anchor, anchor_lines, read_anchors
from engine.journal.archive import archive
from engine.journal.lineage import verify_lineage
from engine.journal.mapping import BY_TABLE
from engine.journal.restoring import restore
from engine.journal.verify import verify

NOON = 1_723_046_400.0
LATER = DAY + dt.timedelta(days=30)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "main.sqlite"


def on_day(path: Path, day: dt.date, end: bool = True) -> int:
    with JournalWriter(path) as writer:
        session = writer.begin_session(msgspec.structs.replace(info(), day=day), mode="demo")
        for seq, records in enumerate(life(), 1):
            writer.append(records, progress(seq))
        if end:
            writer.end_session("completed")
    return session


def content(path: Path, session: int) -> list[Any]:
    with JournalReader(path) as reader:
        return [reader.session(session), reader.runs(session), reader.records(session)]


def days(path: Path) -> list[dt.date]:
    with JournalReader(path) as reader:
        return [row.info.day for row in reader.sessions()]


def test_old_sessions_move_whole_and_the_chain_goes_on(path: Path) -> None:
    for number in range(3):
        on_day(path, DAY + dt.timedelta(days=number))
    before = {session: content(path, session) for session in (1, 2, 3)}
    head = verify(path).head
    done = archive(path, DAY + dt.timedelta(days=2), now=NOON)
    assert done.file is not None
    assert done.file.parent.name == "archive"
    assert done.file.stat().st_mode & 0o777 == 0o600
    assert {session: content(done.file, session) for session in (1, 2)} == {s: before[s] for s in (1, 2)}
    assert content(path, 3) == before[3]
    assert days(path) == [DAY + dt.timedelta(days=2)]
    stays, moved = verify(path), verify(done.file)
    assert stays.problems == moved.problems == ()
    assert stays.base == moved.head
    assert stays.head.links == head.links + 1, "what moved is one more entry of the chain"
    assert sum(sql(path, f"SELECT count(*) FROM {table} WHERE session < 3")[0][0] for table in BY_TABLE) == 0  # type: ignore[misc]
    pair = verify_lineage(path, archives=True)
    assert (pair.sound, len(pair.archives)) == (True, 1)


def test_numbers_names_and_order_epochs_go_on_after_everything_moved(path: Path) -> None:
    play(path, 2)
    last_id = max(sql(path, f"SELECT coalesce(MAX(id), 0) FROM {table}")[0][0] for table in BY_TABLE)  # type: ignore[type-var]
    done = archive(path, LATER, now=NOON)
    assert done.file is not None
    with JournalReader(path) as reader:
        assert reader.sessions() == []
        assert reader.runs_of_day("main", DAY) == 2
    play(path)
    with JournalReader(path) as reader:
        (row,) = reader.sessions()
        assert (row.session, row.name) == (3, "main-2024-08-07-SPXW-3")
        assert reader.runs_of_day("main", DAY) == 3
        assert reader.runs(3)[0].run == 3
    assert sql(path, "SELECT MIN(id) FROM signals")[0][0] == last_id + 1  # type: ignore[operator]
    assert verify(path).sound


def test_archive_upon_archive_is_one_chain(path: Path) -> None:
    for number in range(4):
        on_day(path, DAY + dt.timedelta(days=number))
    kept = [Anchor(head=day.head, links=day.links, day=day.day) for day in verify(path).days]
    assert len(kept) == 4
    for number in range(1, 4):
        assert archive(path, DAY + dt.timedelta(days=number), now=NOON).file is not None
    found = verify_lineage(path, kept, archives=True)
    assert found.problems == ()
    assert (found.sound, found.proven, len(found.archives)) == (True, 4, 3)
    assert [verdict.base for verdict in (found.journal, *found.archives[:-1])] == [v.head for v in found.archives]


@pytest.mark.parametrize("end", [True, False])
def test_an_open_session_or_a_later_day_keeps_what_came_after_it(path: Path, end: bool) -> None:
    on_day(path, DAY)
    on_day(path, LATER if end else DAY, end=end)
    on_day(path, DAY)
    done = archive(path, LATER, now=NOON)
    assert done.plan.stays.startswith("main-2024-09-06-SPXW-1 is of" if end else "main-2024-08-07-SPXW-2 is open")
    assert [each.session for each in done.plan.sessions] == [1]
    assert len(days(path)) == 2
    again = archive(path, LATER, now=NOON)
    assert again.file is None
    assert verify_lineage(path, archives=True).sound


def test_sessions_that_lie_within_each_other_move_together_or_not_at_all(path: Path) -> None:
    first = on_day(path, DAY, end=False)
    on_day(path, DAY)
    assert archive(path, LATER, now=NOON).file is None, "the second lies within the first, which is open"
    with JournalWriter(path) as writer:
        writer.resume(first, mode="demo")
        writer.append([signal(9)], progress(9))
        writer.end_session("completed")
    on_day(path, LATER)
    done = archive(path, LATER, now=NOON)
    assert [each.session for each in done.plan.sessions] == [1, 2]
    assert verify_lineage(path, archives=True).sound


def test_a_journal_that_is_written_edited_or_of_research_is_not_archived(path: Path, tmp_path: Path) -> None:
    play(path)
    with JournalWriter(path), pytest.raises(JournalError, match="in use by process"):
        archive(path, LATER, now=NOON)
    research = tmp_path / "research.sqlite"
    JournalWriter(research, synchronous="NORMAL").close()
    with pytest.raises(JournalError, match="no hash chain"):
        archive(research, LATER, now=NOON)
    with behind_its_back(path) as connection:
        connection.execute("UPDATE fills SET fee_e4 = 0")
    with pytest.raises(JournalError, match="does not verify, so nothing is moved"):
        archive(path, LATER, now=NOON)
    assert days(path) == [DAY]
    assert not (tmp_path / "archive").exists()


STEPS = ("_copy", "_write", "_delete", "chain.note")


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("after", [False, True])
def test_cut_off_at_any_step_nothing_is_lost_and_the_next_attempt_finishes(
    path: Path, monkeypatch: pytest.MonkeyPatch, step: str, after: bool
) -> None:
    import engine.journal.archive as module

    on_day(path, DAY)
    on_day(path, LATER)
    before = content(path, 1)
    owner: Any = module.chain if step.startswith("chain.") else module
    name = step.removeprefix("chain.")
    real = getattr(owner, name)

    def cut_off(*args: Any, **named: Any) -> None:
        if after:
            real(*args, **named)
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(owner, name, cut_off)
        with pytest.raises(KeyboardInterrupt):
            archive(path, LATER, now=NOON)
    assert verify_lineage(path, archives=True).sound
    moved = step == "_delete" and after
    if not moved:
        assert content(path, 1) == before
        assert archive(path, LATER, now=NOON).file is not None
    (file,) = (path.parent / "archive").glob("*.sqlite")
    assert content(file, 1) == before
    assert days(path) == [LATER]
    assert list((path.parent / "archive").glob(".*")) == []
    pair = verify_lineage(path, archives=True)
    assert (pair.sound, len(pair.archives)) == (True, 1)


def test_an_archive_that_is_not_of_these_sessions_is_not_taken_for_it(path: Path, tmp_path: Path) -> None:
    on_day(path, DAY)
    copy = Path(shutil.copy(path, tmp_path / "copy.sqlite"))
    done = archive(copy, LATER, now=NOON, folder=tmp_path / "elsewhere")
    assert done.file is not None
    other = tmp_path / "archive" / done.file.name.replace("copy", "main")
    other.parent.mkdir()
    with JournalWriter(other) as writer:
        writer.begin_session(info(), mode="demo")
        writer.end_session("completed")
    with pytest.raises(JournalError, match="not of these sessions, so nothing is deleted"):
        archive(path, LATER, now=NOON)
    assert days(path) == [DAY]


# The pair.


def test_an_edited_exchanged_or_missing_archive_is_named(path: Path, tmp_path: Path) -> None:
    on_day(path, DAY)
    kept = tmp_path / "heads"
    kept.write_bytes(b"".join(anchor_lines(verify(path).days)))
    on_day(path, LATER)
    file = archive(path, LATER, now=NOON).file
    assert file is not None
    assert verify_lineage(path, read_anchors(kept)).proven == 1, "a head before the journal's first link is looked for"
    saved = file.read_bytes()
    with behind_its_back(file) as connection:
        connection.execute("UPDATE fills SET price_e4 = 1")
    assert not verify_lineage(path, archives=True).sound
    assert verify(path).sound
    file.unlink()
    play(file)
    exchanged = verify_lineage(path, archives=True)
    assert not exchanged.sound
    file.unlink()
    missing = verify_lineage(path, read_anchors(kept), archives=True)
    assert missing.absent == (file.name,)
    assert not missing.sound
    assert verify_lineage(path).sound, "by itself the journal needs no archive"
    (tmp_path / "moved").mkdir()
    (tmp_path / "moved" / file.name).write_bytes(saved)
    assert verify_lineage(path, read_anchors(kept), folder=tmp_path / "moved").sound


def test_cutting_the_beginning_off_without_an_archive_is_named(path: Path) -> None:
    on_day(path, DAY)
    on_day(path, LATER)
    archive(path, LATER, now=NOON)
    with behind_its_back(path) as connection:
        connection.execute("UPDATE archives SET head = ?", ("0" * 64,))
    assert any("archived" in line or "is not what link" in line for line in verify(path).problems)
    with behind_its_back(path) as connection:
        connection.execute("DELETE FROM archived")
        connection.execute("DELETE FROM archives")
    assert any("missing" in line for line in verify(path).problems)


def test_an_archive_restores_like_any_backup(path: Path, tmp_path: Path) -> None:
    on_day(path, DAY)
    on_day(path, LATER)
    file = archive(path, LATER, now=NOON).file
    assert file is not None
    target = tmp_path / "looked-at.sqlite"
    assert restore(file, target, now=NOON).verdict.sound
    assert days(target) == [DAY]
    second = archive(path, LATER + dt.timedelta(days=1), now=NOON).file
    assert second is not None
    assert restore(second, tmp_path / "second.sqlite", now=NOON).verdict.sound


def test_an_archive_is_written_no_more(path: Path) -> None:
    on_day(path, DAY)
    file = archive(path, LATER, now=NOON).file
    assert file is not None
    with pytest.raises(JournalError, match="is an archive, which is written no more"):
        JournalWriter(file)
    for table in (*BY_TABLE, "chain", "session_log", "sessions"):
        if sql(file, f"SELECT count(*) FROM {table} WHERE session = 1") != [(0,)]:
            with pytest.raises(sqlite3.IntegrityError):
                sql(file, f"DELETE FROM {table} WHERE session = 1")


def test_a_beginning_cut_off_does_not_pass_for_an_archive_that_is_written_on(path: Path) -> None:
    on_day(path, DAY)
    on_day(path, LATER)
    with behind_its_back(path) as connection:
        link, head = connection.execute("SELECT MAX(link), hash FROM chain WHERE session = 1").fetchone()
        for table in BY_TABLE:
            connection.execute(f"DELETE FROM {table} WHERE session = 1")
        connection.execute("DELETE FROM runs WHERE session = 1")
        connection.execute("DELETE FROM sessions WHERE session = 1")
        connection.execute("DELETE FROM session_log WHERE entry <= ?", (link,))
        connection.execute("DELETE FROM chain WHERE link <= ?", (link,))
        connection.execute("INSERT INTO archives VALUES (1, 'x', 'then', ?, ?, 99, 9, 1)", (link, head))
    (line,) = verify(path).problems
    assert "the session log does not say so" in line


def test_epochs_of_a_restored_journal_outlive_its_archive(path: Path, tmp_path: Path) -> None:
    play(path)
    copy = Path(shutil.copy(path, tmp_path / "copy.sqlite"))
    restore(copy, path, now=NOON)
    with JournalReader(path) as reader:
        epochs = reader.runs_of_day("main", DAY)
    archive(path, LATER, now=NOON)
    on_day(path, LATER)
    archive(path, LATER + dt.timedelta(days=1), now=NOON)
    with JournalReader(path) as reader:
        assert reader.runs_of_day("main", DAY) >= epochs
