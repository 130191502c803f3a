"""What a grid is made of: columns, rows as plain values, and which columns fit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

from zdte_tui.screen.grid.choice import AS_MADE, Choice

Cell = tuple[str, str]
"""Text and the name of its style (see ``paint.STYLES``)."""
Line = tuple[Cell, ...]

Justify = Literal["left", "right", "center"]
FLEXIBLE = 10_000
GAP = 1


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a grid.

    Attributes:
        width: cells it needs.
        drop: 0 stays always; of the others the highest number is dropped first, equal numbers together.
        stretch: cells it may grow by; ``FLEXIBLE`` takes whatever is left.
        unit: a second line of the header.
        flash: whether a cell whose text changed is marked for a moment. Not for what changes with every quote.
    """

    key: str
    title: str
    width: int
    justify: Justify = "right"
    drop: int = 0
    stretch: int = 0
    unit: str = ""
    flash: bool = False


class Row(NamedTuple):
    """One row of a grid.

    Attributes:
        key: stays while the content changes. cells: one a column.
        span: whether the first cell is drawn over all columns.
        parent: key of the row above that this one belongs to, such as a line that a text is continued in or a side of a
            trade; it stays below it however the rows are sorted.
        trade: the trade it is about; 0 for none.
    """

    key: str
    cells: Line
    span: bool = False
    parent: str = ""
    trade: int = 0


class Slot(NamedTuple):
    """A column that is shown: its place among all and the width it got."""

    column: int
    width: int


def fit(columns: Sequence[Column], width: int, choice: Choice = AS_MADE) -> tuple[Slot, ...]:
    """Which columns are shown in ``width`` cells, one cell apart, and how wide each is.

    Room that columns leave which are switched off goes to the dropped ones, as far as no flexible column becomes
    narrower than without the choice: texts are wrapped at that width.
    """
    shown = list(range(len(columns)))
    while _needed(columns, shown) > width:
        worst = max((columns[index].drop for index in shown), default=0)
        if worst == 0:
            break
        shown = [index for index in shown if columns[index].drop != worst]
    if choice == AS_MADE:
        return _grown(columns, shown, width)
    return _grown(columns, _chosen(columns, shown, width, choice), width)


def slot_width(columns: Sequence[Column], width: int, key: str) -> int:
    """The width that column ``key`` gets in ``width`` cells; 0 where it is dropped."""
    return next((slot.width for slot in fit(columns, width) if columns[slot.column].key == key), 0)


def ordered(columns: Sequence[Column], choice: Choice) -> list[int]:
    """All columns in the order of ``choice``, by their places."""
    ranks = {key: rank for rank, key in enumerate(choice.order)}
    return sorted(range(len(columns)), key=lambda index: (ranks.get(columns[index].key, len(ranks)), index))


def _chosen(columns: Sequence[Column], fitting: list[int], width: int, choice: Choice) -> list[int]:
    """Of the columns that fit those that are wanted, then of the others as many as have room."""
    flexible = {slot.column: slot.width for slot in _grown(columns, fitting, width)}
    shown = [index for index in fitting if columns[index].key not in choice.hidden]
    if not shown:  # switched off all, in a wider terminal
        return fitting

    def room(indices: Sequence[int]) -> int:
        return sum(
            flexible.get(index, columns[index].width) if columns[index].stretch >= FLEXIBLE else columns[index].width
            for index in indices
        ) + GAP * (len(indices) - 1)

    wanted = [i for i in range(len(columns)) if i not in fitting and columns[i].key not in choice.hidden]
    for drop in sorted({columns[index].drop for index in wanted}):
        more = shown + [index for index in wanted if columns[index].drop == drop]
        if room(more) > width:
            break
        shown = more
    places = {index: place for place, index in enumerate(ordered(columns, choice))}
    return sorted(shown, key=places.__getitem__)


def _grown(columns: Sequence[Column], shown: list[int], width: int) -> tuple[Slot, ...]:
    """The columns ``shown``, grown into ``width``."""
    widths = {index: columns[index].width for index in shown}
    spare = width - _needed(columns, shown)
    # Bounded growth first, and only for all of them alike, so that mirrored columns stay mirrored.
    bounded = [index for index in shown if 0 < columns[index].stretch < FLEXIBLE]
    while bounded and spare >= len(bounded):
        for index in bounded:
            widths[index] += 1
        spare -= len(bounded)
        bounded = [index for index in bounded if widths[index] - columns[index].width < columns[index].stretch]
    flexible = [index for index in shown if columns[index].stretch >= FLEXIBLE]
    for order, index in enumerate(flexible):
        widths[index] += spare // len(flexible) + (order < spare % len(flexible)) if spare > 0 else 0
    return tuple(Slot(index, widths[index]) for index in shown)


def _needed(columns: Sequence[Column], shown: Sequence[int]) -> int:
    return sum(columns[index].width for index in shown) + GAP * max(0, len(shown) - 1)
