"""The writer: durable in order, one at a time, loud when it cannot write."""

from __future__ import annotations

import os
import signal as signals
import sqlite3
import subprocess
import sys
import threading
import time
from contextlib import closing
from pathlib import Path

import pytest
from journal_samples import info, life, progress, signal, trade

from engine.events import RECORD_TYPES, SignalRecord, TradeRecord
from engine.journal import JournalError, JournalReader, JournalWriter, Progress

TESTS = Path(__file__).parent


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "main.sqlite"


def count(path: Path, table: str = "signals") -> int:
    with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True)) as connection:
        found: int = connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0]
        return found


def on_connection(writer: JournalWriter, sql: str) -> None:
    """Run a statement on the writer's own connection, in its thread."""
    writer._on_thread(lambda: writer._connection.execute(sql).fetchall())


def child(code: str, *args: str) -> subprocess.Popen[str]:
    script = f"import sys; sys.path.insert(0, {str(TESTS)!r})\n{code}"
    return subprocess.Popen([sys.executable, "-c", script, *args], stdout=subprocess.PIPE, text=True)


# Order and completeness.


def test_records_come_back_in_the_order_of_writing(path: Path) -> None:
    events = life()
    with JournalWriter(path) as writer:
        session = writer.begin_session(info(), mode="demo")
        for number, records in enumerate(events, 1):
            writer.append(records, progress(number))
    with JournalReader(path) as reader:
        assert reader.records(session) == [record for records in events for record in records]
        some = reader.records(session, [TradeRecord, SignalRecord])
        assert some == [r for records in events for r in records if isinstance(r, TradeRecord | SignalRecord)]
        assert reader.progress(session) == progress(len(events))


def test_what_was_flushed_is_on_disk_for_everybody(path: Path) -> None:
    with JournalWriter(path) as writer:
        writer.begin_session(info(), mode="demo")
        for number in range(1, 51):
            writer.append([signal(number)], progress(number))
        writer.flush()
        assert writer.waiting == 0
        assert count(path) == 50


def test_a_backtest_commits_only_on_flush(path: Path) -> None:
    with JournalWriter(path, synchronous="NORMAL", commit="flush") as writer:
        session = writer.begin_session(info(), mode="backtest")
        for number in range(1, 21):
            writer.append([signal(number)], progress(number))
        assert count(path) == 0
        assert writer.waiting == 20
        writer.flush()
        assert count(path) == 20
        writer.append([signal(21)], progress(21))
        writer.end_session("finished")
        assert count(path) == 21
    with JournalReader(path) as reader:
        assert reader.progress(session) == progress(21)


def test_an_event_without_records_moves_the_progress(path: Path) -> None:
    with JournalWriter(path) as writer:
        session = writer.begin_session(info(), mode="demo")
        writer.append([], progress(9))
        writer.flush()
        with JournalReader(path) as reader:
            assert reader.progress(session) == progress(9)
            assert reader.records(session) == []


def test_ids_go_on_where_the_last_writer_stopped(path: Path) -> None:
    for _ in range(2):
        with JournalWriter(path) as writer:
            writer.begin_session(info(), mode="demo")
            writer.append([signal(1), trade(1, "working")], progress(1))
    with closing(sqlite3.connect(path)) as connection:
        ids = connection.execute("SELECT id FROM signals UNION ALL SELECT id FROM trades ORDER BY 1").fetchall()
    assert ids == [(1,), (2,), (3,), (4,)]


@pytest.mark.parametrize(("synchronous", "level"), [("FULL", 2), ("NORMAL", 1)])
def test_the_connection_is_as_durable_as_was_asked(path: Path, synchronous: str, level: int) -> None:
    with JournalWriter(path, synchronous=synchronous) as writer:  # type: ignore[arg-type]
        read = writer._on_thread(
            lambda: [
                writer._connection.execute(f"PRAGMA {name}").fetchone()[0] for name in ("synchronous", "journal_mode")
            ]
        )
    assert read == [level, "wal"]


# Sessions and runs.


def test_sessions_are_named_by_what_they_are_and_the_next_ordinal(path: Path) -> None:
    names = []
    with JournalWriter(path) as writer:
        for account in ("main", "main", "demo", "main"):
            session = writer.begin_session(info(account), mode="demo")
            writer.end_session("finished")
            with JournalReader(path) as reader:
                names.append(reader.session(session).name)
    assert names == [
        "main-2024-08-07-SPXW-1",
        "main-2024-08-07-SPXW-2",
        "demo-2024-08-07-SPXW-1",
        "main-2024-08-07-SPXW-3",
    ]


class Stopped:
    """A clock that stands."""

    def now(self) -> int:
        return 1_700_000_000_000_000_000


def test_a_restart_goes_on_with_the_open_session_in_the_next_epoch(path: Path) -> None:
    with JournalWriter(path, clock=Stopped()) as writer:
        session = writer.begin_session(info(), mode="demo", speed=60)
        writer.append([signal(1)], progress(1))
    with JournalReader(path) as reader:
        left = reader.open_session("main")
        assert left is not None
        assert (left.session, left.epochs, left.info) == (session, 1, info())
        assert reader.open_session("other") is None
    with JournalWriter(path) as writer:
        assert writer.resume(session, mode="demo") == 1
        writer.append([signal(2)], progress(2))
        writer.end_session("finished")
        with pytest.raises(JournalError, match="was closed"):
            writer.resume(session, mode="demo")
        with pytest.raises(JournalError, match="no session 99"):
            writer.resume(99, mode="demo")
    with JournalReader(path) as reader:
        first, second = reader.runs(session)
        assert (first.epoch, first.outcome, first.speed, first.progress) == (0, "stopped", 60.0, progress(1))
        assert first.started_at == "2023-11-14T22:13:20.000Z"
        assert (second.epoch, second.outcome, second.pid) == (1, "finished", os.getpid())
        assert [record.seq for record in reader.records(session)] == [1, 2]
        assert reader.open_session("main") is None


def test_nothing_is_appended_outside_a_session(path: Path) -> None:
    with JournalWriter(path) as writer:
        with pytest.raises(JournalError, match="begin or resume"):
            writer.append([signal(1)], progress(1))
        writer.begin_session(info(), mode="demo")
        with pytest.raises(JournalError, match="end it first"):
            writer.begin_session(info(), mode="demo")
    with pytest.raises(JournalError):
        writer.append([signal(1)], progress(1))
    with pytest.raises(JournalError, match="closed"):
        writer.flush()
    writer.close()


def test_a_session_that_cannot_be_told_later_is_refused_now(path: Path) -> None:
    with JournalWriter(path) as writer:
        with pytest.raises(JournalError, match="cannot write"):
            writer.begin_session(info(seed=2**63), mode="demo")
        assert count(path, "sessions") == 0
        writer.begin_session(info(), mode="demo")


# One writer.


def test_a_second_writer_is_refused_and_told_who_writes(path: Path, tmp_path: Path) -> None:
    link = tmp_path / "alias.sqlite"
    with JournalWriter(path):
        link.symlink_to(path)
        code = (
            "from pathlib import Path; from engine.journal import JournalError, JournalWriter\n"
            "for name in sys.argv[1:]:\n"
            "    try: JournalWriter(Path(name))\n"
            "    except JournalError as error: print(error)\n"
        )
        told, _ = child(code, str(path), str(link)).communicate(timeout=30)
    lines = told.splitlines()
    assert len(lines) == 2
    assert all(f"{path} is in use by process {os.getpid()}: " in line for line in lines)
    JournalWriter(path).close()


KILLED = """
from pathlib import Path
from journal_samples import info, progress, signal, trade
from engine.journal import JournalWriter
writer = JournalWriter(Path(sys.argv[1]), synchronous="NORMAL", commit=sys.argv[2])
writer.begin_session(info(), mode="demo")
print("begun", flush=True)
seq = 0
while True:
    seq += 1
    writer.append([signal(seq), *(trade(seq, "open") for _ in range(seq % 5)), signal(seq)], progress(seq))
    if seq % 200 == 0:
        writer.flush()
        print(seq, flush=True)
"""


@pytest.mark.parametrize("commit", ["always", "flush"])
@pytest.mark.parametrize("delay", [0.0, 0.02, 0.1])
def test_a_kill_leaves_whole_events_and_nothing_after_a_gap(path: Path, commit: str, delay: float) -> None:
    process = child(KILLED, str(path), commit)
    assert process.stdout is not None
    assert process.stdout.readline() == "begun\n"
    promised = int(process.stdout.readline())
    time.sleep(delay)
    process.send_signal(signals.SIGKILL)
    said, _ = process.communicate(timeout=30)
    promised = max([promised, *(int(line) for line in said.split())])
    with JournalReader(path) as reader:
        session = reader.select("last")[0]
        records = reader.records(session.session)
        reached = reader.progress(session.session)
    assert session.status == "open"
    assert reached is not None
    assert reached.seq >= promised, "what was flushed survives"
    wanted = [seq for seq in range(1, reached.seq + 1) for _ in range(2 + seq % 5)]
    assert [record.seq for record in records] == wanted
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    with JournalWriter(path) as writer:
        assert writer.resume(session.session, mode="demo") == 1
        writer.append([signal(reached.seq + 1)], progress(reached.seq + 1))
    with JournalReader(path) as reader:
        assert len(reader.records(session.session)) == len(records) + 1
        assert [run.outcome for run in reader.runs(session.session)] == ["interrupted", "stopped"]


# Failure.


def fill_the_disk(writer: JournalWriter) -> None:
    """The disk has no page more than the journal holds; what is written meanwhile is in the WAL, which counts too."""
    pages = writer._on_thread(lambda: writer._connection.execute("PRAGMA page_count").fetchone()[0])
    on_connection(writer, f"PRAGMA max_page_count = {pages}")


@pytest.mark.parametrize("commit", ["always", "flush"])
def test_a_full_disk_is_told_and_loses_nothing_once_there_is_room(path: Path, commit: str) -> None:
    told: list[tuple[str, str]] = []
    big = "x" * 30_000
    writer = JournalWriter(
        path,
        commit=commit,  # type: ignore[arg-type]
        on_failure=lambda error: told.append((threading.current_thread().name, str(error))),
    )
    session = writer.begin_session(info(), mode="demo")
    fill_the_disk(writer)
    for number in range(1, 4):
        writer.append([signal(number, big)], progress(number))
    for _ in range(2):
        with pytest.raises(JournalError, match=r"cannot write the journal .*main\.sqlite: .*full"):
            writer.flush()
    assert writer.failure is not None
    assert writer.waiting == 3
    assert len(told) == 1, "once for the whole streak"
    assert told[0][0].startswith("journal")
    with JournalReader(path) as reader:
        assert reader.records(session) == []
        assert reader.progress(session) is None
    on_connection(writer, "PRAGMA max_page_count = 1000000")
    writer.append([signal(4)], progress(4))
    writer.flush()
    assert writer.failure is None
    with JournalReader(path) as reader:
        assert [record.seq for record in reader.records(session)] == [1, 2, 3, 4]
    fill_the_disk(writer)
    writer.append([signal(5, big)], progress(5))
    with pytest.raises(JournalError, match="1 records were not written and are lost"):
        writer.close()
    assert len(told) == 2
    JournalWriter(path).close()


def test_an_append_tries_again_by_itself(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("engine.journal.writer._RETRY_SECONDS", 0.0)
    with JournalWriter(path) as writer:
        writer.begin_session(info(), mode="demo")
        fill_the_disk(writer)
        writer.append([signal(1, "x" * 30_000)], progress(1))
        with pytest.raises(JournalError):
            writer.flush()
        on_connection(writer, "PRAGMA max_page_count = 1000000")
        writer.append([signal(2)], progress(2))
        deadline = time.monotonic() + 60
        while writer.waiting and time.monotonic() < deadline:
            time.sleep(0.005)
        assert count(path) == 2


def test_text_that_is_no_unicode_is_a_failure_not_a_dead_thread(path: Path) -> None:
    writer = JournalWriter(path)
    writer.begin_session(info(), mode="demo")
    writer.append([signal(1, "\ud800")], progress(1))
    for _ in range(2):
        with pytest.raises(JournalError, match="cannot write"):
            writer.flush()
    assert writer.failure is not None
    with pytest.raises(JournalError, match="lost"):
        writer.close()


# Readers beside the writer.


def test_a_reader_beside_the_writer_sees_whole_events_only(path: Path) -> None:
    with JournalWriter(path, synchronous="NORMAL") as writer:
        session = writer.begin_session(info(), mode="demo")
        stop = threading.Event()

        def write() -> None:
            seq = 0
            while not stop.is_set():
                seq += 1
                writer.append([signal(seq), trade(seq, "open"), signal(seq)], Progress(seq, seq))
                if seq % 20 == 0:
                    writer.flush()

        thread = threading.Thread(target=write)
        thread.start()
        seen: list[int] = []
        deadline = time.monotonic() + 60
        try:
            with JournalReader(path) as reader:
                while len(set(seen)) < 10 and time.monotonic() < deadline:
                    with reader.snapshot():
                        records, reached = reader.records(session), reader.progress(session)
                    assert len(records) == 3 * (reached.seq if reached else 0)
                    seen.append(len(records))
        finally:
            stop.set()
            thread.join()
        assert len(set(seen)) >= 10, "the reader saw the journal grow"
        assert seen == sorted(seen)


def test_a_reader_cannot_write(path: Path) -> None:
    JournalWriter(path).close()
    with JournalReader(path) as reader, pytest.raises(sqlite3.OperationalError, match="readonly"):
        reader._connection.execute("DELETE FROM sessions")


def test_a_missing_journal_is_one_clear_line(path: Path) -> None:
    with pytest.raises(JournalError, match=r"there is no journal .*main\.sqlite"):
        JournalReader(path)


def test_an_empty_session_has_all_it_should(path: Path) -> None:
    with JournalWriter(path) as writer:
        session = writer.begin_session(info(), mode="demo")
    with JournalReader(path) as reader:
        assert reader.records(session, RECORD_TYPES) == []
        assert reader.progress(session) is None
        assert reader.summary(session).trades == 0
