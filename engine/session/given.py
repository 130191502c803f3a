"""The commands of a replay or a practice session, kept beside the research journal so that it can be played again."""

from __future__ import annotations

import logging
import os
from collections.abc import Sequence
from pathlib import Path

import msgspec

from engine.session.playing import Given

log = logging.getLogger(__name__)


def given_path(journal: Path, session: str) -> Path:
    """Where the commands of one session are."""
    return journal.with_suffix(".given") / f"{session}.json"


def write_given(path: Path, given: Sequence[Given]) -> None:
    """Write them, whole or not at all; nothing is left of a session without commands. What cannot be written is told
    in the program's log: the session itself goes on."""
    beside = path.with_suffix(f".{os.getpid()}.new")
    try:
        if not given:
            path.unlink(missing_ok=True)
            return
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(msgspec.json.encode(list(given)))
        beside.replace(path)
    except OSError as error:
        log.warning("the session's commands cannot be kept in %s: %s", path, error)
        beside.unlink(missing_ok=True)


def read_given(path: Path) -> list[Given]:
    """The commands of a session; none where none were kept. Raises ``ValueError`` for a file that is damaged."""
    try:
        return msgspec.json.decode(path.read_bytes(), type=list[Given])
    except FileNotFoundError:
        return []
    except (OSError, msgspec.DecodeError) as error:
        raise ValueError(f"the commands of the session in {path} cannot be read: {error}") from None
