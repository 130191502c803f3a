"""Journals to be edited: written by real writers, then changed behind their triggers, as somebody would."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from journal_samples import info, life, progress, signal

from engine.journal import JournalWriter
from engine.journal.guards import triggers


def play(path: Path, sessions: int = 1, end: bool = True, account: str = "main") -> Path:
    """Whole sessions, each of one trade's life; the last one stays open without ``end``."""
    with JournalWriter(path) as writer:
        for number in range(1, sessions + 1):
            writer.begin_session(info(account), mode="demo")
            for seq, records in enumerate(life(), 1):
                writer.append(records, progress(seq))
            if end or number < sessions:
                writer.end_session("completed")
    return path


def play_with_restart(path: Path) -> Path:
    """One session in two runs, then another."""
    with JournalWriter(path) as writer:
        session = writer.begin_session(info(), mode="demo")
        events = life()
        for seq, records in enumerate(events[:4], 1):
            writer.append(records, progress(seq))
    with JournalWriter(path) as writer:
        writer.resume(session, mode="demo")
        for seq, records in enumerate(events[4:], 5):
            writer.append(records, progress(seq))
        writer.append([signal(8, "not a number: \u2014 \x00 'quoted'")], progress(8))
        writer.end_session("completed")
    return play(path)


@contextmanager
def behind_its_back(path: Path) -> Iterator[sqlite3.Connection]:
    """A connection that may change anything, and puts the triggers back as they were."""
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("PRAGMA synchronous = OFF")
        connection.executescript("BEGIN;" + "".join(f"DROP TRIGGER {name};" for name in triggers()) + "COMMIT;")
        yield connection
        connection.executescript("BEGIN;" + ";".join(triggers().values()) + ";COMMIT;")


def sql(path: Path, query: str, *values: object) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        return connection.execute(query, values).fetchall()
