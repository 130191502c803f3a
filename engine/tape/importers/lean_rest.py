"""What lies in a LEAN ``Data`` folder and is not read: named, folder by folder, with the reason."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from engine.tape.importers.base import LeftOut

_WHY: Final = {
    "daily": "daily bars: only minutes are read",
    "hour": "hourly bars: only minutes are read",
    "second": "bars of seconds: only minutes are read",
    "tick": "ticks: only minutes are read",
    "universes": "lists of contracts with values of the day before, no minutes",
}
_OTHER: Final = "not named like a zip of minutes, such as 20210104_quote_european.zip"


def tell_all(folder: Path, told: set[Path]) -> int:
    """Add every file below ``folder`` to those that have been told of; how many there are."""
    files = list(_files(folder))
    told.update(files)
    return len(files)


def rest_of(data: Path, told: set[Path]) -> Iterator[LeftOut]:
    """The files below ``data`` that nobody has told of yet, a line a folder."""
    counts = Counter(path.parent for path in _files(data) if path not in told)
    for folder, count in sorted(counts.items()):
        words = folder.relative_to(data).parts
        why = next((_WHY[word] for word in words if word in _WHY), _OTHER)
        yield LeftOut(f"{folder}: {counted(count)}", why)


def counted(files: int) -> str:
    """``1 file``, ``2 files``."""
    return f"{files} {'file' if files == 1 else 'files'}"


def _files(folder: Path) -> Iterator[Path]:
    for here, names, files in os.walk(folder):
        names.sort()
        yield from (Path(here) / name for name in sorted(files))
