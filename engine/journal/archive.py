"""Retention: whole sessions that are over move to a journal of their own, whose head the remaining chain begins after.

The archive is written, verified and named before anything is deleted, and the deletion is one transaction that also
says so in the chain. Cut off at any instant, every session is in the journal, or in a whole archive, or in both.
"""

from __future__ import annotations

import datetime as dt
import sqlite3
from collections.abc import Sequence
from contextlib import closing, suppress
from pathlib import Path
from typing import Any, NamedTuple

from engine.journal import chain
from engine.journal.backup import stamp
from engine.journal.chain import CHAINED, Head
from engine.journal.errors import JournalError, explain
from engine.journal.files import at_rest, partial
from engine.journal.lineage import ARCHIVE_FOLDER
from engine.journal.lock import JournalLock
from engine.journal.mapping import BY_TABLE
from engine.journal.reader import JournalReader
from engine.journal.schema import make_folder, prepare
from engine.journal.transaction import Transaction
from engine.journal.verify import Verdict, verify


class Movable(NamedTuple):
    """A session that can move: all links up to ``last_link`` are of it and of those before it."""

    session: int
    name: str
    account: str
    day: str
    runs: int
    last_link: int


class Plan(NamedTuple):
    """What can be archived: the sessions, the head they end with, and why what follows them stays."""

    sessions: tuple[Movable, ...]
    cut: Head
    stays: str


class Archived(NamedTuple):
    """What was done. ``file`` is None where nothing was to be moved."""

    file: Path | None
    plan: Plan
    verdict: Verdict | None


def archive(journal: Path, before: dt.date, *, now: float, folder: Path | None = None) -> Archived:
    """Move the closed sessions of trading days before ``before`` to an archive.

    The chain is one line: a session moves only with all that was written before its end, so one that is open, or of a
    later day, keeps those that began after it.

    Args:
        now: the wall clock, seconds since 1970. folder: where archives lie; ``archive`` beside the journal by default.

    Raises ``JournalError`` where a session writes the journal, or the journal or the archive does not verify.
    """
    journal = Path(journal).expanduser().resolve()
    with JournalReader(journal) as reader:  # says what is wrong with the file, if something is
        if not chain.is_chained(reader.raw()):
            raise JournalError(
                f"{journal} has no hash chain: backtests and replays are not archived; delete the file and play again"
            )
    lock = JournalLock(journal)
    try:
        verdict = verify(journal)
        if not verdict.sound:
            raise JournalError(f"{journal} does not verify, so nothing is moved: {verdict.problems[0]}")
        with closing(sqlite3.connect(journal, isolation_level=None)) as connection:
            plan = make_plan(connection, before)
            if not plan.sessions:
                return Archived(None, plan, None)
            path = _name(journal, folder, plan)
            moved = _write(connection, journal, path, plan, now)
            _delete(connection, path.name, plan, now)
            with suppress(sqlite3.Error):  # a full disk: the room is used again anyway
                connection.execute("VACUUM")
        return Archived(path, plan, moved)
    except sqlite3.Error as error:
        raise JournalError(f"cannot archive sessions of {journal}: {explain(error)}") from error
    finally:
        lock.release()


def make_plan(connection: sqlite3.Connection, before: dt.date) -> Plan:
    """Which sessions can move."""
    rows = connection.execute(
        "SELECT s.session, s.name, s.account, s.day, (SELECT count(*) FROM runs AS r WHERE r.session = s.session), "
        "s.status, MIN(c.link), MAX(c.link) FROM sessions AS s JOIN chain AS c ON c.session = s.session "
        "GROUP BY s.session ORDER BY MIN(c.link)"
    ).fetchall()
    stays = ""
    chosen: list[Movable] = []
    reach = 0
    whole = 0
    for index, (session, name, account, day, runs, status, first, last) in enumerate(rows):
        if first > reach:
            whole = index  # nothing of what came before lies after this
        reach = max(reach, last)
        if status == "open":
            stays = f"{name} is open: it stays, with all that came after it"
        elif day >= before.isoformat():
            stays = f"{name} is of {day}: it stays, with all that came after it"
        if stays:
            del chosen[whole:]
            break
        chosen.append(Movable(session, name, account, day, runs, last))
    if not chosen:
        return Plan((), chain.base(connection), stays)
    cut = max(each.last_link for each in chosen)
    hash_ = connection.execute("SELECT hash FROM chain WHERE link = ?", (cut,)).fetchone()[0]
    return Plan(tuple(chosen), Head(cut, hash_), stays)


def _name(journal: Path, folder: Path | None, plan: Plan) -> Path:
    folder = folder or journal.parent / ARCHIVE_FOLDER
    make_folder(folder / "any")
    last = max(each.day for each in plan.sessions)
    return folder / f"{journal.stem}-to-{last}-{plan.cut.links}{journal.suffix}"


def _write(connection: sqlite3.Connection, journal: Path, path: Path, plan: Plan, now: float) -> Verdict:
    """Write the archive and verify it; one that an attempt cut off after this has left is verified and taken.

    Its last row of ``archives`` names itself: nothing is written to it any more.
    """
    if path.exists():
        return _require_whole(verify(path), plan, path)
    with partial(path) as made:
        prepare(made)
        connection.execute("ATTACH ? AS archive", (str(made),))
        try:
            with Transaction(connection):
                _copy(connection, plan)
                connection.execute(
                    "INSERT INTO archive.archives (file, at, links, head, last_id, last_run, sessions) "
                    "VALUES (?, ?, ?, ?, 0, 0, ?)",
                    (path.name, stamp(now), plan.cut.links, plan.cut.hash, len(plan.sessions)),
                )
        finally:
            connection.execute("DETACH archive")
        with closing(sqlite3.connect(made, isolation_level=None)) as copy:
            at_rest(copy)
        return _require_whole(verify(made), plan, journal)


def _require_whole(verdict: Verdict, plan: Plan, path: Path) -> Verdict:
    if not verdict.sound:
        raise JournalError(f"the archive {path} does not verify, so nothing is deleted: {verdict.problems[0]}")
    if verdict.head != plan.cut or verdict.sessions != len(plan.sessions):
        raise JournalError(f"the archive {path} is not of these sessions, so nothing is deleted: move it away")
    return verdict


def _copy(connection: sqlite3.Connection, plan: Plan) -> None:
    cut = plan.cut.links
    for table in ("archives", "archived"):
        _copy_rows(connection, table, "", ())
    for session, *_ in plan.sessions:
        _copy_rows(connection, "sessions", "WHERE session = ?", (session,))
        _copy_rows(connection, "runs", "WHERE session = ?", (session,))
    for table, key in CHAINED.items():
        moved = f"WHERE {key} IN (SELECT row FROM main.chain WHERE subject = ? AND link <= ?)"  # noqa: S608
        _copy_rows(connection, table, moved, (table, cut))
    _copy_rows(connection, "chain", "WHERE link <= ?", (cut,))


def _copy_rows(connection: sqlite3.Connection, table: str, where: str, values: Sequence[Any]) -> None:
    columns = ", ".join(f'"{row[1]}"' for row in connection.execute(f'PRAGMA main.table_info("{table}")'))
    connection.execute(
        f'INSERT INTO archive."{table}" ({columns}) SELECT {columns} FROM main."{table}" {where}',  # noqa: S608
        tuple(values),
    )


def _delete(connection: sqlite3.Connection, file: str, plan: Plan, now: float) -> None:
    cut = plan.cut.links
    sessions = [(each.session,) for each in plan.sessions]
    latest = (
        connection.execute(f'SELECT MAX(id) FROM "{table}"').fetchone()[0]  # noqa: S608
        for table in BY_TABLE
    )
    last_id = max(number or 0 for number in latest)
    last_run = connection.execute("SELECT MAX(run) FROM runs").fetchone()[0] or 0
    known = connection.execute("SELECT MAX(last_id), MAX(last_run) FROM archives").fetchone()
    origin = connection.execute(
        "SELECT json_extract(detail, '$.original_from') FROM session_log WHERE event IN ('origin', 'archive') "
        "ORDER BY entry LIMIT 1"
    ).fetchone()
    epochs = connection.execute(
        "SELECT coalesce(MAX(json_extract(detail, '$.epochs_from')), 0) FROM session_log WHERE session IS NULL"
    ).fetchone()
    at = stamp(now)
    with Transaction(connection):
        number = connection.execute(
            "INSERT INTO archives (file, at, links, head, last_id, last_run, sessions) VALUES (?, ?, ?, ?, ?, ?, ?)",
            (file, at, cut, plan.cut.hash, max(known[0] or 0, last_id), max(known[1] or 0, last_run), len(sessions)),
        ).lastrowid
        connection.executemany(
            "INSERT INTO archived (session, archive, name, account, day, runs) VALUES (?, ?, ?, ?, ?, ?)",
            [(each.session, number, each.name, each.account, each.day, each.runs) for each in plan.sessions],
        )
        # The triggers let go of what is on that list. Rows are chosen by their links, before those go.
        for table in BY_TABLE:
            connection.execute(
                f'DELETE FROM "{table}" WHERE id IN (SELECT row FROM chain WHERE subject = ? AND link <= ?)',  # noqa: S608
                (table, cut),
            )
        for table in ("runs", "sessions"):
            connection.execute(f"DELETE FROM {table} WHERE session IN (SELECT session FROM archived)")  # noqa: S608
        connection.execute("DELETE FROM session_log WHERE entry <= ?", (cut,))
        connection.execute("DELETE FROM chain WHERE link <= ?", (cut,))
        detail = {
            "file": file,
            "links": cut,
            "head": plan.cut.hash,
            "archived": [list(each[:5]) for each in sorted(plan.sessions)],
            "original_from": origin[0] if origin else 1,
            "epochs_from": epochs[0],
        }
        chain.note(connection, "archive", at, detail)
