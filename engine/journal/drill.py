"""A rehearsal of the worst day: back up, restore elsewhere, read it, write on it, verify it again."""

from __future__ import annotations

import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec

from engine.journal.backup import backup
from engine.journal.errors import JournalError
from engine.journal.reader import JournalReader
from engine.journal.restoring import restore
from engine.journal.verify import Verdict, verify
from engine.journal.writer import JournalWriter


class Drill(msgspec.Struct, frozen=True, kw_only=True):
    """What was done with a journal, in a temporary place.

    Attributes:
        backup: the verdict on the backup. restored: on the journal restored from it.
        records: of all sessions, decoded. written: the verdict after a session was added; None where none could be.
    """

    backup: Verdict
    restored: Verdict
    records: int
    written: Verdict | None


@contextmanager
def drill(journal: Path, *, now: float, step: Callable[[int, int], None] | None = None) -> Iterator[tuple[Drill, Path]]:
    """Rehearse; gives the findings and the restored journal, which goes when the context is left.

    Raises ``JournalError`` at the first step that fails, which it names.
    """
    with tempfile.TemporaryDirectory(prefix="zdte-drill-") as folder:
        target = Path(folder) / "restored.sqlite"
        with _named("the backup"):
            made, saved = backup(journal, Path(folder) / "backup.sqlite", now=now, step=step)
        with _named("the restoration"):
            restored = restore(made, target, now=now).verdict
        with _named("reading"):
            records = _read(target)
        with _named("writing"):
            written = _write(target, saved.chained)
        yield Drill(backup=saved, restored=restored, records=records, written=written), target


@contextmanager
def _named(what: str) -> Iterator[None]:
    try:
        yield
    except (sqlite3.Error, ValueError) as error:
        raise JournalError(f"{what} failed: {error}") from error
    except JournalError as error:
        raise JournalError(f"{what} failed: {error}") from None


def _read(path: Path) -> int:
    """Every record of every session, decoded as a restart decodes it."""
    with JournalReader(path) as reader:
        return sum(len(reader.records(row.session)) for row in reader.sessions())


def _write(path: Path, chained: bool) -> Verdict | None:
    """Play the records of the last session once more, as a new session of a copy that nobody needs."""
    with JournalReader(path) as reader:
        last = reader.select("last")
        if not last:
            return None
        records, reached = reader.records(last[0].session), reader.progress(last[0].session)
    with JournalWriter(path, synchronous="FULL" if chained else "NORMAL") as writer:
        writer.begin_session(last[0].info, mode="drill" if chained else "replay")
        if reached is not None:
            writer.append(records, reached)
        writer.end_session("drill")
    verdict = verify(path)
    if not verdict.sound:
        raise JournalError(f"what was written on it does not verify: {verdict.problems[0]}")
    return verdict
