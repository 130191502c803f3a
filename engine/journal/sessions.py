"""How sessions and runs begin, go on and end in the file; in a journal with a chain each step is an entry of its log.

The rows of ``sessions`` and ``runs`` change (status, progress, outcome), so no link can cover them. The session log
says once and for all what they were when they began and how they ended; `journal verify` compares.
"""

from __future__ import annotations

import os
import platform
import sqlite3
from collections.abc import Callable
from pathlib import Path

import msgspec

from engine.journal import chain
from engine.journal.errors import JournalError
from engine.journal.mapping import SqlValue
from engine.journal.model import SessionInfo


class Sessions:
    """Writes the rows of sessions and runs. Every method but ``chained`` needs a transaction around it.

    Args:
        path: of the journal, for errors. wall: the wall clock as ISO text.
    """

    def __init__(self, connection: sqlite3.Connection, path: Path, wall: Callable[[], str]) -> None:
        self._connection = connection
        self._path = path
        self._wall = wall
        self.chained = chain.is_chained(connection)

    def require_kind(self, for_account: bool) -> None:
        """Raises ``JournalError`` where an account would write into research, or research into an account's journal."""
        if self.chained and chain.is_archive(self._connection):
            raise JournalError(f"the journal {self._path} is an archive, which is written no more; name another file")
        if not for_account and self.chained:
            raise JournalError(
                f"the journal {self._path} is an account's, with a hash chain: backtests and replays are written "
                "elsewhere; name another file as research.path"
            )
        marks = ", ".join("?" * len(chain.RESEARCH_MODES))
        query = f"SELECT EXISTS (SELECT 1 FROM runs WHERE mode IN ({marks}))"  # noqa: S608
        if for_account and not self.chained and self._connection.execute(query, chain.RESEARCH_MODES).fetchone()[0]:
            raise JournalError(
                f"the journal {self._path} holds backtests or replays: an account's is a file of its own; "
                "name another one as journal.path"
            )

    def begin_chain(self) -> None:
        """Give the journal its chain."""
        chain.begin(self._connection, self._wall())

    def begin(self, info: SessionInfo, mode: str, speed: float) -> tuple[int, int]:
        """A new session and its first run; their numbers."""
        values: dict[str, SqlValue] = {
            "session": self._free("sessions", "session", "SELECT MAX(session) FROM archived"),
            "name": self._free_name(info.stem),
            "account": info.account,
            "day": info.day.isoformat(),
            "roots": "+".join(info.roots),
            "provenance": msgspec.json.encode(info.provenance).decode(),
            "config_hash": info.config_hash,
            "config": info.config_text,
            "code_version": info.code_version,
            "seed": info.seed,
            "epochs": 1,
            "status": "open",
            "branch_of": info.branch_of,
        }
        session = self._insert("sessions", values)
        return session, self._start_run("begin", session, 0, mode, speed)

    def resume(self, session: int, mode: str, speed: float) -> tuple[int, int]:
        """The next run of an open session: its epoch and its number. Raises ``JournalError`` where there is none."""
        found = self._connection.execute(
            "SELECT name, status, epochs FROM sessions WHERE session = ?", (session,)
        ).fetchone()
        if found is None:
            raise JournalError(f"the journal {self._path} has no session {session}")
        name, status, epoch = found
        if status != "open":
            raise JournalError(f"session {name} in {self._path} was closed: begin a new one")
        self._connection.execute(
            "UPDATE runs SET outcome = 'interrupted' WHERE session = ? AND outcome = 'running'", (session,)
        )
        self._connection.execute("UPDATE sessions SET epochs = ? WHERE session = ?", (epoch + 1, session))
        return int(epoch), self._start_run("resume", session, epoch, mode, speed)

    def end(self, session: int, run: int, outcome: str, close: bool) -> None:
        """A run is over, and with ``close`` its session for ever."""
        self._connection.execute(
            "UPDATE runs SET ended_at = ?, outcome = ? WHERE run = ?", (self._wall(), outcome, run)
        )
        self._note("end" if close else "stop", session, run)
        if close:
            self._connection.execute("UPDATE sessions SET status = 'closed' WHERE session = ?", (session,))

    def _start_run(self, event: str, session: int, epoch: int, mode: str, speed: float) -> int:
        values: dict[str, SqlValue] = {
            "run": self._free("runs", "run", "SELECT MAX(last_run) FROM archives"),
            "session": session,
            "epoch": epoch,
            "started_at": self._wall(),
            "mode": mode,
            "speed": speed,
            "host": platform.node(),
            "pid": os.getpid(),
            "python": platform.python_version(),
            "outcome": "running",
        }
        run = self._insert("runs", values)
        self._note(event, session, run)
        return run

    def _note(self, event: str, session: int, run: int) -> None:
        if not self.chained:
            return
        detail = {"run": chain.row_of(self._connection, "runs", run)}
        if event == "begin":
            detail["session"] = chain.row_of(self._connection, "sessions", session)
        chain.note(self._connection, event, self._wall(), detail, session, run)

    def _free(self, table: str, key: str, archived: str) -> int:
        """A number that neither this journal nor what was archived of it has used."""
        query = f"SELECT 1 + MAX(coalesce((SELECT MAX({key}) FROM {table}), 0), coalesce(({archived}), 0))"  # noqa: S608
        return int(self._connection.execute(query).fetchone()[0])

    def _free_name(self, stem: str) -> str:
        # '.' follows '-' in ASCII: the range holds exactly the names that start with the stem and a dash.
        names = self._connection.execute(
            "SELECT name FROM sessions WHERE name > ?1 AND name < ?2 "
            "UNION ALL SELECT name FROM archived WHERE name > ?1 AND name < ?2",
            (f"{stem}-", f"{stem}."),
        )
        taken = [int(text) for (name,) in names if (text := name[len(stem) + 1 :]).isdigit()]
        return f"{stem}-{max(taken, default=0) + 1}"

    def _insert(self, table: str, values: dict[str, SqlValue]) -> int:
        marks = ", ".join("?" * len(values))
        sql = f"INSERT INTO {table} ({', '.join(values)}) VALUES ({marks})"  # noqa: S608
        cursor = self._connection.execute(sql, tuple(values.values()))
        assert cursor.lastrowid is not None
        return cursor.lastrowid
