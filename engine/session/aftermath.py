"""What is left to do when a session on a market has ended: what streamed goes on the tape."""

from __future__ import annotations

import datetime as dt
import logging
import shutil
from collections.abc import Callable
from pathlib import Path

from engine.config import Config
from engine.journal import JournalError
from engine.session.checklist import WARN_BYTES
from engine.session.taping import tape_session, untaped
from engine.tape import StoreError
from engine.tape.errors import StoreBusy

log = logging.getLogger(__name__)


def short_of_room(journal: Path) -> list[str]:
    """A line where so little is left that the next day's checklist would warn."""
    try:
        free = shutil.disk_usage(journal.parent).free
    except OSError:
        return []
    if free >= WARN_BYTES:
        return []
    log.warning("%.1f GB free at %s", free / 1e9, journal.parent)
    return [
        f"only {free / 1e9:,.1f} GB free at {journal.parent}: without a journal no order leaves; "
        "`zdte-tui data prune` lists recordings that may go"
    ]


def put_on_tape(config: Config, journal: Path, account: str, unfinished: Callable[[dt.date], bool]) -> list[str]:
    """Warn where room runs short, and put every day of the account that is over and not on the tape there, those of
    sessions that were killed too; a line each. What cannot be is said so, and left for ``zdte-tui data tape``."""
    lines = short_of_room(journal)
    try:
        rows = untaped(config, journal, account)
    except JournalError as error:
        return [f"what streamed is not on the tape: {error}"]
    for row in rows:
        if unfinished(row.info.day):
            continue
        try:
            taped = tape_session(config, journal, row)
        except (StoreError, StoreBusy, OSError) as error:
            log.warning("session %s is not on the tape: %s", row.name, error)
            lines.append(f"session {row.name} is not on the tape: {error}; zdte-tui data tape {row.name} tries again")
            continue
        for each in taped:
            silent = f", silent {len(each.silences)} times" if each.silences else ""
            if each.result in ("new", "replaced"):
                lines.append(f"{each.root} {row.info.day} is on the tape: {each.instants:,} instants{silent}")
    return lines
