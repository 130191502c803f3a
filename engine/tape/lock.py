"""One import a store at a time: an advisory lock on a file in it, held as long as the import runs."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path
from types import TracebackType

from engine.tape.errors import StoreBusy


class StoreLock:
    """Holds ``<store>/.lock``; the kernel lets go of it when the process ends, however it ends.

    The store's folder is made if it is not there, and removed again if nothing was put into it.
    """

    def __init__(self, store: Path) -> None:
        """Take the lock. Raises ``StoreBusy`` naming the process that holds it, ``OSError`` for a folder that cannot be
        written."""
        self.path = store / ".lock"
        self._made = not store.exists()
        store.mkdir(parents=True, exist_ok=True)
        while True:
            file = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                holder = os.pread(file, 32, 0).decode("ascii", "replace").strip()
                os.close(file)
                raise StoreBusy(
                    f"another import (process {holder or 'unknown'}) is writing the store at {store}: "
                    "wait until it has ended, then try again"
                ) from None
            if self._is_ours(file):
                break
            os.close(file)  # its holder has removed it while we waited: there may be another of that name by now
        self._file = file
        try:
            os.ftruncate(file, 0)
            os.pwrite(file, f"{os.getpid()}\n".encode(), 0)
        except OSError:
            self.release()
            raise

    def _is_ours(self, file: int) -> bool:
        try:
            there = self.path.stat()
        except FileNotFoundError:
            return False
        here = os.fstat(file)
        return (here.st_dev, here.st_ino) == (there.st_dev, there.st_ino)

    def release(self) -> None:
        """Let go and leave nothing behind: neither the file nor a store made for nothing."""
        self.path.unlink(missing_ok=True)
        os.close(self._file)
        if self._made and not any(self.path.parent.iterdir()):
            self.path.parent.rmdir()

    def __enter__(self) -> StoreLock:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.release()
