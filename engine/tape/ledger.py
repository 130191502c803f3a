"""What was imported from which bytes: a line a file, appended when all of it is in the store.

``imports.jsonl`` in the store's folder. A line cut short by a kill is no line; the import is then done again, which
changes nothing. There is no clock in it: the same imports give the same bytes.
"""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import msgspec

from engine.tape.errors import in_utf8
from engine.tape.importers.base import Importer, ImportOptions

NAME = "imports.jsonl"


class Imported(msgspec.Struct, frozen=True, kw_only=True):
    """One file or folder that is in the store.

    Attributes:
        key: of the bytes, the importer, its version and the options: see ``import_key``.
        path: its name, for people.
        importer, importer_version: who read it.
        files: relative path in the store of each file it gave, with the hash in that file's header.
    """

    key: str
    path: str
    importer: str
    importer_version: int
    files: dict[str, str]


class _Key(msgspec.Struct, frozen=True):
    sha256: str
    name: tuple[str, ...]
    importer: str
    version: int
    source: str | None
    symbol: str | None
    columns: dict[str, str]
    zone: str | None
    known_after: int | None


def import_key(sha256: str, path: Path, importer: Importer, options: ImportOptions) -> str:
    """What decides the outcome of an import, as a hash in hex: bytes, importer, version, options, and the path's last
    three names, from which some formats take a symbol or a date."""
    told = _Key(
        sha256,
        tuple(map(in_utf8, path.resolve().parts[-3:])),
        importer.name,
        importer.version,
        options.source,
        options.symbol,
        dict(options.columns),
        options.zone,
        options.known_after,
    )
    return hashlib.sha256(msgspec.json.encode(told, order="deterministic")).hexdigest()


class Ledger:
    """The ledger of the store at ``store``; the file need not exist."""

    def __init__(self, store: Path) -> None:
        self.path = store / NAME
        self._entries: dict[str, Imported] = {}
        self._size = 0  # up to the last whole line
        try:
            data = self.path.read_bytes()
        except FileNotFoundError:
            data = b""
        for line in data.splitlines(keepends=True):
            if not line.endswith(b"\n"):
                break
            self._size += len(line)
            try:
                entry = msgspec.json.decode(line, type=Imported)
            except msgspec.MsgspecError:
                continue
            self._entries[entry.key] = entry

    def get(self, key: str) -> Imported | None:
        """The newest entry of a key."""
        return self._entries.get(key)

    def append(self, entry: Imported) -> None:
        """Add an entry; on disk when this returns. One that says the same as before is not written again.

        Raises ``OSError``.
        """
        if self._entries.get(entry.key) == entry:
            return
        data = msgspec.json.encode(entry, order="deterministic") + b"\n"
        file = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o644)
        try:
            os.ftruncate(file, self._size)
            rest, at = memoryview(data), self._size
            while rest:
                written = os.pwrite(file, rest, at)
                rest, at = rest[written:], at + written
            os.fsync(file)
        finally:
            os.close(file)
        self._size += len(data)
        self._entries[entry.key] = entry
