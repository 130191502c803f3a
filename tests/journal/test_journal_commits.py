"""Commits that are told, and commits that fail: a disk that is full or busy delays records and loses none."""

from __future__ import annotations

import os
import signal as signals
import sqlite3
import subprocess
import sys
import threading
from contextlib import closing
from pathlib import Path

import pytest
from journal_samples import info, life, progress, signal

from engine.journal import JournalError, JournalReader, JournalWriter
from engine.journal.verify import verify

TESTS = Path(__file__).parent


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "main.sqlite"


def seqs(path: Path) -> list[int]:
    with JournalReader(path) as reader:
        return [record.seq for record in reader.records(1)]


# on_commit.


def test_every_commit_is_told_on_the_writers_thread_once_it_is_on_disk(path: Path) -> None:
    told: list[tuple[int, str, int]] = []

    def committed(number: int) -> None:
        with JournalReader(path) as reader:
            there = len(reader.records(1)) if reader.sessions() else -1
        told.append((number, threading.current_thread().name[:7], there))

    with JournalWriter(path, on_commit=committed) as writer:
        writer.begin_session(info(), mode="demo")
        for seq in range(1, 4):
            writer.append([signal(seq)], progress(seq))
            writer.flush()
        writer.end_session("completed")
    assert told == [(number, "journal", there) for number, there in enumerate([-1, 0, 1, 2, 3, 3], 1)]


def test_what_waited_meanwhile_is_one_commit(path: Path) -> None:
    gate = threading.Event()
    told: list[int] = []

    def committed(number: int) -> None:
        told.append(number)
        if number == 3:
            gate.wait(10)

    with JournalWriter(path, on_commit=committed) as writer:
        writer.begin_session(info(), mode="demo")
        writer.append([signal(1)], progress(1))
        while len(told) < 3:
            pass
        for seq in range(2, 50):
            writer.append([signal(seq)], progress(seq))
        gate.set()
        writer.flush()
        assert told == [1, 2, 3, 4], "origin, begin, the first event, and the rest at once"
    assert seqs(path) == list(range(1, 50))


def test_an_observer_that_fails_is_told_no_more_and_nothing_is_written_twice(path: Path) -> None:
    def fails(number: int) -> None:
        if number == 3:
            raise RuntimeError("a slip")

    with JournalWriter(path, on_commit=fails) as writer:
        writer.begin_session(info(), mode="demo")
        for seq in range(1, 4):
            writer.append([signal(seq)], progress(seq))
            writer.flush()
    assert seqs(path) == [1, 2, 3]
    assert verify(path).sound


def play_and_die(path: Path, at: int) -> None:
    """A session in a process that is killed right after its ``at``-th commit."""

    def committed(number: int) -> None:
        if number == at:
            os.kill(os.getpid(), signals.SIGKILL)

    with JournalWriter(path, on_commit=committed) as writer:
        writer.begin_session(info(), mode="demo")
        for seq, records in enumerate(life(), 1):
            writer.append(records, progress(seq))
            writer.flush()
        writer.end_session("completed")


@pytest.mark.parametrize("at", range(1, 11))
def test_a_kill_at_each_commit_leaves_what_was_committed_and_a_chain_that_verifies(path: Path, at: int) -> None:
    child = os.fork()
    if not child:
        try:
            play_and_die(path, at)
        finally:
            os._exit(1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -signals.SIGKILL
    verdict = verify(path)
    assert verdict.problems == ()
    events = max(0, at - 2) if at < 10 else 7
    with JournalReader(path) as reader:
        rows = reader.sessions()
        assert [row.status for row in rows] == ([] if at == 1 else ["closed" if at == 10 else "open"])
        if rows:
            assert reader.records(1) == [record for records in life()[:events] for record in records]


# BUSY.


def test_a_busy_journal_queues_tells_and_recovers_in_order(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("engine.journal.writer._BUSY_SECONDS", 0.05)
    told: list[str] = []
    with JournalWriter(path, on_failure=lambda error: told.append(str(error))) as writer:
        writer.begin_session(info(), mode="demo")
        with closing(sqlite3.connect(path, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            for seq in range(1, 6):
                writer.append([signal(seq)], progress(seq))
            with pytest.raises(JournalError, match="locked"):
                writer.flush()
            assert (writer.waiting, writer.failure is None, len(told)) == (5, False, 1)
            other.execute("ROLLBACK")
        writer.flush()
        assert (writer.waiting, writer.failure) == (0, None)
    assert seqs(path) == [1, 2, 3, 4, 5]
    assert verify(path).sound


# A full disk.


def test_a_full_disk_leaves_the_chain_whole_when_there_is_room_again(path: Path) -> None:
    with JournalWriter(path) as writer:
        writer.begin_session(info(), mode="demo")
        for round_ in range(3):
            pages = writer._on_thread(lambda: writer._connection.execute("PRAGMA page_count").fetchone()[0])
            writer._on_thread(lambda n=pages: writer._connection.execute(f"PRAGMA max_page_count = {n}").fetchall())
            for seq in range(round_ * 10 + 1, round_ * 10 + 11):
                writer.append([signal(seq, "x" * 3_000)], progress(seq))
            with pytest.raises(JournalError, match="full"):
                writer.flush()
            assert verify(path).problems == (), "what is on disk is whole all the while"
            writer._on_thread(lambda: writer._connection.execute("PRAGMA max_page_count = 1000000").fetchall())
            writer.flush()
    assert seqs(path) == list(range(1, 31))
    assert verify(path).problems == ()


LIMITED = """
import resource
from pathlib import Path
from journal_samples import info, progress, signal
from engine.journal import JournalError, JournalReader, JournalWriter
from engine.journal.verify import verify
path = Path(sys.argv[1])
told = []
writer = JournalWriter(path, on_failure=told.append)
writer.begin_session(info(), mode="demo")
wal = path.with_name(path.name + "-wal")
failed = 0
for seq in range(1, 61):
    if seq % 20 == 1:  # from here on not another page, now and then within one
        resource.setrlimit(resource.RLIMIT_FSIZE, (wal.stat().st_size + 4096 * 3 + seq, resource.RLIM_INFINITY))
    writer.append([signal(seq, "y" * 500)], progress(seq))
    try:
        writer.flush()
    except JournalError:
        failed += 1
    if seq % 20 == 0:
        assert writer.failure is not None
        assert verify(path).problems == ()
        resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
        writer.flush()
        assert writer.failure is None and writer.waiting == 0
writer.end_session("completed")
writer.close()
with JournalReader(path) as reader:
    assert [record.seq for record in reader.records(1)] == list(range(1, 61))
assert verify(path).problems == ()
print(failed >= 3, len(told))
"""


def test_a_file_that_may_not_grow_is_a_full_disk(path: Path) -> None:
    """The limit stops a write in the middle of a frame, as a disk does."""
    script = f"import sys; sys.path.insert(0, {str(TESTS)!r})\n{LIMITED}"
    done = subprocess.run([sys.executable, "-c", script, str(path)], capture_output=True, text=True, check=False)
    assert done.stderr == ""
    assert done.stdout.split() == ["True", "3"]


def test_no_room_for_the_chains_beginning_is_one_clear_line(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise sqlite3.OperationalError("database or disk is full")

    with monkeypatch.context() as patch:
        patch.setattr("engine.journal.chain.begin", full)
        with pytest.raises(JournalError, match=r"cannot write the journal .*full"):
            JournalWriter(path)
    with JournalWriter(path) as writer:
        writer.begin_session(info(), mode="demo")
        for seq, records in enumerate(life(), 1):
            writer.append(records, progress(seq))
    assert verify(path).sound
