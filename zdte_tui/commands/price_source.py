"""The bytes that ``zdte-tui price`` reads: a file, a pipe or standard input, in blocks of whole lines."""

from __future__ import annotations

import io
import os
import select
import stat
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from zdte_tui.exits import DATA, NO_INPUT, CommandError

STDIN = Path("-")

BLOCK = 1 << 20
"""Bytes priced at a time: some 20,000 rows."""

_LONGEST = 1 << 20  # of a line; a device may send bytes for ever and never end one


@dataclass(slots=True)
class Source:
    """Where bytes come from: what messages call it, how many there are (None: not known), how many were read."""

    name: str
    size: int | None
    more: Callable[[int], bytes]
    done: int = 0

    def blocks(self) -> Iterator[bytes]:
        """Whole lines, as many as have come and at most about ``BLOCK`` bytes; the last may lack its line end.

        Raises ``CommandError`` for what cannot be read, and for a line that does not end.
        """
        rest = b""
        while data := self._read():
            self.done += len(data)
            cut = data.rfind(b"\n") + 1
            if cut:
                yield rest + data[:cut]
                rest = data[cut:]
            else:
                rest += data
            if len(rest) > _LONGEST:
                raise CommandError(f"{self.name} is no CSV: it has a line of more than {_LONGEST:,} bytes", DATA)
        if rest:
            yield rest

    def _read(self) -> bytes:
        try:
            return self.more(BLOCK)
        except OSError as error:
            raise CommandError(f"cannot read {self.name}: {error.strerror or error}", NO_INPUT) from None


@contextmanager
def open_source(path: Path) -> Iterator[Source]:
    """The file, or standard input for ``-``. Raises ``CommandError`` where it cannot be opened."""
    if path == STDIN:
        yield Source("standard input", None, _standard_input())
        return
    try:
        # A FIFO that nobody writes into would keep a plain open waiting for ever; like this it is an empty file.
        handle = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    except FileNotFoundError:
        raise CommandError(f"there is no file {path}", NO_INPUT) from None
    except OSError as error:
        raise CommandError(f"cannot read {path}: {error.strerror}", NO_INPUT) from None
    try:
        found = os.fstat(handle)
        if stat.S_ISDIR(found.st_mode):
            raise CommandError(f"{path} is a folder: name a CSV file, or - for standard input", NO_INPUT)
        if hasattr(os, "set_blocking"):
            os.set_blocking(handle, True)
        yield Source(str(path), found.st_size if stat.S_ISREG(found.st_mode) else None, _reader(handle))
    finally:
        os.close(handle)


def _standard_input() -> Callable[[int], bytes]:
    if sys.stdin is None:
        raise CommandError("standard input is closed: name a CSV file", NO_INPUT)
    try:
        return _reader(sys.stdin.fileno())
    except (OSError, io.UnsupportedOperation):
        return sys.stdin.buffer.read  # no file behind it


def _reader(handle: int) -> Callable[[int], bytes]:
    def more(size: int) -> bytes:
        """At least a byte, then what is waiting: a row that another program sends is answered at once."""
        parts = [os.read(handle, size)]
        left = size - len(parts[0])
        while parts[-1] and left > 0 and _waiting(handle):
            parts.append(os.read(handle, left))
            left -= len(parts[-1])
        return b"".join(parts)

    return more


def _waiting(handle: int) -> bool:
    try:
        return bool(select.select([handle], [], [], 0)[0])
    except (OSError, ValueError):  # Windows asks only sockets
        return False
