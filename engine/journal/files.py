"""Copies of a journal on disk: made whole or not at all, for the owner alone."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from engine.journal.errors import JournalError, explain
from engine.journal.reader import JournalReader

PARTIAL = ".partial"
"""Ends the name of a file that is not finished."""

_PAGES = 1024
_FAMILY = ("-wal", "-shm", "-journal")


@contextmanager
def partial(path: Path) -> Iterator[Path]:
    """A new, empty file of ours in the folder of ``path``; it becomes ``path`` at the end, or goes where that fails.

    Raises ``JournalError`` where ``path`` is there already, or cannot be written.
    """
    if os.path.lexists(path):
        raise JournalError(f"{path} is there already: nothing is written over it")
    made = path.with_name(f".{path.name}.{os.getpid()}{PARTIAL}")
    try:
        os.close(os.open(made, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
    except OSError as error:
        raise JournalError(f"cannot write {path}: {error.strerror}") from None
    try:
        yield made
        sync(made)
        made.rename(path)
        sync(path.parent)
    except OSError as error:
        raise JournalError(f"cannot write {path}: {error.strerror}") from None
    finally:
        remove(made)


def copy_journal(source: Path, target: Path, step: Callable[[int, int], None] | None = None) -> None:
    """Copy a journal as of one instant, also while a session writes it, into ``target``, which is there and empty.

    The copy is one file: nothing of it waits in a WAL. ``step`` is told pages copied, and of how many.

    Raises ``JournalError`` where either cannot be read or written.
    """

    def told(_status: int, left: int, total: int) -> None:
        if step is not None:
            step(total - left, total)

    with JournalReader(source) as reader, closing(sqlite3.connect(target, isolation_level=None)) as copy:
        try:
            # The snapshot is held to the end: what a session commits meanwhile does not make the copy begin again.
            with reader.snapshot():
                reader.raw().backup(copy, pages=_PAGES, progress=told)
            at_rest(copy)
        except sqlite3.Error as error:
            raise JournalError(f"cannot copy {source} to {target.parent}: {explain(error)}") from error


def at_rest(connection: sqlite3.Connection) -> None:
    """Make a journal one file that anybody can open read-only, wherever it lies."""
    connection.execute("PRAGMA journal_mode=DELETE")


def sync(path: Path) -> None:
    """Return once a file, or a folder's entries, are on disk."""
    file = os.open(path, os.O_RDONLY)
    try:
        os.fsync(file)
    finally:
        os.close(file)


def remove(path: Path) -> None:
    """Remove a database and what SQLite left beside it."""
    for name in (path.name, *(path.name + ending for ending in _FAMILY)):
        path.with_name(name).unlink(missing_ok=True)
