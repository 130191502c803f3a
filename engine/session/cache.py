"""Figures of days that were played before, by the content of everything they follow from; bounded in size."""

from __future__ import annotations

import hashlib
import logging
import math
import sqlite3
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from types import TracebackType

import msgspec

from engine.config import Config, trading_text
from engine.session.day import DayFigures
from engine.session.source import TapeSource

log = logging.getLogger(__name__)

_SCHEMA = "CREATE TABLE IF NOT EXISTS days (key BLOB PRIMARY KEY, used INTEGER NOT NULL, figures BLOB NOT NULL)"
_APPLICATION_ID = 0x7A647463  # ``zdtc``
_HEADER = (b"SQLite format 3\0", _APPLICATION_ID.to_bytes(4, "big"), 68)  # of our files, and where the second stands
_DAMAGED = ("SQLITE_CORRUPT", "SQLITE_NOTADB")
_UNUSABLE = (
    OSError,
    sqlite3.Error,
    msgspec.MsgspecError,
    UnicodeDecodeError,
)  # the last: of what a damaged schema says
_MOST_TURNS = 2**62  # more is damage
_SEAL = 8  # bytes before the figures: a hash of them and of their key, as SQLite does not notice a flipped bit
_LEFT = 0.9  # of the most is left when it was too much, so that not every day has to make room
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
        most: bytes it may grow to, about; what was not used for longest goes first.
    """

    def __init__(self, path: Path | None, most: int) -> None:
        self._path = path
        self._most = most
        self._turn = 0  # of the newest use; each look and each day is one
        self._connection: sqlite3.Connection | None = None
        if path is None or not most:
            return
        try:
            self._connection = _opened(path)
            newest = self._connection.execute("SELECT coalesce(max(used), 0) FROM days").fetchone()[0]
            if isinstance(newest, int) and 0 <= newest < _MOST_TURNS:  # a damaged file may hold anything
                self._turn = newest
        except _UNUSABLE as error:
            self._give_up(error)

    @property
    def keeps(self) -> bool:
        """Whether what is played is remembered."""
        return self._connection is not None

    def find(self, keys: Sequence[tuple[bytes, bytes]]) -> list[DayFigures | None]:
        """The figures of each configuration and day, by their keys; None where they were not kept."""
        nothing: list[DayFigures | None] = [None] * len(keys)
        if self._connection is None:
            return nothing
        self._turn += 1
        try:
            found = [self._found(self._connection, key) for key in map(_joined, keys)]
            used = [(self._turn, _joined(key)) for key, figures in zip(keys, found, strict=True) if figures is not None]
            with self._connection:
                self._connection.executemany("UPDATE days SET used = ? WHERE key = ?", used)
        except _UNUSABLE as error:
            self._give_up(error)
            return nothing
        return found

    @staticmethod
    def _found(connection: sqlite3.Connection, key: bytes) -> DayFigures | None:
        row = connection.execute("SELECT figures FROM days WHERE key = ?", (key,)).fetchone()
        if row is None or not isinstance(row[0], bytes) or row[0][:_SEAL] != _seal(key, row[0][_SEAL:]):
            return None
        return _decoder.decode(row[0][_SEAL:])

    def keep(self, played: Sequence[tuple[bytes, bytes, DayFigures]]) -> None:
        """Remember figures by the keys of their configuration and day."""
        if self._connection is None:
            return
        self._turn += 1
        told = [(_joined((config, day)), msgspec.msgpack.encode(figures)) for config, day, figures in played]
        rows = [(key, self._turn, _seal(key, figures) + figures) for key, figures in told]
        try:
            with self._connection:
                self._connection.executemany("INSERT OR REPLACE INTO days VALUES (?, ?, ?)", rows)
            self._trim(self._connection)
        except _UNUSABLE as error:
            self._give_up(error)

    def close(self) -> None:
        """Let go of what is too much, and of the file."""
        if self._connection is None:
            return
        try:
            self._trim(self._connection)
        except _UNUSABLE as error:
            self._give_up(error)
        else:
            self._connection.close()
            self._connection = None

    def _trim(self, connection: sqlite3.Connection) -> None:
        size = math.prod(connection.execute(f"PRAGMA {what}").fetchone()[0] for what in ("page_count", "page_size"))
        if size <= self._most:
            return
        rows = connection.execute("SELECT count(*) FROM days").fetchone()[0]
        with connection:
            connection.execute(
                "DELETE FROM days WHERE key IN (SELECT key FROM days ORDER BY used DESC, key LIMIT -1 OFFSET ?)",
                (int(rows * _LEFT * self._most / size),),
            )

    def _give_up(self, error: Exception) -> None:
        log.warning("the cache of played days is not used: %s", error)
        if self._connection is not None:
            self._connection.close()
            self._connection = None
        damaged = isinstance(error, UnicodeDecodeError) or getattr(error, "sqlite_errorname", "") in _DAMAGED
        if self._path is not None and damaged and _is_ours(self._path):
            with suppress(OSError):
                _remove(self._path)  # the next run makes a new one: nothing in it is worth more than time

    def __enter__(self) -> DayCache:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _joined(keys: tuple[bytes, bytes]) -> bytes:
    return hashlib.sha256(keys[0] + keys[1]).digest()


def _seal(key: bytes, figures: bytes) -> bytes:
    return hashlib.blake2b(figures, digest_size=_SEAL, key=key).digest()


def _is_ours(path: Path) -> bool:
    """Whether a file begins as our caches do: nothing else is ever written to, or removed."""
    begins, application, at = _HEADER
    with path.open("rb") as file:
        head = file.read(at + len(application))
    return head.startswith(begins) and head[at:] == application


def _remove(path: Path) -> None:
    for name in (path, path.with_name(path.name + "-wal"), path.with_name(path.name + "-shm")):
        name.unlink(missing_ok=True)


def _opened(path: Path) -> sqlite3.Connection:
    """The file, made where there is none, or where it is damaged. Raises ``OSError`` and ``sqlite3.Error``."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    if path.exists() and path.stat().st_size and not _is_ours(path):
        raise sqlite3.DatabaseError(f"{path} is no cache of zdte-tui, or a damaged one: remove it to have a new one")
    try:
        return _connected(path)
    except sqlite3.DatabaseError as error:
        if error.sqlite_errorname not in _DAMAGED:
            raise
    _remove(path)
    return _connected(path)


def _connected(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, timeout=1.0)
    try:
        connection.execute("PRAGMA synchronous=OFF")
        # Before anything else is in it, so that the file always says whose it is, and gives back what is let go of.
        connection.execute("PRAGMA auto_vacuum=FULL")
        connection.execute(f"PRAGMA application_id = {_APPLICATION_ID}")
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute(_SCHEMA)
    except BaseException:
        connection.close()
        raise
    return connection
