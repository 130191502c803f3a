"""What was typed at the ``:`` line before, in this session and earlier ones."""

from __future__ import annotations

import os
from pathlib import Path

KEPT = 300
"""Lines that are remembered; the oldest go first."""


class History:
    """Lines, oldest first, kept in a file where there is one. A file that cannot be read or written costs nothing but
    the memory of it.

    Args:
        path: of the file; None remembers only as long as the program runs.
    """

    def __init__(self, path: Path | None = None) -> None:
        self._path = path
        self.lines: list[str] = []
        if path is not None:
            try:
                self.lines = [line for line in path.read_text(encoding="utf-8").splitlines() if line][-KEPT:]
            except (OSError, ValueError):
                self.lines = []

    def add(self, line: str) -> None:
        """Remember a line as the newest; the same line further back is forgotten."""
        line = line.strip()
        if not line:
            return
        self.lines = [*(each for each in self.lines if each != line), line][-KEPT:]
        if self._path is not None:
            self._write(self._path)

    def _write(self, path: Path) -> None:
        try:
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            beside = path.with_name(f".{path.name}.{os.getpid()}")
            with open(beside, "w", encoding="utf-8", opener=_private) as file:
                file.write("\n".join(self.lines) + "\n")
            beside.replace(path)
        except OSError:
            self._path = None

    def back(self, at: int, start: str) -> int:
        """The place of the next older line than ``at`` that begins with ``start``; ``at`` where there is none."""
        return next((n for n in range(at - 1, -1, -1) if self.lines[n].startswith(start)), at)

    def on(self, at: int, start: str) -> int:
        """The place of the next newer such line; the end where there is none."""
        return next((n for n in range(at + 1, len(self.lines)) if self.lines[n].startswith(start)), len(self.lines))


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def history_file() -> Path:
    """Where the ``:`` line's history lies."""
    import platformdirs

    return Path(platformdirs.user_state_dir("zdte-tui")) / "history"
