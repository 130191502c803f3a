"""What a disk does to a journal: somebody else holds the write lock, or nothing more fits on it. Both for real."""

from __future__ import annotations

import resource
import sqlite3
from contextlib import suppress
from pathlib import Path

from engine.journal import JournalWriter, writer

BUSY_SECONDS = 0.002
"""How long the writer waits for a lock here; five seconds in the product would only be waited for."""


class FaultyDisk:
    """The disk under one journal."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock: sqlite3.Connection | None = None
        self._pages = False
        self._limit: tuple[int, int] | None = None

    def open_writer(self) -> JournalWriter:
        """The journal's writer. It commits when it is told to, so that a seed always commits the same."""
        patience, writer._BUSY_SECONDS = writer._BUSY_SECONDS, BUSY_SECONDS
        try:
            return JournalWriter(self.path, synchronous="FULL", commit="flush")
        finally:
            writer._BUSY_SECONDS = patience

    def lock(self) -> None:
        """Another program writes and does not end."""
        if self._lock is None:
            self._lock = sqlite3.connect(self.path, isolation_level=None, timeout=BUSY_SECONDS)
            with suppress(sqlite3.OperationalError):
                self._lock.execute("BEGIN IMMEDIATE")

    def fill(self, journal: JournalWriter, whole: bool) -> None:
        """No file grows any more; or only the journal does not, and what is recorded beside it does."""
        if whole and self._limit is None:
            self._limit = resource.getrlimit(resource.RLIMIT_FSIZE)
            largest = max(each.stat().st_size for each in self.path.parent.iterdir() if each.is_file())
            resource.setrlimit(resource.RLIMIT_FSIZE, (largest, self._limit[1]))
        elif not whole and not self._pages:
            self._pages = True
            _pragma(journal, "PRAGMA max_page_count = 1")

    def mend(self, journal: JournalWriter | None) -> None:
        """All is well again."""
        if self._lock is not None:
            self._lock.close()
            self._lock = None
        if self._limit is not None:
            resource.setrlimit(resource.RLIMIT_FSIZE, self._limit)
            self._limit = None
        if self._pages and journal is not None:
            _pragma(journal, "PRAGMA max_page_count = 1073741823")
        self._pages = False


def _pragma(journal: JournalWriter, text: str) -> None:
    journal._on_thread(lambda: journal._connection.execute(text).fetchall())


def die(journal: JournalWriter, flushed: bool) -> None:
    """Let go of a journal as a process does that is killed: what had not been written is lost."""
    if flushed:
        with suppress(Exception):
            journal.flush()
    with journal._guard:
        journal._pending.clear()
    journal._run = 0  # nothing is said of how the run ended
    journal.close()
