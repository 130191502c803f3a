"""Gathers what the checklist judges: the account, the disk, the journal, who hears of it. It changes nothing."""

from __future__ import annotations

import datetime as dt
import os
import shutil
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from engine.alpaca.failures import AlpacaError
from engine.alpaca.parse import Account, read_account
from engine.alpaca.rest import Rest
from engine.alpaca.snapshot import Snapshot, read_snapshot
from engine.calendar import NotASession, Session, date_of, next_session, session
from engine.clock import Clock
from engine.config import Config, journal_path
from engine.journal import JournalError, JournalReader
from engine.session.checklist import Facts, Mode
from engine.session.checklist import Planned as Looked
from engine.session.installation import installation_of
from engine.session.live import AFTER_CLOSE
from engine.session.rules import as_at_alpaca, as_in_shadow, refusals
from engine.strategy import Planned, Registry, needs_of, plan_strategies
from engine.types import PRODUCTS


def gather(
    config: Config,
    registry: Registry,
    mode: Mode,
    account: str,
    clock: Clock,
    *,
    rest: Callable[[], Rest] | None = None,
    keys: str = "",
    no_keys: str = "",
    day: Session | None = None,
    told: str | None = None,
    not_told: str = "",
) -> Facts:
    """Everything that can be found out now; what cannot be is said in the facts, and nothing of Alpaca's raises.

    Args:
        account: its name in the journal. clock: the session's. rest: makes the way to the account, which is closed
            by who made it. keys, no_keys, told, not_told: see ``Facts``. day: what it trades, where that is not today.

    Raises ``ConfigError`` for strategies that nobody registered or whose settings are refused, and for an
    installation's id that cannot be read.
    """
    planned = plan_strategies(config.strategies, registry, config.session.roots)
    now = clock.now()
    trading, why = (day, "") if day is not None else trading_day(now)
    seen, snapshot, unread = (None, None, "") if rest is None else _account(rest, clock)
    journal = journal_path(config, account)
    room, not_written = _room(journal.parent)
    return Facts(
        mode=mode,
        now=now,
        session=trading,
        no_day=why,
        refused=_refused(config, mode, planned, trading, seen),
        planned=tuple(Looked(each.kind.name, each.root, needs_of(each.settings)) for each in planned),
        keys=keys,
        no_keys=no_keys,
        account=seen,
        snapshot=snapshot,
        unread=unread,
        journal=str(journal.parent),
        room=room,
        not_written=not_written,
        unclosed=_unclosed(journal, account),
        told=told,
        not_told=not_told,
        name=account,
        installation=installation_of(journal) if mode in ("paper", "live") else "",
    )


def trading_day(now: int) -> tuple[Session | None, str]:
    """Today's session, until a session of it would end; else why there is none, and when the next is."""
    day = date_of(now)
    try:
        today = session(day)
    except NotASession as error:
        with suppress(NotASession):
            return None, f"{error}; the next trading day is {next_session(day).day:%A %Y-%m-%d}"
        return None, str(error)
    if now >= max(today.product_close(root) for root in PRODUCTS) + AFTER_CLOSE:
        coming = next_session(day)
        return None, f"{day} is over; the next trading day is {coming.day:%A %Y-%m-%d}"
    return today, ""


def _refused(
    config: Config, mode: Mode, planned: list[Planned], day: Session | None, account: Account | None
) -> tuple[str, ...]:
    if mode == "demo" or mode == "rehearse" or day is None:  # noqa: PLR1714 - so that mypy sees what is left
        return ()
    taken = as_in_shadow(config) if mode == "shadow" else as_at_alpaca(config)
    return tuple(refusals(taken, mode, planned, day, account))


def _account(rest: Callable[[], Rest], clock: Clock) -> tuple[Account | None, Snapshot | None, str]:
    try:
        way = rest()
        account = read_account(way.account(), [])
    except AlpacaError as error:
        return None, None, str(error)
    try:
        return account, read_snapshot(way, clock), ""
    except AlpacaError as error:
        return None, None, f"its positions and orders cannot be read: {error}"


def _room(folder: Path) -> tuple[int | None, str]:
    """Bytes free where a folder is or will be, and why nothing can be written there, or empty."""
    at = folder
    while not at.exists() and at != at.parent:
        at = at.parent
    if not at.is_dir():
        return None, f"{folder}: {at} is no folder"
    if not os.access(at, os.W_OK | os.X_OK):
        return None, f"{folder}: {at} cannot be written to"
    with suppress(OSError):
        return shutil.disk_usage(at).free, ""
    return None, ""


def _unclosed(journal: Path, account: str) -> tuple[tuple[str, dt.date], ...]:
    """Sessions of the account that were not closed; none where the journal cannot be read, of which others tell."""
    if not journal.exists():
        return ()
    try:
        with JournalReader(journal) as reader:
            return tuple(
                (row.name, row.info.day)
                for row in reader.sessions()
                if row.status == "open" and row.info.account == account
            )
    except JournalError:
        return ()
