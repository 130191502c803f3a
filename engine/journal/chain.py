"""The hash chain over what a journal holds: one link a row, each over the link before it.

``hash = SHA256(hash before || canonical text of the row)``, both as text: 64 hexadecimal digits, then JSON. Canonical
text is the row as SQLite holds it with its table under ``table``: keys sorted, no spaces, NULL left out (a column added
later is NULL in older rows and changes no link). Before the first link stand 64 zeros.
"""

from __future__ import annotations

import heapq
import json
import sqlite3
from collections.abc import Iterable, Iterator
from hashlib import sha256
from operator import attrgetter
from typing import Any, NamedTuple

from engine.journal.mapping import BY_TABLE

GENESIS = "0" * 64
"""What stands before the first link of all."""

SESSION_LOG = "session_log"
CHAINED: dict[str, str] = {**dict.fromkeys(BY_TABLE, "id"), SESSION_LOG: "entry"}
"""Every table whose rows have links, and its key."""

RESEARCH_MODES = ("backtest", "replay")
"""Runs whose journal has no chain: they can be played again."""

_encode = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False, default=lambda _: None).encode


class Head(NamedTuple):
    """The newest link: how many there were up to it since the chain began, and its hash."""

    links: int
    hash: str


class StoredRow(NamedTuple):
    """A row that a link covers. ``number`` is its key in ``table``; ``session`` None where it is of the whole file."""

    number: int
    table: str
    session: int | None
    text: str


def link_hash(before: str, text: str) -> str:
    """The hash of the link after ``before`` over a row's canonical text."""
    return sha256((before + text).encode("utf-8", "surrogateescape")).hexdigest()


def stored_rows(connection: sqlite3.Connection, table: str, first: int = 0) -> Iterator[StoredRow]:
    """The rows of one of ``CHAINED`` from a key on, in its order."""
    key = CHAINED[table]
    cursor = connection.execute(f'SELECT * FROM "{table}" WHERE {key} >= ? ORDER BY {key}', (first,))  # noqa: S608
    names = [column[0] for column in cursor.description]
    number, session = names.index(key), names.index("session")
    for row in cursor:
        yield StoredRow(row[number], table, row[session], canonical_text(table, zip(names, row, strict=True)))


def canonical_text(table: str, values: Iterable[tuple[str, Any]]) -> str:
    """A row as the chain sees it."""
    return _encode({"table": table} | {name: value for name, value in values if value is not None})


def is_chained(connection: sqlite3.Connection) -> bool:
    """Whether the journal has a chain."""
    query = "SELECT EXISTS (SELECT 1 FROM chain) OR EXISTS (SELECT 1 FROM archives)"
    return bool(connection.execute(query).fetchone()[0])


def head(connection: sqlite3.Connection) -> Head:
    """The newest link; where all were archived, the archive's."""
    for query in (
        "SELECT link, hash FROM chain ORDER BY link DESC LIMIT 1",
        "SELECT links, head FROM archives ORDER BY links DESC LIMIT 1",
    ):
        found = connection.execute(query).fetchone()
        if found is not None:
            return Head(*found)
    return Head(0, GENESIS)


def is_archive(connection: sqlite3.Connection) -> bool:
    """Whether the journal is an archive: it says of its own head that it was archived, and is written no more."""
    return (
        connection.execute("SELECT 1 FROM archives WHERE (links, head) = (?, ?)", head(connection)).fetchone()
        is not None
    )


def base(connection: sqlite3.Connection) -> Head:
    """What stands before the first link that this file holds."""
    first = connection.execute("SELECT MIN(link) FROM chain").fetchone()[0]
    if first == 1 or first is None:
        return Head(0, GENESIS) if first else head(connection)
    found = connection.execute("SELECT links, head FROM archives WHERE links = ?", (first - 1,)).fetchone()
    return Head(*found) if found else Head(0, GENESIS)


def link_records(connection: sqlite3.Connection, tables: Iterable[str], first: int) -> Head:
    """Link the records of these tables from an id on, as they are stored; the new head. Inside a transaction."""
    rows = heapq.merge(*(stored_rows(connection, table, first) for table in tables), key=attrgetter("number"))
    return _append(connection, rows)


def begin(connection: sqlite3.Connection, at: str) -> None:
    """Give a journal its chain; one that holds rows already has them linked as they are. Inside a transaction.

    An ``origin`` entry says from which link on the chain is original. What the links before it cover may have been
    changed before there was a chain.
    """
    link_records(connection, BY_TABLE, 0)
    sessions = connection.execute("SELECT session FROM sessions ORDER BY session").fetchall()
    for (session,) in sessions:
        detail = {
            "session": row_of(connection, "sessions", session),
            "runs": [
                row_of(connection, "runs", run)
                for (run,) in connection.execute("SELECT run FROM runs WHERE session = ? ORDER BY run", (session,))
            ],
        }
        note(connection, "found", at, detail, session)
    note(connection, "origin", at, {"original_from": head(connection).links + 1})


def note(
    connection: sqlite3.Connection,
    event: str,
    at: str,
    detail: dict[str, Any],
    session: int | None = None,
    run: int | None = None,
) -> None:
    """Write an entry of the session log, and its link: the entry has the link's number. Inside a transaction."""
    entry = head(connection).links + 1
    connection.execute(
        "INSERT INTO session_log (entry, session, run, event, at, detail) VALUES (?, ?, ?, ?, ?, ?)",
        (entry, session, run, event, at, _encode(detail)),
    )
    _append(connection, stored_rows(connection, SESSION_LOG, entry))


def row_of(connection: sqlite3.Connection, table: str, number: int) -> dict[str, Any]:
    """A row of ``sessions`` or ``runs`` by its number, NULL left out."""
    key = table.removesuffix("s")
    cursor = connection.execute(f"SELECT * FROM {table} WHERE {key} = ?", (number,))  # noqa: S608
    names = [column[0] for column in cursor.description]
    return {name: value for name, value in zip(names, cursor.fetchone(), strict=True) if value is not None}


def _append(connection: sqlite3.Connection, rows: Iterable[StoredRow]) -> Head:
    # Asked of the file each time: what was rolled back leaves no trace here.
    reached = head(connection)

    def links() -> Iterator[tuple[int, int | None, str, int, str]]:
        nonlocal reached
        for row in rows:
            reached = Head(reached.links + 1, link_hash(reached.hash, row.text))
            yield reached.links, row.session, row.table, row.number, reached.hash

    connection.executemany("INSERT INTO chain (link, session, subject, row, hash) VALUES (?, ?, ?, ?, ?)", links())
    return reached
