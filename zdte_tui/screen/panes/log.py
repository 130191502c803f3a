"""Pane 6: what happened, newest at the bottom."""

from __future__ import annotations

from functools import lru_cache
from typing import ClassVar

from engine.calendar import clock_text
from engine.view import LogRow, View
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
    """The log; follows its end."""

    NAME = "log"
    COLUMNS: ClassVar[tuple[Column, ...]] = COLUMNS
    FOLLOW_END = True

    @classmethod
    def part(cls, view: View) -> object:
        """The log, and what the empty pane says."""
        return view.log, "" if view.log else why.log(view)

    @classmethod
    def content(cls, view: View, width: int) -> Content:
        """See ``content``."""
        return content(view, width)
