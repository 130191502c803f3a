"""The one grid under every fast table, and the plain lines of the header and the footer. Line API throughout."""

from zdte_tui.screen.grid.column import Cell, Column, Line, Row, fit, slot_width
from zdte_tui.screen.grid.grid import Grid
from zdte_tui.screen.grid.lines import Lines

__all__ = ["Cell", "Column", "Grid", "Line", "Lines", "Row", "fit", "slot_width"]
