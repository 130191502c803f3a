"""Whose account a session trades at the broker: one that was cut off goes on at that account, or not at all."""

from __future__ import annotations

import logging
from pathlib import Path

log = logging.getLogger(__name__)


def whose_path(journal: Path, account: str) -> Path:
    """Where the number (masked but for its last characters) lies, beside the journal."""
    return journal.with_name(f"{journal.name}.{account}.account")


def another(journal: Path, account: str, number: str) -> str:
    """Why a session that was cut off cannot go on with the account of this masked number; empty where it can.

    At another account nothing of what it holds would be found, and all of it be taken for closed.
    """
    try:
        before = whose_path(journal, account).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError):
        return ""
    if not before or before == number:
        return ""
    return (
        f"the session that was cut off trades Alpaca's account {before}, and these keys are of {number}: what it holds "
        "is there; start it with that account's keys, or begin anew with --fresh"
    )


def remember(journal: Path, account: str, number: str) -> None:
    """The account of a session that begins or goes on."""
    try:
        whose_path(journal, account).write_text(f"{number}\n", encoding="utf-8")
    except OSError as error:
        log.warning("whose account the session trades cannot be kept: %s", error.strerror)
