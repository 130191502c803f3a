"""One writer a journal: an advisory lock on a file beside it, held as long as the writer lives."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path

from engine.journal.errors import JournalError


class JournalLock:
    """Holds ``<journal>.lock``. The kernel lets go of it when the process ends, however it ends."""

    def __init__(self, journal: Path) -> None:
        """Take the lock, or raise ``JournalError`` naming the process that holds it."""
        self.path = journal.with_name(journal.name + ".lock")
        try:
            self._file = os.open(self.path, os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as error:
            raise JournalError(f"cannot lock the journal {journal}: {self.path}: {error.strerror}") from None
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            holder = os.pread(self._file, 32, 0).decode("ascii", "replace").strip()
            os.close(self._file)
            if not isinstance(error, BlockingIOError):
                raise JournalError(f"cannot lock the journal {journal}: {error.strerror}") from None
            raise JournalError(
                f"the journal {journal} is in use by process {holder or 'unknown'}: "
                "`zdte-tui attach` shows its session; end it there, or name another file"
            ) from None
        try:
            os.ftruncate(self._file, 0)
            os.pwrite(self._file, f"{os.getpid()}\n".encode(), 0)
        except OSError as error:
            self.release()
            raise JournalError(f"cannot lock the journal {journal}: {self.path}: {error.strerror}") from None

    def release(self) -> None:
        """Let go. The file stays: removing it would let two writers lock two files of the same name."""
        if self._file >= 0:
            os.close(self._file)
            self._file = -1


def is_written(journal: Path) -> bool:
    """Whether a living process writes the journal now."""
    try:
        file = os.open(journal.with_name(journal.name + ".lock"), os.O_RDONLY)
    except OSError:
        return False
    try:
        fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(file)
    return False
