"""The SQLite library that Python was built with: the journal's."""

from __future__ import annotations

from collections.abc import Iterator

from zdte_tui.doctor.finding import Finding, fail, note, ok, warn
from zdte_tui.doctor.surroundings import Surroundings

Version = tuple[int, ...]

OLDEST: Version = (3, 22, 0)
"""The first that reads a journal at rest in a folder that cannot be written."""

_RESET_BUG = ((3, 7, 0), (3, 51, 3))
_RESET_FIXED = (((3, 44, 6), (3, 45, 0)), ((3, 50, 7), (3, 51, 0)))
_WITHDRAWN: Version = (3, 52, 0)


def has_reset_bug(version: Version) -> bool:
    """Whether two connections that write and checkpoint at once can damage a journal: 3.7.0 to 3.51.2.

    3.44.6 and 3.50.7 have the fix too. See https://sqlite.org/wal.html, "The WAL-reset bug".
    """
    first, fixed = _RESET_BUG
    return first <= version < fixed and not any(low <= version < high for low, high in _RESET_FIXED)


def check(_: Surroundings) -> Iterator[Finding]:
    """The library's version."""
    try:
        import sqlite3
    except ImportError as error:
        yield fail("sqlite", f"this Python has none: {error}", "install a Python that was built with SQLite")
        return
    yield judge(sqlite3.sqlite_version_info)


def judge(version: Version) -> Finding:
    """What is known of that version."""
    name = ".".join(map(str, version))
    if version < OLDEST:
        return fail("sqlite", f"{name}: too old for the journal", "install a newer Python, or a newer SQLite")
    if version == _WITHDRAWN:
        return warn("sqlite", f"{name}: withdrawn by its makers", "upgrade SQLite to 3.51.3, or to 3.53.0 or newer")
    if has_reset_bug(version):
        seen = f"{name}: has the WAL-reset bug; the journal has one writer that alone checkpoints, which it cannot hurt"
        return note("sqlite", seen, "let no other program write or checkpoint a journal; 3.51.3 mends it")
    return ok("sqlite", name)
