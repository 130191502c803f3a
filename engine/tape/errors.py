"""What can go wrong with stored days and with files people bring: each error is one line."""

from __future__ import annotations

from pathlib import Path


class StoreError(ValueError):
    """A day is not in the store, or its file cannot be trusted. The message names the file or the nearest days."""


class StoreBusy(Exception):
    """Another process imports into the same store."""


class WorkerLost(Exception):
    """A process of an import has died, of something else than what it read."""


class ImportRefused(ValueError):
    """An importer does not trust a file: which file, where in it, and why. Nothing of that file is imported."""

    def __init__(self, file: Path | str, reason: str, where: str = "") -> None:
        self.file = one_line(str(file))
        self.where = one_line(where)
        self.reason = one_line(reason)
        super().__init__(": ".join(part for part in (self.file, self.where, self.reason) if part))

    def __reduce__(self) -> tuple[type[ImportRefused], tuple[str, str, str]]:  # it may come from another process
        return ImportRefused, (self.file, self.reason, self.where)


def in_utf8(text: str) -> str:
    """A path as text that a file in UTF-8 can hold: bytes of a name that are not UTF-8 are written ``\\xff``."""
    return text.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")


def one_line(text: str) -> str:
    """Text of a foreign file may hold line ends and terminal codes: they are shown, not sent."""
    return "".join(char if char.isprintable() else char.encode("unicode_escape").decode() for char in text)
