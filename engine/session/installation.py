"""The id of this installation: part of each order id at Alpaca, so that nobody else's orders are taken for ours.

It belongs to a journal. Two machines have one each, and so have two journals on one machine.
"""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from engine.config import ConfigError
from engine.types import INSTALLATION

_BYTES = 5


def installation_path(journal: Path) -> Path:
    """Where it is kept, beside the journal."""
    return journal.with_name(f"{journal.name}.installation")


def installation_of(journal: Path) -> str:
    """A journal's; empty where none was made yet. Raises ``ConfigError`` where it cannot be read."""
    path = installation_path(journal)
    try:
        found = path.read_text(encoding="ascii").strip()
    except FileNotFoundError:
        return ""
    except OSError as error:
        raise ConfigError(f"{path}: the installation's id cannot be read: {error.strerror or error}") from None
    except UnicodeDecodeError:
        found = "?"
    if found and not INSTALLATION.fullmatch(found):
        raise ConfigError(
            f"{path}: this is no installation's id, which has ten digits from 0 to f; remove the file for a new one: "
            "orders that work under the old one are then left alone"
        )
    return found


def made_installation(journal: Path) -> str:
    """A journal's, made at random where there is none. Raises ``ConfigError`` where it cannot be kept.

    Whoever calls it is the journal's only writer.
    """
    found = installation_of(journal)
    if found:
        return found
    path = installation_path(journal)
    made = secrets.token_hex(_BYTES)
    part = path.with_name(f"{path.name}.part")
    try:
        with part.open("w", encoding="ascii") as file:
            file.write(f"{made}\n")
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise ConfigError(f"{path}: the installation's id cannot be kept: {error.strerror or error}") from None
    return made
