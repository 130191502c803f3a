"""The one grid under every fast table, and the plain lines of the header and the footer. Line API throughout."""

from zdte_tui.screen.grid.arrange import Sort
from zdte_tui.screen.grid.choice import AS_MADE, Choice, ColumnChoice, UntilTheEnd
from zdte_tui.screen.grid.column import Cell, Column, Line, Row, fit, slot_width
from zdte_tui.screen.grid.grid import Grid
from zdte_tui.screen.grid.lines import Lines

__all__ = [
    "AS_MADE",
    "Cell",
    "Choice",
    "Column",
    "ColumnChoice",
    "Grid",
    "Line",
    "Lines",
    "Row",
    "Sort",
    "UntilTheEnd",
    "fit",
    "slot_width",
]
