"""Which filesystem a path lies on."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from zdte_tui.doctor.surroundings import ask

NETWORK = {
    "9p", "afs", "beegfs", "ceph", "cifs", "davfs", "drvfs", "fuse.ceph", "fuse.davfs2", "fuse.gcsfuse",
    "fuse.glusterfs", "fuse.rclone", "fuse.s3fs", "fuse.sshfs", "gfs2", "glusterfs", "gpfs", "lustre", "ncpfs", "nfs",
    "nfs4", "ocfs2", "prl_fs", "smb3", "smbfs", "vboxsf", "virtiofs", "vmhgfs", "webdav",
}  # fmt: skip
"""File systems over which SQLite's WAL and file locks cannot be relied upon."""

FLEETING = {"tmpfs", "ramfs"}
"""What is written there is gone after a restart of the machine."""


class Mount(NamedTuple):
    """A mounted filesystem: where, and of which kind."""

    point: str
    kind: str


def mounts() -> list[Mount]:
    """All mounts, in the order in which they were made; empty where the system does not tell."""
    try:
        return parse_mountinfo(Path("/proc/self/mountinfo").read_text(errors="surrogateescape").splitlines())
    except OSError:
        return parse_mount((ask(["mount"]) or "").splitlines())


def parse_mountinfo(lines: Iterable[str]) -> list[Mount]:
    """Linux: ``36 35 98:0 /root /point options - kind source super``; blanks are written as ``\\040``."""
    found = []
    for line in lines:
        before, dash, after = line.partition(" - ")
        fields = before.split()
        if dash and len(fields) > 4 and after:
            point = re.sub(r"\\([0-7]{3})", lambda match: chr(int(match[1], 8)), fields[4])
            found.append(Mount(point, after.split()[0]))
    return found


def parse_mount(lines: Iterable[str]) -> list[Mount]:
    """macOS and BSD: ``source on /point (kind, options)``."""
    matches = (re.fullmatch(r".+? on (.+) \(([^,)]+).*\)", line) for line in lines)
    return [Mount(match[1], match[2]) for match in matches if match]


def kind_of(path: Path, known: Iterable[Mount]) -> str:
    """The kind of filesystem an existing path lies on: of the deepest mount, of equals the last; or empty."""
    real = path.resolve()
    best, kind = -1, ""
    for mount in known:
        if real.is_relative_to(mount.point) and len(Path(mount.point).parts) >= best:
            best, kind = len(Path(mount.point).parts), mount.kind
    return kind
