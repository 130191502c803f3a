"""The strip the tour speaks in: above the last line, below what it speaks of; it takes room and covers nothing."""

from __future__ import annotations

from textual.content import Content

from zdte_tui.screen.grid import Lines
from zdte_tui.screen.grid.column import Line
from zdte_tui.screen.text import wrap

BORDER = 1


class TourStrip(Lines):
    """A title in its upper border, sentences, and a line of keys."""

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's name
        super().__init__(id=id)
        self._kept = (("", 0), 0)

    def tell(self, title: str, words: str, press: str, keys: str, width: int) -> None:
        """Show a step in ``width`` cells. Within one step and width it only grows, so that panes do not jump."""
        room = width - 2
        lines: list[Line] = [((f" {line}", "text"),) for line in wrap(words, room)]
        asked = f"press {press}" if press else ""
        if asked and len(asked) + 3 + len(keys) > room:
            lines += [((f" {line}", "key"),) for line in wrap(asked, room)]
            asked = ""
        least = self._kept[1] if self._kept[0] == (title, width) else 0
        lines += [((" ", "text"),)] * (least - len(lines) - 1)
        lines.append(
            ((f" {asked}", "key"), ("   " if asked else "", "text"), (keys, "dim")) if asked else ((f" {keys}", "dim"),)
        )
        if self._kept[0] != (title, width):
            self.border_title = Content(title)
        self._kept = ((title, width), len(lines))
        self.styles.height = len(lines) + BORDER
        self.display = True
        self.put(tuple(lines))

    def hide(self) -> None:
        """The tour is over."""
        self.display = False
        self.border_title = None
        self._kept = (("", 0), 0)
