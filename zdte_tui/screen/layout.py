"""Where each pane goes, from the room there is. Pure: sizes in, boxes out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from zdte_tui.screen.slots import PANE_NAMES, number_of

SMALLEST = (60, 20)
"""Width and height below which nothing useful can be shown."""
TWO_COLUMNS, SKETCH = 120, 160
"""Widths from which two columns, and the whole sketch, have room."""
LOW = 30
"""A body lower than this shows two panes at a time."""
SINGLE = 12
"""A body lower than this, as under the tour in a small terminal, shows the focused pane alone."""
SHARING = ("signals", "smile")
"""Where all others are shown, these have one place between them: the one that was last gone to has it."""


class Box(NamedTuple):
    """A rectangle inside the body, in cells."""

    x: int
    y: int
    width: int
    height: int


def arrange(
    width: int, height: int, focused: str, maximised: bool = False, shared: str = SHARING[0]
) -> Mapping[str, Box]:
    """The boxes of the panes that are shown in a body of ``width`` times ``height`` cells.

    Where not all have room, the focused pane takes the most, beside the positions (or the chain). ``shared`` is the one
    of ``SHARING`` that has their place, unless the focused one is.
    """
    if maximised or height < SINGLE:
        return {focused: Box(0, 0, width, height)}
    if height < LOW or width < TWO_COLUMNS:
        return _few(width, height, focused)
    third = focused if focused in SHARING else shared
    wide = width >= SKETCH and height >= LOW + 4
    return _sketch(width, height, third) if wide else _two_columns(width, height, third)


def hidden(boxes: Mapping[str, Box]) -> str:
    """The panes without a box, by number and name, for a border."""
    return "  ".join(f"{number_of(name)} {name}" for name in PANE_NAMES if name not in boxes)


def _few(width: int, height: int, focused: str) -> dict[str, Box]:
    """Two panes, or three where there is height. Chain above positions; the focused one has the greater part."""
    if focused == "positions":
        names, shares = ["chain", "positions"], [40, 60]
    else:
        names, shares = [focused, "positions"], [60, 40]
    if width >= TWO_COLUMNS:
        left = width * (60 if focused == "chain" else 55) // 100
        first, second = (focused, "positions") if focused != "positions" else ("chain", "positions")
        return {first: Box(0, 0, left, height), second: Box(left, 0, width - left, height)}
    if height >= LOW:
        extra = "signals" if focused == "log" else "log"
        names, shares = [*names, extra], [*(share * 3 // 4 for share in shares), 25]
    return _stack(0, 0, width, height, names, shares)


def _two_columns(width: int, height: int, third: str) -> dict[str, Box]:
    left = width * 54 // 100
    greeks = 7
    right = _stack(left, 0, width - left, height - greeks, ["positions", third, "risk"], [38, 30, 32])
    below = max(box.y + box.height for box in right.values())
    return {
        **_stack(0, 0, left, height, ["chain", "log"], [67, 33]),
        **right,
        "greeks": Box(left, below, width - left, height - below),
    }


def _sketch(width: int, height: int, third: str) -> dict[str, Box]:
    top = height * 56 // 100
    middle = (height - top) * 55 // 100
    chain = width * 54 // 100
    greeks, signals = max(54, width * 28 // 100), width * 38 // 100
    return {
        "chain": Box(0, 0, chain, top),
        "positions": Box(chain, 0, width - chain, top),
        "greeks": Box(0, top, greeks, middle),
        third: Box(greeks, top, signals, middle),
        "risk": Box(greeks + signals, top, width - greeks - signals, middle),
        "log": Box(0, top + middle, width, height - top - middle),
    }


def _stack(x: int, y: int, width: int, height: int, names: list[str], shares: list[int]) -> dict[str, Box]:
    boxes: dict[str, Box] = {}
    used = 0
    for index, (name, share) in enumerate(zip(names, shares, strict=True)):
        tall = height - used if index == len(names) - 1 else height * share // sum(shares)
        boxes[name] = Box(x, y + used, width, tall)
        used += tall
    return boxes
