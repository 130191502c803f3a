"""How a download goes: a bar of days on a terminal's stderr, and a row a day as it is done."""

from __future__ import annotations

import datetime as dt
import sys
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from types import TracebackType
from typing import TYPE_CHECKING

from zdte_tui.commands.data_text import out, plural, say

if TYPE_CHECKING:
    from engine.session.download_span import Downloaded


class Progress:
    """Shows a bar while it is entered, on a terminal; writes rows to stdout, if ``rows``.

    ``say`` writes a line to stderr, above the bar.
    """

    def __init__(self, days: Sequence[dt.date], *, rows: bool) -> None:
        self._place = {day: number for number, day in enumerate(days)}
        self._rows = rows
        self._stack = ExitStack()
        self._move: Callable[[float, str], None] = _stand_still
        self._print: Callable[[str], None] = out
        self.say: Callable[[str], None] = say

    def __enter__(self) -> Progress:
        if sys.stderr.isatty():
            self._show_bar()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()

    def _show_bar(self) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, TaskProgressColumn, TextColumn, TimeElapsedColumn, TimeRemainingColumn
        from rich.progress import Progress as Bar

        console = Console(stderr=True)
        columns = (
            BarColumn(bar_width=20),
            TaskProgressColumn(),
            TimeElapsedColumn(),
            TextColumn("left", markup=False),
            TimeRemainingColumn(compact=True),
            TextColumn("{task.description}", markup=False),
        )
        shown = Bar(*columns, console=console, transient=True, redirect_stdout=False, redirect_stderr=False)
        bar = self._stack.enter_context(shown)
        task = bar.add_task("asking", total=max(1, len(self._place)))
        self._move = lambda done, text: bar.update(task, completed=done, description=text)
        self.say = lambda line: console.print(line, markup=False, highlight=False, soft_wrap=True)
        if sys.stdout.isatty():  # the same screen: rows go above the bar
            self._print = self.say

    def share(self, day: dt.date, share: float, text: str) -> None:
        """So much of a day is done, 0 to 1; ``text`` says what is under way."""
        self._move(self._place[day] + share, text)

    def row(self, one: Downloaded) -> None:
        """A day is done."""
        if self._rows:
            self._print(row_text(one))
            sys.stdout.flush()


def row_text(one: Downloaded) -> str:
    """A day in a line: ``2024-03-04  stored  58 of 60 contracts traded, 12,345 bars; 390 bars of the underlying``."""
    parts = []
    if one.contracts and (one.bars or one.without):
        parts.append(f"{one.contracts - one.without} of {plural(one.contracts, 'contract')} traded")
        parts.append(plural(one.bars, "bar"))
    if one.trades:
        parts.append(plural(one.trades, "trade"))
    if one.minutes:
        parts.append(f"{plural(one.minutes, 'bar')} of the underlying")
    told = "; ".join([", ".join(parts)] * bool(parts) + one.notes)
    return f"{one.day}  {one.result:<7}  {told}".rstrip()


def _stand_still(_: float, __: str) -> None:
    pass
