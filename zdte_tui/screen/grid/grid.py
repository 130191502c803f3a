"""The grid: a ScrollView that paints single lines, keeps the strips, and repaints only what changed."""

from __future__ import annotations

from typing import ClassVar

from textual import events
from textual.geometry import Region, Size
from textual.scroll_view import ScrollView
from textual.strip import Strip

from zdte_tui.screen.actions import bindings, perform
from zdte_tui.screen.grid.column import GAP, Column, Row, Slot, fit
from zdte_tui.screen.grid.paint import COMPONENTS, overlay, paint_header, paint_line, paint_row
from zdte_tui.screen.grid.styled import Styled
from zdte_tui.screen.text import wrap


class Grid(ScrollView, Styled, can_focus=True, inherit_bindings=False):
    """Columns over rows, a sticky header, sticky last lines, and a cursor.

    While ``following``, the row named by ``follow`` is kept in the middle (or the last row at the bottom, with
    ``FOLLOW_END``); moving the cursor ends that, ``action_follow`` starts it again.
    """

    # Textual follows the first base only, so what ``Styled`` declares is declared again.
    COMPONENT_CLASSES: ClassVar[set[str]] = set(COMPONENTS)
    BINDINGS = bindings("grid")
    COLUMNS: ClassVar[tuple[Column, ...]] = ()
    FOLLOW_END: ClassVar[bool] = False
    CRAMPED: ClassVar[str] = "no room for rows here: z zooms"

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's name
        super().__init__(id=id)
        self.rows: tuple[Row, ...] = ()
        self.bottom: tuple[Row, ...] = ()
        self.message = ""
        self.follow: str | None = None
        self.following = True
        self.cursor = 0
        self._slots: tuple[Slot, ...] = ()
        self._fitted = -1
        self._head: list[Strip] = []
        self._strips: dict[int, tuple[Row, bool, Strip]] = {}
        self._head_lines = 2 if any(column.unit for column in self.COLUMNS) else 1

    def put(
        self, rows: tuple[Row, ...], *, bottom: tuple[Row, ...] = (), message: str = "", follow: str | None = None
    ) -> None:
        """Show these rows. Only lines whose content changed are repainted.

        ``bottom`` are the sticky last lines; ``message`` is shown where there are no rows.
        """
        old, old_bottom, old_message = self.rows, self.bottom, self.message
        at = old[self.cursor].key if self.cursor < len(old) else None
        self.rows, self.bottom, self.message, self.follow = rows, bottom, message, follow
        if len(rows) != len(old) or len(bottom) != len(old_bottom) or (not rows and message != old_message):
            self._strips = {index: kept for index, kept in self._strips.items() if index < len(rows)}
            self._measure()
            self.refresh()
        else:
            for index, row in enumerate(rows):
                if row is not old[index] and row != old[index]:
                    self._refresh_row(index)
            for index, row in enumerate(bottom):
                if row != old_bottom[index] and index < self._bottom_lines:
                    self._refresh_y(self.size.height - self._bottom_lines + index)
        if self.following:
            self._follow()
        else:
            self._keep_cursor(at)

    # --- where things are

    @property
    def selected(self) -> Row | None:
        """The row under the cursor."""
        return self.rows[self.cursor] if self.cursor < len(self.rows) else None

    @property
    def _bottom_lines(self) -> int:
        """How many of the last lines are shown: at most a fifth of the height, the first of them always."""
        return min(len(self.bottom), max(1, self.size.height // 5)) if self.size.height > self._head_lines + 2 else 0

    @property
    def body_height(self) -> int:
        """Lines for rows."""
        return max(0, self.size.height - self._head_lines - self._bottom_lines)

    @property
    def cramped(self) -> bool:
        """Whether not one row has room, or not even the columns that always stay."""
        return self.body_height < 1 or sum(slot.width + GAP for slot in self._slots) - GAP > self.size.width

    def visible_rows(self) -> range:
        """Indices of the rows on screen."""
        first = self.scroll_offset.y
        return range(first, min(len(self.rows), first + self.body_height))

    def _measure(self) -> None:
        self.virtual_size = Size(self.size.width, len(self.rows) + self._head_lines + self._bottom_lines)

    def _refresh_row(self, index: int) -> None:
        if index in self.visible_rows():
            self._refresh_y(index - self.scroll_offset.y + self._head_lines)

    def _refresh_y(self, y: int) -> None:
        self.refresh(Region(0, y, self.size.width, 1))

    # --- the cursor

    def move_to(self, index: int) -> None:
        """Put the cursor on a row; the view no longer follows."""
        self.following = self.FOLLOW_END and index >= len(self.rows) - 1
        self._set_cursor(index)
        self._reveal()

    def _set_cursor(self, index: int) -> None:
        new = max(0, min(index, len(self.rows) - 1))
        old, self.cursor = self.cursor, new
        if new != old:
            self._refresh_row(old)
            self._refresh_row(new)

    def _reveal(self) -> None:
        top, height = self.scroll_offset.y, self.body_height
        if self.cursor < top:
            self._scroll(self.cursor)
        elif height and self.cursor >= top + height:
            self._scroll(self.cursor - height + 1)

    def _scroll(self, top: int) -> None:
        limit = max(0, len(self.rows) - self.body_height)
        self.scroll_to(y=max(0, min(top, limit)), animate=False, force=True)

    def _follow(self) -> None:
        if self.FOLLOW_END:
            self._set_cursor(len(self.rows) - 1)
            self._scroll(len(self.rows))
            return
        index = next((i for i, row in enumerate(self.rows) if row.key == self.follow), None)
        if index is None:
            self._set_cursor(self.cursor)
        else:
            self._set_cursor(index)
            self._scroll(index - self.body_height // 2)

    def _keep_cursor(self, key: str | None) -> None:
        index = next((i for i, row in enumerate(self.rows) if row.key == key), None)
        self._set_cursor(self.cursor if index is None else index)

    def action_act(self, id: str) -> None:  # noqa: A002 - the field's name
        """An action with a function of its own."""
        perform(id, self)

    def action_row_up(self) -> None:
        """One row up."""
        self.move_to(self.cursor - 1)

    def action_row_down(self) -> None:
        """One row down."""
        self.move_to(self.cursor + 1)

    def action_page_up(self) -> None:
        """A screenful up."""
        self.move_to(self.cursor - max(1, self.body_height - 1))

    def action_page_down(self) -> None:
        """A screenful down."""
        self.move_to(self.cursor + max(1, self.body_height - 1))

    def action_first_row(self) -> None:
        """The first row."""
        self.move_to(0)

    def action_last_row(self) -> None:
        """The last row."""
        self.move_to(len(self.rows) - 1)

    def action_follow(self) -> None:
        """Back to what this grid follows by itself."""
        self.following = True
        self._follow()

    # --- Textual's events

    def render_line(self, y: int) -> Strip:
        """Textual: one line of the visible part."""
        width = self.size.width
        if width != self._fitted:  # shown again at another width, of which no event told
            self.forget()
        if self.cramped and self.rows:
            told = wrap(self.CRAMPED, width)
            return paint_line(((told[y], "warn"),) if y < len(told) else (), width, self.style_of)
        if not self.rows and self.message:
            said = self._said(y)
            if said is not None:
                return paint_line(((f" {said}", "dim"),), width, self.style_of)
        if y < self._head_lines:
            if not self._head:
                self._head = paint_header(self.COLUMNS, self._slots, width, self.style_of)
            return self._head[y]
        from_bottom = y - (self.size.height - self._bottom_lines)
        if from_bottom >= 0:
            return paint_row(self.bottom[from_bottom], self.COLUMNS, self._slots, width, self.style_of)
        index = y - self._head_lines + self.scroll_offset.y
        if index < len(self.rows):
            return self._strip(index)
        return Strip.blank(width, self.style_of("text"))

    def _said(self, y: int) -> str | None:
        """The line at ``y`` of why there are no rows. Where it needs the room, it takes that of the titles."""
        lines = wrap(self.message, self.size.width - 2)
        top = self._head_lines if len(lines) <= self.body_height else 0
        room = self.body_height + self._head_lines - top
        if not top <= y < top + room or y - top >= len(lines):
            return None
        cut = y - top == room - 1 and len(lines) > room
        return f"{lines[y - top][: self.size.width - 12]} … z zooms" if cut else lines[y - top]

    def _strip(self, index: int) -> Strip:
        row, lit = self.rows[index], self.has_focus and index == self.cursor
        kept = self._strips.get(index)
        if kept is not None and kept[1] == lit and (kept[0] is row or kept[0] == row):
            return kept[2]
        strip = paint_row(row, self.COLUMNS, self._slots, self.size.width, self.style_of)
        if lit:
            strip = overlay(strip, self.get_component_rich_style("cell-cursor", partial=True))
        self._strips[index] = (row, lit, strip)
        return strip

    def forget(self) -> None:
        """Paint everything anew: the styles or the width changed."""
        self._strips.clear()
        self._fitted = self.size.width
        self._slots = fit(self.COLUMNS, self._fitted)
        self._head = []

    def on_resize(self) -> None:
        """Textual: a new size; columns are chosen anew."""
        self.forget()
        self._measure()
        if self.following:
            self._follow()
        else:
            self._reveal()

    def on_focus(self) -> None:
        """Textual: the cursor is shown."""
        self._refresh_row(self.cursor)

    def on_blur(self) -> None:
        """Textual: the cursor is hidden."""
        self._refresh_row(self.cursor)

    def on_mouse_scroll_up(self) -> None:
        """Textual: the wheel ends following."""
        self.following = False

    def on_mouse_scroll_down(self) -> None:
        """Textual: the wheel ends following."""
        self.following = False

    def on_click(self, event: events.Click) -> None:
        """Textual: a click puts the cursor there."""
        index = event.get_content_offset_capture(self).y - self._head_lines + self.scroll_offset.y
        if index in self.visible_rows():
            self.move_to(index)
