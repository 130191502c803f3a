"""Figures of days that were played before, by the content of everything they follow from; bounded in size."""

from __future__ import annotations

import hashlib
import logging
import sqlite3
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType

import msgspec

from engine.config import Config, trading_text
from engine.session.day import DayFigures
from engine.session.source import TapeSource

log = logging.getLogger(__name__)

_SCHEMA = "CREATE TABLE IF NOT EXISTS days (key BLOB PRIMARY KEY, used INTEGER NOT NULL, figures BLOB NOT NULL)"
_APPLICATION_ID = 0x7A647463  # ``zdtc``
_ROW = 64  # bytes a row takes beside its figures, about
_decoder = msgspec.msgpack.Decoder(DayFigures)


def config_key(code: bytes, config: Config) -> bytes:
    """Of the code and the settings that decide trading."""
    return hashlib.sha256(code + trading_text(config).encode()).digest()


def day_key(tape: TapeSource) -> bytes:
    """Of what is played: the values of the files, the closes, and whose they are."""
    told = [tape.root, tape.day.isoformat(), *tape.content]
    labels = msgspec.json.encode([*tape.provenance, *tape.close_provenance], order="deterministic")
    return hashlib.sha256("\n".join(told).encode() + labels).digest()


class DayCache:
    """A file of figures. One that cannot be read or written, or is in use by another process, is as good as empty: that
    is logged, and everything is played.

    Args:
        path: the file, made if missing; None keeps nothing.
        most: bytes it may grow to; what was not used for longest goes first.
    """

    def __init__(self, path: Path | None, most: int) -> None:
        self._most = most
        self._connection: sqlite3.Connection | None = None
        if path is None or not most:
            return
        try:
            self._connection = _opened(path)
            self._turn = 1 + self._connection.execute("SELECT coalesce(max(used), 0) FROM days").fetchone()[0]
        except (OSError, sqlite3.Error) as error:
            self._give_up(error)

    def find(self, keys: Sequence[tuple[bytes, bytes]]) -> list[DayFigures | None]:
        """The figures of each configuration and day, by their keys; None where they were not kept."""
        found: list[DayFigures | None] = [None] * len(keys)
        if self._connection is None:
            return found
        try:
            for n, key in enumerate(map(_joined, keys)):
                row = self._connection.execute("SELECT figures FROM days WHERE key = ?", (key,)).fetchone()
                if row is not None:
                    found[n] = _decoder.decode(row[0])
            used = [(self._turn, _joined(key)) for key, figures in zip(keys, found, strict=True) if figures is not None]
            with self._connection:
                self._connection.executemany("UPDATE days SET used = ? WHERE key = ?", used)
        except (sqlite3.Error, msgspec.MsgspecError) as error:
            self._give_up(error)
            return [None] * len(keys)
        return found

    def keep(self, played: Sequence[tuple[bytes, bytes, DayFigures]]) -> None:
        """Remember figures by the keys of their configuration and day."""
        if self._connection is None:
            return
        rows = [(_joined((config, day)), self._turn, msgspec.msgpack.encode(of)) for config, day, of in played]
        try:
            with self._connection:
                self._connection.executemany("INSERT OR REPLACE INTO days VALUES (?, ?, ?)", rows)
        except sqlite3.Error as error:
            self._give_up(error)

    def close(self) -> None:
        """Let go of what is too much, and of the file."""
        if self._connection is None:
            return
        try:
            self._trim(self._connection)
        except sqlite3.Error as error:
            self._give_up(error)
        else:
            self._connection.close()
            self._connection = None

    def _trim(self, connection: sqlite3.Connection) -> None:
        size = f"sum(length(figures) + {_ROW})"
        held = connection.execute(f"SELECT coalesce({size}, 0) FROM days").fetchone()[0]  # noqa: S608
        if held <= self._most:
            return
        with connection:
            # The oldest uses, until what is left fits.
            connection.execute(
                "DELETE FROM days WHERE key IN (SELECT key FROM (SELECT key, "  # noqa: S608
                f"{size} OVER (ORDER BY used DESC, key) AS so_far FROM days) WHERE so_far > ?)",
                (self._most,),
            )
        connection.execute("VACUUM")

    def _give_up(self, error: Exception) -> None:
        log.warning("the cache of played days is not used: %s", error)
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def __enter__(self) -> DayCache:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _joined(keys: tuple[bytes, bytes]) -> bytes:
    return hashlib.sha256(keys[0] + keys[1]).digest()


def _opened(path: Path) -> sqlite3.Connection:
    """The file; one that is damaged, or of something else, is made anew: nothing in it is worth more than time."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    for last in (False, True):
        connection = sqlite3.connect(path, timeout=1.0)
        try:
            if connection.execute("PRAGMA application_id").fetchone()[0] not in (0, _APPLICATION_ID):
                raise sqlite3.DatabaseError(f"{path} is no cache of zdte-tui")
            connection.execute("PRAGMA synchronous=OFF")
            connection.execute("PRAGMA journal_mode=WAL")
            connection.execute(_SCHEMA)
            connection.execute(f"PRAGMA application_id = {_APPLICATION_ID}")
            return connection
        except sqlite3.DatabaseError as error:
            connection.close()
            damaged = error.sqlite_errorname in ("SQLITE_NOTADB", "SQLITE_CORRUPT") if error.args else False
            if last or not damaged:
                raise
            for name in (path, path.with_name(path.name + "-wal"), path.with_name(path.name + "-shm")):
                name.unlink(missing_ok=True)
    raise AssertionError("unreachable")
