"""A sweep as tables: the last two settings down and across, one table for each combination of the others."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from rich.table import Table

    from engine.config import Axis
    from engine.session.backtest import Summary
    from engine.session.grid import Cell


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


def heatmaps(axes: Sequence[Axis], cells: Sequence[Cell], show: str, root: str) -> Iterator[tuple[str, Table]]:
    """The tables with their titles, in the order of the grid."""
    from rich import box
    from rich.table import Table
    from rich.text import Text

    measure = MEASURES[show]
    figures = {cell.point.texts: measure.value(cell.summary) for cell in cells}
    known = [value for value in figures.values() if value is not None]
    largest = max((abs(value) for value in known), default=0.0)
    outer = axes[: max(len(axes) - 2, 0)]
    down, across = axes[len(outer)], axes[-1] if len(axes) > 1 else None
    for fixed in itertools.product(*(axis.texts for axis in outer)):
        told = "".join(f", {axis.key[-1]} {text}" for axis, text in zip(outer, fixed, strict=True))
        corner = f"{down.key[-1]} \\ {across.key[-1]}" if across is not None else down.key[-1]
        table = Table(box=box.SIMPLE_HEAD)
        table.add_column(corner)
        for text in across.texts if across is not None else (show,):
            table.add_column(text, justify="right")
        for row in down.texts:
            line = []
            for column in across.texts if across is not None else (None,):
                value = figures[(*fixed, row) if column is None else (*fixed, row, column)]
                text = "n/a" if value is None else measure.text(value)
                line.append(Text(text, style="" if value is None else _colour(value, largest)))
            table.add_row(row, *line)
        yield f"{root} {measure.title}{told}", table


def _colour(value: float, largest: float) -> str:
    """A background the stronger the farther from nothing; the number says the same without it."""
    if not largest or not value:
        return ""
    depth = 30 + round(110 * abs(value) / largest)
    return f"on rgb(0,{depth},{depth // 3})" if value > 0 else f"on rgb({depth},0,{depth // 3})"
