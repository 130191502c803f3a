"""How an import goes: a bar of bytes on a terminal's stderr, and a row a path as it is done."""

from __future__ import annotations

import os
import shutil
import sys
import textwrap
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from engine.tape.intake import Watch
    from engine.tape.looking import Found

_LEAST = 24  # cells a result needs beside its path


class Progress:
    """Shows a bar while it is entered, on a terminal; writes rows to stdout, if ``rows``.

    The columns of the rows are as wide as the formats and paths of ``found`` need; paths are told below the folder
    that holds them all. ``say`` writes a line about the import to stderr, above the bar.
    """

    def __init__(self, found: Sequence[Found], *, rows: bool) -> None:
        self._rows = rows
        self._total = sum(one.size for one in found)
        self._done: dict[Path, float] = {}
        self._rows_read = 0
        self._base = Path(os.path.commonpath([_plain(one.path).parent for one in found]))
        self._head = f"path below {self._base}"
        self._path = max(len(self._head), *(len(self._name(one)) for one in found))
        self._format = max(6, *(len(one.importer.name) for one in found if one.importer))
        self._stack = ExitStack()
        self._move: Callable[[float, str], None] = _stand_still
        self._print: Callable[[str], None] = _to_stdout
        self.say: Callable[[str], None] = _to_stderr

    def __enter__(self) -> Progress:
        if sys.stderr.isatty():
            self._show_bar()
        if self._rows:
            self._print(f"{self._head:<{self._path}}  {'format':<{self._format}}  result")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()

    def _show_bar(self) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, DownloadColumn, TextColumn, TimeElapsedColumn, TimeRemainingColumn
        from rich.progress import Progress as Bar

        from engine.tape.errors import one_line

        console, started = Console(stderr=True), time.monotonic()
        columns = (
            BarColumn(bar_width=20),
            DownloadColumn(),
            TextColumn("{task.fields[pace]}", markup=False),
            TimeElapsedColumn(),
            TextColumn("left", markup=False),
            TimeRemainingColumn(compact=True),
            TextColumn("{task.description}", markup=False),
        )
        shown = Bar(*columns, console=console, transient=True, redirect_stdout=False, redirect_stderr=False)
        bar = self._stack.enter_context(shown)
        task = bar.add_task("looking", total=max(1, self._total), pace="")
        self._move = lambda done, text: bar.update(
            task, completed=done, description=one_line(text), pace=pace(self._rows_read, time.monotonic() - started)
        )
        self.say = lambda line: console.print(line, markup=False, highlight=False, soft_wrap=True)
        if sys.stdout.isatty():  # the same screen: rows go above the bar
            self._print = self.say

    @property
    def watch(self) -> Watch:
        """What the intake tells."""
        from engine.tape.intake import Watch

        return Watch(self._share, self._table)

    def _share(self, found: Found, share: float) -> None:
        self._done[found.path] = max(share * found.size, self._done.get(found.path, 0.0))
        self._move(sum(self._done.values()), found.path.name)

    def _table(self, name: str, rows: int) -> None:
        self._rows_read += rows
        self._move(sum(self._done.values()), name)

    def row(self, found: Found, text: str) -> None:
        """A path is done."""
        self._share(found, 1.0)
        if self._rows:
            name = found.importer.name if found.importer else ""
            for line in self._lines(self._name(found), name, text):
                self._print(line)

    def _lines(self, path: str, name: str, text: str) -> list[str]:
        """One line in a file; on a terminal as many as fit it, the later ones under the first's text."""
        lead = f"{path:<{self._path}}  {name:<{self._format}}  "
        if not sys.stdout.isatty():
            return [lead + text]
        columns = shutil.get_terminal_size().columns
        if columns - len(lead) >= _LEAST:
            return _wrapped(text, columns, lead, " " * len(lead))
        return [f"{path}  {name}".rstrip(), *_wrapped(text, columns, "    ", "    ")]

    def _name(self, found: Found) -> str:
        from engine.tape.errors import one_line

        return one_line(str(_plain(found.path).relative_to(self._base)))


def pace(rows: int, seconds: float) -> str:
    """How fast it goes, such as ``1.4M rows/s``; empty while nothing is known."""
    if not rows or seconds <= 0:
        return ""
    rate = rows / seconds
    if rate >= 1e6:
        return f"{rate / 1e6:.1f}M rows/s"
    return f"{rate / 1e3:.0f}k rows/s" if rate >= 1e3 else f"{rate:.0f} rows/s"


def _plain(path: Path) -> Path:
    """The whole path without ``..``; links in it stay as they are named."""
    return Path(os.path.normpath(path.absolute()))


def _wrapped(text: str, columns: int, first: str, later: str) -> list[str]:
    return textwrap.wrap(
        text, columns, initial_indent=first, subsequent_indent=later, break_long_words=False, break_on_hyphens=False
    )


def _stand_still(_: float, __: str) -> None:
    pass


def _to_stdout(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def _to_stderr(line: str) -> None:
    sys.stderr.write(line + "\n")
