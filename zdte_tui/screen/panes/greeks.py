"""Pane 3: Greeks in dollars, by group."""

from __future__ import annotations

from typing import ClassVar

from engine.view import GreeksRow, View
from zdte_tui.screen.grid import Cell, Column, Row
from zdte_tui.screen.grid.column import FLEXIBLE
from zdte_tui.screen.panes import why
from zdte_tui.screen.panes.pane import Content, Pane
from zdte_tui.screen.text import number

COLUMNS = (
    Column("group", "group", 12, justify="left", stretch=FLEXIBLE),
    Column("delta", "delta", 8, unit="$/point"),
    Column("gamma", "gamma", 8, unit="$/pt/pt"),
    Column("theta", "theta", 8, unit="$/minute"),
    Column("vega", "vega", 8, unit="$/vol pt"),
)


def content(view: View, width: int) -> Content:  # noqa: ARG001 - every pane takes the width
    """The Greeks of ``view``; keys are the groups."""
    return Content(
        title="greeks, in dollars",
        rows=tuple(_row(row) for row in view.greeks),
        message="" if view.greeks else why.greeks(view),
    )


def _row(row: GreeksRow) -> Row:
    return Row(row.group, ((row.group, "text"), *map(_cell, (row.delta, row.gamma, row.theta, row.vega))))


def _cell(value: float | None) -> Cell:
    places = 2 if value is None or abs(value) < 1000 else 0
    return number(value, places, sign=True), "dim" if value is None else "text"


class GreeksPane(Pane):
    """Dollar Greeks."""

    NUMBER = 3
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
