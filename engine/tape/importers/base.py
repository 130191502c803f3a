"""What every importer has in common: what it is asked, and what it hands back."""

from __future__ import annotations

import datetime as dt
import hashlib
import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Final, Protocol, runtime_checkable

from engine.tape.daily import DailyTable
from engine.tape.dayfile import DayTable, UnderlyingTable
from engine.tape.errors import ImportRefused

MORNING_SETTLED: Final = "SPX options settle on the morning's opening prices; only SPXW expires at the close"
"""Why options of the root SPX are left out, whatever file they come in."""


def _silent(_: float) -> None:
    pass


@dataclass(frozen=True, slots=True)
class ImportOptions:
    """What a person may say beside the path, and what the intake asks for. ``None`` leaves it to the importer.

    Attributes:
        source: name of the source in the store.
        symbol: of the underlying or root, where the file does not say.
        columns: for tables whose columns are named by the person: our name of a field to the file's.
        zone: for times without a zone: an IANA name; New York where it is not given.
        known_after: seconds after a row's time from which it is known, for tables that do not say.
        done: (root or symbol, day) that are stored already from these very bytes: they may be skipped unread.
        progress: told now and then which share of the path is read, 0 to 1.
    """

    source: str | None = None
    symbol: str | None = None
    columns: Mapping[str, str] = field(default_factory=dict)
    zone: str | None = None
    known_after: int | None = None
    done: frozenset[tuple[str, dt.date]] = frozenset()
    progress: Callable[[float], None] = _silent


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Something in the path that is not imported, by design, and why."""

    what: str
    why: str


@dataclass(frozen=True, slots=True)
class Refused:
    """One file of many that is not trusted: nothing of it is imported, the others are."""

    error: ImportRefused


Item = DayTable | UnderlyingTable | DailyTable | LeftOut | Refused


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
        """Days and series as they are read, each complete, none twice.

        Raises ``ImportRefused`` where the path is not trusted, at any time before its end: whoever stores the items
        keeps none of them then. A folder goes on after a bad file: it hands out ``Refused`` for it. Raises
        ``FileNotFoundError`` where there is nothing at the path.
        """
        ...


@runtime_checkable
class FolderImporter(Importer, Protocol):
    """An importer that takes a whole folder at once, because its files belong together."""

    def covers(self, folder: Path, file: Path) -> bool:
        """Whether ``file``, somewhere in a ``folder`` that ``sniff`` takes, is read or left out by ``read(folder)``:
        nobody else need look at it then."""
        ...


@runtime_checkable
class ReadsBeside(Importer, Protocol):
    """An importer of single files whose outcome depends on others in the same folder."""

    def beside(self, path: Path) -> tuple[Path, ...]:
        """Those other files, in order of name."""
        ...


def sha256_of(path: Path) -> str:
    """Hash of a file's bytes, in hex. A file that has not changed since is not read again."""
    found = path.stat()
    return _sha256(path, (found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns))


@lru_cache(maxsize=256)
def _sha256(path: Path, _: tuple[int, ...]) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def joint_sha256(hashes: dict[str, str]) -> str:
    """Hash of several files: over their names and hashes, sorted by name."""
    text = "".join(f"{digest}  {name}\n" for name, digest in sorted(hashes.items()))
    return hashlib.sha256(os.fsencode(text)).hexdigest()
