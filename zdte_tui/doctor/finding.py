"""What a check found: how bad it is, what was seen, and how to mend it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from zdte_tui.telling import one_line

State = Literal["ok", "note", "warn", "fail"]

STATES: tuple[State, ...] = ("ok", "note", "warn", "fail")
"""From well to worst. ``note`` is good to know, ``warn`` may hurt, with ``fail`` something will not work."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the report. ``mend`` is what to do, a command where there is one; every warn and fail has it.

    Names of files and variables may hold anything: what cannot be printed is escaped here, so that it is shown and
    not sent to the terminal.
    """

    subject: str
    state: State
    seen: str
    mend: str = ""

    def __post_init__(self) -> None:
        for name in ("subject", "seen", "mend"):
            object.__setattr__(self, name, one_line(getattr(self, name)))


def ok(subject: str, seen: str) -> Finding:
    """All is well."""
    return Finding(subject, "ok", seen)


def note(subject: str, seen: str, mend: str = "") -> Finding:
    """Good to know."""
    return Finding(subject, "note", seen, mend)


def warn(subject: str, seen: str, mend: str) -> Finding:
    """It works, and may hurt."""
    return Finding(subject, "warn", seen, mend)


def fail(subject: str, seen: str, mend: str) -> Finding:
    """Something will not work until this is mended."""
    return Finding(subject, "fail", seen, mend)


def size_text(size: float) -> str:
    """Bytes as a person reads them, such as ``1.5 GB``."""
    for unit in ("bytes", "kB", "MB", "GB"):
        if size < 1000:
            return f"{size:.0f} {unit}" if unit == "bytes" or size >= 100 else f"{size:.1f} {unit}"
        size /= 1000
    return f"{size:.1f} TB"
