"""Where a running session is reached: a socket in a folder beside its journal, and the names of its kill files."""

from __future__ import annotations

import hashlib
import os
import re
import stat
import tempfile
from contextlib import suppress
from pathlib import Path

LONGEST = 100
"""Bytes of a path that every system takes for a socket: Linux takes 107, macOS 103."""

_SUFFIX = ".control"
_REPLAY = ".replay"


class NotOurs(OSError):
    """A folder for the socket belongs to somebody else, or others may enter it."""


class Place:
    """The places of one journal.

    Attributes:
        journal: its path, without links. account: whose it is; of a ``replay``, the name of the journal.
        folder: ``<journal>.control``, of a replay ``<journal>.replay``, for its owner alone. door: the socket in it, or
            a link to where it is, since a socket's path must be short.
    """

    def __init__(self, journal: Path, account: str, replay: bool = False) -> None:
        self.journal = Path(journal).expanduser().resolve()
        self.account = account
        self.replay = replay
        self.folder = self.journal.with_name(self.journal.name + (_REPLAY if replay else _SUFFIX))
        self.door = self.folder / "socket"

    @property
    def socket(self) -> Path:
        """Where the session listens: the door itself, or what it is a link to."""
        with suppress(OSError):
            return self.door.readlink()
        return self.door

    def prepare(self) -> Path:
        """Make the folders and clear away what a dead process left; the path to bind. Raises ``OSError``.

        Only the journal's writer may call this: whoever listened here before it is dead.
        """
        _own_folder(self.folder)
        old = self.socket
        if old != self.door:
            with suppress(OSError):
                old.unlink()
        self.door.unlink(missing_ok=True)
        if len(os.fsencode(self.door)) <= LONGEST:
            return self.door
        short = self._short_folder()
        _own_folder(short)
        path = short / "socket"
        path.unlink(missing_ok=True)
        self.door.symlink_to(path)
        return path

    def clear(self) -> None:
        """Take the socket away; what is not there any more is no matter."""
        path = self.socket
        for each in dict.fromkeys((path, self.door)):
            with suppress(OSError):
                each.unlink()
        for folder in dict.fromkeys((path.parent, self.folder)):
            with suppress(OSError):
                folder.rmdir()

    def _short_folder(self) -> Path:
        name = f"zdte-tui-{os.getuid()}-{hashlib.sha256(os.fsencode(self.journal)).hexdigest()[:16]}"
        homes = (os.environ.get("XDG_RUNTIME_DIR", ""), tempfile.gettempdir(), "/tmp")  # noqa: S108 - owned and 0700
        return next(
            Path(home, name)
            for home in homes
            if os.path.isdir(home) and (len(os.fsencode(home)) + len(name) + 9 <= LONGEST or home == "/tmp")  # noqa: PTH112, S108
        )

    # Kill files

    @property
    def kill_stems(self) -> tuple[str, ...]:
        """What a kill file's name may begin with: the journal's name, with or without its ending, or the account's."""
        return tuple(dict.fromkeys((self.journal.name, self.journal.stem, self.account)))

    def kill_file(self, level: str) -> Path:
        """The file that a person leaves for ``level``."""
        return self.journal.with_name(f"{self.journal.name}.kill-{level}")

    def kill_files(self) -> list[Path]:
        """Those that lie there, sorted by name; none where the folder cannot be read."""
        stems = "|".join(map(re.escape, self.kill_stems))
        name = re.compile(rf"(?:{stems})\.kill(?:-[^.]*)?")
        try:
            with os.scandir(self.journal.parent) as entries:
                return sorted(self.journal.with_name(each.name) for each in entries if name.fullmatch(each.name))
        except OSError:
            return []


def level_in_name(path: Path) -> str:
    """``flatten`` for ``demo.kill-flatten``; empty where the name has no level."""
    return path.name.rpartition(".kill")[2].removeprefix("-")


def places(folder: Path, replays: bool = False) -> list[Place]:
    """The places of the journals of a folder whose sessions listen, or did when they were killed; sorted.

    Those of accounts, or of ``replays``, which no kill level is meant for.
    """
    suffix = _REPLAY if replays else _SUFFIX
    try:
        names = sorted(each.name for each in folder.iterdir() if each.name.endswith(suffix))
    except OSError:
        return []
    found = [folder / name.removesuffix(suffix) for name in names]
    return [Place(journal, journal.stem, replays) for journal in found]


def _own_folder(folder: Path) -> None:
    """Make ``folder`` for its owner alone; one that is there must be ours, for whoever owns it owns the socket."""
    with suppress(FileExistsError):
        folder.mkdir(mode=0o700, parents=True)
    found = os.lstat(folder)
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid():
        raise NotOurs(f"{folder} is no folder of this user")
    if stat.S_IMODE(found.st_mode) != 0o700:
        folder.chmod(0o700)
