"""Does a journal still hold what was written? Its chain link by link, then everything else it promises."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import msgspec

from engine.journal import chain
from engine.journal.chain import Head, StoredRow, link_hash, stored_rows
from engine.journal.errors import explain
from engine.journal.promises import Problem, base_problems, file_problems, log_problems, rule_problems
from engine.journal.reader import JournalReader

Step = Callable[[int, int], None]
"""Told now and then how many links were read, of how many."""

_STEP = 1_000
_SHOWN = 20
_NO_CHAIN = "it holds sessions of an account and no hash chain: the chain was removed"


class DayHead(msgspec.Struct, frozen=True, kw_only=True):
    """The newest link of an account's trading day. Kept elsewhere, it proves later that nothing up to it was changed.

    Attributes:
        links: how many links the journal had up to it, archived ones included. rows: of this day and account.
    """

    account: str
    day: str
    links: int
    rows: int
    head: str


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """What the verification of one journal found.

    Attributes:
        chained: a journal of backtests and replays has no chain.
        rows: links that were checked. sessions: that the file holds.
        base: the head before the file's first link; 0 links but in what remains of an archived journal, or an archive.
        head: the newest link.
        original_from: the first link that was made when its row was; None where an archive holds that.
        days: the heads of days, in the order of their links.
        seen: at which link each head that was asked for was found.
        problems: the first of them, a line each. found: how many there are in all.
    """

    path: str
    chained: bool
    rows: int
    sessions: int
    base: Head
    head: Head
    original_from: int | None
    days: tuple[DayHead, ...]
    seen: dict[str, int]
    problems: tuple[str, ...]
    found: int

    @property
    def sound(self) -> bool:
        """Whether nothing speaks against it."""
        return not self.found


def verify(path: Path, heads: Iterable[str] = (), step: Step | None = None) -> Verdict:
    """Check a journal, read-only and as of one instant, also while a session writes it.

    Args:
        heads: hashes to be looked for in the chain; where they are not there is not held against the file here.

    Raises ``JournalError`` for a file that is no journal, or of another version.
    """
    with JournalReader(path) as reader:
        connection = reader.raw()
        with reader.snapshot():
            return _verify(reader.path, connection, heads, step)


def _verify(path: Path, connection: sqlite3.Connection, heads: Iterable[str], step: Step | None) -> Verdict:
    # Bytes that are no text are a row that was changed, not an error.
    connection.text_factory = lambda raw: raw.decode("utf-8", "surrogateescape")
    check = ChainCheck(connection, heads)
    chained = chain.is_chained(connection)
    lines: list[str] = []
    found = 0
    for problem in _problems(connection, check, chained, step):
        found += 1
        if found <= _SHOWN:
            lines.append(_line(problem, connection))
    return Verdict(
        path=str(path),
        chained=chained,
        rows=check.links,
        sessions=connection.execute("SELECT count(*) FROM sessions").fetchone()[0],
        base=check.base,
        head=check.head,
        original_from=_original_from(connection),
        days=tuple(sorted(check.days.values(), key=lambda day: day.links)),
        seen=check.seen,
        problems=tuple(lines),
        found=found,
    )


def _problems(connection: sqlite3.Connection, check: ChainCheck, chained: bool, step: Step | None) -> Iterator[Problem]:
    parts: Sequence[Iterator[Problem]]
    if chained:
        parts = (
            check.problems(step),
            base_problems(connection, check.base),
            log_problems(connection),
            rule_problems(connection),
        )
    else:
        parts = (_unchained(connection), rule_problems(connection))
    for part in (file_problems(connection), *parts):
        try:
            yield from part
        except sqlite3.DatabaseError as error:
            yield Problem("file", None, None, f"cannot be read to its end: {explain(error)}")


def _unchained(connection: sqlite3.Connection) -> Iterator[Problem]:
    marks = ", ".join("?" * len(chain.RESEARCH_MODES))
    query = f"SELECT EXISTS (SELECT 1 FROM runs WHERE mode NOT IN ({marks}))"  # noqa: S608
    if connection.execute(query, chain.RESEARCH_MODES).fetchone()[0]:
        yield Problem("file", None, None, _NO_CHAIN)


def _line(problem: Problem, connection: sqlite3.Connection) -> str:
    where = problem.table if problem.row is None else f"{problem.table} {problem.row}"
    query = "SELECT name FROM sessions WHERE session = ?1 UNION ALL SELECT name FROM archived WHERE session = ?1"
    try:
        name = connection.execute(query, (problem.session,)).fetchone() if problem.session is not None else None
    except sqlite3.Error:
        name = None
    among = name[0] if name else f"session {problem.session}"
    return f"{where}{f' in {among}' if problem.session is not None else ''}: {problem.what}"


def _original_from(connection: sqlite3.Connection) -> int | None:
    query = "SELECT detail FROM session_log WHERE event IN ('origin', 'archive') ORDER BY entry LIMIT 1"
    try:
        found = connection.execute(query).fetchone()
        return int(json.loads(found[0])["original_from"]) if found else None
    except (sqlite3.Error, ValueError, TypeError, KeyError):
        return None


class _Peeking:
    """The stored rows of one table, looked at before they are taken; those passed over are remembered."""

    def __init__(self, rows: Iterator[StoredRow]) -> None:
        self._rows = rows
        self.next = next(rows, None)
        self.passed: dict[int, StoredRow] = {}

    def take(self) -> StoredRow:
        """The next row."""
        row = self.next
        assert row is not None
        self.next = next(self._rows, None)
        return row

    def find(self, number: int) -> StoredRow | None:
        """The row of that number, or None; what comes before it is passed over."""
        while self.next is not None and self.next.number < number:
            row = self.take()
            self.passed[row.number] = row
        if self.next is not None and self.next.number == number:
            return self.take()
        return self.passed.pop(number, None)

    def rest(self) -> Iterator[StoredRow]:
        """Every row that no link asked for."""
        while self.next is not None:
            row = self.take()
            self.passed[row.number] = row
        yield from (self.passed[number] for number in sorted(self.passed))


class _Suspect(NamedTuple):
    """A link that its row does not fit; the next link tells which of the two was changed."""

    link: int
    row: StoredRow
    wanted: str
    stored: str


class ChainCheck:
    """Walks the links of a journal in order.

    Attributes:
        links: how many were read. head: the last one. days: the newest link of each account's day.
        seen: the number of links at each head that was asked for.
    """

    def __init__(self, connection: sqlite3.Connection, heads: Iterable[str] = ()) -> None:
        self._connection = connection
        self._wanted = set(heads)
        self.seen: dict[str, int] = {}
        self.links = 0
        self.base = chain.base(connection)
        self.head = self.base
        self.days: dict[tuple[str, str], DayHead] = {}
        self._sessions: Mapping[int, tuple[str, str]] = {
            row[0]: (row[1], row[2]) for row in connection.execute("SELECT session, account, day FROM sessions")
        }

    def problems(self, step: Step | None = None) -> Iterator[Problem]:
        """What does not fit, link by link."""
        total = self._connection.execute("SELECT count(*) FROM chain").fetchone()[0] if step is not None else 0
        tables = {table: _Peeking(stored_rows(self._connection, table)) for table in chain.CHAINED}
        before: str | None = self.base.hash
        expected = self.base.links + 1
        suspect: _Suspect | None = None
        for link, session, subject, number, stored in self._connection.execute(
            "SELECT link, session, subject, row, hash FROM chain ORDER BY link"
        ):
            if link != expected:
                what = f"links {expected} to {link - 1} are missing: rows were removed"
                yield Problem("chain", expected, None, what)
                before = None  # nothing is known of what stood before: this link cannot be judged
            expected = link + 1
            known = subject in tables and isinstance(number, int)
            row = tables[subject].find(number) if known else None
            if row is None:
                if suspect is not None:
                    yield _changed(suspect)
                suspect = None
                yield Problem(str(subject), number, session, f"is gone: link {link} was made over it")
            else:
                fits = before is None or link_hash(before, row.text) == stored
                if suspect is not None:
                    relinked = not fits and link_hash(suspect.wanted, row.text) == stored
                    yield _overwritten(suspect) if relinked else _changed(suspect)
                    fits = fits or relinked
                suspect = None if fits else _Suspect(link, row, link_hash(before or "", row.text), stored)
                if row.session != session:
                    yield Problem("chain", link, session, f"names another session than its row, {subject} {number}")
            before = str(stored)
            self._count(link, session, before)
            if step is not None and self.links % _STEP == 0:
                step(self.links, total)
        if suspect is not None:
            yield _changed(suspect)
        for table, peeking in tables.items():
            for row in peeking.rest():
                yield Problem(table, row.number, row.session, "has no link: it was inserted, or its link was removed")

    def _count(self, link: int, session: int | None, stored: str) -> None:
        self.links += 1
        self.head = Head(link, stored)
        if stored in self._wanted:
            self.seen[stored] = link
        day = self._sessions.get(session) if session is not None else None
        if day is not None:
            rows = self.days[day].rows + 1 if day in self.days else 1
            self.days[day] = DayHead(account=day[0], day=day[1], links=link, rows=rows, head=stored)


def _changed(suspect: _Suspect) -> Problem:
    what = f"is not what link {suspect.link} was made over: it was changed, or rows before it were removed or moved"
    return Problem(suspect.row.table, suspect.row.number, suspect.row.session, what)


def _overwritten(suspect: _Suspect) -> Problem:
    row = suspect.row
    what = f"its hash was overwritten; the row it was made over, {row.table} {row.number}, is as it was"
    return Problem("chain", suspect.link, row.session, what)
