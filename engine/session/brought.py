"""What an account brings into a new session: changed limits are told, and a day that was locked stays locked.

Both are commands, given before anything else happens, so that they are recorded and replayed like every other.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from engine.config import RiskTable
from engine.events import AnyRecord, BreakerRecord
from engine.journal import JournalReader, SessionInfo, SessionRow
from engine.risk import changed_limits, changes_text
from engine.view import CommandRequest

Sources = Callable[[], Mapping[str, str]]
"""Where each limit of ``[risk]`` was set, by its name: ``--set``, a file and its line."""


def brought_along(
    journal: Path,
    info: SessionInfo,
    limits: RiskTable,
    *,
    anew: bool,
    sources: Sources | None = None,
    paced: frozenset[str] = frozenset(),
) -> list[CommandRequest]:
    """What the account's last session leaves for the one that begins now; asked before it begins.

    Args:
        anew: whether a person asked for the simulated day anew: then nothing of it is locked.
        paced: limits that follow the market's speed, which nobody has changed.
    """
    with JournalReader(journal) as reader:
        last = max(
            (row for row in reader.sessions() if row.info.account == info.account),
            key=lambda row: row.session,
            default=None,
        )
        if last is None:
            return []
        lock = "" if anew or not _goes_on(last, info) else day_lock(reader.records(last.session, [BreakerRecord]))
    changes = [each for each in changed_limits(last.info.config_text, limits) if each.name not in paced]
    found = []
    if changes:
        text = changes_text(changes, limits.why, sources() if sources is not None else None)
        found.append(CommandRequest("note", text=text))
    if lock:
        why = f"{lock} in {last.name}; other settings do not unlock the day, --fresh plays a simulated one anew"
        found.append(CommandRequest("lock", text=why))
    return found


def day_lock(records: Iterable[AnyRecord]) -> str:
    """Which breaker has halted the day for good, by its records; empty where none has."""
    breakers = (record for record in records if isinstance(record, BreakerRecord))
    return next((each.name for each in breakers if each.state == "HALTED" and each.latched), "")


def _goes_on(last: SessionRow, info: SessionInfo) -> bool:
    """Whether the account's last session was cut off on the very day and market that are to be played now."""
    was = last.info
    same = (was.day, was.roots, was.seed, was.provenance) == (info.day, info.roots, info.seed, info.provenance)
    return same and last.status == "open"
