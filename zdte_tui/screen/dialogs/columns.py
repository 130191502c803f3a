"""The dialog that switches a table's columns on and off and moves them. The table shows at once what comes of it."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.widgets import Label

from zdte_tui.screen.dialogs.dialog import Dialog
from zdte_tui.screen.grid import AS_MADE, Choice, Column, Grid, Row
from zdte_tui.screen.grid.column import FLEXIBLE, ordered

HINT = "space on, off   left, right move it   r as made   enter keeps it   esc undoes"


class ColumnList(Grid, inherit_bindings=False):
    """The columns, one a row; the keys are the dialog's."""

    SORTS = False
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "row_up"),
        Binding("down,j", "row_down"),
        Binding("home", "first_row"),
        Binding("end", "last_row"),
    ]
    COLUMNS: ClassVar[tuple[Column, ...]] = (
        Column("on", "on", 3, justify="left"),
        Column("key", "column", 14, justify="left"),
        Column("title", "title", 12, justify="left", stretch=FLEXIBLE),
        Column("state", "", 11, justify="left"),
    )


class Columns(Dialog[bool]):
    """Changes the choice of ``grid``; gives whether it is to be kept."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("space", "switch"),
        Binding("left,h,less_than_sign", "move(-1)"),
        Binding("right,l,greater_than_sign", "move(1)"),
        Binding("r", "as_made"),
        Binding("enter", "keep"),
        Binding("escape,v", "undo"),
    ]

    def __init__(self, grid: Grid) -> None:
        super().__init__()
        self.grid = grid
        self.before = grid.choice

    def compose(self) -> ComposeResult:
        """Textual: a list and a line."""
        with Vertical(id="columns"):
            yield ColumnList()
            yield Label(HINT, markup=False)

    def opened(self) -> None:
        """Name it."""
        self.query_one("#columns").border_title = f"columns of {self.grid.id}"
        self._list.following = False
        self._list.focus()
        self._draw()

    @property
    def _list(self) -> ColumnList:
        return self.query_one(ColumnList)

    def _draw(self) -> None:
        choice, columns = self.grid.choice, self.grid.COLUMNS
        seen = self.grid.shown_columns
        rows = []
        for index in ordered(columns, choice):
            column, off = columns[index], columns[index].key in choice.hidden
            state = "" if off or index in seen else "no room now"
            style = "dim" if off or state else "text"
            cells = (("[ ]" if off else "[x]", style), (column.key, style), (column.title, style), (state, "dim"))
            rows.append(Row(column.key, cells))
        self._list.put(tuple(rows))

    def action_switch(self) -> None:
        """On, or off; never the last one."""
        row, choice = self._list.selected, self.grid.choice
        if row is None:
            return
        hidden = choice.hidden ^ {row.key}
        if len(hidden) < len(self.grid.COLUMNS):
            self._choose(Choice(hidden, choice.order))

    def action_move(self, by: int) -> None:
        """One place to the left, or to the right."""
        row, choice, columns = self._list.selected, self.grid.choice, self.grid.COLUMNS
        if row is None:
            return
        order = [columns[index].key for index in ordered(columns, choice)]
        at = order.index(row.key)
        to = max(0, min(len(order) - 1, at + by))
        order.insert(to, order.pop(at))
        self._choose(Choice(choice.hidden, tuple(order)))
        self._list.move_to(to)

    def action_as_made(self) -> None:
        """All columns, in their own order."""
        self._choose(AS_MADE)

    def _choose(self, choice: Choice) -> None:
        self.grid.choose(choice)
        self._draw()

    def action_keep(self) -> None:
        """Remember it."""
        self.dismiss(True)

    def action_undo(self) -> None:
        """As it was."""
        self.grid.choose(self.before)
        self.dismiss(False)
