"""Backups of a journal: dated copies, each verified before it is given its name, the oldest let go of."""

from __future__ import annotations

import datetime as dt
import re
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from engine.journal.errors import JournalError
from engine.journal.files import PARTIAL, copy_journal, partial, remove
from engine.journal.schema import make_folder
from engine.journal.verify import Verdict, verify

BACKUP_FOLDER = "backups"
_ABANDONED = 3600.0


def backup_folder(journal: Path) -> Path:
    """Where the backups of a journal go, unless another place is named."""
    return journal.expanduser().resolve().parent / BACKUP_FOLDER


def stamp(now: float) -> str:
    """An instant of the wall clock, seconds since 1970, as it stands in the names of files: ``20240807T140000Z``."""
    return dt.datetime.fromtimestamp(now, tz=dt.UTC).strftime("%Y%m%dT%H%M%SZ")


def backup(
    journal: Path, target: Path | None = None, *, now: float, step: Callable[[int, int], None] | None = None
) -> tuple[Path, Verdict]:
    """Copy a journal, verify the copy, and only then give it its name; where it lies, and what the check found.

    Args:
        target: a file that is not there yet, or a folder, where it gets a dated name; ``backups`` beside the journal
            by default. now: the wall clock, seconds since 1970. step: told pages copied, and of how many.

    Raises ``JournalError`` where it cannot be made or does not verify; nothing is left of it then.
    """
    journal = Path(journal).expanduser().resolve()
    folder = backup_folder(journal) if target is None else target
    if target is None or target.is_dir():
        make_folder(folder / "any")
        path = _free(folder, journal.stem, now)
    else:
        path = folder
    with partial(path) as copy:
        copy_journal(journal, copy, step)
        verdict = verify(copy)
        if not verdict.sound:
            raise JournalError(
                f"the backup of {journal} does not verify and is not kept: {verdict.problems[0]}; "
                "`zdte-tui journal verify` tells more"
            )
    return path, verdict


def backups(journal: Path, folder: Path | None = None) -> list[Path]:
    """The backups of a journal with dated names, the oldest first."""
    folder = folder or backup_folder(journal)
    named = re.compile(re.escape(journal.stem) + r"-[0-9]{8}T[0-9]{6}Z(-[0-9]+)?\.sqlite")
    return sorted(path for path in folder.glob("*.sqlite") if named.fullmatch(path.name))


def let_go(journal: Path, folder: Path, keep: int) -> list[Path]:
    """Remove all but the newest ``keep`` backups (0 keeps all), and what killed ones left; the backups that went."""
    for left in folder.glob(f".{journal.stem}-*{PARTIAL}"):
        with suppress(OSError):
            if time.time() - left.stat().st_mtime > _ABANDONED:
                remove(left)
    gone = backups(journal, folder)[:-keep] if keep else []
    for path in gone:
        remove(path)
    return gone


def _free(folder: Path, stem: str, now: float) -> Path:
    base = f"{stem}-{stamp(now)}"
    names = (f"{base}{'' if n == 1 else f'-{n}'}.sqlite" for n in range(1, 1_000))
    return next(path for name in names if not (path := folder / name).exists())
