"""What all panes share: a bordered grid that turns its part of the view into rows when that part changed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from rich.cells import cell_len
from textual import events
from textual.content import Content as Markup

from engine.view import View
from zdte_tui.screen.clean import clean
from zdte_tui.screen.grid import Grid, Row
from zdte_tui.screen.slots import number_of

EDGES = 6
"""Cells of a border that no words can be in: its corners, a bit of line and a space on either side."""


@dataclass(frozen=True, slots=True)
class Content:
    """What a pane shows.

    Attributes:
        title: words beside the pane's number.
        bottom: sticky last lines.
        message: why there are no rows, and what to do about it.
        follow: key of the row that is kept in the middle.
        about: what the rows are about; when it changes, the pane follows again.
    """

    title: str
    rows: tuple[Row, ...]
    bottom: tuple[Row, ...] = ()
    message: str = ""
    follow: str | None = None
    about: object = None


class Pane(Grid):
    """One numbered pane."""

    NAME: ClassVar[str]
    PARTS: ClassVar[tuple[str, ...]] = ()
    """Parts of the view that are made only while this pane is on screen."""

    @property
    def parts(self) -> tuple[str, ...]:
        """Those it wants as it stands."""
        return self.PARTS

    def __init__(self) -> None:
        super().__init__(id=self.NAME)
        self.number = number_of(self.NAME)
        self.others = self.mode = ""
        self._view: View | None = None
        self._shown: tuple[object, int] | None = None
        self._about: object = None
        self._titles = ("", "")
        self._own_title = ""
        self._title(f"{self.number} {self.NAME}", "")

    @classmethod
    def part(cls, view: View) -> object:
        """The part of the view this pane depends on."""
        raise NotImplementedError

    @classmethod
    def content(cls, view: View, width: int) -> Content:
        """The rows for ``width`` cells; pure."""
        raise NotImplementedError

    def show(self, view: View) -> None:
        """Show the pane's part of ``view``; nothing happens where that part is what is shown already."""
        self._view = view
        width = self.size.width
        if not self.display or width == 0:
            return
        part = self.part(view)
        if self._shown is not None and self._shown[1] == width and self._shown[0] == part:
            return
        self._shown = (part, width)
        content = self.content(view, width)
        if content.about != self._about:
            self._about, self.following = content.about, True
        self.put(content.rows, bottom=content.bottom, message=content.message, follow=content.follow)
        self._own_title = f"{self.number} {content.title}"
        self.rearranged()

    def rearranged(self) -> None:
        """The title tells of a filter, and of an order that no column shows."""
        self._title("   ".join(text for text in (self._own_title, self.told) if text), self._place())

    def on_resize(self) -> None:
        """Textual: the width decides how texts wrap, the height which rows are seen."""
        super().on_resize()
        if self._view is not None:
            self.show(self._view)
        self._title(self._titles[0], self._place())

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Textual: tell where in the rows we are."""
        super().watch_scroll_y(old_value, new_value)
        self._title(self._titles[0], self._place())

    def tell_others(self, others: str) -> None:
        """Name the panes that are hidden now, in this pane's lower border."""
        self.others = others
        self._title(self._titles[0], self._place())

    def tell_mode(self, mode: str) -> None:
        """Say in the lower border which mode this is: a picture of one pane tells it too."""
        self.mode = mode
        self._title(self._titles[0], self._place())

    def on_click(self, event: events.Click) -> None:
        """Textual: a click focuses the pane and puts the cursor there."""
        self.focus(scroll_visible=False)
        super().on_click(event)

    def _place(self) -> str:
        seen = self.visible_rows()
        place = f"{seen.start + 1}-{seen.stop} of {len(self.rows)}" if 0 < len(seen) < len(self.rows) else ""
        told = "   ".join(text for text in (self.mode, self.others, place) if text)
        if cell_len(told) + EDGES <= self.outer_size.width or not self.others:
            return told
        numbers = " ".join(word for word in self.others.split() if word.isdecimal())
        return "   ".join(text for text in (self.mode, numbers, place) if text)

    def _title(self, title: str, subtitle: str) -> None:
        # Setting either repaints the whole pane, so only what changed is set; Content is never parsed as markup.
        if title != self._titles[0]:
            self.border_title = Markup(clean(title))
        if subtitle != self._titles[1]:
            self.border_subtitle = Markup(clean(subtitle)) if subtitle else None
        self._titles = (title, subtitle)
