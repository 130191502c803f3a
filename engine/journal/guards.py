"""Triggers that keep the rows of a journal as they were written.

They stop a slip of the hand, not a will: who may write the file may drop them. `journal verify` notices.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable

from engine.journal.mapping import BY_TABLE

_ARCHIVED = "EXISTS (SELECT 1 FROM archived WHERE archived.session = OLD.session)"
_LOGGED = "EXISTS (SELECT 1 FROM session_log WHERE session_log.session = OLD.session)"
_MOVED = "(SELECT coalesce(MAX(links), 0) FROM archives)"
_THERE = "EXISTS (SELECT 1 FROM sessions WHERE sessions.session = OLD.session)"
_CONSTANT_OF_SESSIONS = (
    *("session", "name", "account", "day", "roots", "provenance", "config_hash", "config", "code_version", "seed"),
    "branch_of",
)
_CONSTANT_OF_RUNS = ("run", "session", "epoch", "started_at", "mode", "speed", "host", "pid", "python")


def triggers(records: Iterable[str] = BY_TABLE) -> dict[str, str]:
    """Every trigger of a journal with these tables of records, by its name, as SQL."""
    found: dict[str, str] = {}
    for table in records:
        found |= of_records(table)
    found |= _kept("chain", f"OLD.link > {_MOVED} OR {_THERE}")
    found |= _kept("session_log", f"OLD.entry > {_MOVED} OR {_THERE}")
    found |= _kept("archives", "") | _kept("archived", "")
    # The sessions of research have no log: a backtest that was cut off tidies them.
    found |= _trigger(
        "sessions_stay", f"UPDATE OF {', '.join(_CONSTANT_OF_SESSIONS)} ON sessions", _LOGGED, "what a session is stays"
    )
    found |= _trigger(
        "sessions_end", "UPDATE ON sessions", f"OLD.status = 'closed' AND {_LOGGED}", "a closed session stays as it is"
    )
    found |= _trigger(
        "sessions_kept", "DELETE ON sessions", f"{_LOGGED} AND NOT {_ARCHIVED}", "a session is archived, not deleted"
    )
    found |= _trigger("runs_stay", f"UPDATE OF {', '.join(_CONSTANT_OF_RUNS)} ON runs", _LOGGED, "what a run is stays")
    found |= _trigger("runs_kept", "DELETE ON runs", f"{_LOGGED} AND NOT {_ARCHIVED}", "a run is archived, not deleted")
    return found


def of_records(table: str) -> dict[str, str]:
    """The triggers of one table of records; the migration that adds such a table creates them with it."""
    return _kept(table, f"NOT {_ARCHIVED}")


def missing(connection: sqlite3.Connection) -> dict[str, str]:
    """The triggers that should be there and are not, or are others: ``gone`` or ``changed``, by name."""
    there = dict(connection.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'"))
    return {
        name: "gone" if name not in there else "changed" for name, sql in triggers().items() if there.get(name) != sql
    }


def _kept(table: str, unless: str) -> dict[str, str]:
    changed = _trigger(f"{table}_stay", f'UPDATE ON "{table}"', "", f"rows of {table} are never changed")
    return changed | _trigger(f"{table}_kept", f'DELETE ON "{table}"', unless, f"rows of {table} are never deleted")


def _trigger(name: str, event: str, when: str, why: str) -> dict[str, str]:
    condition = f" WHEN {when}" if when else ""
    return {name: f"CREATE TRIGGER {name} BEFORE {event}{condition} BEGIN SELECT RAISE(ABORT, '{why}'); END"}
