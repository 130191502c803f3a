"""The program's own log: a file in the state directory, rotated, readable by its owner only."""

from __future__ import annotations

import logging
import os
from logging.handlers import RotatingFileHandler
from pathlib import Path

_FORMAT = "%(asctime)s %(levelname)s %(name)s: %(message)s"


def log_file() -> Path:
    """Where the log lies."""
    from engine.config import state_dir

    return state_dir() / "zdte-tui.log"


def open_log() -> None:
    """Send warnings and errors to the log file. A log that cannot be written is no reason not to run."""
    path = log_file()
    handler: logging.Handler
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        handler = RotatingFileHandler(path, maxBytes=2_000_000, backupCount=3, encoding="utf-8", delay=True)
        path.touch(mode=0o600)
        os.chmod(path, 0o600)  # noqa: PTH101
    except OSError:
        handler = logging.NullHandler()
    handler.setFormatter(logging.Formatter(_FORMAT))
    root = logging.getLogger()
    if not any(isinstance(known, RotatingFileHandler) for known in root.handlers):
        root.addHandler(handler)
        root.setLevel(logging.WARNING)


def note_bug(error: Exception) -> None:
    """Write a traceback to the log."""
    open_log()
    logging.getLogger("zdte_tui").error("bug", exc_info=error)
