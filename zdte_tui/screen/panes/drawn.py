"""What panes that draw share: lines of cells for a width and a height, of which only those that changed are painted."""

from __future__ import annotations

from dataclasses import dataclass

from textual.geometry import Region
from textual.strip import Strip

from engine.view import View
from zdte_tui.screen.draw import Glyphs
from zdte_tui.screen.grid import Line
from zdte_tui.screen.grid.paint import paint_line
from zdte_tui.screen.panes.pane import Pane
from zdte_tui.screen.text import wrap


@dataclass(frozen=True, slots=True)
class Drawing:
    """What a drawn pane shows.

    Attributes:
        title: words beside the pane's number.
        lines: from top to bottom, at most as many as there is height.
        message: why there is nothing to draw, and what to do about it.
    """

    title: str
    lines: tuple[Line, ...] = ()
    message: str = ""


class DrawnPane(Pane):
    """A pane that draws: it implements ``part`` and ``drawing``, and ``state`` where keys change how it draws.

    Attributes:
        glyphs: what it draws with: what ``use`` was told, but plain ASCII where the whole screen is.
        lines: what is drawn now. There are no rows: nothing of a drawing is sorted, filtered or copied by the cell.
    """

    def __init__(self) -> None:
        self.glyphs: Glyphs = "braille"
        self._wanted: Glyphs = "braille"
        self.lines: tuple[Line, ...] = ()
        self._drawn: object = None
        self._painted: dict[int, tuple[Line, Strip]] = {}
        super().__init__()

    def drawing(self, view: View, width: int, height: int) -> Drawing:
        """What to draw in ``width`` times ``height`` cells, with ``self.glyphs`` and as ``state`` says."""
        raise NotImplementedError

    def state(self) -> object:
        """What else the drawing depends on, such as a zoom; compared by value."""
        return None

    def use(self, glyphs: Glyphs) -> None:
        """Draw with other characters from now on."""
        self._wanted = self.glyphs = glyphs
        self.redraw()

    def redraw(self) -> None:
        """Draw again what is shown: the state, or what it draws with, changed."""
        if self._view is not None:
            self.show(self._view)

    def show(self, view: View) -> None:
        """Draw the pane's part of ``view``; nothing happens where that is what is shown already."""
        self._view = view
        width, height = self.size
        if not self.display or width == 0 or height == 0:
            return
        self.glyphs = "ascii" if getattr(self.app, "ascii", False) else self._wanted
        drawn = (self.part(view), width, height, self.state(), self.glyphs)
        if drawn == self._drawn:
            return
        self._drawn, self._shown = drawn, (drawn[0], width)
        drawing = self.drawing(view, width, height)
        self.message = drawing.message
        lines = drawing.lines
        if not lines and drawing.message:
            lines = tuple(((f" {line}", "dim"),) for line in said(drawing.message, width - 2, height))
        self._draw(lines[:height])
        self._title(f"{self.number} {drawing.title}", self._place())

    def _draw(self, lines: tuple[Line, ...]) -> None:
        old, self.lines = self.lines, lines
        changed = [y for y in range(max(len(old), len(lines))) if old[y : y + 1] != lines[y : y + 1]]
        if changed:
            self.refresh(*(Region(0, y, self.size.width, 1) for y in changed))

    def render_line(self, y: int) -> Strip:
        """Textual: one line of the drawing. There is no cursor over lines."""
        width = self.size.width
        if y >= len(self.lines):
            return Strip.blank(width, self.style_of("text"))
        line = self.lines[y]
        kept = self._painted.get(y)
        if kept is not None and kept[1].cell_length == width and kept[0] == line:
            return kept[1]
        strip = paint_line(line, width, self.style_of)
        self._painted[y] = (line, strip)
        return strip

    def forget(self) -> None:
        """Paint everything anew: the styles or the width changed."""
        super().forget()
        self._painted.clear()


def said(message: str, width: int, height: int) -> list[str]:
    """``message`` in ``height`` lines at most; where it is cut, it says which key shows the rest."""
    lines = wrap(message, width)
    if len(lines) > height > 0:
        lines = lines[:height]
        lines[-1] = f"{lines[-1][: max(0, width - 10)]} … z zooms"
    return lines
