"""The journals of the account, the demo and research: readable, of this version, sound, private, and who writes them.

Nothing is written: SQLite leaves files beside a database it reads in WAL mode, so a journal at rest is opened as
immutable, and one whose last commits wait in a WAL without its index is not opened at all.
"""

from __future__ import annotations

import os
import stat
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

from zdte_tui.doctor.finding import Finding, fail, note, ok, size_text, warn
from zdte_tui.doctor.surroundings import Surroundings

if TYPE_CHECKING:
    import sqlite3

_BUDGET = 5.0
_STEPS = 10_000
_NAMED = 3


def check(around: Surroundings) -> Iterator[Finding]:
    """Every journal there is."""
    from engine.config import journal_path, research_path

    config = around.known_config
    named = {
        f"account {config.account.name}": journal_path(config, config.account.name),
        "account demo": journal_path(config, "demo"),
        "research": research_path(config),
    }
    shown: set[Path] = set()
    for subject, path in named.items():
        if path not in shown:
            shown.add(path)
            yield from look_at(subject, path)


def look_at(subject: str, path: Path) -> Iterator[Finding]:
    """One journal."""
    if not os.path.lexists(path):
        yield ok(subject, f"none yet ({path})")
        return
    if not path.is_file():
        yield fail(subject, f"{path} is no regular file", f"mv {path} {path}.old, or name another file")
        return
    if not os.access(path, os.R_OK):
        yield fail(subject, f"{path} is not readable for you", f"chmod 600 {path}")
        return
    from engine.journal import is_written

    written = is_written(path)
    wal, index = (path.with_name(path.name + ending) for ending in ("-wal", "-shm"))
    waiting = wal.stat().st_size if wal.exists() else 0
    if waiting and not index.exists():
        seen = f"{path}: its last commits wait in {wal.name}, so it is not opened here"
        yield note(subject, seen, "the next session takes them up; keep the two files together")
        return
    how = "mode=ro" if waiting or written else "immutable=1"
    import sqlite3

    try:
        with closing(sqlite3.connect(f"{path.resolve().as_uri()}?{how}", uri=True, timeout=1.0)) as connection:
            yield from _content(subject, path, connection, written)
    except sqlite3.Error as error:
        yield fail(
            subject, f"{path} cannot be read: {error}", f"mv {path} {path}.damaged; the next session begins anew"
        )


def _privacy(subject: str, path: Path) -> Iterator[Finding]:
    mode = stat.S_IMODE(path.stat().st_mode)
    if mode & 0o077:
        yield warn(subject, f"{path} has mode {mode:04o}: others may read or change it", f"chmod 600 {path}")
    folder = stat.S_IMODE(path.parent.stat().st_mode)
    if folder & stat.S_IWOTH and not folder & stat.S_ISVTX:
        yield warn(subject, f"anybody may write in {path.parent}", f"chmod 700 {path.parent}")


def _content(subject: str, path: Path, connection: sqlite3.Connection, written: bool) -> Iterator[Finding]:
    from engine.journal.schema import APPLICATION_ID, MIGRATIONS

    application = connection.execute("PRAGMA application_id").fetchone()[0]
    version = connection.execute("PRAGMA user_version").fetchone()[0]
    if application != APPLICATION_ID:
        yield fail(subject, f"{path} is not a journal of zdte-tui", "name another file, or move this one away")
        return
    yield from _privacy(subject, path)
    if version > len(MIGRATIONS):
        seen = f"{path} is from a newer zdte-tui: schema {version}, this one knows {len(MIGRATIONS)}"
        yield fail(subject, seen, "upgrade zdte-tui, or name another file")
        return
    if version < len(MIGRATIONS):
        seen = f"{path} is from an older zdte-tui: schema {version} of {len(MIGRATIONS)}"
        yield note(subject, seen, "the next session on it brings it up to date; a copy first does no harm")
    problem, whole = quick_check(connection)
    if problem:
        seen = f"{path} is damaged: {problem}"
        yield fail(subject, seen, f"sqlite3 {path} .recover > rescued.sql, then mv {path} {path}.damaged")
        return
    used = f"in use by process {_writer(path)}" if written else "at rest"
    checked = "sound" if whole else f"not checked to its end in {_BUDGET:.0f} s"
    linked = _chain(connection)
    yield ok(subject, f"{path}: schema {version}, {size_text(path.stat().st_size)}, {checked}, {used}, {linked}")
    yield from _unfinished(subject, connection, written)


def _chain(connection: sqlite3.Connection) -> str:
    """How long the hash chain is and what it ends with; whether rows fit it is for `journal verify` to say."""
    from engine.journal.chain import head, is_chained

    if not is_chained(connection):
        return "no hash chain"
    newest = head(connection)
    return f"chain of {newest.links:,} links to {newest.hash[:12]}"


def quick_check(connection: sqlite3.Connection, budget: float = _BUDGET) -> tuple[str, bool]:
    """What SQLite has against the file, or empty; and whether it came to its end within ``budget`` seconds."""
    import sqlite3

    until = time.monotonic() + budget
    connection.set_progress_handler(lambda: time.monotonic() > until, _STEPS)
    try:
        found = connection.execute("PRAGMA quick_check(1)").fetchone()[0]
    except sqlite3.OperationalError as error:
        if error.sqlite_errorname == "SQLITE_INTERRUPT":
            return "", False
        raise
    finally:
        connection.set_progress_handler(None, 0)
    return ("" if found == "ok" else str(found)), True


def _writer(path: Path) -> str:
    try:
        text = path.with_name(path.name + ".lock").read_text(errors="replace").strip()
    except OSError:
        text = ""
    return text if text.isdigit() else "unknown"


def _unfinished(subject: str, connection: sqlite3.Connection, written: bool) -> Iterator[Finding]:
    rows = connection.execute("SELECT name FROM sessions WHERE status = 'open' ORDER BY session DESC").fetchall()
    if written:
        rows = rows[1:]  # the latest is being played
    if rows:
        names = ", ".join(name for (name,) in rows[:_NAMED]) + (" and more" if len(rows) > _NAMED else "")
        mend = "zdte-tui --demo goes on with the latest, --fresh gives it up" if subject != "research" else ""
        yield note(subject, f"{len(rows)} session(s) not played to the end: {names}", mend)
