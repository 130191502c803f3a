"""Days of one path wait in a hidden folder of the store until all of it has been read, then move in together.

``.staging/<key>/`` is laid out like a store. A file ``whole`` in it says that the path was read to its end: whoever
comes next moves the rest in, even after a kill in the middle of moving. Without it nothing of the folder is ever moved;
an import of the same bytes may go on from there.
"""

from __future__ import annotations

import datetime as dt
import shutil
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import msgspec

from engine.tape.entries import DayEntry, UnderlyingEntry
from engine.tape.files import sync, write_whole
from engine.tape.ledger import Imported, Ledger
from engine.tape.store import Saved, Store, Table, relative_path, sound_hash

FOLDER = ".staging"
_ABOUT = "about.json"
_WHOLE = "whole"
_KINDS = ("days", "underlyings", "daily")


class _Whole(msgspec.Struct, frozen=True):
    """What was read to its end. Only what is ``complete``, nothing of it refused, goes into the ledger."""

    imported: Imported
    complete: bool


class Staging:
    """The waiting files of one import.

    Args:
        store: where they will go; same file system.
        about: what will be written into the ledger, its ``files`` still empty.
    """

    def __init__(self, store: Store, about: Imported) -> None:
        self._store = store
        self._about = about
        self.folder = store.path / FOLDER / about.key
        self._staged = Store(self.folder)

    def begin(self) -> None:
        """Write down what this import is, so that it can be told of and resumed. Raises ``OSError``."""
        if not (self.folder / _ABOUT).exists():
            write_whole(self.folder / _ABOUT, msgspec.json.encode(self._about))

    def save(self, table: Table) -> Path:
        """Let a table wait; its relative path. It need not be on disk before ``commit``. Raises as ``Store.save``
        does."""
        self._staged.save(table, durable=False)
        return relative_path(table)

    def done(self) -> frozenset[tuple[str, dt.date]]:
        """Root or symbol and day of what an earlier run has left here; what is not whole is removed."""
        found: set[tuple[str, dt.date]] = set()
        entries: list[DayEntry | UnderlyingEntry] = [*self._staged.days(), *self._staged.underlyings()]
        for entry in entries:
            if sound_hash(entry.path) is None:
                entry.path.unlink()
            else:
                found.add((entry.root if isinstance(entry, DayEntry) else entry.symbol, entry.day))
        return frozenset(found)

    def files(self) -> list[Path]:
        """Relative paths of what waits, sorted."""
        return sorted(
            path.relative_to(self.folder)
            for kind in _KINDS
            for path in (self.folder / kind).rglob("*.parquet")
            if not path.name.startswith(".")
        )

    def commit(self, ledger: Ledger, *, complete: bool) -> Counter[Saved]:
        """Move all in, note it in the ledger if it is complete, and clean up; how many were new, replaced, unchanged.

        Raises ``OSError``; what has not been moved then is moved by the next import.
        """
        waiting = [self.folder / path for path in self.files()]
        for each in (*waiting, *sorted({path.parent for path in waiting})):
            sync(each)
        files = {path.as_posix(): sound_hash(self.folder / path) or "" for path in self.files()}
        whole = _Whole(msgspec.structs.replace(self._about, files=files), complete)
        write_whole(self.folder / _WHOLE, msgspec.json.encode(whole))
        return _finish(self._store, self.folder, whole, ledger)

    def discard(self) -> None:
        """Remove all that waits."""
        _remove(self.folder)


def recover(store: Store, ledger: Ledger) -> list[str]:
    """Move in what was read to its end before a kill; the paths it came from. Raises ``OSError``."""
    found = []
    for folder in _folders(store):
        try:
            whole = msgspec.json.decode((folder / _WHOLE).read_bytes(), type=_Whole)
        except (FileNotFoundError, msgspec.MsgspecError):
            continue
        _finish(store, folder, whole, ledger)
        found.append(whole.imported.path)
    tidy(store)
    return found


def waiting(store: Store) -> list[tuple[str, Path]]:
    """What interrupted imports have left that can be resumed: path they read, and folder."""
    found = []
    for folder in _folders(store):
        try:
            path = msgspec.json.decode((folder / _ABOUT).read_bytes(), type=Imported).path
        except (OSError, msgspec.MsgspecError):
            continue  # killed before it had read a day
        found.append((path, folder))
    return found


def clean(store: Store) -> list[str]:
    """Remove what interrupted imports have left; the paths they read. Raises ``OSError``."""
    found = [path for path, _ in waiting(store)]
    for folder in list(_folders(store)):
        _remove(folder)
    tidy(store)
    return found


def tidy(store: Store) -> None:
    """Remove the folder in which imports wait, if none does; not while others may begin one. Raises ``OSError``."""
    top = store.path / FOLDER
    if top.is_dir() and not any(top.iterdir()):
        top.rmdir()


def _folders(store: Store) -> Iterator[Path]:
    top = store.path / FOLDER
    for folder in sorted(top.iterdir()) if top.is_dir() else []:
        if folder.is_dir():
            yield folder


def _finish(store: Store, folder: Path, whole: _Whole, ledger: Ledger) -> Counter[Saved]:
    told: Counter[Saved] = Counter()
    folders: set[Path] = set()
    for name, sha256 in whole.imported.files.items():
        staged, path = folder / name, store.path / name
        if not staged.exists():
            continue
        existed = path.exists()
        if existed and sound_hash(path) == sha256:
            told["unchanged"] += 1
            continue
        path.parent.mkdir(parents=True, exist_ok=True)
        staged.replace(path)
        folders.add(path.parent)
        told["replaced" if existed else "new"] += 1
    for parent in sorted(folders):
        sync(parent)
    if whole.complete:
        ledger.append(whole.imported)
    _remove(folder)
    return told


def _remove(folder: Path) -> None:
    """The mark that all was read goes last: a kill in between leaves something that is still known for what it is."""
    for kind in _KINDS:
        if (folder / kind).exists():
            shutil.rmtree(folder / kind)
    if folder.exists():
        shutil.rmtree(folder)
