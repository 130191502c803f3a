"""What every importer has in common: what it is asked, and what it hands back."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from engine.tape.daily import DailyTable
from engine.tape.dayfile import DayTable
from engine.tape.errors import ImportRefused


@dataclass(frozen=True, slots=True)
class ImportOptions:
    """What a person may say beside the path. ``None`` leaves it to the importer."""

    source: str | None = None
    symbol: str | None = None


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Something in the path that is not imported, by design, and why."""

    what: str
    why: str


@dataclass(frozen=True, slots=True)
class Refused:
    """One file of many that is not trusted: nothing of it is imported, the others are."""

    error: ImportRefused


Item = DayTable | DailyTable | LeftOut | Refused


class Importer(Protocol):
    """Reads one kind of file or folder.

    Attributes:
        name: for ``--format``.
        version: grows when the same file would give other columns.
        description: one line for people.
    """

    @property
    def name(self) -> str: ...  # noqa: D102

    @property
    def version(self) -> int: ...  # noqa: D102

    @property
    def description(self) -> str: ...  # noqa: D102

    def sniff(self, path: Path) -> bool:
        """Whether ``path`` looks like this kind. Reads little and raises nothing."""
        ...

    def read(self, path: Path, options: ImportOptions) -> Iterator[Item]:
        """Days and series as they are read, each complete.

        Raises ``ImportRefused`` (before the first item) where the whole path is not trusted, and
        ``FileNotFoundError`` where there is none.
        """
        ...


def sha256_of(path: Path) -> str:
    """Hash of a file's bytes, in hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def joint_sha256(hashes: dict[str, str]) -> str:
    """Hash of several files: over their names and hashes, sorted by name."""
    text = "".join(f"{digest}  {name}\n" for name, digest in sorted(hashes.items()))
    return hashlib.sha256(text.encode()).hexdigest()
