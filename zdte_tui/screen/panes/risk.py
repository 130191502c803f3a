"""Pane 5: every limit, how much of it is used, as numbers and as a bar."""

from __future__ import annotations

from typing import ClassVar

from engine.view import RiskRow, View
from zdte_tui.screen.grid import Cell, Column, Row, slot_width
from zdte_tui.screen.grid.column import FLEXIBLE
from zdte_tui.screen.panes.pane import Content, Pane
from zdte_tui.screen.text import bar, number, wrap

NEAR = 0.8
"""From this part of a limit on, it is marked."""

COLUMNS = (
    Column("name", "limit", 14, justify="left", stretch=6),
    Column("numbers", "used / of", 15),
    Column("bar", "", 10, justify="left", stretch=FLEXIBLE),
    Column("share", "share", 5),
)


def content(view: View, width: int) -> Content:
    """The limits of ``view``; keys are their codes. What the words add stands on a line below."""
    return Content(
        title="risk",
        rows=tuple(line for row in view.risk for line in _rows(row, width)),
        message="No limits are known yet: the gate reports them with the first view. [risk] in config.toml sets them.",
    )


def _rows(row: RiskRow, width: int) -> list[Row]:
    key = row.code or row.name
    lines = wrap(row.text, width - 2) if row.text else []
    if row.unit == "text":
        cells: tuple[Cell, ...] = ((row.name, "text"), ("", "text"), ("", "text"), ("", "text"))
    else:
        share = _share(row)
        style = "text" if share is None or share < NEAR else "warn" if share < 1 else "loss"
        cells = (
            (row.name, style),
            (_numbers(row), style),
            (
                "" if share is None else bar(share, slot_width(COLUMNS, width, "bar")),
                "done" if style == "text" else style,
            ),
            (
                "n/a" if share is None else "FULL" if share >= 1 else f"{max(0.0, share):.0%}",
                "alarm" if style == "loss" else style,
            ),
        )
    return [Row(key, cells), *(Row(f"{key}.{n}", ((f"  {line}", "dim"),), span=True) for n, line in enumerate(lines))]


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
        """The limits."""
        return view.risk

    @classmethod
    def content(cls, view: View, width: int) -> Content:
        """See ``content``."""
        return content(view, width)
