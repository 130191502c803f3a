"""What sessions have recorded as it streamed, and the day tapes made of it: how much there is, and what may go.

Nothing here is asked for by itself: recordings stay until somebody removes them.
"""

from __future__ import annotations

import datetime as dt
import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

from engine.calendar import date_of
from engine.clock import SECOND
from engine.config import Config
from engine.journal import JournalError, JournalReader
from engine.session.taping import SOURCE, untaped
from engine.tape import Store
from engine.tape.lock import StoreLock

_NAMED = re.compile(r"(?P<session>.+-\d{4}-\d\d-\d\d-.+?)\.e\d+\.(events|orphan-\d+)")


class Kept(NamedTuple):
    """One session's recorded inputs, or one day tape.

    Attributes:
        kind: ``inputs``, which audits and ``data tape`` read, or ``tape``, which replays and backtests play.
        name: the session, or root, day and source. files: of it. size: bytes of all.
        written: the day in New York on which they were last written. stays: why it may not go now; empty where it may.
    """

    kind: str
    name: str
    files: tuple[Path, ...]
    size: int
    written: dt.date
    stays: str = ""


def recordings(config: Config, journals: Iterable[Path], today: dt.date) -> list[Kept]:
    """Recorded inputs beside these journals, oldest first. Nothing of ``today``, of a session that is open or of a
    market's day that is not on the tape may go."""
    found: list[Kept] = []
    for journal in dict.fromkeys(journals):
        by_session: dict[str, list[Path]] = defaultdict(list)
        for path in sorted(journal.with_suffix(".inputs").glob("*")):
            named = _NAMED.fullmatch(path.name)
            if named is not None and path.is_file():
                by_session[named["session"]].append(path)
        why = _why_not(config, journal, by_session) if by_session else {}
        found += [_kept("inputs", name, files, today, why.get(name, "")) for name, files in by_session.items()]
    return sorted(found, key=lambda each: (each.written, each.name))


def tapes(store: Store, today: dt.date) -> list[Kept]:
    """Day tapes that were made of recordings, oldest first."""
    return [
        _kept("tape", f"{entry.root} {entry.day} {entry.source}", [entry.path], today, "")
        for entry in sorted(store.days(source=SOURCE), key=lambda entry: (entry.day, entry.root))
    ]


def remove(chosen: Sequence[Kept], store: Path) -> int:
    """Remove them; bytes that were freed. Raises ``StoreBusy`` and ``OSError``; what was removed by then stays so."""
    files = [path for each in chosen for path in each.files]
    if any(each.kind == "tape" for each in chosen):
        with StoreLock(store):
            return _unlink(files)
    return _unlink(files)


def _unlink(files: Iterable[Path]) -> int:
    freed = 0
    for path in files:
        size = path.stat().st_size
        path.unlink()
        freed += size
    return freed


def _kept(kind: str, name: str, files: Sequence[Path], today: dt.date, why: str) -> Kept:
    stats = [path.stat() for path in files]
    written = date_of(max(round(each.st_mtime) for each in stats) * SECOND)
    why = "of today" if written >= today else why
    return Kept(kind, name, tuple(files), sum(each.st_size for each in stats), written, why)


def _why_not(config: Config, journal: Path, recorded: Iterable[str]) -> dict[str, str]:
    """Sessions whose recordings are still needed, and for what."""
    found: dict[str, str] = {}
    if not journal.exists():  # what it recorded belongs to nobody any more
        return found
    try:
        with JournalReader(journal) as reader:
            rows = reader.sessions()
        accounts = dict.fromkeys(row.info.account for row in rows)
        late = [row for account in accounts for row in untaped(config, journal, account)]
    except JournalError:
        return dict.fromkeys(recorded, f"{journal} cannot be read: zdte-tui journal verify")
    waiting = {(row.info.account, row.info.day) for row in late}
    for row in rows:
        if row.status == "open":
            found[row.name] = "its session is open: the next start may go on with it"
        elif (row.info.account, row.info.day) in waiting:
            found[row.name] = f"not on the tape: zdte-tui data tape {row.name}"
    return found
