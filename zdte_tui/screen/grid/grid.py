"""The grid: a sheet with a cursor, sorting, a filter, and the mouse."""

from __future__ import annotations

from typing import ClassVar

from textual import events

from zdte_tui.screen.actions import bindings, perform
from zdte_tui.screen.grid.arrange import Sort
from zdte_tui.screen.grid.choice import Choice, ColumnChoice, UntilTheEnd
from zdte_tui.screen.grid.column import Row
from zdte_tui.screen.grid.sheet import Sheet


class Grid(Sheet, can_focus=True, inherit_bindings=False):
    """Columns over rows, a sticky header, sticky last lines, and a cursor of a row and a column.

    While ``following``, the row named by ``follow`` is kept in the middle (or the last row at the bottom, with
    ``FOLLOW_END``); moving the cursor ends that, ``action_follow`` starts it again. A row is known by its key: the
    cursor stays on it however the rows are sorted and filtered.
    """

    BINDINGS = bindings("grid")
    FOLLOW_END: ClassVar[bool] = False
    SORTS: ClassVar[bool] = True
    HOME_COLUMN: ClassVar[str] = ""
    """Where the column cursor begins; empty for the first column shown."""

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's name
        super().__init__(id=id)
        self.following = True
        self.copied = ""
        self._choice_of: tuple[int, int] | None = None

    def put(
        self, rows: tuple[Row, ...], *, bottom: tuple[Row, ...] = (), message: str = "", follow: str | None = None
    ) -> None:
        """Show these rows. Only cells whose content changed are repainted.

        ``bottom`` are the sticky last lines; ``message`` is shown where there are no rows.
        """
        at = self.rows[self.cursor].key if self.cursor < len(self.rows) else None
        self._set(rows, bottom, message, follow)
        if self.following:
            self._follow()
        else:
            self._keep_cursor(at)

    @property
    def selected(self) -> Row | None:
        """The row under the cursor."""
        return self.rows[self.cursor] if self.cursor < len(self.rows) else None

    # --- the row cursor

    def move_to(self, index: int) -> None:
        """Put the cursor on a row; the view no longer follows."""
        self.following = self.FOLLOW_END and self.sort is None and index >= len(self.rows) - 1
        self._set_cursor(index)
        self._reveal()

    def _set_cursor(self, index: int) -> None:
        new = max(0, min(index, len(self.rows) - 1))
        old, self.cursor = self.cursor, new
        if new != old:
            self._refresh_row(old)
            self._refresh_row(new)

    def _reveal(self) -> None:
        """Scroll until the cursor is in sight, and not below the pinned row."""
        top, height = self._top, self.body_height
        at = self._follow_at if height >= self.PINS else None
        above = at is not None and at < self.cursor
        below = at is not None and at > self.cursor
        if self.cursor < top + (above and at is not None and at < top):
            self._scroll(self.cursor - above)
        elif height and self.cursor >= top + height - (below and at is not None and at >= top + height):
            self._scroll(self.cursor - height + 1 + below)

    def _scroll(self, top: int) -> None:
        limit = max(0, len(self.rows) - self.body_height)
        self.scroll_to(y=max(0, min(top, limit)), animate=False, force=True)

    def _follow(self) -> None:
        if self.FOLLOW_END:
            self._set_cursor(len(self.rows) - 1)
            self._scroll(len(self.rows))
        elif self._follow_at is None:
            self._set_cursor(self.cursor)
        else:
            self._set_cursor(self._follow_at)
            self._scroll(self._follow_at - self.body_height // 2)

    def _keep_cursor(self, key: str | None) -> None:
        if self.cursor < len(self.rows) and self.rows[self.cursor].key == key:
            return
        index = self.index_of(key)
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

    def action_half_page_up(self) -> None:
        """Half a screenful up."""
        self.move_to(self.cursor - max(1, self.body_height // 2))

    def action_half_page_down(self) -> None:
        """Half a screenful down."""
        self.move_to(self.cursor + max(1, self.body_height // 2))

    def action_first_row(self) -> None:
        """The first row."""
        self.move_to(0)

    def action_last_row(self) -> None:
        """The last row."""
        self.move_to(len(self.rows) - 1)

    def action_follow(self) -> None:
        """Back to what this grid follows by itself."""
        if self.FOLLOW_END and self.sort is not None:
            self._sort_by(None)
        self.following = True
        self._follow()

    # --- the column cursor

    def chosen_column(self) -> int | None:
        """The column under the cursor, as its place among all; it begins in its home. None where none is shown."""
        shown = self.shown_columns
        if self.column not in shown:
            home = next((i for i in shown if self.COLUMNS[i].key == self.HOME_COLUMN), None)
            self.column = shown[0] if home is None and shown else home
            self._refresh_row(self.cursor)
        return self.column

    def action_column_left(self) -> None:
        """One column to the left."""
        self._move_column(-1)

    def action_column_right(self) -> None:
        """One column to the right."""
        self._move_column(1)

    def _move_column(self, by: int) -> None:
        shown = self.shown_columns
        at = self.chosen_column()
        if at is not None:
            self.column = shown[max(0, min(len(shown) - 1, shown.index(at) + by))]
            self._refresh_row(self.cursor)

    # --- sorting, filter, columns

    def action_sort(self) -> None:
        """By the column under the cursor: rising, falling, as it comes by itself."""
        column = self.chosen_column()
        if column is not None:
            self.sort_column(column)

    def sort_column(self, column: int) -> None:
        """By one column: rising, falling, as it comes by itself."""
        if not self.SORTS:
            return
        if self.sort is None or self.sort.column != column:
            self._sort_by(Sort(column, falling=False))
        else:
            self._sort_by(None if self.sort.falling else Sort(column, falling=True))

    def _sort_by(self, sort: Sort | None) -> None:
        self.sort = sort
        if sort is not None:
            self.following = False
        self._rearrange()

    def narrow(self, words: str) -> None:
        """Show only rows in which all of these words stand; all of them for none."""
        if words != self.words:
            self.words = words
            self._rearrange()

    def choose(self, choice: Choice) -> None:
        """Show these columns, in this order."""
        if choice != self.choice:
            self.choice = choice
            self._rearrange()

    def keep_choice(self) -> None:
        """Remember the columns as they are now, for this table and this size of the terminal."""
        if self.id:
            size = self.app.size
            self.app_choices.keep(self.id, (size.width, size.height), self.choice)

    @property
    def app_choices(self) -> ColumnChoice:
        """Where choices of columns are remembered."""
        found: ColumnChoice = getattr(self.app, "column_choice", None) or UntilTheEnd()
        return found

    @property
    def shown_columns(self) -> list[int]:
        """The columns on screen, from the left, as their places among all."""
        return [slot.column for slot in self._slots]

    def _rearrange(self) -> None:
        self.forget()
        self._flash.clear()
        self.put(self.natural, bottom=self.bottom, message=self.message, follow=self.follow)
        self.refresh()
        if not self.following:
            self._reveal()
        self.rearranged()

    def rearranged(self) -> None:
        """Other rows, another order or other columns are shown."""

    @property
    def told(self) -> str:
        """What a title must say beside the rows: a filter, and an order that no title on screen shows."""
        parts = []
        if self.words.strip():
            found = sum(not row.parent for row in self.rows)
            everything = sum(not row.parent for row in self.natural)
            parts.append(f"/{self.words.strip()}: {found} of {everything}, esc shows all")
        if self.sort is not None and self.sort.column not in self.shown_columns:
            parts.append(f"sorted by {self.COLUMNS[self.sort.column].title}")
        return "   ".join(parts)

    # --- Textual's events

    def on_resize(self) -> None:
        """Textual: a new size; columns are chosen anew."""
        size = (self.app.size.width, self.app.size.height)
        if self.id and size != self._choice_of:
            self._choice_of = size
            self.choice = self.app_choices.read(self.id, size)
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

    def on_mouse_move(self, event: events.MouseMove) -> None:
        """Textual: the row under the mouse is marked."""
        if getattr(self.app, "hovers", True):
            self._hover(self._row_at(event.get_content_offset_capture(self).y))

    def on_leave(self) -> None:
        """Textual: the mouse has left."""
        self._hover(None)

    def _hover(self, index: int | None) -> None:
        if index != self.hovered:
            old, self.hovered = self.hovered, index
            self._refresh_row(old)
            self._refresh_row(index)

    def on_click(self, event: events.Click) -> None:
        """Textual: a click puts the cursor there; on a title it sorts, on the pinned row it follows again."""
        x, y = event.get_content_offset_capture(self)
        index, column = self._row_at(y), self._column_at(x)
        if 0 <= y < self._head_lines and column is not None and self.rows:
            self.sort_column(column)
        elif index is not None and index == self._pinned:
            self.action_follow()
        elif index is not None:
            if column is not None and not self.rows[index].span:
                self.column = column
            self.move_to(index)
            self._refresh_row(self.cursor)
