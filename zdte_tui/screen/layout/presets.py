"""The layouts to choose from, each a plan for the room there is. Slots by number: see ``zdte_tui.screen.slots``."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from zdte_tui.screen.layout.plan import Node, Place, columns, rows

COMPACT, WIDE, SKETCH, HUGE = 80, 120, 160, 200
"""Widths of the terminal from which a plan has more columns."""
LOW = 30
"""A body lower than this shows two panes at a time, three where it is wide."""
HIGH = 44
"""A narrow body of this height shows one pane more."""


@dataclass(frozen=True, slots=True)
class Preset:
    """A layout by its name, what it is for, and its plan for ``width`` x ``height`` cells of body."""

    name: str
    help: str
    plan: Callable[[int, int], Node]


def size_class(width: int, height: int) -> str:
    """Sizes of one class share what is remembered: ``160``, ``80-low``."""
    least = next((each for each in (HUGE, SKETCH, WIDE, COMPACT) if width >= each), 0)
    return f"{least}{'-low' if height < LOW else ''}"


def standard(width: int, height: int) -> Node:
    """Chain and book above, what explains them below."""
    if width >= SKETCH and height >= LOW + 4:
        middle = columns(Place((3,), 24), Place((4,), 27), Place((5,), 24), Place((6,), 25), weight=25)
        bottom = (
            columns(Place((7,), 44, rest=True), Place((8,), 32), Place((9,), 24), weight=19)
            if width >= HUGE
            else Place((7, 8, 9), 19, rest=True)
        )
        return rows(columns(Place((1,), 54), Place((2,), 46), weight=56), middle, bottom)
    if width >= WIDE and height >= LOW:
        return columns(
            rows(Place((1,), 67), Place((7, 8, 9), 33, rest=True), weight=54),
            rows(Place((2,), 38), Place((4, 6), 30), Place((5,), 32), Place((3,), lines=7), weight=46),
        )
    return _narrow(width, height, (1, 3, 5, 6, 8), (7, 4, 9))


def trade(width: int, height: int) -> Node:
    """What one looks at while ordering: the chain, the book, the orders, and the analysis large."""
    if width >= SKETCH and height >= LOW:
        return rows(
            columns(Place((1,), 54), Place((2,), 46), weight=55),
            columns(Place((6,), 54), Place((8, 9, 7), 46, rest=True), weight=45),
        )
    if width >= WIDE and height >= LOW:
        return columns(
            rows(Place((1,), 52), Place((6,), 48), weight=54),
            rows(Place((2,), 50), Place((8, 9, 7), 50, rest=True), weight=46),
        )
    return _narrow(width, height, (1, 6, 3, 5), (8, 9, 7, 4))


def watch(width: int, height: int) -> Node:
    """A book that is left alone: positions, Greeks, risk, the chart, the alerts."""
    if width >= SKETCH and height >= LOW:
        return rows(
            columns(Place((2,), 50), Place((6, 1), 50, rest=True), weight=55),
            columns(Place((3,), 30), Place((5,), 34), Place((9, 7, 8, 4), 36), weight=45),
        )
    if width >= WIDE and height >= LOW:
        return columns(
            rows(Place((2,), 55), Place((5,), 45), Place((3,), lines=7), weight=50),
            rows(Place((6, 1), 60, rest=True), Place((9, 7, 8, 4), 40), weight=50),
        )
    return _narrow(width, height, (6, 1, 8), (9, 7, 5, 3, 4))


def review(width: int, height: int) -> Node:
    """A day that is over, or one that is played again: chart, book, log, and the comparison or the equity curve."""
    again = ("compare", "equity", 8, 9)
    if width >= SKETCH and height >= LOW:
        return rows(
            columns(Place((6,), 58), Place((2,), 42), weight=55),
            columns(Place((7,), 50), Place(again, 50, rest=True), weight=45),
        )
    if width >= WIDE and height >= LOW:
        return columns(
            rows(Place((6,), 58), Place(again, 42, rest=True), weight=52),
            rows(Place((2,), 50), Place((7,), 50), weight=48),
        )
    return _narrow(width, height, (6, 1, 3, 4, 5), (7, 8, 9))


def focus(width: int, height: int) -> Node:  # noqa: ARG001 - a plan's signature
    """One pane, and the book in a strip below it."""
    return rows(Place((1,), 100, rest=True), Place((2,), focused=180, lines=8))


def _narrow(width: int, height: int, first: tuple[int, ...], third: tuple[int, ...]) -> Node:
    """Where not all have room: the pane gone to, the book, and a third place where there is height or width."""
    if height < LOW:
        if width >= SKETCH:
            return columns(Place(first, 44, rest=True), Place((2,), 31), Place(third, 25))
        if width >= WIDE:
            return columns(Place((*first, *third), 55, rest=True), Place((2,), 45))
        return rows(Place((*first, *third), 60, rest=True), Place((2,), 40, focused=90))
    if height < HIGH:
        return rows(Place(first, 45, 50, rest=True), Place((2,), 30, 50), Place(third, 25, 40))
    half = len(first) - len(first) // 2
    return rows(
        Place(first[:half], 34, 44, rest=True),
        Place((2,), 24, 36),
        Place(first[half:], 22, 34),
        Place(third, 20, 34),
    )


PRESETS: tuple[Preset, ...] = (
    Preset("standard", "chain and positions above, the rest below", standard),
    Preset("trade", "chain, positions, orders, and the analysis large", trade),
    Preset("watch", "positions, greeks, risk, the chart, alerts", watch),
    Preset("review", "chart, positions, log, comparison: for a replay or the close", review),
    Preset("focus", "one pane, and the positions in a strip", focus),
)
ALIASES = {"replay": "review"}
"""Other words for a layout."""


def preset(name: str) -> Preset:
    """The layout called ``name``; ``ValueError`` names the known ones, and the nearest."""
    from difflib import get_close_matches

    word = name.strip().lower()
    word = ALIASES.get(word, word)
    names = [each.name for each in PRESETS]
    if word in names:
        return PRESETS[names.index(word)]
    near = get_close_matches(word, names, n=1)
    hint = f"; did you mean {near[0]}?" if near else ""
    raise ValueError(f"there is no layout {name.strip()!r}: {', '.join(names)}{hint}")
