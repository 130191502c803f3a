"""The one error of the journal: a line a person can act on."""

from __future__ import annotations

import sqlite3

_MENDS = (
    ("SQLITE_FULL", "free some space, or name another file"),
    ("SQLITE_IOERR", "is the disk full, limited or failing? `zdte-tui doctor` looks"),
    ("SQLITE_CORRUPT", "it is damaged: move it away, or name another file"),
    ("SQLITE_NOTADB", "it is damaged: move it away, or name another file"),
    ("SQLITE_CANTOPEN", "its folder must be writable for you"),
    ("SQLITE_READONLY", "the file and its folder must be writable for you"),
)


class JournalError(Exception):
    """What is wrong with which journal, and how to mend it, in one line."""


class UnreadableJournal(JournalError):
    """A journal cannot be read: it is damaged, or its files are not all there."""


class OlderJournal(JournalError):
    """A journal is of an older schema, and its next writer brings it up to date."""


def explain(error: Exception) -> str:
    """An error of SQLite and what to do about it; any other error as it stands."""
    text = str(error) or type(error).__name__
    name = getattr(error, "sqlite_errorname", "") if isinstance(error, sqlite3.Error) else ""
    mend = next((mend for prefix, mend in _MENDS if name.startswith(prefix)), "")
    return f"{text}: {mend}" if mend else text
