"""The driver's edge: where what the compositor repainted becomes bytes for the terminal."""

from zdte_tui.screen.edge.edge import Edge
from zdte_tui.screen.edge.glass import Glass
from zdte_tui.screen.edge.pieces import Piece, pieces

__all__ = ["Edge", "Glass", "Piece", "pieces"]
