"""What a grid is made of: columns, rows as plain values, and which columns fit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

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
    """

    key: str
    title: str
    width: int
    justify: Justify = "right"
    drop: int = 0
    stretch: int = 0
    unit: str = ""


class Row(NamedTuple):
    """One row: a key that stays while its content changes, and one cell a column. ``span``: the first cell is
    drawn over all columns."""

    key: str
    cells: Line
    span: bool = False


class Slot(NamedTuple):
    """A column that is shown: its place among all and the width it got."""

    column: int
    width: int


def fit(columns: Sequence[Column], width: int) -> tuple[Slot, ...]:
    """Which columns are shown in ``width`` cells, one cell apart, and how wide each is."""
    shown = list(range(len(columns)))
    while _needed(columns, shown) > width:
        worst = max((columns[index].drop for index in shown), default=0)
        if worst == 0:
            break
        shown = [index for index in shown if columns[index].drop != worst]
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


def slot_width(columns: Sequence[Column], width: int, key: str) -> int:
    """The width that column ``key`` gets in ``width`` cells; 0 where it is dropped."""
    return next((slot.width for slot in fit(columns, width) if columns[slot.column].key == key), 0)


def _needed(columns: Sequence[Column], shown: Sequence[int]) -> int:
    return sum(columns[index].width for index in shown) + GAP * max(0, len(shown) - 1)
