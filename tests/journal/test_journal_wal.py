"""A machine that dies leaves any part of the WAL on disk: whatever is left of it opens to whole transactions."""

from __future__ import annotations

import itertools
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
from journal_evidence import sql
from journal_samples import signal

from engine.config import load
from engine.events import AnyRecord
from engine.journal import JournalReader, JournalWriter, Progress
from engine.journal.chain import Head
from engine.journal.verify import verify
from engine.session.compose import compose_demo
from strategies.registry import REGISTRY

EVENTS = 30
HEADER = 32


class State(NamedTuple):
    """What a reader finds."""

    head: Head
    records: int
    reached: Progress | None


class Played(NamedTuple):
    """A journal as it was before the session, the WAL of the session, and what stood after each of its commits."""

    before: Path
    wal: bytes
    page: int
    states: list[State]
    ends: list[int]
    """The number of frames up to the end of each commit."""


def state_of(path: Path) -> State:
    """The state of a journal that keeps every promise: verified, and progress and records of one instant."""
    verdict = verify(path)
    assert verdict.problems == ()
    if not verdict.sessions:
        return State(verdict.head, 0, None)
    with JournalReader(path) as reader:
        reached = reader.progress(1)
        records = reader.records(1)
    assert (records[-1].seq if records else None) == (None if reached is None else reached.seq)
    return State(verdict.head, len(records), reached)


def real_events(folder: Path) -> tuple[object, list[list[AnyRecord]]]:
    """A demo day as the engine plays it: what the session is, and the records of each event that had some."""
    config = load(settings=[f"journal.path={folder / 'demo.sqlite'}"])
    composed = compose_demo(config, REGISTRY, speed=0, stay=False)
    composed.runner.run()
    composed.close()
    with JournalReader(folder / "demo.sqlite") as reader:
        records = reader.records(1)
        info = reader.session(1).info
    return info, [list(group) for _, group in itertools.groupby(records, key=lambda record: record.seq)]


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Played:
    folder = tmp_path_factory.mktemp("wal")
    info, events = real_events(folder)
    traded = next(n for n, records in enumerate(events) if any(type(r).__name__ == "FillRecord" for r in records))
    path = folder / "main.sqlite"
    JournalWriter(path).close()
    before = Path(shutil.copy(path, folder / "before.sqlite"))
    states = [state_of(path)]
    wal = path.with_name("main.sqlite-wal")
    ends: list[int] = []

    def committed(_: int) -> None:
        ends.append((wal.stat().st_size - HEADER) // (24 + page))
        states.append(state_of(path))

    page = int.from_bytes(before.read_bytes()[16:18], "big")
    with JournalWriter(path, on_commit=committed) as writer:
        writer._on_thread(lambda: writer._connection.execute("PRAGMA wal_autocheckpoint=0").fetchall())
        writer.begin_session(info, mode="demo")  # type: ignore[arg-type]
        for records in events[: max(EVENTS, traded + 5)]:
            writer.append(records, Progress(records[-1].ts, records[-1].seq))
            writer.flush()
        content = wal.read_bytes()
    assert any(state.records > 10 for state in states)
    return Played(before, content, page, states[: len(ends)], ends[:-1])


def expected(played: Played, frames: int) -> State:
    """After the last commit that lies wholly within the first ``frames``."""
    return played.states[sum(end <= frames for end in played.ends)]


def frames_of(played: Played) -> int:
    return (len(played.wal) - HEADER) // (24 + played.page)


def images(played: Played, tmp_path: Path) -> Iterator[tuple[int, Path, bytes]]:
    for frame in range(frames_of(played) + 1):
        yield frame, tmp_path / "image.sqlite", played.wal[: HEADER + frame * (24 + played.page)]


def opened(played: Played, path: Path, wal: bytes) -> State:
    for ending in ("", "-wal", "-shm"):
        path.with_name(path.name + ending).unlink(missing_ok=True)
    shutil.copy(played.before, path)
    path.with_name(path.name + "-wal").write_bytes(wal)
    return state_of(path)


def test_every_commit_is_told_and_lies_in_the_wal(played: Played) -> None:
    """So that the tests below are of what they say."""
    size = 24 + played.page
    frames = [played.wal[HEADER + n * size : HEADER + n * size + 8] for n in range(frames_of(played))]
    commits = [n + 1 for n, head in enumerate(frames) if int.from_bytes(head[4:8], "big")]
    assert commits == played.ends
    assert len(played.ends) >= EVENTS
    assert len(set(played.states)) == len(played.states)


def test_a_wal_cut_off_at_every_frame_opens_to_the_last_whole_transaction(played: Played, tmp_path: Path) -> None:
    for frame, path, wal in images(played, tmp_path):
        assert opened(played, path, wal) == expected(played, frame), frame


def test_a_byte_damaged_in_every_frame_ends_the_journal_before_it(played: Played, tmp_path: Path) -> None:
    """In turn in the frame's page number, salt and checksum, and at the beginning, middle and end of its page."""
    size = 24 + played.page
    offsets = itertools.cycle([3, 9, 17, 24, 2_000, size - 1])
    for (frame, path, wal), offset in zip(images(played, tmp_path), offsets, strict=False):
        if len(wal) < len(played.wal):
            damaged = bytearray(played.wal)
            damaged[len(wal) + offset] ^= 0x5A
            assert opened(played, path, bytes(damaged)) == expected(played, frame), (frame, offset)


def test_a_wal_cut_off_within_a_frame_opens_to_what_was_before_it(played: Played, tmp_path: Path) -> None:
    cuts = itertools.cycle([1, 23, 24, 25, 4_000, 24 + played.page - 1])
    for (frame, path, wal), cut in zip(images(played, tmp_path), cuts, strict=False):
        rest = played.wal[len(wal) : len(wal) + cut]
        assert opened(played, path, wal + rest) == expected(played, frame), (frame, cut)


def test_a_damaged_header_of_the_wal_leaves_the_journal_before_the_session(played: Played, tmp_path: Path) -> None:
    for offset in range(0, HEADER, 3):
        damaged = bytearray(played.wal)
        damaged[offset] ^= 0xFF
        assert opened(played, tmp_path / "image.sqlite", bytes(damaged)) == played.states[0], offset


def test_a_session_goes_on_from_whatever_the_wal_still_held(played: Played, tmp_path: Path) -> None:
    for frame, path, wal in images(played, tmp_path):
        if frame < played.ends[0] or frame % 40:
            continue
        state = opened(played, path, wal)
        seq = 1 if state.reached is None else state.reached.seq + 1
        with JournalWriter(path) as writer:
            assert writer.resume(1, mode="demo") == 1
            writer.append([signal(seq)], Progress(1, seq))
            writer.end_session("completed")
        assert verify(path).problems == ()
        assert sql(path, "SELECT status, epochs FROM sessions") == [("closed", 2)]
