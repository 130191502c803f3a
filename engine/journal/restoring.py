"""A backup put in a journal's place; what it replaces is kept under another name."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing, suppress
from pathlib import Path
from typing import NamedTuple

from engine.journal import chain
from engine.journal.backup import stamp
from engine.journal.errors import JournalError, explain
from engine.journal.files import copy_journal, partial, sync
from engine.journal.lock import JournalLock
from engine.journal.reader import JournalReader
from engine.journal.schema import make_folder, require_regular
from engine.journal.transaction import Transaction
from engine.journal.verify import Verdict, verify

_SECONDS_A_STEP = 60


class Restored(NamedTuple):
    """What was done: the journal as it stands now, and where the one before it lies (None: there was none)."""

    verdict: Verdict
    replaced: Path | None


def restore(backup: Path, journal: Path, *, now: float) -> Restored:
    """Put a backup in the place of a journal.

    The backup is verified, and again as a copy beside the journal; only then the journal is set aside. The copy's chain
    says that it was restored, and order ids go on where nothing that was lost can have used them.

    Raises ``JournalError`` where the backup is not sound or of another account, or a session writes the journal.
    """
    journal = Path(journal).expanduser().resolve()
    require_regular(journal)
    _require_sound(verify(backup), backup)
    make_folder(journal)
    lock = JournalLock(journal)
    try:
        return _restore(backup, journal, now)
    finally:
        lock.release()


def _restore(backup: Path, journal: Path, now: float) -> Restored:
    _require_same_account(backup, journal)
    replaced = _free(journal, now) if journal.exists() else None
    ready = journal.with_name(f".{journal.name}.{os.getpid()}.restored")
    try:
        with partial(ready) as copy:
            copy_journal(backup, copy)
            _say_restored(copy, backup, replaced, now)
            verdict = verify(copy)
            _require_sound(verdict, copy)
        if replaced is not None:
            _set_aside(journal, replaced)
        ready.rename(journal)
        sync(journal.parent)
    except OSError as error:
        raise JournalError(f"cannot restore {journal}: {error.strerror}") from None
    finally:
        ready.unlink(missing_ok=True)
    return Restored(verdict, replaced)


def accounts(journal: Path) -> set[str]:
    """The accounts a journal has sessions of."""
    with JournalReader(journal) as reader:
        return {
            name for (name,) in reader.raw().execute("SELECT account FROM sessions UNION SELECT account FROM archived")
        }


def _require_sound(verdict: Verdict, path: Path) -> None:
    if not verdict.sound:
        raise JournalError(f"{path} does not verify, so nothing is restored from it: {verdict.problems[0]}")


def _require_same_account(backup: Path, journal: Path) -> None:
    if not journal.exists():
        return
    try:
        there = accounts(journal)
    except JournalError:
        return  # damaged: what it was cannot be told
    offered = accounts(backup)
    if there and offered and not there & offered:
        raise JournalError(
            f"{backup} is of the account {', '.join(sorted(offered))}, {journal} of {', '.join(sorted(there))}: "
            "name the right journal with --account or --journal"
        )


def _say_restored(copy: Path, backup: Path, replaced: Path | None, now: float) -> None:
    try:
        with closing(sqlite3.connect(copy, isolation_level=None)) as connection:
            if not chain.is_chained(connection):
                return
            head, base = chain.head(connection), chain.base(connection)
            # Minutes since 1970: more than any count of runs that were lost since the backup.
            detail = {
                "from": backup.name,
                "replaced": "" if replaced is None else replaced.name,
                "links": head.links,
                "head": head.hash,
                "base": list(base),
                "epochs_from": int(now) // _SECONDS_A_STEP,
            }
            with Transaction(connection):
                chain.note(connection, "restore", stamp(now), detail)
    except sqlite3.Error as error:
        raise JournalError(f"cannot write {copy}: {explain(error)}") from error


def _set_aside(journal: Path, replaced: Path) -> None:
    """Give the journal another name, together with what waits in its WAL, which must never meet another journal.

    All that was committed is under the one name or the other at every instant.
    """
    with suppress(JournalError, sqlite3.Error):
        JournalReader(journal).close()  # a damaged one stays as it is, for whoever wants to rescue something
        with closing(sqlite3.connect(journal, isolation_level=None)) as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    wal, index = (journal.with_name(journal.name + ending) for ending in ("-wal", "-shm"))
    if wal.exists() and wal.stat().st_size:
        os.link(wal, replaced.with_name(replaced.name + "-wal"))
    os.link(journal, replaced)
    sync(journal.parent)
    for path in (index, wal):
        path.unlink(missing_ok=True)


def _free(journal: Path, now: float) -> Path:
    base = f"{journal.stem}.replaced-{stamp(now)}"
    names = (f"{base}{'' if n == 1 else f'-{n}'}{journal.suffix}" for n in range(1, 1_000))
    return next(path for name in names if not os.path.lexists(path := journal.with_name(name)))
