"""Recorded inputs: what was written is read back, a frame cut short is left out, damage is named."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.events import ChainBatch, Command, SessionStart, Timer, encode
from engine.tape import StoreError
from engine.tape.recording import Recorder, read_recording

DAY = __import__("datetime").date(2026, 1, 15)
EVENTS = [
    SessionStart(ts_known=1, day=DAY),
    ChainBatch(ts_known=2, ts_event=2, idx=np.arange(3, dtype=np.int32), bid=np.array([1, 2, 3], np.int32)),
    Timer(ts_known=3),
    Command(ts_known=4, command_id="0-1", kind="flatten"),
]


def record(path: Path) -> bytes:
    with Recorder(path) as recorder:
        for event in EVENTS:
            recorder.write(event)
    return path.read_bytes()


def same(path: Path, count: int) -> bool:
    return [encode(event) for event in read_recording(path)] == [encode(event) for event in EVENTS[:count]]


def test_a_recording_is_read_back_whole(tmp_path: Path) -> None:
    path = tmp_path / "new" / "folder" / "a.events"
    record(path)
    assert same(path, 4)
    assert path.stat().st_mode & 0o777 == 0o600


@given(cut=st.integers(min_value=8))
def test_cut_anywhere_it_gives_the_frames_before_the_cut(cut: int, tmp_path_factory: pytest.TempPathFactory) -> None:
    path = tmp_path_factory.mktemp("cut") / "a.events"
    data = record(path)
    path.write_bytes(data[: min(cut, len(data))])
    events = list(read_recording(path))
    assert same(path, len(events))
    if cut >= len(data):
        assert len(events) == 4


def test_a_flipped_byte_before_the_end_is_damage(tmp_path: Path) -> None:
    path = tmp_path / "a.events"
    data = bytearray(record(path))
    data[20] ^= 0xFF
    path.write_bytes(bytes(data))
    with pytest.raises(StoreError, match="damaged at byte 8"):
        list(read_recording(path))


def test_what_is_no_recording_is_refused(tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.write_bytes(b"hello")
    with pytest.raises(StoreError, match="not a recording"):
        list(read_recording(other))
    with pytest.raises(StoreError, match="cannot read"):
        list(read_recording(tmp_path / "missing"))


def test_a_recording_is_never_overwritten(tmp_path: Path) -> None:
    record(tmp_path / "a.events")
    with pytest.raises(FileExistsError):
        Recorder(tmp_path / "a.events")
