"""A whole plot: curves, bands, bars, levels and markers over a horizontal and a vertical axis, as lines of cells.

The vertical axis is written on the right, where the newest value is; below are the labels of the horizontal one. What
is drawn later lies over what was drawn before: bands, bars, level lines, curves, markers.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from rich.cells import cell_len

from zdte_tui.screen.draw.canvas import Canvas
from zdte_tui.screen.draw.glyphs import Glyphs
from zdte_tui.screen.draw.labels import spread, spread_along
from zdte_tui.screen.draw.scale import Scale, Tick
from zdte_tui.screen.grid.column import Cell, Line

Points = Sequence[tuple[float, float | None]]


class Curve(NamedTuple):
    """Points (x, y) joined by lines; one without a ``y`` is a gap. ``every`` over 1 draws it dotted."""

    points: Points
    style: str = "text"
    every: int = 1


class Band(NamedTuple):
    """From a low to a high value at each (x, low, high), such as a bar's range; filled from dot to dot."""

    points: Sequence[tuple[float, float | None, float | None]]
    style: str = "dim"


class Bars(NamedTuple):
    """Upright bars (x, y) from ``base`` on, ``thick`` dots wide."""

    points: Points
    style: str = "done"
    below: str = "loss"
    base: float = 0.0
    thick: int = 1


class Level(NamedTuple):
    """A horizontal line at ``y`` with a label in the right margin. ``line`` off leaves the label alone."""

    y: float
    label: str
    style: str = "dim"
    line: bool = True


class Marker(NamedTuple):
    """One sign at a point; ``text`` stands beside it where there is room. ``y`` None: at the lower edge."""

    x: float
    y: float | None
    sign: str
    style: str = "mark"
    text: str = ""


@dataclass(frozen=True, slots=True)
class Figure:
    """What to draw.

    Attributes:
        x, y: lowest and highest value shown.
        x_ticks, y_ticks: what is written on the axes, in the order of importance; a level's label goes before a tick's.
        levels: in the order of importance.
        upright: values of x with a vertical line, with styles; the cursor is the last.
    """

    x: tuple[float, float]
    y: tuple[float, float]
    x_ticks: tuple[Tick, ...] = ()
    y_ticks: tuple[Tick, ...] = ()
    bands: tuple[Band, ...] = ()
    bars: tuple[Bars, ...] = ()
    levels: tuple[Level, ...] = ()
    curves: tuple[Curve, ...] = ()
    markers: tuple[Marker, ...] = ()
    upright: tuple[tuple[float, str], ...] = ()


class Room(NamedTuple):
    """How a plot divides its cells: columns and rows for the drawing, and columns for the right margin."""

    columns: int
    rows: int
    margin: int


def plot_room(figure: Figure, width: int, height: int) -> Room:
    """The room of ``figure`` in ``width`` by ``height`` cells: what ``plot`` uses, for who must find a dot again."""
    labels = [tick.label for tick in figure.y_ticks] + [level.label for level in figure.levels]
    margin = min(max((cell_len(label) for label in labels), default=-1) + 1, max(0, width // 3))
    return Room(max(1, width - margin), max(1, height - (1 if figure.x_ticks else 0)), margin)


def plot(figure: Figure, width: int, height: int, glyphs: Glyphs = "braille") -> tuple[Line, ...]:
    """``figure`` in exactly ``height`` lines of ``width`` cells."""
    if width < 1 or height < 1:
        return ()
    room = plot_room(figure, width, height)
    canvas = Canvas(room.columns, room.rows, glyphs)
    x, y = Scale(*figure.x, canvas.dots_across), Scale(*figure.y, canvas.dots_down)
    _draw(canvas, figure, x, y)
    drawn = [(*line, *label) for line, label in zip(canvas.lines(), _margin(canvas, figure, y, room), strict=True)]
    if figure.x_ticks:
        drawn.append(_below(figure, x, canvas, width))
    return tuple(drawn[:height])


def _draw(canvas: Canvas, figure: Figure, x: Scale, y: Scale) -> None:
    top = y.size - 1
    for band in figure.bands:
        for at, low, high in band.points:
            if low is not None and high is not None and x.holds(at):
                column = x.at(at)
                canvas.line(column, top - _inside(y, high), column, top - _inside(y, low), band.style)
    for bars in figure.bars:
        base = _inside(y, bars.base)
        for at, value in bars.points:
            if value is None or not x.holds(at) or value == bars.base:
                continue
            first = x.at(at) - bars.thick // 2
            style = bars.style if value > bars.base else bars.below
            for column in range(first, first + bars.thick):
                canvas.line(column, top - base, column, top - _inside(y, value), style)
    for curve in figure.curves:
        _curve(canvas, curve, x, y)
    for marker in figure.markers:
        _marker(canvas, marker, x, y)
    # Lines that span the whole plot go under what is there, so that they never hide a price.
    for at, style in reversed(figure.upright):
        if x.holds(at):
            for row in range(canvas.height):
                canvas.under(x.at(at) // canvas.signs.across, row, canvas.signs.upright, style)
    for level in figure.levels:
        if level.line and y.holds(level.y):
            canvas.rule((top - y.at(level.y)) // canvas.signs.down, level.style, canvas.signs.dashed)


def _curve(canvas: Canvas, curve: Curve, x: Scale, y: Scale) -> None:
    top = y.size - 1
    last: tuple[float, int, int] | None = None
    for at, value in curve.points:
        if value is None or not math.isfinite(value):
            last = None
            continue
        column, row = x.at(at), top - y.at(value)
        from_at, from_column, from_row = last if last is not None else (at, column, row)
        if max(at, from_at) >= x.low and min(at, from_at) <= x.high:
            canvas.line(from_column, from_row, column, row, curve.style, curve.every)
        last = (at, column, row)


def _marker(canvas: Canvas, marker: Marker, x: Scale, y: Scale) -> None:
    if not x.holds(marker.x):
        return
    column = x.at(marker.x) // canvas.signs.across
    row = canvas.height - 1 if marker.y is None else (y.size - 1 - _inside(y, marker.y)) // canvas.signs.down
    canvas.text(column, row, marker.sign, marker.style)
    beside = column + 1 if column + 1 + len(marker.text) <= canvas.width else column - len(marker.text)
    if marker.text and beside >= 0:
        canvas.text(beside, row, marker.text, marker.style)


def _inside(y: Scale, value: float) -> int:
    return max(0, min(y.at(value), y.size - 1))


def _margin(canvas: Canvas, figure: Figure, y: Scale, room: Room) -> list[Line]:
    """The right margin: levels' labels moved apart, ticks where a row is left free."""
    rows: dict[int, Cell] = {}
    top = y.size - 1

    def row_of(value: float) -> int:
        return (top - y.at(value)) // canvas.signs.down

    def wanted(value: float) -> float:
        """Its row; the part of a row tells apart what lies in the same one."""
        return row_of(value) + 0.4 * ((figure.y[1] - value) / ((figure.y[1] - figure.y[0]) or 1.0) - 0.5)

    named = [level for level in figure.levels if level.label and y.holds(level.y)]
    for level, row in zip(named, spread([wanted(level.y) for level in named], room.rows), strict=True):
        if row is not None:
            rows[row] = (level.label, level.style)
    for tick in figure.y_ticks:
        if y.holds(tick.value):
            rows.setdefault(row_of(tick.value), (tick.label, "dim"))
    return [_label(rows.get(row), room.margin) for row in range(room.rows)]


def _label(cell: Cell | None, margin: int) -> Line:
    if margin < 1:
        return ()
    text, style = cell or ("", "dim")
    return ((f" {text}"[:margin].ljust(margin), style),)


def _below(figure: Figure, x: Scale, canvas: Canvas, width: int) -> Line:
    wanted = [(x.at(tick.value) // canvas.signs.across, tick.label) for tick in figure.x_ticks if x.holds(tick.value)]
    line = [" "] * width
    for start, text in spread_along(wanted, canvas.width):
        line[start : start + len(text)] = text
    return (("".join(line), "dim"),)
