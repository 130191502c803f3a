"""A hash of the code that figures follow from: a result is reused only where the same code would give it again."""

from __future__ import annotations

import hashlib
import inspect
from pathlib import Path

import engine
from engine.strategy import Registry


def code_digest(registry: Registry) -> bytes:
    """Hash over the files of the engine and of the packages of the registered strategies, by name: the code, and the
    tables it reads, such as the calendar's."""
    digest = hashlib.sha256()
    folders = {Path(inspect.getfile(engine)).parent}
    folders |= {Path(inspect.getfile(kind)).parent for kind in registry.values()}
    for folder in sorted(folders, key=lambda folder: (folder.name, folder)):  # wherever they are installed
        for path in sorted(path for kind in ("*.py", "*.csv") for path in folder.rglob(kind)):
            digest.update(f"{path.relative_to(folder.parent).as_posix()}\n".encode())
            digest.update(path.read_bytes())
    return digest.digest()
