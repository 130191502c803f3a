"""Whose account a session trades at the broker, and under which installation's order ids: one that was cut off goes on
so, or not at all."""

from __future__ import annotations

import logging
from pathlib import Path

from engine.types import INSTALLATION

log = logging.getLogger(__name__)


def whose_path(journal: Path, account: str) -> Path:
    """Where the number (masked but for its last characters) lies, beside the journal; below it the installation."""
    return journal.with_name(f"{journal.name}.{account}.account")


def another(journal: Path, account: str, number: str) -> str:
    """Why a session that was cut off cannot go on with the account of this masked number; empty where it can.

    At another account nothing of what it holds would be found, and all of it be taken for closed.
    """
    before, *_ = _kept(journal, account) or [""]
    if not before or before == number:
        return ""
    return (
        f"the session that was cut off trades Alpaca's account {before}, and these keys are of {number}: what it holds "
        "is there; start it with that account's keys, or begin anew with --fresh"
    )


def sent_as(journal: Path, account: str) -> str | None:
    """The installation in the order ids of the session that was cut off; empty for one that began before there were
    any, None where nothing is kept of it."""
    kept = _kept(journal, account)
    if not kept:
        return None
    return kept[1] if len(kept) > 1 and INSTALLATION.fullmatch(kept[1]) else ""


def remember(journal: Path, account: str, number: str, installation: str) -> None:
    """The account and the installation of a session that begins or goes on."""
    try:
        whose_path(journal, account).write_text(f"{number}\n{installation}\n", encoding="utf-8")
    except OSError as error:
        log.warning("whose account the session trades cannot be kept: %s", error.strerror)


def _kept(journal: Path, account: str) -> list[str]:
    try:
        return whose_path(journal, account).read_text(encoding="utf-8").split()
    except (OSError, UnicodeDecodeError):
        return []
