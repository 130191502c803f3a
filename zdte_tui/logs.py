"""The program's own log: a file in the state directory, rotated, readable by its owner only."""

from __future__ import annotations

import logging
import sys
import threading
import traceback
from io import TextIOWrapper
from logging.handlers import RotatingFileHandler
from pathlib import Path

import platformdirs

_FORMAT = "%(asctime)s %(levelname)s %(name)s: %(message)s"


def log_file() -> Path:
    """Where the log lies; ``engine.config`` says the same of its folder, but takes longer to import."""
    return Path(platformdirs.user_state_dir("zdte-tui")) / "zdte-tui.log"


def open_log() -> None:
    """Send warnings and errors to the log file, which is made with the first of them.

    A log that cannot be written is no reason not to run.
    """
    handler = _PrivateFile(log_file(), maxBytes=2_000_000, backupCount=3, encoding="utf-8", delay=True)
    handler.setFormatter(logging.Formatter(_FORMAT))
    logging.raiseExceptions = False  # a full disk: no tracebacks about the log on the terminal
    root = logging.getLogger()
    if not any(isinstance(known, RotatingFileHandler) for known in root.handlers):
        root.addHandler(handler)
        root.setLevel(logging.WARNING)


class _PrivateFile(RotatingFileHandler):
    """A log readable by its owner only."""

    def _open(self) -> TextIOWrapper:
        path = Path(self.baseFilename)
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        path.touch(mode=0o600)
        path.chmod(0o600)
        return super()._open()


def note_bug(error: Exception) -> None:
    """Write a traceback to the log."""
    open_log()
    logging.getLogger("zdte_tui").error("bug", exc_info=error)


def stacks() -> str:
    """What each thread is doing, for the log."""
    names = {each.ident: each.name for each in threading.enumerate()}
    return "\n".join(
        f"thread {names.get(ident, ident)}\n{''.join(traceback.format_stack(frame))}"
        for ident, frame in sys._current_frames().items()
    )
