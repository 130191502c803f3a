"""What an exchange was asked, in an append-only file, so that one that was killed can go on as if it had not been.

Layout: an eight-byte magic, then frames of (length, CRC-32, msgpack), little endian. The first says what the exchange
plays. Each is with the operating system before ``write`` returns: it outlives the process, and need not outlive the
machine. A killed process leaves at most one frame cut short at the end, of something that was never answered.
"""

from __future__ import annotations

import fcntl
import os
import struct
import zlib
from collections.abc import Mapping
from pathlib import Path

import msgspec

from engine.venue.diary_records import Begun, Record

MAGIC = b"ZDTEVN01"
_FRAME = struct.Struct("<II")


class DiaryError(Exception):
    """A diary cannot be kept, or is of another exchange. One line that names the file."""


class Diary:
    """Keeps an exchange's requests in a file that no other exchange keeps meanwhile.

    Args:
        path: made where there is none, readable by its owner alone.
        what: what is played and by which rules, in words by what sets each. Another exchange's file is refused.

    Attributes:
        past: what a run before this one has kept, in order.

    Raises ``DiaryError``.
    """

    def __init__(self, path: Path, what: Mapping[str, str]) -> None:
        self.path = path
        try:
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise DiaryError(f"cannot keep the exchange in {path}: {error.strerror}") from None
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            found, self._end = _read(path, self._file)
            self.past: list[Record] = found[1:]
            if found:
                _same(path, found[0], what)
                os.ftruncate(self._file, self._end)
            else:
                os.ftruncate(self._file, 0)
                self._end = 0
                self._append(MAGIC + _framed(Begun(dict(what))))
        except BlockingIOError:
            os.close(self._file)
            raise DiaryError(f"another exchange keeps {path} now: end it, or name another file") from None
        except OSError as error:
            os.close(self._file)
            raise DiaryError(f"cannot keep the exchange in {path}: {error.strerror}") from None
        except DiaryError:
            os.close(self._file)
            raise

    def write(self, record: Record) -> None:
        """Append one record, whole or not at all. Raises ``OSError``."""
        self._append(_framed(record))

    def _append(self, data: bytes) -> None:
        left = memoryview(data)
        try:
            while left:  # a disk that fills up may take only a part
                left = left[os.write(self._file, left) :]
        except OSError:
            os.ftruncate(self._file, self._end)
            raise
        self._end += len(data)

    def close(self) -> None:
        """Let go of the file."""
        if self._file >= 0:
            os.close(self._file)
            self._file = -1


def _framed(record: Record) -> bytes:
    data = msgspec.msgpack.encode(record)
    return _FRAME.pack(len(data), zlib.crc32(data)) + data


def _read(path: Path, file: int) -> tuple[list[Record], int]:
    """The records, and where the last whole one ends. Raises ``DiaryError``."""
    with os.fdopen(os.dup(file), "rb") as opened:
        opened.seek(0)
        data = opened.read()
    if len(data) < len(MAGIC) and MAGIC.startswith(data):
        return [], 0  # killed before it had said anything
    if not data.startswith(MAGIC):
        raise DiaryError(f"{path} is not what an exchange has kept: name another file")
    decode = msgspec.msgpack.Decoder(Record).decode
    found: list[Record] = []
    at = len(MAGIC)
    while at + _FRAME.size <= len(data):
        length, checksum = _FRAME.unpack_from(data, at)
        end = at + _FRAME.size + length
        frame = data[at + _FRAME.size : end]
        if end > len(data) or (end == len(data) and zlib.crc32(frame) != checksum):
            break
        try:
            if zlib.crc32(frame) != checksum:
                raise ValueError
            found.append(decode(frame))
        except ValueError:  # msgspec's errors are ValueErrors
            raise DiaryError(
                f"{path} is damaged at byte {at}: it cannot be gone on from; name another file for a new day"
            ) from None
        at = end
    return found, at


def _same(path: Path, first: Record, what: Mapping[str, str]) -> None:
    kept = first.what if isinstance(first, Begun) else {}
    for name, now in what.items():
        if (was := kept.get(name, "nothing")) != now:
            raise DiaryError(
                f"{path} keeps an exchange with {name} {was!r}, not {now!r}: give the same again, or name another file"
            )
