"""What a journal promises besides its chain: orders come from intents, positions are sums of fills, logs match."""

from __future__ import annotations

import json
import sqlite3
from collections import Counter, defaultdict
from collections.abc import Iterator
from typing import Any, NamedTuple

from engine.journal import guards
from engine.journal.chain import Head, is_archive
from engine.journal.mapping import BY_TABLE
from engine.journal.views import VIEWS


class Problem(NamedTuple):
    """Something in a journal that is not as it should be.

    Attributes:
        table: where, or ``file``. row: its id, None where it is no single row. session: its number, where it has one.
    """

    table: str
    row: int | None
    session: int | None
    what: str


# Each finds id, session and a word of the rows that break a promise. An order without an intent of ours is the
# broker's, or one of a kill level that could not be journalled before it was sent; nobody asks the gate for those.
_RULES: tuple[tuple[str, str, str], ...] = (
    (
        "orders",
        "no intent {0} stands behind it",
        """SELECT o.id, o.session, o.intent_id FROM orders AS o WHERE NOT EXISTS (
             SELECT 1 FROM intents AS i WHERE i.session = o.session AND i.intent_id = o.intent_id)
           AND NOT (o.intent_id = 0 AND (o.actor = 'broker' OR o.client_order_id LIKE 'K-%'))""",
    ),
    (
        "orders",
        "the gate did not approve its intent {0}",
        """SELECT o.id, o.session, o.intent_id FROM orders AS o WHERE o.intent_id <> 0 AND o.actor <> 'broker'
           AND NOT EXISTS (
             SELECT 1 FROM decisions AS d WHERE d.session = o.session AND d.intent_id = o.intent_id AND d.approved)""",
    ),
    (
        "orders",
        "a second order of intent {0}",
        """SELECT MAX(id), session, intent_id FROM orders WHERE intent_id <> 0
           GROUP BY session, intent_id HAVING count(*) > 1""",
    ),
    (
        "orders",
        "the id {0} was used before",
        """SELECT MAX(id), session, client_order_id FROM orders
           GROUP BY session, client_order_id HAVING count(*) > 1""",
    ),
    (
        "order_events",
        "of an order {0} that is not there",
        """SELECT e.id, e.session, e.client_order_id FROM order_events AS e WHERE NOT EXISTS (
             SELECT 1 FROM orders AS o WHERE o.session = e.session AND o.client_order_id = e.client_order_id)""",
    ),
    (
        "fills",
        "of an order {0} that is not there",
        """SELECT f.id, f.session, f.client_order_id FROM fills AS f WHERE NOT EXISTS (
             SELECT 1 FROM orders AS o WHERE o.session = f.session AND o.client_order_id = f.client_order_id)""",
    ),
    (
        "fills",
        "the execution {0} was counted before",
        """SELECT MAX(id), session, exec_id FROM fills GROUP BY session, exec_id HAVING count(*) > 1""",
    ),
)

# Columns of a run that change until it is over, and of a session that are compared by themselves.
_WHILE_IT_GOES_ON = ("progress_ts", "progress_seq", "outcome", "ended_at")
_LATER = ("status", "epochs")

_NAMED = 3
_SAID = {"gone": "removed", "changed": "changed"}
_LAST_SEQ = 'SELECT MAX(CAST(seq AS INTEGER)) FROM "{}" WHERE session = ?'


def file_problems(connection: sqlite3.Connection) -> Iterator[Problem]:
    """What SQLite has against the file, then triggers and views that are not as this program made them."""
    for (line,) in connection.execute("PRAGMA integrity_check(5)"):
        if line != "ok":
            yield Problem("file", None, None, f"SQLite's integrity_check: {line}")
    astray: dict[tuple[str, str], list[int]] = {}
    for table, row, parent, _ in connection.execute("PRAGMA foreign_key_check"):
        if not (parent == "sessions" and table == "sessions" and _branch_is_archived(connection, row)):
            astray.setdefault((table, parent), []).append(row)
    for (table, parent), rows in astray.items():
        others = f", and {len(rows) - 1} more rows do" if len(rows) > 1 else ""
        yield Problem(table, min(rows), None, f"names a row of {parent} that is not there{others}")
    for state in ("gone", "changed"):
        names = [name for name, found in guards.missing(connection).items() if found == state]
        if names:
            more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
            what = f"triggers that keep rows as they are were {_SAID[state]}: {', '.join(names[:_NAMED])}{more}"
            yield Problem("file", None, None, what)
    views = dict(connection.execute("SELECT name, sql FROM sqlite_master WHERE type = 'view'"))
    for name, sql in VIEWS.items():
        if not str(views.get(name, "")).endswith(sql.strip()):
            state = "changed" if name in views else "gone"
            yield Problem("file", None, None, f"the view {name} is {state}: what it shows is not to be trusted")


def rule_problems(connection: sqlite3.Connection) -> Iterator[Problem]:
    """Orders, fills and positions that contradict each other, and progress that contradicts the records."""
    for table, what, query in _RULES:
        for row, session, word in connection.execute(query):
            yield Problem(table, row, session, what.format(word))
    yield from _positions(connection)
    yield from _progress(connection)


def log_problems(connection: sqlite3.Connection) -> Iterator[Problem]:
    """Sessions and runs that are not what the session log says they were. For a journal with a chain."""
    sessions: dict[int, dict[str, Any]] = {}
    runs: dict[int, dict[str, Any]] = {}
    closed: set[int] = set()
    for entry, event, session, text in connection.execute(
        "SELECT entry, event, session, detail FROM session_log WHERE session IS NOT NULL ORDER BY entry"
    ):
        try:
            detail = json.loads(text)
            if "session" in detail:
                sessions[session] = detail["session"]
                if detail["session"]["status"] == "closed":
                    closed.add(session)
            for run in detail.get("runs", [detail["run"]] if "run" in detail else []):
                runs[run["run"]] = run
        except (ValueError, TypeError, KeyError, AttributeError):
            yield Problem("session_log", entry, session, "is no entry this program writes")
        if event == "end":
            closed.add(session)
    starts = Counter(run["session"] for run in runs.values())
    yield from _compare(connection, "sessions", sessions)
    for session, status, epochs in connection.execute("SELECT session, status, epochs FROM sessions"):
        if (status == "closed") != (session in closed):
            said = "was ended" if session in closed else "was never ended"
            yield Problem("sessions", session, session, f"its status is {status}, but the session log says it {said}")
        if session in sessions and epochs != starts[session]:
            yield Problem("sessions", session, session, f"{epochs} starts, but the session log has {starts[session]}")
    yield from _compare(connection, "runs", runs)


def _compare(connection: sqlite3.Connection, table: str, logged: dict[int, dict[str, Any]]) -> Iterator[Problem]:
    """Rows against what the log says of them, but for what may have changed since."""
    cursor = connection.execute(f"SELECT * FROM {table}")  # noqa: S608
    names = [column[0] for column in cursor.description]
    key = table.removesuffix("s")
    there: set[int] = set()
    for values in cursor:
        row = {name: value for name, value in zip(names, values, strict=True) if value is not None}
        number = row[key]
        there.add(number)
        if number not in logged:
            yield Problem(table, number, row["session"], "the session log knows nothing of it: it was inserted")
            continue
        said = logged[number]
        over = "ended_at" in said
        differing = sorted(
            name
            for name in set(row) | set(said)
            if (over or name not in _WHILE_IT_GOES_ON) and name not in _LATER and row.get(name) != said.get(name)
        )
        if differing:
            yield Problem(table, number, row["session"], f"{', '.join(differing)}: not what the session log says")
    for number in sorted(set(logged) - there):
        yield Problem(table, number, logged[number].get("session"), "is gone: the session log says it was there")


def base_problems(connection: sqlite3.Connection, base: Head) -> Iterator[Problem]:
    """A chain that does not begin with the first link of all: its session log must say that the rest was archived."""
    entries = "SELECT entry, event, detail FROM session_log WHERE event IN ('archive', 'restore') ORDER BY entry"
    told: dict[Any, dict[str, Any]] = {}
    attested: set[Head] = set()
    for entry, event, text in connection.execute(entries):
        try:
            detail = json.loads(text)
            if event == "archive":
                told[detail["links"]] = detail
                attested.add(Head(detail["links"], detail["head"]))
            else:
                attested.add(Head(*detail["base"]))
        except (ValueError, TypeError, KeyError):
            yield Problem("session_log", entry, None, "is no entry this program writes")
    # An archive may lie wholly before the entry that tells of the one before it: its own journal has that.
    if base.links and base not in attested and not is_archive(connection):
        what = f"link {base.links} is to have been the last one archived; the session log does not say so"
        yield Problem("archives", None, None, what)
    for links, detail in told.items():
        cursor = connection.execute(
            "SELECT session, name, account, day, runs FROM archived JOIN archives USING (archive) WHERE links = ? "
            "ORDER BY session",
            (links,),
        )
        if [list(row) for row in cursor] != detail.get("archived"):
            yield Problem("archived", None, None, f"is not the list of sessions that were archived up to link {links}")


def _branch_is_archived(connection: sqlite3.Connection, session: int) -> bool:
    query = "SELECT 1 FROM sessions JOIN archived ON archived.session = branch_of WHERE sessions.session = ?"
    return connection.execute(query, (session,)).fetchone() is not None


def _positions(connection: sqlite3.Connection) -> Iterator[Problem]:
    """Each position in options is the sum of the fills before it; the last one of all fills. Shares come of expiry."""
    held: defaultdict[tuple[int, int, str], int] = defaultdict(int)
    told: dict[tuple[int, int, str], tuple[int, int]] = {}
    rows = connection.execute(
        "SELECT id, session, trade_id, symbol, CAST(quantity AS INTEGER), 1 AS is_fill FROM fills UNION ALL "
        "SELECT id, session, trade_id, symbol, CAST(quantity AS INTEGER), 0 FROM positions "
        "WHERE symbol GLOB '*[0-9][CP][0-9]*' ORDER BY id"
    )
    for number, session, trade, symbol, quantity, is_fill in rows:
        key = (session, trade, symbol)
        if is_fill:
            held[key] += quantity
        else:
            told[key] = number, quantity
            if quantity != held[key]:
                what = f"#{trade} {symbol}: {quantity} held, but its fills come to {held[key]}"
                yield Problem("positions", number, session, what)
    for key, quantity in held.items():
        session, trade, symbol = key
        if key not in told:
            yield Problem("positions", None, session, f"#{trade} {symbol}: {quantity} filled, but no position says so")
        elif told[key][1] != quantity:
            what = f"#{trade} {symbol}: the last position is {told[key][1]}, its fills come to {quantity}"
            yield Problem("positions", told[key][0], session, what)


def _progress(connection: sqlite3.Connection) -> Iterator[Problem]:
    """Records are committed together with the progress: none lies beyond it."""
    reached = connection.execute(
        "SELECT session, MAX(CAST(progress_seq AS INTEGER)) FROM runs GROUP BY session ORDER BY session"
    ).fetchall()
    for session, seq in reached:
        latest = [connection.execute(_LAST_SEQ.format(table), (session,)).fetchone()[0] for table in BY_TABLE]
        last = max((each for each in latest if each is not None), default=None)
        if last is not None and (seq is None or last > seq):
            what = f"its records go to event {last}, its progress to {'none' if seq is None else seq}"
            yield Problem("runs", None, session, what)
