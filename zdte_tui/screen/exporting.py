"""Files a person asks the screen for: a table as CSV, the screen as SVG. Nobody else may read them."""

from __future__ import annotations

import os
import re
from pathlib import Path

MODE = 0o600
_TRIES = 100


def folder() -> Path:
    """Where such files go: the person's documents where there are such, else beside the program's state."""
    import platformdirs

    documents = platformdirs.user_documents_path()
    return documents / "zdte-tui" if documents.is_dir() else platformdirs.user_state_path("zdte-tui") / "exports"


def file_name(*parts: str) -> str:
    """The parts as one name: small letters, digits and hyphens."""
    words = (re.sub(r"[^a-z0-9]+", "-", part.lower()).strip("-") for part in parts)
    return "-".join(word for word in words if word)


def keeping_blanks(svg: str) -> str:
    """``svg`` with its blanks kept by every reader: librsvg drops those a text begins with, and numbers lose their
    columns."""
    return svg.replace("<svg ", '<svg xml:space="preserve" ', 1)


def write_new(where: Path, name: str, ending: str, text: str) -> Path:
    """Write ``text`` to a new file in ``where``, which is made if need be; numbered where the name is taken.

    Raises ``OSError``; whatever it raises, it leaves no file behind.
    """
    where.mkdir(parents=True, exist_ok=True, mode=0o700)
    for n in range(1, _TRIES):
        path = where / f"{name}{'' if n == 1 else f'-{n}'}.{ending}"
        try:
            handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, MODE)
        except FileExistsError:
            continue
        try:
            with os.fdopen(handle, "w", encoding="utf-8", newline="") as file:
                file.write(text)
        except BaseException:
            path.unlink(missing_ok=True)
            raise
        return path
    raise FileExistsError(f"{where / name}.{ending} and {_TRIES - 2} more are there already: move some away")
