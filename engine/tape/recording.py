"""The inputs of a session as they reached the engine, in one append-only file, for audit replay.

Layout: an eight-byte magic, then frames of (length, CRC-32, zlib-compressed msgpack event), little endian. A killed
process leaves at most one frame cut short at the end; readers stop there.
"""

from __future__ import annotations

import mmap
import os
import struct
import zlib
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType

import msgspec

from engine.events import AnyEvent, decode, encode
from engine.tape.errors import StoreError

MAGIC = b"ZDTEIN01"
_FRAME = struct.Struct("<II")


class Recorder:
    """Appends events to a new file. Each event is with the operating system before ``write`` returns."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.path = path
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND, 0o600)
        self._file = os.fdopen(descriptor, "wb", buffering=0)
        self._file.write(MAGIC)  # eight bytes into a new file: whole or an error

    def write(self, event: AnyEvent) -> None:
        """Append one event; raises ``OSError``, after which nothing more should be written."""
        data = zlib.compress(encode(event), 1)
        frame = memoryview(_FRAME.pack(len(data), zlib.crc32(data)) + data)
        while frame:  # a disk that fills up may take only a part; what is cut short at the end is left out by readers
            frame = frame[self._file.write(frame) :]

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def __enter__(self) -> Recorder:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def read_recording(path: Path) -> Iterator[AnyEvent]:
    """The events of a recording; a frame cut short at the end is left out.

    Raises ``StoreError`` for a file that is missing, is no recording, or is damaged before its end.
    """
    return (event for event, _ in read_frames(path))


def read_frames(path: Path) -> Iterator[tuple[AnyEvent, int]]:
    """The same, with the byte of the file at which each event ends."""
    try:
        with path.open("rb") as file:
            # Mapped, not read: a day of many frames need not be in memory twice.
            data = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) if path.stat().st_size else b""
    except OSError as error:
        raise StoreError(f"cannot read the recorded inputs {path}: {error.strerror}") from None
    if data[: len(MAGIC)] != MAGIC:
        raise StoreError(f"{path} is not a recording of inputs")
    at = len(MAGIC)
    while at + _FRAME.size <= len(data):
        length, checksum = _FRAME.unpack_from(data, at)
        frame = data[at + _FRAME.size : at + _FRAME.size + length]
        end = at + _FRAME.size + length
        if len(frame) < length:
            return
        if not length and not any(data[at:]):
            return  # zeros to the end: where the power failed, the file had grown and its bytes had not come
        if not length or zlib.crc32(frame) != checksum:
            if length and end >= len(data):
                return
            raise StoreError(f"{path} is damaged at byte {at}")
        try:
            event = decode(zlib.decompress(frame))
        except (zlib.error, msgspec.MsgspecError, ValueError) as error:
            raise StoreError(f"{path} holds no event at byte {at}: {error}") from None
        yield event, end
        at = end
