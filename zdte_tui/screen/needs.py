"""How wide a pane must be, from the columns it always shows."""

from __future__ import annotations

from functools import cache

from zdte_tui.screen.grid.column import GAP, fit
from zdte_tui.screen.panes import PANES

BORDERS = 2
NEEDED = 24
"""Cells of width for a pane that has few columns or none."""


@cache
def pane_needs(name: str) -> int:
    """The cells of width the pane called ``name`` cannot do without, borders included."""
    pane = next(each for each in PANES if name == each.NAME)
    least = fit(pane.COLUMNS, 0)
    return max(NEEDED, sum(slot.width + GAP for slot in least) - GAP + BORDERS)
