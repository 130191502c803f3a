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
NAMED = 2
"""So many of what stands or is near are named in the title."""
MILLION = 1_000_000
STATES = {"REDUCING": "warn", "HALTED": "loss"}
"""How a row of words is shown that begins with a state."""
BREAKER = "BREAKER."
"""Begins the code of a breaker that stands."""
PAST = "an entry"
"""The group that tells of the newest entry asked for, not of now."""
HEADINGS = {
    "losses": "losses, worst case",
    "breakers": "breakers",
    "today": "today",
    PAST: "an entry at most; used: the newest one asked for",
    "always": "always",
}

COLUMNS = (
    Column("name", "limit", 14, justify="left", stretch=6),
    Column("numbers", "used / of", 16),
    Column("bar", "", 5, justify="left", drop=1, stretch=FLEXIBLE),
    Column("share", "part", 4),
)


def content(view: View, width: int) -> Content:
    """The limits of ``view`` in their groups, and below them all what their words add. Keys are codes and names."""
    rows: list[Row] = []
    group = ""
    for row in view.risk:
        if row.group != group and row.group in HEADINGS:
            rows.append(Row(f"group.{row.group}", ((HEADINGS[row.group], "dim"),), span=True))
        group = row.group
        rows += _rows(row, width)
    notes = [line for row in view.risk if row.text and row.unit != "text" for line in _notes(row, width)]
    gap = [Row("gap", (("", "text"),), span=True)] if notes else []
    return Content(
        title=_title(view),
        rows=tuple(rows + gap + notes),
        message="" if view.risk else why.risk(view),
    )


def _title(view: View) -> str:
    """What is nearest to its limit, as not all rows may be in sight. A breaker that stands is named first."""
    standing = [row.name for row in view.risk if row.code.startswith(BREAKER)]
    near = [(share, row) for row in view.risk if row.group != PAST and (share := _share(row) or 0) >= NEAR]
    told = [f"{row.name} {_share_text(share)}" for share, row in sorted(near, key=lambda each: -each[0])]
    return ": ".join(["risk", ", ".join([*standing, *told][:NAMED])] if standing or told else ["risk"])


def _rows(row: RiskRow, width: int) -> list[Row]:
    key = _key(row)
    if row.unit == "text":
        first, *rest = wrap(row.text, width - INDENT)
        lines = [(f"{row.name:<{INDENT - 1}} ", first), *((" " * INDENT, line) for line in rest)]
        style = STATES.get(row.text.split(" ")[0], "text")
        return [Row(f"{key}.{n}", ((head, style), (line, style)), span=True) for n, (head, line) in enumerate(lines)]
    share = _share(row)
    style = "text" if share is None or share < NEAR else "warn" if share < 1 else "loss"
    cells: Line = (
        (row.name, style),
        (_numbers(row), style),
        ("" if share is None else bar(share, slot_width(COLUMNS, width, "bar")), "done" if style == "text" else style),
        (
            _share_text(share),
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


def _share_text(share: float | None) -> str:
    return "n/a" if share is None else "FULL" if share >= 1 else f"{min(99, max(0, round(share * 100)))}%"


def _numbers(row: RiskRow) -> str:
    unit = {"seconds": " s", "ms": " ms"}.get(row.unit, "")
    return f"{_amount(row.used, row.unit)} / {_amount(row.limit, row.unit)}{unit}"


def _amount(value: float | None, unit: str) -> str:
    if value is None:
        return "n/a"
    if unit == "price":
        return f"${number(value, 2)}"
    if unit == "dollars":
        size = _short(abs(value))
        return f"-${size}" if round(value) < 0 else f"${size}"
    return f"{number(value, 1)}%" if unit == "percent" else number(value, 0)


def _short(value: float) -> str:
    """Dollars in at most seven characters: ``25,000``, ``250k``, ``2.14M``."""
    if value < 100_000:
        return number(value, 0)
    return f"{value / 1000:,.0f}k" if value < MILLION else f"{value / MILLION:,.3g}M"


class RiskPane(Pane):
    """Limits."""

    SORTS = False
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
