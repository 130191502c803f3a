"""Text files people bring, plain or gzipped: opened with progress, read as CSV, bad bytes refused by name."""

from __future__ import annotations

import csv
import gzip
import io
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Final, TextIO

from engine.tape.errors import ImportRefused
from engine.tape.importers.base import ImportOptions

_HEAD: Final = 8192
_REPORT_EVERY: Final = 1 << 18
_LONGEST: Final = 1 << 20


class _Counted(io.RawIOBase):
    """Bytes of a file on their way in, told to ``options.progress`` now and then."""

    def __init__(self, file: IO[bytes], size: int, options: ImportOptions) -> None:
        self._file, self._size, self._options = file, max(size, 1), options
        self._read = self._told = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        data = self._file.read(len(buffer))
        buffer[: len(data)] = data
        self._read += len(data)
        if self._read - self._told >= _REPORT_EVERY or not data:
            self._told = self._read
            self._options.progress(min(1.0, self._read / self._size))
        return len(data)


class _Lines(io.TextIOWrapper):
    """Lines of text, none of which may fill the memory."""

    def __next__(self) -> str:  # type: ignore[override]  # as TextIOWrapper itself
        line = self.readline(_LONGEST)
        if not line:
            raise StopIteration
        if len(line) == _LONGEST:
            raise OSError(f"a line of more than {_LONGEST} characters")
        return line


def head(path: Path, size: int = _HEAD) -> str:
    """The first characters of a text file, unpacked; empty for anything that is none. For ``sniff``."""
    try:
        with path.open("rb") as file:
            packed = file.read(2) == b"\x1f\x8b"
            file.seek(0)
            data = gzip.GzipFile(fileobj=file).read(size) if packed else file.read(size)
    except (OSError, EOFError, zlib.error):
        return ""
    if b"\0" in data:
        return ""
    return data.decode("utf-8-sig", errors="ignore")


@contextmanager
def open_text(path: Path, options: ImportOptions) -> Iterator[TextIO]:
    """A text file in UTF-8 (a byte order mark is dropped); otherwise as ``open_bytes``."""
    with open_bytes(path, options) as data:
        yield _Lines(data, encoding="utf-8-sig", newline="")


@contextmanager
def open_bytes(path: Path, options: ImportOptions) -> Iterator[IO[bytes]]:
    """A file's bytes, gunzipped where it is packed, whatever its name says.

    Raises ``FileNotFoundError``, and ``ImportRefused`` for a file that cannot be unpacked or is not text in UTF-8, also
    while it is read inside the ``with``.
    """
    try:
        with path.open("rb") as file:
            packed = file.read(2) == b"\x1f\x8b"
            file.seek(0)
            counted = io.BufferedReader(_Counted(file, path.stat().st_size, options), 1 << 16)
            yield gzip.GzipFile(fileobj=counted) if packed else counted  # type: ignore[misc]
    except FileNotFoundError:
        raise
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise ImportRefused(path, f"cannot be unpacked: {error}") from None
    except UnicodeDecodeError as error:
        raise ImportRefused(path, f"not text in UTF-8: {error.reason}") from None
    except OSError as error:
        raise ImportRefused(path, f"cannot be read: {error.strerror or error}") from None


def csv_rows(path: Path, lines: TextIO, start: int = 1) -> Iterator[tuple[int, list[str]]]:
    """Rows with the number of the line they end on, the first line being ``start``; blank lines are skipped.

    Raises ``ImportRefused`` for what is not CSV.
    """
    reader = csv.reader(lines, strict=True)
    try:
        for row in reader:
            if row:
                yield reader.line_num + start - 1, row
    except csv.Error as error:
        raise ImportRefused(path, f"not CSV: {error}", f"row {reader.line_num + start - 1}") from None


def positions(path: Path, header: Sequence[str], wanted: Sequence[str], where: str = "row 1") -> dict[str, int]:
    """Which column each wanted name has, letter case and blanks aside.

    Raises ``ImportRefused`` naming what is absent, and for a wanted name that comes twice.
    """
    names = [name.strip().lower() for name in header]
    absent = [name for name in wanted if name.lower() not in names]
    if absent:
        raise ImportRefused(path, f"no column {', '.join(absent)}; there are: {', '.join(header)[:200]}", where)
    twice = [name for name in wanted if names.count(name.lower()) > 1]
    if twice:
        raise ImportRefused(path, f"the column {twice[0]} comes twice", where)
    return {name: names.index(name.lower()) for name in wanted}
