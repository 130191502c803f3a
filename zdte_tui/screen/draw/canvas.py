"""A canvas of dots, several in a character cell, and text laid over them."""

from __future__ import annotations

from zdte_tui.screen.draw.glyphs import Glyphs, signs
from zdte_tui.screen.grid.column import Cell, Line


class Canvas:
    """``width`` times ``height`` cells. Dots count from the upper left corner, in ``dots_across`` by ``dots_down``.

    A cell has one style: that of the last thing drawn into it. Whatever lies outside is not drawn.
    """

    def __init__(self, width: int, height: int, glyphs: Glyphs = "braille") -> None:
        self.width, self.height = max(0, width), max(0, height)
        self.signs = signs(glyphs)
        self._masks = [[0] * self.width for _ in range(self.height)]
        self._styles = [["text"] * self.width for _ in range(self.height)]
        self._texts: dict[tuple[int, int], Cell] = {}

    @property
    def dots_across(self) -> int:
        """How many dots there are in a line."""
        return self.width * self.signs.across

    @property
    def dots_down(self) -> int:
        """How many lines of dots there are."""
        return self.height * self.signs.down

    def dot(self, x: int, y: int, style: str = "text") -> None:
        """One dot."""
        if 0 <= x < self.dots_across and 0 <= y < self.dots_down:
            column, left = divmod(x, self.signs.across)
            row, above = divmod(y, self.signs.down)
            self._masks[row][column] |= 1 << (above * self.signs.across + left)
            self._styles[row][column] = style

    def line(self, x0: int, y0: int, x1: int, y1: int, style: str = "text", every: int = 1) -> None:
        """A straight line of dots, both ends drawn; with ``every``, only each so-manieth of them, counted by ``x``."""
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
                self._texts[column + offset, row] = (char, style)

    def rule(self, row: int, style: str = "dim", sign: str = "") -> None:
        """A horizontal line through a row of cells, under what is drawn there already."""
        for column in range(self.width):
            self.under(column, row, sign or self.signs.level, style)

    def under(self, column: int, row: int, sign: str, style: str = "dim") -> None:
        """A character in a cell that is empty so far."""
        inside = 0 <= column < self.width and 0 <= row < self.height
        if inside and not self._masks[row][column] and (column, row) not in self._texts:
            self._texts[column, row] = (sign, style)

    def lines(self) -> tuple[Line, ...]:
        """What is drawn, a line of cells a row, neighbours of one style joined."""
        return tuple(self._line(row) for row in range(self.height))

    def _line(self, row: int) -> Line:
        cells: list[Cell] = []
        for column in range(self.width):
            found = self._texts.get((column, row))
            mask = self._masks[row][column]
            char, style = found or (self.signs.dots[mask], self._styles[row][column] if mask else "text")
            if cells and cells[-1][1] == style:
                cells[-1] = (cells[-1][0] + char, style)
            else:
                cells.append((char, style))
        return tuple(cells)
