"""A canvas of dots, several in a character cell, and text laid over them."""

from __future__ import annotations

from zdte_tui.screen.draw.glyphs import Glyphs, signs
from zdte_tui.screen.grid.column import Cell, Line

FILLED = frozenset({"alarm", "simulated", "replay", "paper", "live", "cursor"})
"""Styles that are seen on an empty cell, which therefore takes none of them from its neighbour."""


class Canvas:
    """``width`` times ``height`` cells. Dots count from the upper left corner, in ``dots_across`` by ``dots_down``.

    A cell has one style: that of the last thing drawn into it. Whatever lies outside is not drawn.
    """

    def __init__(self, width: int, height: int, glyphs: Glyphs = "braille") -> None:
        self.width, self.height = max(0, width), max(0, height)
        self.signs = signs(glyphs)
        self.dots_across, self.dots_down = self.width * self.signs.across, self.height * self.signs.down
        self._masks = [[0] * self.width for _ in range(self.height)]
        self._styles = [["text"] * self.width for _ in range(self.height)]
        self._texts: list[dict[int, Cell]] = [{} for _ in range(self.height)]

    def dot(self, x: int, y: int, style: str = "text") -> None:
        """One dot."""
        if 0 <= x < self.dots_across and 0 <= y < self.dots_down:
            column, left = divmod(x, self.signs.across)
            row, above = divmod(y, self.signs.down)
            self._masks[row][column] |= 1 << (above * self.signs.across + left)
            self._styles[row][column] = style

    def line(self, x0: int, y0: int, x1: int, y1: int, style: str = "text", every: int = 1) -> None:
        """A straight line of dots, both ends drawn; with ``every``, only each so-manieth of them, counted by ``x``."""
        if x0 == x1 and y0 == y1:
            if every == 1 or x0 % every == 0:
                self.dot(x0, y0, style)
            return
        # Far ends would cost time and show nothing: a caller's scale may send them anywhere.
        steps = min(max(abs(x1 - x0), abs(y1 - y0)), 4 * (self.dots_across + self.dots_down))
        for step in range(steps + 1):
            part = step / steps if steps else 0.0
            x, y = round(x0 + (x1 - x0) * part), round(y0 + (y1 - y0) * part)
            if every == 1 or (x if abs(x1 - x0) >= abs(y1 - y0) else y) % every == 0:
                self.dot(x, y, style)

    def text(self, column: int, row: int, text: str, style: str = "text") -> None:
        """Text over whatever is drawn, from a cell on, cut at the right end; one character a cell."""
        for offset, char in enumerate(text):
            if 0 <= column + offset < self.width and 0 <= row < self.height:
                self._texts[row][column + offset] = (char, style)

    def rule(self, row: int, style: str = "dim", sign: str = "") -> None:
        """A horizontal line through a row of cells, under what is drawn there already."""
        for column in range(self.width):
            self.under(column, row, sign or self.signs.level, style)

    def under(self, column: int, row: int, sign: str, style: str = "dim") -> None:
        """A character in a cell that is empty so far."""
        inside = 0 <= column < self.width and 0 <= row < self.height
        if inside and not self._masks[row][column] and column not in self._texts[row]:
            self._texts[row][column] = (sign, style)

    def lines(self) -> tuple[Line, ...]:
        """What is drawn, a line of cells a row, neighbours of one style joined."""
        return tuple(self._line(row) for row in range(self.height))

    def _line(self, row: int) -> Line:
        """Runs of one style; what is empty takes that of what stands before it, so that fewer cells are painted."""
        texts, masks, styles, dots = self._texts[row], self._masks[row], self._styles[row], self.signs.dots
        cells: list[Cell] = []
        run: list[str] = []
        last = ""
        for column, mask in enumerate(masks):
            found = texts.get(column) if texts else None
            char, style = found or (dots[mask], styles[column])
            if not mask and found is None:
                style = last if last and last not in FILLED else "text"
            if style != last and run:
                cells.append(("".join(run), last))
                run = []
            run.append(char)
            last = style
        return (*cells, ("".join(run), last)) if run else ()
