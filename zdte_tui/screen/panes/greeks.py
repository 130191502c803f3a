"""Pane 3: Greeks in dollars, by group."""

from __future__ import annotations

from typing import ClassVar

from engine.view import GreeksRow, View
from zdte_tui.screen.grid import Cell, Column, Row, fit
from zdte_tui.screen.grid.column import FLEXIBLE
from zdte_tui.screen.panes import why
from zdte_tui.screen.panes.pane import Content, Pane
from zdte_tui.screen.text import number

COLUMNS = (
    Column("group", "group", 10, justify="left", stretch=FLEXIBLE),
    Column("delta", "delta", 7, unit="$/point", stretch=1),
    Column("gamma", "gamma", 7, unit="$/pt/pt", stretch=1),
    Column("theta", "theta", 7, unit="$/min", stretch=1),
    Column("vega", "vega", 7, unit="$/vp", stretch=1),
    Column("charm", "charm", 8, unit="$/pt/min", drop=1),
    Column("vanna", "vanna", 8, unit="$/pt/vp", drop=1),
    Column("vomma", "vomma", 8, unit="$/vp/vp", drop=1),
)


def content(view: View, width: int) -> Content:
    """The Greeks of ``view``; keys are the groups. What has no room is named in the title."""
    shown = {slot.column for slot in fit(COLUMNS, width)}
    left_out = [column.title for index, column in enumerate(COLUMNS) if index not in shown]
    more = f"   z: {', '.join(left_out)}" if left_out and view.greeks else ""
    return Content(
        title=f"greeks, in dollars{more}",
        rows=tuple(_row(row) for row in view.greeks),
        message="" if view.greeks else why.greeks(view),
    )


def _row(row: GreeksRow) -> Row:
    first = (row.delta, row.gamma, row.theta, row.vega, row.charm, row.vanna, row.vomma)
    return Row(row.group, ((row.group, "text"), *map(_cell, first)))


def _cell(value: float | None) -> Cell:
    """Two places; three of what would show no digit with two. From a hundred thousand on in thousands."""
    if value is not None and 99_999.5 <= abs(value) < 1e9:
        return f"{value / 1000:+,.0f}k", "text"
    places = 2 if value is None or abs(value) < 1000 else 0
    if value is not None and 0 < abs(value) < 0.1:
        places = 3
    return number(value, places, sign=True), "dim" if value is None else "text"


class GreeksPane(Pane):
    """Dollar Greeks."""

    NAME = "greeks"
    COLUMNS: ClassVar[tuple[Column, ...]] = COLUMNS

    @classmethod
    def part(cls, view: View) -> object:
        """The Greeks, and what the empty pane says."""
        return view.greeks, "" if view.greeks else why.greeks(view)

    @classmethod
    def content(cls, view: View, width: int) -> Content:
        """See ``content``."""
        return content(view, width)
