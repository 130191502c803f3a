"""Bookmarks of one day: kept a file a (root, day) in the state directory, written whole or not at all."""

from __future__ import annotations

import datetime as dt
import logging
import os
from pathlib import Path

import msgspec

from engine.view import Mark

log = logging.getLogger(__name__)

MOST = 200
LONGEST = 60


class Bookmark(msgspec.Struct, frozen=True):
    """A moment somebody wants to come back to, ns UTC, and what it is called; the name may be empty."""

    ts: int
    name: str = ""


class Bookmarks:
    """Bookmarks of a root and day, in order of time; without a folder they last as long as the session."""

    def __init__(self, folder: Path | None, root: str, day: dt.date) -> None:
        self._path = None if folder is None else folder / f"{root}-{day.isoformat()}.json"
        self._kept = self._read()

    @property
    def marks(self) -> tuple[Mark, ...]:
        """As marks of the timeline."""
        return tuple(Mark(each.ts, "bookmark", each.name) for each in self._kept)

    def set(self, ts: int, name: str) -> str:
        """Keep one; one at the same instant is renamed. What came of it, in words."""
        cleaned = " ".join("".join(c if c.isprintable() else " " for c in name).split())[:LONGEST]
        others = [each for each in self._kept if each.ts != ts]
        if len(others) >= MOST:
            return f"no bookmark set: there are {MOST} on this day already"
        self._kept = sorted([*others, Bookmark(ts, cleaned)], key=lambda each: each.ts)
        return self._write() or f"bookmark{f' {cleaned}' if cleaned else ''} set"

    def remove(self, ts: int) -> str:
        """Take one away."""
        left = [each for each in self._kept if each.ts != ts]
        if len(left) == len(self._kept):
            return "there is no bookmark here"
        self._kept = left
        return self._write() or "bookmark removed"

    def _read(self) -> list[Bookmark]:
        if self._path is None:
            return []
        try:
            found = msgspec.json.decode(self._path.read_bytes(), type=list[Bookmark])
        except FileNotFoundError:
            return []
        except (OSError, msgspec.DecodeError) as error:
            log.warning("the bookmarks in %s cannot be read and are left alone: %s", self._path, error)
            self._path = None
            return []
        return sorted(found, key=lambda each: each.ts)[:MOST]

    def _write(self) -> str:
        """Write the file anew; what is wrong, or empty."""
        if self._path is None:
            return ""
        beside = self._path.with_suffix(f".{os.getpid()}.new")
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            with os.fdopen(descriptor, "wb") as file:
                file.write(msgspec.json.encode(self._kept))
            beside.replace(self._path)
        except OSError as error:
            log.warning("the bookmarks cannot be written to %s: %s", self._path, error)
            beside.unlink(missing_ok=True)
            return f"bookmark kept until you leave only: {self._path} cannot be written ({error.strerror})"
        return ""
