"""A few fixed lines of cells: the header, the timeline, the footer."""

from __future__ import annotations

from textual.geometry import Region
from textual.strip import Strip

from zdte_tui.screen.grid.column import Line
from zdte_tui.screen.grid.paint import paint_line
from zdte_tui.screen.grid.styled import Styled


class Lines(Styled):
    """Shows lines of cells and repaints only those that changed."""

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's name
        super().__init__(id=id)
        self.lines: tuple[Line, ...] = ()

    def put(self, lines: tuple[Line, ...]) -> None:
        """Show ``lines`` from now on."""
        old, self.lines = self.lines, lines
        for y in range(max(len(old), len(lines))):
            if old[y : y + 1] != lines[y : y + 1]:
                self.refresh(Region(0, y, self.size.width, 1))

    @property
    def plain(self) -> str:
        """What is written, without colour."""
        return "\n".join("".join(text for text, _ in line) for line in self.lines)

    def render_line(self, y: int) -> Strip:
        """Textual: one line of the widget."""
        line = self.lines[y] if y < len(self.lines) else ()
        return paint_line(line, self.size.width, self.style_of)
