"""The journal's file: its identity, its version, and the numbered steps that bring an older one up to date."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

from engine.journal.backtests import BACKTEST_DAYS, BACKTESTS, CONFIGURATIONS
from engine.journal.errors import JournalError, OlderJournal, UnreadableJournal, explain
from engine.journal.guards import triggers
from engine.journal.tables import (
    ARCHIVED,
    ARCHIVES,
    CHAIN,
    INDICES,
    NULLABLE,
    RECORDS,
    RUNS,
    SESSION_LOG,
    SESSIONS,
    Columns,
)
from engine.journal.views import VIEWS

if TYPE_CHECKING:
    from sqlite_utils import Database

APPLICATION_ID = 0x7A647465
"""``zdte`` in ASCII, in the header of every journal: another program's database is never taken for one."""


def _m0001_first(db: Database) -> None:
    """Sessions, runs, one table a record type, and the views."""
    _create(db, "sessions", SESSIONS, pk="session", foreign_keys=[("branch_of", "sessions", "session")])
    _create(db, "runs", RUNS, pk="run", foreign_keys=[("session", "sessions", "session")])
    common: Columns = {"id": int, "session": int, "seq": int, "ts": int, "account": str}
    for name, columns in RECORDS.items():
        _create(db, name, common | columns, pk="id", foreign_keys=[("session", "sessions", "session")])
    db.table("sessions").create_index(["name"], unique=True)
    for name, indices in INDICES.items():
        for index in indices:
            db.table(name).create_index(index)
    for name, sql in VIEWS.items():
        db.create_view(name, sql)


def _m0002_backtests(db: Database) -> None:
    """Backtests and the figures of their days."""
    _create(db, "backtests", BACKTESTS, pk="backtest", foreign_keys=[])
    keys = [("session", "sessions", "session"), ("backtest", "backtests", "backtest")]
    _create(db, "backtest_days", BACKTEST_DAYS, pk="session", foreign_keys=keys)
    db.table("backtest_days").create_index(["backtest", "day"], unique=True)
    db.table("backtests").create_index(["key"])


def _m0003_grids(db: Database) -> None:
    """One row a configuration of a grid."""
    keys = [("backtest", "backtests", "backtest")]
    _create(db, "configurations", CONFIGURATIONS, pk="configuration", foreign_keys=keys)
    db.table("configurations").create_index(["backtest"])


def _m0004_chain(db: Database) -> None:
    """The hash chain, what was archived, and triggers that keep rows as they are. The next writer begins the chain."""
    _create(db, "chain", CHAIN, pk="link", foreign_keys=[])
    _create(db, "session_log", SESSION_LOG, pk="entry", foreign_keys=[])
    db.table("session_log").create_index(["session"])
    _create(db, "archives", ARCHIVES, pk="archive", foreign_keys=[])
    _create(db, "archived", ARCHIVED, pk="session", foreign_keys=[("archive", "archives", "archive")])
    for sql in triggers(RECORDS).values():
        db.execute(sql)


def _m0005_stops(db: Database) -> None:
    """Of orders the trigger of a protective stop, and which version of its strategy asked for it."""
    db.execute("ALTER TABLE orders ADD COLUMN stop_e4 INTEGER")
    db.execute("ALTER TABLE orders ADD COLUMN version TEXT")


def _create(db: Database, name: str, columns: Columns, pk: str, foreign_keys: list[tuple[str, str, str]]) -> None:
    not_null = set(columns) - NULLABLE.get(name, set()) - {pk}
    db.table(name).create(columns, pk=pk, not_null=not_null, foreign_keys=foreign_keys)


Migration = Callable[["Database"], None]
MIGRATIONS: tuple[Migration, ...] = (_m0001_first, _m0002_backtests, _m0003_grids, _m0004_chain, _m0005_stops)
"""The n-th brings a journal from schema n - 1 to n, inside the transaction that also records n."""


def make_folder(path: Path) -> None:
    """Make what is missing of the folders above ``path``, for the owner alone (0700); what is there stays as it is."""
    missing = [folder for folder in path.parents if not folder.exists()]
    try:
        for folder in reversed(missing):
            folder.mkdir(mode=0o700, exist_ok=True)
    except OSError as error:
        raise JournalError(f"cannot make a folder for the journal {path}: {error.strerror}") from None


def require_regular(path: Path) -> None:
    """Raises ``JournalError`` where ``path`` is a folder or a device: neither is locked, changed or written."""
    if path.exists() and not path.is_file():
        what = "a folder" if path.is_dir() else "no regular file"
        raise JournalError(f"cannot write the journal {path}: it is {what}; name another file")


def prepare(path: Path, migrations: Sequence[Migration] = MIGRATIONS) -> None:
    """Create the journal at ``path`` (for the owner alone: 0600), or bring it up to date; all of it or nothing.

    Only the holder of the journal's lock may call this. Raises ``JournalError`` for a newer journal, or a file that
    is none.
    """
    existed = path.exists()
    try:
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
        path.chmod(0o600)
    except OSError as error:
        raise JournalError(f"cannot write the journal {path}: {error.strerror}") from None
    try:
        with closing(sqlite3.connect(path, isolation_level=None)) as connection:
            version = check_version(connection, path, len(migrations), new_ok=True)
            connection.execute("PRAGMA journal_mode=WAL")
            if version < len(migrations):
                _migrate(connection, migrations, version)
    except sqlite3.Error as error:
        if not existed:  # half a journal would be taken for somebody else's file
            for made in (path, path.with_name(path.name + "-wal"), path.with_name(path.name + "-shm")):
                made.unlink(missing_ok=True)
        raise JournalError(f"cannot prepare the journal {path}: {explain(error)}") from error


def check_version(connection: sqlite3.Connection, path: Path, known: int, new_ok: bool = False) -> int:
    """The schema of an open journal; raises ``JournalError`` where this program must not use it.

    Args:
        known: the newest schema this program knows.
        new_ok: whether an empty or an older file will do, because the caller will bring it up to date.
    """
    try:
        version = int(connection.execute("PRAGMA user_version").fetchone()[0])
        application = connection.execute("PRAGMA application_id").fetchone()[0]
        empty = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0] == 0
    except sqlite3.DatabaseError as error:
        if error.sqlite_errorname == "SQLITE_NOTADB":
            raise JournalError(f"{path} is not a journal: it is no SQLite database; name another file") from None
        raise UnreadableJournal(f"cannot read the journal {path}: {explain(error)}") from None
    if application != APPLICATION_ID and not (empty and new_ok):
        raise JournalError(f"{path} is not a journal of zdte-tui; name another file")
    if version > known:
        raise JournalError(
            f"the journal {path} is from a newer zdte-tui (schema {version}, this one knows {known}): "
            "upgrade zdte-tui, or name another file"
        )
    if version < known and not new_ok:
        raise OlderJournal(
            f"the journal {path} is from an older zdte-tui (schema {version}, this one reads {known}): "
            "the next session on it brings it up to date"
        )
    return version


def _migrate(connection: sqlite3.Connection, migrations: Sequence[Migration], version: int) -> None:
    # Half a second of import: paid only where a file is created or migrated.
    from sqlite_utils import Database

    connection.execute("BEGIN IMMEDIATE")
    try:
        db = Database(connection, execute_plugins=False)
        for migration in migrations[version:]:
            migration(db)
        connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        connection.execute(f"PRAGMA user_version = {len(migrations)}")
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise
