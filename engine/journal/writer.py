"""The journal's only writer: one connection on one thread, whatever has queued up in one transaction.

What was appended is on disk when ``flush`` returns, in the order in which it was appended, without gaps: where a write
fails, it and all that follows it stay queued until a later attempt succeeds.
"""

from __future__ import annotations

import datetime as dt
import logging
import sqlite3
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Literal, NamedTuple, TypeVar

import msgspec

from engine.clock import Clock, SystemClock
from engine.events import AnyRecord
from engine.journal import backtests
from engine.journal.backtests import BacktestInfo, ConfigurationRow
from engine.journal.chain import link_records
from engine.journal.errors import JournalError, explain
from engine.journal.lock import JournalLock
from engine.journal.mapping import BY_TABLE, MAPS, SqlValue
from engine.journal.model import Progress, SessionInfo
from engine.journal.schema import make_folder, prepare, require_regular
from engine.journal.sessions import Sessions
from engine.journal.transaction import Transaction

log = logging.getLogger(__name__)

T = TypeVar("T")

_RETRY_SECONDS = 1.0
_BUSY_SECONDS = 5.0
_CACHE_KIB = 16_384


class _Batch(NamedTuple):
    """What one event led to; it is committed whole, together with the progress."""

    run: int
    session: int
    records: tuple[AnyRecord, ...]
    progress: Progress


class JournalWriter:
    """Writes one journal; may be used from any thread.

    Attributes:
        failure: why the latest attempt to write failed, or None while all is well. What could not be written is
            kept, and tried again at the next ``flush``, or at an ``append`` a second or more later.

    Args:
        path: the journal; created if missing. Raises ``JournalError`` where another process writes it, where it is
            from a newer program, or no journal at all.
        synchronous: FULL survives a power cut (an account's journal), NORMAL a killed process (research).
        commit: ``always``: as soon as the thread is free, all that waits in one transaction. ``flush``: only when
            ``flush`` or the session's end asks for it, once a day in a backtest.
        chained: whether every row gets a link of the hash chain; by default in an account's journal (FULL). An account
            does not write into a journal of research, nor research into an account's.
        on_failure: called from the writer's thread when writing begins to fail.
        on_commit: called from the writer's thread after every COMMIT, with their number so far; the next begins only
            when it has returned.
        clock: for the wall-clock times of runs, which are not canonical.
    """

    def __init__(
        self,
        path: Path,
        *,
        synchronous: Literal["FULL", "NORMAL"] = "FULL",
        commit: Literal["always", "flush"] = "always",
        chained: bool | None = None,
        on_failure: Callable[[JournalError], None] | None = None,
        on_commit: Callable[[int], None] | None = None,
        clock: Clock | None = None,
    ) -> None:
        # The lock must not be fooled by a second name of the same file.
        self.path = Path(path).expanduser().resolve()
        self.failure: JournalError | None = None
        self._commit_always = commit == "always"
        self._on_failure = on_failure
        self._on_commit = on_commit
        self._commits = 0
        self._clock = clock or SystemClock()
        self._guard = threading.Lock()
        self._pending: list[_Batch] = []
        self._scheduled = False
        self._retry_at = 0.0
        self._session = 0
        self._run = 0
        self._backtest: int | None = None
        self._closed = False
        self._at_close: list[Callable[[], None]] = []
        require_regular(self.path)
        make_folder(self.path)
        self._lock = JournalLock(self.path)
        self._executor = ThreadPoolExecutor(max_workers=1, thread_name_prefix="journal")
        try:
            prepare(self.path)
            self._connection = self._on_thread(lambda: self._connect(synchronous))
            chained = synchronous == "FULL" if chained is None else chained
            self._sessions = self._on_thread(lambda: self._open_sessions(chained))
            self._next_id = self._on_thread(self._first_free_id)
        except BaseException:
            if hasattr(self, "_connection"):
                self._executor.submit(self._connection.close).result()
            self._executor.shutdown()
            self._lock.release()
            raise

    def begin_session(self, info: SessionInfo, *, mode: str, speed: float = 0.0) -> int:
        """Start a session and its first run, epoch 0; returns the session's number, once it is on disk."""
        return self._on_thread(lambda: self._begin(info, mode, speed))

    def resume(self, session: int, *, mode: str, speed: float = 0.0) -> int:
        """Start another run of a session that is still open; returns its epoch, 1 for the first restart.

        Raises ``JournalError`` where there is no such session, or it was closed.
        """
        return self._on_thread(lambda: self._resume(session, mode, speed))

    def begin_backtest(self, info: BacktestInfo) -> None:
        """Start a backtest: the sessions that now follow are its days."""
        self._on_thread(lambda: self._begin_backtest(info, None))

    def resume_backtest(self, backtest: int) -> None:
        """Go on with a backtest by its number; sessions that its end cut off are closed."""
        self._on_thread(lambda: self._begin_backtest(None, backtest))

    def end_backtest(self) -> None:
        """All its days are played."""
        self._on_thread(self._end_backtest)

    def write_sweep(self, info: BacktestInfo, rows: Sequence[ConfigurationRow]) -> None:
        """A finished grid, whole or not at all: a backtest that is complete, and one row a configuration."""
        self._on_thread(lambda: self._write_sweep(info, rows))

    def append(self, records: Sequence[AnyRecord], progress: Progress) -> None:
        """Queue what one event led to, and return at once. It is committed whole or not at all.

        An event without records moves the progress only.
        """
        if self._closed or not self._run:
            raise JournalError(f"the journal {self.path} has no session to append to: begin or resume one")
        self._queue([_Batch(self._run, self._session, tuple(records), progress)])

    def append_all(self, events: Iterable[tuple[Sequence[AnyRecord], Progress]]) -> None:
        """Queue what many events led to, in their order."""
        if self._closed or not self._run:
            raise JournalError(f"the journal {self.path} has no session to append to: begin or resume one")
        self._queue([_Batch(self._run, self._session, tuple(records), progress) for records, progress in events])

    def _queue(self, batches: list[_Batch]) -> None:
        with self._guard:
            self._pending += batches
            due = self._commit_always and not self._scheduled
            if due and self.failure is not None:
                due = time.monotonic() >= self._retry_at
            self._scheduled |= due
        if due:
            self._executor.submit(self._drain)

    def flush(self) -> None:
        """Return when everything appended so far is committed; raises ``JournalError`` where that failed."""
        self._on_thread(self._drain)

    @property
    def waiting(self) -> int:
        """Records appended and not yet committed."""
        with self._guard:
            return sum(len(batch.records) for batch in self._pending)

    def stop(self, outcome: str) -> None:
        """Commit everything and end the run; the session stays open and may be resumed."""
        self._on_thread(lambda: self._end(outcome, close_session=False))

    def end_session(self, outcome: str, figures: str | None = None) -> None:
        """Commit everything, end the run and close the session for ever.

        ``figures``: of a backtest's day, as JSON; with them the day counts as done.
        """
        self._on_thread(lambda: self._end(outcome, close_session=True, figures=figures))

    def abandon_session(self) -> None:
        """As if the session at hand had never begun; what waits of it is dropped. Nothing of it may be on disk yet.

        Does nothing where the session has ended already.
        """
        self._on_thread(self._abandon)

    def close(self) -> None:
        """Commit what waits, end a run that nobody ended as ``stopped``, and let go of the file; twice is no error.

        Raises ``JournalError``, after letting go, where records could not be written: they are lost.
        """
        if self._closed:
            return
        while self._at_close:
            self._at_close.pop()()
        lost: JournalError | None = None
        try:
            # Asked on its thread: whoever was interrupted while a session ended may not know that it did.
            self._on_thread(lambda: self._end("stopped", close_session=False) if self._run else None)
        except JournalError as error:
            lost = JournalError(f"{error}; {self.waiting} records were not written and are lost")
        self._executor.submit(self._connection.close).result()
        self._executor.shutdown()
        self._lock.release()
        self._closed = True
        if lost is not None:
            raise lost

    def at_close(self, work: Callable[[], None]) -> None:
        """Have this done at the beginning of ``close``, such as stopping what goes beside the writer."""
        self._at_close.append(work)

    def __enter__(self) -> JournalWriter:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    # What follows runs on the writer's thread.

    def _on_thread(self, work: Callable[[], T]) -> T:
        if self._closed:
            raise JournalError(f"the journal {self.path} was closed")
        try:
            return self._executor.submit(work).result()
        except (sqlite3.Error, ValueError, OverflowError) as error:  # the disk, text or a number it cannot hold
            raise self._explain(error) from error

    def _connect(self, synchronous: str) -> sqlite3.Connection:
        connection = sqlite3.connect(self.path, isolation_level=None, timeout=_BUSY_SECONDS)
        connection.execute(f"PRAGMA synchronous={synchronous}")
        connection.execute("PRAGMA fullfsync=ON")  # macOS: fsync alone stops at the drive's cache
        connection.execute(f"PRAGMA cache_size=-{_CACHE_KIB}")
        return connection

    def _open_sessions(self, chained: bool) -> Sessions:
        sessions = Sessions(self._connection, self.path, self._wall_time)
        sessions.require_kind(chained)
        if chained and not sessions.chained:
            with self._transaction():
                sessions.begin_chain()
            sessions.chained = True
        return sessions

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        with Transaction(self._connection):
            yield
        self._commits += 1
        if self._on_commit is None:
            return
        try:
            self._on_commit(self._commits)
        except Exception:  # what is committed must not be taken for failed
            log.exception("the observer of commits failed and is told no more")
            self._on_commit = None

    def _first_free_id(self) -> int:
        """Ids count the rows of all record tables together, also of those archived: they give the order of writing."""
        latest = (
            self._connection.execute(f'SELECT MAX(id) FROM "{table}"').fetchone()[0]  # noqa: S608
            for table in BY_TABLE
        )
        archived = self._connection.execute("SELECT MAX(last_id) FROM archives").fetchone()[0]
        return 1 + max(archived or 0, *(number or 0 for number in latest))

    def _drain(self) -> None:
        with self._guard:
            batches, self._pending = self._pending, []
            self._scheduled = False
        if not batches:
            return
        try:
            with self._transaction():
                following = self._write(batches)
        except Exception as error:
            # Whatever it was, the engine must hear of it, and nothing later may be written before this.
            with self._guard:
                self._pending = batches + self._pending
            failure = self._explain(error)
            first, self.failure = self.failure is None, failure
            self._retry_at = time.monotonic() + _RETRY_SECONDS
            if first and self._on_failure is not None:
                self._on_failure(failure)
            raise failure from error
        self._next_id = following
        self.failure = None

    def _write(self, batches: list[_Batch]) -> int:
        rows: dict[type, list[tuple[SqlValue, ...]]] = {}
        reached: dict[int, Progress] = {}
        number = self._next_id
        for batch in batches:
            for record in batch.records:
                kind = type(record)
                rows.setdefault(kind, []).append(MAPS[kind].to_row(number, batch.session, record))
                number += 1
            reached[batch.run] = batch.progress
        for kind, values in rows.items():
            self._connection.executemany(MAPS[kind].insert, values)
        if rows and self._sessions.chained:
            link_records(self._connection, [MAPS[kind].table for kind in rows], self._next_id)
        self._connection.executemany(
            "UPDATE runs SET progress_ts = ?, progress_seq = ? WHERE run = ?",
            [(progress.ts, progress.seq, run) for run, progress in reached.items()],
        )
        return number

    def _begin(self, info: SessionInfo, mode: str, speed: float) -> int:
        self._require_no_run()
        try:
            msgspec.json.decode(info.config_text)
        except msgspec.DecodeError as error:
            raise JournalError(f"the configuration for the journal {self.path} is not JSON: {error}") from None
        with self._transaction():
            session, run = self._sessions.begin(info, mode, speed)
        self._session, self._run = session, run
        return session

    def _resume(self, session: int, mode: str, speed: float) -> int:
        self._require_no_run()
        with self._transaction():
            epoch, run = self._sessions.resume(session, mode, speed)
        self._session, self._run = session, run
        return epoch

    def _begin_backtest(self, info: BacktestInfo | None, backtest: int | None) -> None:
        self._require_no_run()
        with self._transaction():
            backtests.close_cut_off(self._connection)
            if info is not None:
                backtest = backtests.insert(self._connection, info, self._wall_time())
        self._backtest = backtest

    def _write_sweep(self, info: BacktestInfo, rows: Sequence[ConfigurationRow]) -> None:
        self._require_no_run()
        with self._transaction():
            number = backtests.insert(self._connection, info, self._wall_time())
            backtests.insert_configurations(self._connection, number, rows)
            self._connection.execute("UPDATE backtests SET status = 'completed' WHERE backtest = ?", (number,))

    def _end_backtest(self) -> None:
        with self._transaction():
            self._connection.execute("UPDATE backtests SET status = 'completed' WHERE backtest = ?", (self._backtest,))
        self._backtest = None

    def _end(self, outcome: str, close_session: bool, figures: str | None = None) -> None:
        if not self._run:
            raise JournalError(f"the journal {self.path} has no session to end")
        self._drain()
        with self._transaction():
            self._sessions.end(self._session, self._run, outcome, close_session)
            if figures is not None and self._backtest is not None:
                backtests.add_day(self._connection, self._backtest, self._session, figures)
        self._session = self._run = 0

    def _abandon(self) -> None:
        if not self._run:
            return
        with self._guard:
            self._pending.clear()
        with self._transaction():
            backtests.forget_empty(self._connection)
        self._session = self._run = 0

    def _require_no_run(self) -> None:
        if self._run:
            raise JournalError(f"the journal {self.path} is still writing a session: end it first")

    def _wall_time(self) -> str:
        instant = dt.datetime.fromtimestamp(self._clock.now() / 1e9, tz=dt.UTC)
        return instant.isoformat(timespec="milliseconds").replace("+00:00", "Z")

    def _explain(self, error: Exception) -> JournalError:
        return JournalError(f"cannot write the journal {self.path}: {explain(error)}")
