"""Pane 4: what each strategy last said of each of its windows, and why; below, what the market says."""

from __future__ import annotations

from typing import ClassVar

from engine.calendar import clock_text
from engine.view import ReadingRow, SignalRow, View
from zdte_tui.screen.grid import Column, Row, slot_width
from zdte_tui.screen.grid.column import FLEXIBLE
from zdte_tui.screen.panes import why
from zdte_tui.screen.panes.pane import Content, Pane
from zdte_tui.screen.text import wrap

COLUMNS = (
    Column("time", "time", 8, justify="left", drop=1),
    Column("strategy", "strategy", 11, justify="left", drop=3),
    Column("root", "root", 6, justify="left", drop=2),
    Column("key", "window", 6, justify="left"),
    Column("kind", "what", 11, justify="left"),
    Column("text", "why", 20, justify="left", stretch=FLEXIBLE),
)
_LOUD = {"skipped": "warn", "stop": "warn", "double stop": "alarm"}


def content(view: View, width: int) -> Content:
    """The signals of ``view``, then what the market says; a long reason takes more lines. Keys are strategy, root and
    window, ``market`` for the market's."""
    room = slot_width(COLUMNS, width, "text")
    return Content(
        title="signals",
        rows=tuple(
            line
            for rows in (
                *(_rows(row, room) for row in view.signals),
                *(_reading(row, room) for row in view.readings or ()),
            )
            for line in rows
        ),
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


def _reading(row: ReadingRow, width: int) -> list[Row]:
    """A signal of the market; one that cannot be read says why not."""
    text = row.text if row.known else f"n/a: {row.text}"
    style = "text" if row.known else "dim"
    first, *rest = wrap(text, width)
    key = f"market.{row.root}.{row.name}"
    head = (
        (clock_text(row.ts), "dim"),
        ("market", "dim"),
        (row.root, "dim"),
        ("-", "dim"),
        (row.name, "dim"),
        (first, style),
    )
    blank = (("", "text"),) * 5
    return [Row(key, head), *(Row(f"{key}.{n}", (*blank, (line, style)), parent=key) for n, line in enumerate(rest))]


class SignalsPane(Pane):
    """Strategy windows."""

    NAME = "signals"
    PARTS: ClassVar[tuple[str, ...]] = ("readings",)
    COLUMNS: ClassVar[tuple[Column, ...]] = COLUMNS

    @classmethod
    def part(cls, view: View) -> object:
        """The signals, the market's, and what the empty pane says."""
        return view.signals, view.readings, "" if view.signals else why.signals(view)

    @classmethod
    def content(cls, view: View, width: int) -> Content:
        """See ``content``."""
        return content(view, width)
