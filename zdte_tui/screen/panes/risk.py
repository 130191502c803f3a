"""Pane 5: every limit, how much of it is used, as numbers and as a bar."""

from __future__ import annotations

from typing import ClassVar

from engine.view import RiskRow, View
from zdte_tui.screen.grid import Column, Line, Row, slot_width
from zdte_tui.screen.grid.column import FLEXIBLE
from zdte_tui.screen.panes import why
from zdte_tui.screen.panes.pane import Content, Pane
from zdte_tui.screen.text import bar, number, wrap

INDENT = 15
NEAR = 0.8
"""From this part of a limit on, it is marked."""

COLUMNS = (
    Column("name", "limit", 14, justify="left", stretch=6),
    Column("numbers", "used / of", 18),
    Column("bar", "", 10, justify="left", drop=1, stretch=FLEXIBLE),
    Column("share", "share", 5),
)


def content(view: View, width: int) -> Content:
    """The limits of ``view``, and below them all what their words add. Keys are their codes and names."""
    notes = [line for row in view.risk if row.text and row.unit != "text" for line in _notes(row, width)]
    gap = [Row("gap", (("", "text"),), span=True)] if notes else []
    return Content(
        title="risk",
        rows=tuple([line for row in view.risk for line in _rows(row, width)] + gap + notes),
        message="" if view.risk else why.risk(view),
    )


def _rows(row: RiskRow, width: int) -> list[Row]:
    key = _key(row)
    if row.unit == "text":
        first, *rest = wrap(row.text, width - INDENT)
        lines = [(f"{row.name:<{INDENT - 1}} ", first), *((" " * INDENT, line) for line in rest)]
        return [Row(f"{key}.{n}", ((head, "text"), (line, "text")), span=True) for n, (head, line) in enumerate(lines)]
    share = _share(row)
    style = "text" if share is None or share < NEAR else "warn" if share < 1 else "loss"
    cells: Line = (
        (row.name, style),
        (_numbers(row), style),
        ("" if share is None else bar(share, slot_width(COLUMNS, width, "bar")), "done" if style == "text" else style),
        (
            "n/a" if share is None else "FULL" if share >= 1 else f"{min(99, max(0, round(share * 100)))}%",
            "alarm" if style == "loss" else style,
        ),
    )
    return [Row(key, cells)]


def _notes(row: RiskRow, width: int) -> list[Row]:
    lines = wrap(f"{row.name}: {row.text}", width)
    return [Row(f"{_key(row)}.note.{n}", ((line, "dim"),), span=True) for n, line in enumerate(lines)]


def _key(row: RiskRow) -> str:
    return f"{row.code}.{row.name}"


def _share(row: RiskRow) -> float | None:
    if row.used is None or row.limit is None:
        return None
    if row.limit <= 0:
        return 1.0 if row.used >= row.limit else 0.0
    return row.used / row.limit


def _numbers(row: RiskRow) -> str:
    return f"{_amount(row.used, row.unit)} / {_amount(row.limit, row.unit)}"


def _amount(value: float | None, unit: str) -> str:
    if value is None:
        return "n/a"
    if unit == "dollars":
        return f"-${number(-value, 0)}" if round(value) < 0 else f"${number(abs(value), 0)}"
    return f"{number(value, 1)}%" if unit == "percent" else number(value, 0)


class RiskPane(Pane):
    """Limits."""

    NUMBER = 5
    NAME = "risk"
    COLUMNS: ClassVar[tuple[Column, ...]] = COLUMNS

    @classmethod
    def part(cls, view: View) -> object:
        """The limits, and what the empty pane says."""
        return view.risk, "" if view.risk else why.risk(view)

    @classmethod
    def content(cls, view: View, width: int) -> Content:
        """See ``content``."""
        return content(view, width)
