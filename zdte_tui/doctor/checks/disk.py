"""The folders the program writes to: there or makeable, writable, with room, and not on a network."""

from __future__ import annotations

import os
import resource
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from zdte_tui.doctor.finding import Finding, fail, note, ok, size_text, warn
from zdte_tui.doctor.mounts import FLEETING, NETWORK, Mount, kind_of, mounts
from zdte_tui.doctor.surroundings import Surroundings

TIGHT = 1_000_000_000
FULL = 100_000_000
"""Bytes. A demo day takes about 9 MB of journal and recorded inputs; a stored day of quotes a few MB."""


class Place(NamedTuple):
    """A folder, and the setting that names another one."""

    name: str
    folder: Path
    setting: str
    journal: bool


def check(around: Surroundings) -> Iterator[Finding]:
    """Every folder, and the limits of this process."""
    known = mounts()
    for place in places(around):
        yield from look_at(place, known)
    yield from limits(resource.getrlimit(resource.RLIMIT_FSIZE)[0])


def places(around: Surroundings) -> list[Place]:
    """Where the program writes; a folder that serves twice is named once."""
    from engine.config import data_dir, journal_path, research_path, state_dir

    config = around.known_config
    own = "XDG_STATE_HOME"
    every = [
        Place("data", data_dir(config), "data.dir", journal=False),
        Place("state", state_dir(), own, journal=True),
        Place("journal", journal_path(config, config.account.name).parent, "journal.path", journal=True),
        Place("research", research_path(config).parent, "research.path", journal=True),
    ]
    seen: dict[Path, Place] = {}
    for place in every:
        seen.setdefault(place.folder, place)
    return list(seen.values())


def look_at(place: Place, known: list[Mount]) -> Iterator[Finding]:
    """One folder, or the nearest one above it that exists."""
    subject, folder = f"{place.name} folder", place.folder
    anchor = next((each for each in (folder, *folder.absolute().parents) if os.path.lexists(each)), Path("/"))
    if not anchor.is_dir():
        yield fail(subject, f"{folder}: {anchor} is not a folder", f"mv {anchor} {anchor}.old, or set {place.setting}")
        return
    if not os.access(anchor, os.W_OK | os.X_OK):
        why = "is not writable for you" if anchor == folder else f"cannot be made: {anchor} is not writable for you"
        mend = f"chmod u+rwx {anchor}, or set {place.setting} to a folder of yours"
        yield fail(subject, f"{folder} {why}", mend)
        return
    kind = kind_of(anchor, known)
    told = f"{folder}{'' if anchor == folder else ' (not made yet)'}"
    yield room(subject, told, shutil.disk_usage(anchor).free, _free_files(anchor), kind)
    if kind in NETWORK and place.journal:
        seen = f"{folder} is on {kind}, a network filesystem: SQLite's locks and its WAL are not safe there"
        yield fail(subject, seen, f"set {place.setting} to a folder on a disk of this machine")
    elif kind in NETWORK:
        yield note(subject, f"{folder} is on {kind}, a network filesystem: days load slowly")
    elif kind in FLEETING:
        seen = f"{folder} is on {kind}, in memory: a restart of the machine empties it"
        yield warn(subject, seen, f"set {place.setting} to a folder on a disk")


def room(subject: str, told: str, free: int, files: int | None, kind: str) -> Finding:
    """How much can still be written, in bytes and in new files (None: without limit)."""
    seen = f"{told}: {size_text(free)} free{f' on {kind}' if kind else ''}"
    if files == 0:
        return fail(subject, f"{told}: no new file can be made, the filesystem is out of inodes", "delete some files")
    if free < FULL:
        return fail(subject, f"{seen}: too little for a day's journal", "free at least 1 GB there")
    if free < TIGHT:
        return warn(subject, seen, "free at least 1 GB there")
    return ok(subject, seen)


def _free_files(folder: Path) -> int | None:
    stat = os.statvfs(folder)
    return stat.f_favail if stat.f_files else None


def limits(largest: int) -> Iterator[Finding]:
    """The largest file this process may write, bytes; -1 is no limit."""
    if largest != resource.RLIM_INFINITY and largest < TIGHT:
        seen = f"files may grow to {size_text(largest)} only: a journal that reaches it cannot be written"
        yield (fail if largest < FULL else warn)("file size", seen, "ulimit -f unlimited")
