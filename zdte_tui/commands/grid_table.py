"""A sweep as tables: the last two settings down and across, one table for each combination of the others.

A table too wide for the terminal becomes several: no figure is ever cut."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from rich.table import Table
    from rich.text import Text

    from engine.config import Axis
    from engine.session.backtest import Summary
    from engine.session.grid import Cell

    Column = tuple[str, list[Text]]


_GAP = 3  # between two columns


class Measure(NamedTuple):
    """What a heatmap shows: in words, as a number to colour by (more is better), and as text; None is no figure."""

    title: str
    value: Callable[[Summary], float | None]
    text: Callable[[float], str]


MEASURES: dict[str, Measure] = {
    "pnl": Measure(
        "P&L, dollars net of fees (n/a: no trade)",
        lambda of: of.pnl / 10_000 if of.trades else None,
        lambda x: f"{x:+,.0f}",
    ),
    "per-trade": Measure(
        "P&L a trade, dollars net of fees",
        lambda of: of.pnl / of.trades / 10_000 if of.trades else None,
        lambda x: f"{x:+,.2f}",
    ),
    "win-rate": Measure(
        "trades won, per cent", lambda of: 100 * of.wins / of.trades if of.trades else None, lambda x: f"{x:.1f}"
    ),
    "drawdown": Measure(
        "drawdown on daily results, dollars", lambda of: -of.max_drawdown / 10_000, lambda x: f"{-x:,.0f}"
    ),
    "trades": Measure("trades", lambda of: float(of.trades), lambda x: f"{x:,.0f}"),
}


def heatmaps(
    axes: Sequence[Axis], cells: Sequence[Cell], show: str, root: str, width: int
) -> Iterator[tuple[str, Table]]:
    """The tables with their titles, in the order of the grid, none wider than ``width`` as far as that can be."""
    from rich import box
    from rich.table import Table
    from rich.text import Text

    measure = MEASURES[show]
    figures = {cell.point.texts: measure.value(cell.summary) for cell in cells}
    known = [value for value in figures.values() if value is not None]
    largest = max((abs(value) for value in known), default=0.0)
    outer = axes[: max(len(axes) - 2, 0)]
    down, across = axes[len(outer)], axes[-1] if len(axes) > 1 else None
    corner = f"{down.key[-1]} \\ {across.key[-1]}" if across is not None else down.key[-1]
    for fixed in itertools.product(*(axis.texts for axis in outer)):
        told = "".join(f", {axis.key[-1]} {text}" for axis, text in zip(outer, fixed, strict=True))
        columns: list[Column] = []
        for column in across.texts if across is not None else ("",):
            end = (column,) if across is not None else ()
            values = [figures[(*fixed, row, *end)] for row in down.texts]
            shown = [
                Text("n/a" if value is None else measure.text(value), style=_colour(value, largest)) for value in values
            ]
            columns.append((column or show, shown))
        for part in _parts(columns, max(map(len, (corner, *down.texts))), width):
            table = Table(box=box.SIMPLE_HEAD)
            table.add_column(corner, overflow="fold")
            for name, _ in part:
                table.add_column(name, justify="right", no_wrap=True)
            for n, row in enumerate(down.texts):
                table.add_row(row, *(shown[n] for _, shown in part))
            yield f"{whose(cells[0].summary)}{root} {measure.title}{told}", table


def whose(summary: Summary) -> str:
    """The first word of a title over days that no market ever showed. Such days are never mixed with others."""
    return "SIMULATED " if "SIMULATED" in summary.provenance else ""


def _parts(columns: list[Column], first: int, width: int) -> Iterator[list[Column]]:
    """The columns, as many at a time as fit beside a first one."""
    part: list[Column] = []
    room = 0
    for name, shown in columns:
        wide = _GAP + max(len(name), *(len(text) for text in shown))
        if part and wide > room:
            yield part
            part = []
        if not part:
            room = width - first - _GAP - 1
        part.append((name, shown))
        room -= wide
    yield part


def _colour(value: float | None, largest: float) -> str:
    """A background the stronger the farther from nothing; the number says the same without it. The letters are named
    too: those of a light terminal are black."""
    if not largest or not value:
        return ""
    depth = 30 + round(110 * abs(value) / largest)
    back = f"rgb(0,{depth},{depth // 3})" if value > 0 else f"rgb({depth},0,{depth // 3})"
    return f"rgb(255,255,255) on {back}"
