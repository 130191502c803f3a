"""Reads a journal while its writer may be at work: read-only, and never a hand on the checkpoint."""

from __future__ import annotations

import datetime as dt
import heapq
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import Any

import msgspec

from engine.events import RECORD_TYPES, AnyRecord, Record
from engine.journal import backtests
from engine.journal.backtests import BacktestRow, ConfigurationRow
from engine.journal.errors import JournalError, UnreadableJournal, explain
from engine.journal.lock import is_written
from engine.journal.mapping import BY_TABLE, MAPS, TableMap
from engine.journal.model import Progress, RunRow, SessionInfo, SessionRow, SessionSummary
from engine.journal.schema import MIGRATIONS, check_version
from engine.journal.views import VIEWS
from engine.types import Provenance

TABLES = ("sessions", "runs", *BY_TABLE, "session_log", "chain", *VIEWS)
"""Everything that can be read by name: tables, then views. Each has a ``session`` column."""

_BUSY_SECONDS = 5.0
_provenance = msgspec.json.Decoder(tuple[Provenance, ...])

_SUMMARY = """
SELECT session,
  SUM(status NOT IN ('working', 'abandoned')),
  SUM(status = 'open'),
  SUM(status NOT IN ('working', 'abandoned', 'open') AND realised_e4 > 0),
  COALESCE(SUM(CASE WHEN status NOT IN ('working', 'abandoned', 'open') THEN realised_e4 END), 0),
  SUM(fees_e4),
  MIN(CASE WHEN status NOT IN ('working', 'abandoned', 'open') THEN realised_e4 END),
  MAX(status = 'settled_provisional')
FROM trades_now {where} GROUP BY session"""


class JournalReader:
    """One read-only connection; use it from the thread that made it. Raises ``JournalError`` for a missing file."""

    def __init__(self, path: Path) -> None:
        self.path = Path(path).expanduser().resolve()
        if not self.path.is_file():
            if self.path.exists():
                raise JournalError(f"{self.path} is not a journal: it is no regular file; name another file")
            raise JournalError(f"there is no journal {self.path}")
        try:
            self._connection = _connect(self.path, "mode=ro")
        except UnreadableJournal:
            # A folder that is read-only or full takes no index of the WAL; where there is no WAL, none is needed.
            if not _is_at_rest(self.path):
                raise
            self._connection = _connect(self.path, "immutable=1")

    def close(self) -> None:
        """Let go of the file."""
        self._connection.close()

    def __enter__(self) -> JournalReader:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
        if isinstance(error, sqlite3.DatabaseError | msgspec.DecodeError):
            raise UnreadableJournal(f"cannot read the journal {self.path}: {explain(error)}") from error

    def raw(self) -> sqlite3.Connection:
        """The read-only connection itself, for what looks at the file as a file."""
        return self._connection

    @contextmanager
    def snapshot(self) -> Iterator[None]:
        """Everything read inside is of one instant, whatever the writer commits meanwhile."""
        if self._connection.in_transaction:
            yield
            return
        self._connection.execute("BEGIN")
        self._connection.execute("SELECT count(*) FROM sessions").fetchone()  # the instant is that of the first read
        try:
            yield
        finally:
            with suppress(sqlite3.ProgrammingError):  # closed meanwhile: an export that nobody read to its end
                self._connection.rollback()

    def sessions(self) -> list[SessionRow]:
        """All sessions, in the order in which they began."""
        return self._sessions("ORDER BY session")

    def session(self, session: int) -> SessionRow:
        """One session by its number; raises ``JournalError`` where there is none."""
        found = self._sessions("WHERE session = ?", (session,))
        if not found:
            raise JournalError(f"the journal {self.path} has no session {session}")
        return found[0]

    def select(self, selection: str) -> list[SessionRow]:
        """Sessions by ``last``, ``all`` or a name; raises ``JournalError`` for a name that is not there."""
        if selection == "all":
            return self.sessions()
        if selection == "last":
            return self._sessions("ORDER BY session DESC LIMIT 1")
        found = self._sessions("WHERE name = ?", (selection,))
        if not found:
            raise JournalError(
                f"the journal {self.path} has no session {selection!r}: `zdte-tui sessions` lists what is there"
            )
        return found

    def open_session(self, account: str) -> SessionRow | None:
        """The account's latest session that was not closed, to restart from; None where every one was."""
        found = self._sessions("WHERE account = ? AND status = 'open' ORDER BY session DESC LIMIT 1", (account,))
        return found[0] if found else None

    def runs(self, session: int) -> list[RunRow]:
        """The session's runs, one an epoch, in order."""
        cursor = self._connection.execute("SELECT * FROM runs WHERE session = ? ORDER BY run", (session,))
        return [_run(row) for row in _dicts(cursor)]

    def runs_of_day(self, account: str, day: dt.date) -> int:
        """How many runs the account has had on that trading day, over all its sessions, archived ones included.

        In a journal that was restored the count starts at a number no run before can have reached: what was lost since
        the backup may have had runs of its own, and no order id is used twice.
        """
        query = """
            SELECT (SELECT count(*) FROM runs JOIN sessions USING (session) WHERE account = ?1 AND day = ?2)
              + (SELECT coalesce(SUM(runs), 0) FROM archived WHERE account = ?1 AND day = ?2)
              + (SELECT coalesce(MAX(json_extract(detail, '$.epochs_from')), 0) FROM session_log WHERE session IS NULL)
        """
        return int(self._connection.execute(query, (account, day.isoformat())).fetchone()[0])

    def progress(self, session: int) -> Progress | None:
        """How far the session had come when its last records were committed; None where nothing was."""
        reached = [run.progress for run in self.runs(session) if run.progress is not None]
        return reached[-1] if reached else None

    def backtests(self, key: str | None = None) -> list[BacktestRow]:
        """Backtests in the order in which they began: all, or those with that key."""
        return backtests.select(self._connection, key)

    def backtest_figures(self, backtest: int) -> dict[dt.date, str]:
        """The figures, as JSON, of the days of a backtest that are done, in order of days."""
        return backtests.figures(self._connection, backtest)

    def configurations(self, backtest: int) -> list[ConfigurationRow]:
        """The configurations of a backtest that was a grid, in order; none of any other."""
        return backtests.configurations(self._connection, backtest)

    def records(self, session: int, types: Iterable[type[Record]] | None = None) -> list[AnyRecord]:
        """The session's records, or those of some types, in the order in which they were written."""
        with self.snapshot():
            return [table_map.from_row(row) for table_map, row in self.rows(session, types)]

    def rows(
        self, session: int, types: Iterable[type[Record]] | None = None
    ) -> Iterator[tuple[TableMap, Sequence[Any]]]:
        """The same as raw rows, ``id`` first, each with its table's map. Consume it inside ``snapshot``."""
        maps = [MAPS[kind] for kind in (RECORD_TYPES if types is None else dict.fromkeys(types))]
        return heapq.merge(*(self._rows(table_map, session) for table_map in maps), key=lambda pair: pair[1][0])

    def columns(self, table: str) -> list[str]:
        """The columns of one of ``TABLES``."""
        _require(table)
        return [row[1] for row in self._connection.execute(f'PRAGMA table_info("{table}")')]

    def table(self, table: str, session: int) -> Iterator[tuple[Any, ...]]:
        """One session's rows of one of ``TABLES``, as ``columns`` names them. Consume it inside ``snapshot``."""
        _require(table)
        return iter(self._connection.execute(f'SELECT * FROM "{table}" WHERE session = ?', (session,)))  # noqa: S608

    def summaries(self) -> dict[int, SessionSummary]:
        """The figures of every session that has a trade."""
        return {row[0]: _summary(row) for row in self._connection.execute(_SUMMARY.format(where=""))}

    def summary(self, session: int) -> SessionSummary:
        """The figures of one session."""
        row = self._connection.execute(_SUMMARY.format(where="WHERE session = ?"), (session,)).fetchone()
        return _summary(row) if row else SessionSummary()

    def _rows(self, table_map: TableMap, session: int) -> Iterator[tuple[TableMap, Sequence[Any]]]:
        with closing(self._connection.execute(table_map.select, (session,))) as cursor:
            for row in cursor:
                yield table_map, row

    def _sessions(self, rest: str, parameters: Sequence[Any] = ()) -> list[SessionRow]:
        cursor = self._connection.execute(f"SELECT * FROM sessions {rest}", tuple(parameters))  # noqa: S608
        return [_session(row) for row in _dicts(cursor)]


def _connect(path: Path, how: str) -> sqlite3.Connection:
    connection = sqlite3.connect(f"{path.as_uri()}?{how}", uri=True, isolation_level=None, timeout=_BUSY_SECONDS)
    try:
        check_version(connection, path, len(MIGRATIONS))
        connection.execute("PRAGMA query_only=ON")
        connection.execute("PRAGMA wal_autocheckpoint=0")
    except BaseException:
        connection.close()
        raise
    return connection


def _is_at_rest(path: Path) -> bool:
    """Whether everything committed is in the file itself, and nobody writes it."""
    wal = path.with_name(path.name + "-wal")
    return not (wal.exists() and wal.stat().st_size) and not is_written(path)


def _require(table: str) -> None:
    if table not in TABLES:
        raise JournalError(f"the journal has no table {table!r}; there are {', '.join(sorted(TABLES))}")


def _dicts(cursor: sqlite3.Cursor) -> Iterator[dict[str, Any]]:
    names = [column[0] for column in cursor.description]
    return (dict(zip(names, row, strict=True)) for row in cursor)


def _session(row: dict[str, Any]) -> SessionRow:
    info = SessionInfo(
        account=row["account"],
        day=dt.date.fromisoformat(row["day"]),
        roots=tuple(row["roots"].split("+")),
        provenance=_provenance.decode(row["provenance"]),
        config_text=row["config"],
        config_hash=row["config_hash"],
        code_version=row["code_version"],
        seed=row["seed"],
        branch_of=row["branch_of"],
    )
    return SessionRow(session=row["session"], name=row["name"], status=row["status"], epochs=row["epochs"], info=info)


def _run(row: dict[str, Any]) -> RunRow:
    ts, seq = row.pop("progress_ts"), row.pop("progress_seq")
    return RunRow(**row, progress=None if seq is None else Progress(ts, seq))


def _summary(row: Sequence[Any]) -> SessionSummary:
    _, trades, still_open, wins, pnl, fees, worst, provisional = row
    return SessionSummary(
        trades=trades, open=still_open, wins=wins, pnl=pnl, fees=fees, worst=worst, provisional=bool(provisional)
    )
