"""Backups every so many minutes while a session runs."""

from __future__ import annotations

import logging
import subprocess
import sys
import threading
from pathlib import Path
from types import TracebackType

from engine.journal.backup import backup_folder
from engine.journal.writer import JournalWriter

log = logging.getLogger(__name__)

_PATIENCE = 30.0


class BackupSchedule:
    """Starts a process that backs a journal up, every so many minutes; or, with 0 minutes, does nothing.

    Attributes:
        problem: why the latest backup failed, or empty. made: how many succeeded.

    Args:
        journal: an account's. minutes: between two backups; 0 is off. keep: how many of them stay; 0 keeps all.
    """

    def __init__(self, journal: Path, *, minutes: float, keep: int) -> None:
        self.problem = ""
        self.made = 0
        self._journal = journal
        self._seconds = minutes * 60
        self._keep = keep
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None

    @classmethod
    def beside(cls, writer: JournalWriter, minutes: float, keep: int) -> BackupSchedule:
        """A schedule that runs until the writer is closed."""
        schedule = cls(writer.path, minutes=minutes, keep=keep)
        writer.at_close(schedule.stop)
        schedule.start()
        return schedule

    def start(self) -> None:
        """Begin to wait for the first backup; a second call does nothing."""
        if self._seconds > 0 and self._thread is None:
            self._thread = threading.Thread(target=self._run, name="backups", daemon=True)
            self._thread.start()

    def stop(self) -> None:
        """Start no more backups. One under way is waited for, half a minute at most; unfinished it leaves nothing."""
        self._stopping.set()
        if self._thread is not None:
            self._thread.join()
            self._thread = None

    def __enter__(self) -> BackupSchedule:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _run(self) -> None:
        while not self._stopping.wait(self._seconds):
            self.problem = self._back_up()
            if self.problem:
                log.error("the journal could not be backed up: %s", self.problem)
            else:
                self.made += 1

    def _back_up(self) -> str:
        folder = backup_folder(self._journal)
        command = [sys.executable, "-m", "engine.journal.backup_process", str(self._journal), str(folder)]
        try:
            # A session of its own: ctrl+c in the terminal is none of its business.
            process = subprocess.Popen(
                [*command, str(self._keep)],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                text=True,
                start_new_session=True,
            )
        except OSError as error:
            return f"no process could be started: {error.strerror}"
        with process:
            while process.poll() is None and not self._stopping.wait(0.2):
                pass
            try:
                told = process.communicate(timeout=_PATIENCE)[1]
            except subprocess.TimeoutExpired:
                process.terminate()
                told = process.communicate()[1]
        lines = told.strip().splitlines()
        return (lines[-1] if lines else f"it ended with code {process.returncode}") if process.returncode else ""
