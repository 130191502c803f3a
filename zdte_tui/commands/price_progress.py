"""What ``zdte-tui price`` tells on the way: bad rows, and a bar on a terminal while the answer goes elsewhere."""

from __future__ import annotations

import sys
from collections.abc import Callable
from contextlib import ExitStack
from types import TracebackType

from zdte_tui.commands.data_text import plural
from zdte_tui.commands.price_rows import Priced
from zdte_tui.commands.price_source import Source
from zdte_tui.telling import one_line

_ON_A_TERMINAL = 20  # bad rows that are told one by one; elsewhere every one is


class Progress:
    """Shows a bar while it is entered, if standard error is a terminal and standard output is none."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._told = self._untold = 0
        self._stack = ExitStack()
        self._move: Callable[[int], None] = _stand_still
        self._print: Callable[[str], None] = _to_stderr
        self._terminal = sys.stderr.isatty()

    def __enter__(self) -> Progress:
        if self._terminal and not sys.stdout.isatty():
            self._show_bar()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()
        if self._untold:
            _to_stderr(f"zdte-tui: and {plural(self._untold, 'more bad row')}; 2> FILE keeps them all")

    def _show_bar(self) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, TextColumn, TimeElapsedColumn
        from rich.progress import Progress as Bar

        console = Console(stderr=True)
        columns = (BarColumn(), TimeElapsedColumn(), TextColumn("{task.description}", markup=False))
        bar = self._stack.enter_context(
            Bar(*columns, console=console, transient=True, redirect_stdout=False, redirect_stderr=False)
        )
        task = bar.add_task("loading", total=self._source.size)
        self._move = lambda rows: bar.update(task, completed=self._source.done, description=plural(rows, "row"))
        self._print = lambda line: console.print(line, markup=False, highlight=False, soft_wrap=True)

    def move(self, rows: int) -> None:
        """So many rows are done."""
        self._move(rows)

    def say(self, text: str) -> None:
        """A line to standard error."""
        self._print(f"zdte-tui: {one_line(text)}")

    def bad(self, priced: Priced) -> None:
        """Name the bad rows: line, column and reason."""
        for at, problem in sorted(priced.problems.items()):
            if self._terminal and self._told >= _ON_A_TERMINAL:
                self._untold += 1
                continue
            self._told += 1
            column = f", {problem.column}" if problem.column else ""
            self.say(f"{self._source.name} line {priced.cells.lines[at]}{column}: {problem.reason}")


def _stand_still(_: int) -> None:
    pass


def _to_stderr(line: str) -> None:
    sys.stderr.write(line + "\n")
