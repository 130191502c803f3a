"""From cells to a strip. Text is cleaned here, and never read as markup."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from rich.cells import cell_len, set_cell_size
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from zdte_tui.screen.clean import clean
from zdte_tui.screen.grid.arrange import Sort
from zdte_tui.screen.grid.column import GAP, Cell, Column, Justify, Row, Slot

STYLES = (
    "text", "strong", "dim", "title", "key", "gain", "loss", "warn", "alarm", "atm", "short", "long", "stale",
    "simulated", "replay", "practice", "paper", "shadow", "live", "done", "rest", "mark",
    "cursor", "column", "hover", "flash", "pinned",
)  # fmt: skip
"""Names a cell may use; ``workstation.tcss`` gives ``.cell-NAME`` its colours."""

COMPONENTS = frozenset(f"cell-{name}" for name in STYLES)

StyleOf = Callable[[str], Style]

Segments = dict[tuple[Cell, int, Justify], Segment]
"""Painted cells, by what they show, how wide and on which side."""

RISING, FALLING = "▲", "▼"
"""After the title of the column that the rows are sorted by."""


def place(text: str, width: int, justify: Justify) -> str:
    """``text`` in exactly ``width`` cells. Words are cut with an ellipsis; a number that does not fit becomes ``#``
    signs, because a number cut short is another number."""
    size = cell_len(text)
    if size > width:
        if justify == "right":
            return "#" * width
        return set_cell_size(text, width - 1) + "…" if width > 1 else "…"[:width]
    free = width - size
    if justify == "right":
        return " " * free + text
    if justify == "center":
        return " " * (free // 2) + text + " " * (free - free // 2)
    return text + " " * free


def paint_row(
    row: Row,
    columns: Sequence[Column],
    slots: Sequence[Slot],
    width: int,
    style_of: StyleOf,
    over: Mapping[int, Style] | None = None,
    made: Segments | None = None,
) -> Strip:
    """One row of a grid, exactly ``width`` cells long; ``over`` lays a style over the cells of some columns. What is
    ``made`` already is used again."""
    if row.span:
        return paint_line(row.cells, width, style_of)
    blank = style_of("text")
    gap = Segment(" " * GAP, blank)
    segments: list[Segment] = []
    used = -GAP
    made = {} if made is None else made
    for column, wide in slots:
        cell = row.cells[column]
        if segments:
            segments.append(gap)
        justify = columns[column].justify
        segment = made.get((cell, wide, justify))
        if segment is None:
            segment = Segment(place(clean(cell[0]), wide, justify), style_of(cell[1]))
            made[(cell, wide, justify)] = segment
        if over and column in over:
            segment = Segment(segment.text, (segment.style or Style()) + over[column])
        segments.append(segment)
        used += wide + GAP
    used = max(0, used)
    if used < width:
        segments.append(Segment(" " * (width - used), blank))
    strip = Strip(segments, max(used, width))
    return strip if used <= width else strip.adjust_cell_length(width, blank)


def paint_line(cells: Iterable[Cell], width: int, style_of: StyleOf) -> Strip:
    """Cells one after the other, cut or filled to ``width``."""
    return Strip([Segment(clean(text), style_of(name)) for text, name in cells]).adjust_cell_length(
        width, style_of("text")
    )


def overlay(strip: Strip, style: Style) -> Strip:
    """``strip`` with ``style`` over every cell's own (``Strip.apply_style`` lays it under)."""
    return Strip([Segment(text, (own or Style()) + style) for text, own, _ in strip], strip.cell_length)


def paint_header(
    columns: Sequence[Column],
    slots: Sequence[Slot],
    width: int,
    style_of: StyleOf,
    sort: Sort | None = None,
) -> list[Strip]:
    """The titles, and below them the units where any column has one. The sorted one has an arrow at its end."""
    title = Row("", tuple((column.title, "title") for column in columns))
    if sort is not None:
        wide = next((slot.width for slot in slots if slot.column == sort.column), 0)
        cells = list(title.cells)
        cells[sort.column] = (_arrowed(columns[sort.column].title, wide, sort.falling), "title")
        title = Row("", tuple(cells))
    unit = Row("", tuple((column.unit, "dim") for column in columns))
    rows = [title, unit] if any(column.unit for column in columns) else [title]
    return [paint_row(row, columns, slots, width, style_of) for row in rows]


def _arrowed(title: str, width: int, falling: bool) -> str:
    arrow = FALLING if falling else RISING
    return set_cell_size(title, width - 1).rstrip() + arrow if cell_len(title) >= width > 0 else title + arrow
