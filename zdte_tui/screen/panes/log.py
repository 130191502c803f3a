"""Pane 6: what happened, newest at the bottom."""

from __future__ import annotations

from functools import lru_cache
from typing import ClassVar

from msgspec.structs import replace

from engine.calendar import clock_text
from engine.view import LogRow, View
from engine.view.model import Level
from zdte_tui.screen.actions import bindings
from zdte_tui.screen.grid import Column, Row, slot_width
from zdte_tui.screen.grid.column import FLEXIBLE
from zdte_tui.screen.panes import why
from zdte_tui.screen.panes.pane import Content, Pane
from zdte_tui.screen.text import wrap

COLUMNS = (
    Column("time", "time", 8, justify="left"),
    Column("level", "", 5, justify="left", drop=1),
    Column("source", "from", 11, justify="left", drop=2),
    Column("text", "what happened", 20, justify="left", stretch=FLEXIBLE),
)
LEVELS: tuple[Level, ...] = ("info", "warning", "alarm")
"""From the quietest."""
_TITLES: dict[Level, str] = {"info": "log", "warning": "log  warnings and alarms", "alarm": "log  alarms alone"}
_WORDS = {"info": ("", "text", "text"), "warning": ("WARN", "warn", "warn"), "alarm": ("ALARM", "alarm", "loss")}


def content(view: View, width: int) -> Content:
    """The log of ``view``; keys are line numbers. A long line takes more rows."""
    wide = slot_width(COLUMNS, width, "text")
    return Content(
        title="log",
        rows=tuple(line for row in view.log for line in _rows(row, wide)),
        message="" if view.log else why.log(view),
    )


@lru_cache(maxsize=4096)
def _rows(row: LogRow, width: int) -> tuple[Row, ...]:
    word, word_style, style = _WORDS[row.level]
    first, *rest = wrap(row.text, width)
    head = ((clock_text(row.ts), "dim"), (word, word_style), (row.source, "dim"), (first, style))
    blank = (("", "text"),) * 3
    return (
        Row(str(row.n), head),
        *(Row(f"{row.n}.{i}", (*blank, (line, style)), parent=str(row.n)) for i, line in enumerate(rest)),
    )


class LogPane(Pane):
    """The log; follows its end. ``least`` is the quietest level that is shown; ``/`` finds words and sources."""

    NAME = "log"
    COLUMNS: ClassVar[tuple[Column, ...]] = COLUMNS
    FOLLOW_END = True
    BINDINGS = bindings("grid", "log")

    def __init__(self) -> None:
        super().__init__()
        self.least: Level = LEVELS[0]

    @classmethod
    def part(cls, view: View) -> object:
        """The log, and what the empty pane says."""
        return view.log, "" if view.log else why.log(view)

    @classmethod
    def content(cls, view: View, width: int) -> Content:
        """See ``content``."""
        return content(view, width)

    def show(self, view: View) -> None:
        """Show the lines that are loud enough."""
        super().show(louder(view, self.least))
        self._view = view  # all of it, for another level and another width
        if self.display and self.size.width:
            self._title(f"{self.number} {_TITLES[self.least]}", self._place())

    def louder(self) -> Level:
        """Turn to the next level; the one that is shown from now on."""
        self.least = LEVELS[(LEVELS.index(self.least) + 1) % len(LEVELS)]
        self.following = True
        if self._view is not None:
            self.show(self._view)
        return self.least


def louder(view: View, least: Level) -> View:
    """``view`` with the lines of the log from a level on; where nothing is left of it, a line says so."""
    if least == LEVELS[0]:
        return view
    kept = tuple(row for row in view.log if LEVELS.index(row.level) >= LEVELS.index(least))
    if view.log and not kept:
        words = f"no {least} among {len(view.log)} lines so far: u shows the next level"
        kept = (LogRow(n=0, ts=view.header.now, level="info", source="log", text=words),)
    return replace(view, log=kept)
