"""Exit codes (sysexits.h, and 3 of our own), and the error that carries one."""

from __future__ import annotations

OK = 0
RISK_HALT = 3
USAGE = 64
DATA = 65
NO_INPUT = 66
UNAVAILABLE = 69
BUG = 70
CANNOT_CREATE = 73
RETRY = 75
NO_AUTH = 77
CONFIG = 78
INTERRUPTED = 130


class CommandError(Exception):
    """A command cannot go on: one line that names what, where and how to mend it, and an exit code."""

    def __init__(self, message: str, code: int = USAGE) -> None:
        super().__init__(message)
        self.code = code
