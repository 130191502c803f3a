"""Pane 4: what each strategy last said of each of its windows, and why."""

from __future__ import annotations

from typing import ClassVar

from engine.calendar import clock_text
from engine.view import SignalRow, View
from zdte_tui.screen.grid import Column, Row, slot_width
from zdte_tui.screen.grid.column import FLEXIBLE
from zdte_tui.screen.panes import why
from zdte_tui.screen.panes.pane import Content, Pane
from zdte_tui.screen.text import wrap

COLUMNS = (
    Column("time", "time", 8, justify="left", drop=1),
    Column("strategy", "strategy", 11, justify="left", drop=3),
    Column("root", "root", 4, justify="left", drop=2),
    Column("key", "window", 6, justify="left"),
    Column("kind", "what", 11, justify="left"),
    Column("text", "why", 20, justify="left", stretch=FLEXIBLE),
)
_LOUD = {"skipped": "warn", "stop": "warn", "double stop": "alarm"}


def content(view: View, width: int) -> Content:
    """The signals of ``view``; a long reason takes more lines. Keys are strategy, root and window."""
    return Content(
        title="signals",
        rows=tuple(line for row in view.signals for line in _rows(row, slot_width(COLUMNS, width, "text"))),
        message="" if view.signals else why.signals(view),
    )


def _rows(row: SignalRow, width: int) -> list[Row]:
    key = f"{row.strategy}.{row.root}.{row.key}"
    first, *rest = wrap(row.text, width)
    head = (
        (clock_text(row.ts), "dim"),
        (row.strategy, "text"),
        (row.root, "text"),
        (row.key, "strong"),
        (row.kind, _LOUD.get(row.kind, "text")),
        (first, "text"),
    )
    blank = (("", "text"),) * 5
    return [Row(key, head), *(Row(f"{key}.{n}", (*blank, (line, "text")), parent=key) for n, line in enumerate(rest))]


class SignalsPane(Pane):
    """Strategy windows."""

    NAME = "signals"
    COLUMNS: ClassVar[tuple[Column, ...]] = COLUMNS

    @classmethod
    def part(cls, view: View) -> object:
        """The signals, and what the empty pane says."""
        return view.signals, "" if view.signals else why.signals(view)

    @classmethod
    def content(cls, view: View, width: int) -> Content:
        """See ``content``."""
        return content(view, width)
