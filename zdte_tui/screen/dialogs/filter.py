"""The line that narrows a table to the rows in which a word stands, while it is typed."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.widgets import Input, Label

from zdte_tui.screen.dialogs.field import Field, TypedDialog
from zdte_tui.screen.grid import Grid, Lines


class Filter(TypedDialog[None]):
    """Narrows ``grid`` with each letter. Enter keeps that; escape shows all rows again."""

    def __init__(self, grid: Grid) -> None:
        super().__init__()
        self.grid = grid

    def compose(self) -> ComposeResult:
        """Textual: what comes of it above, the line below."""
        with Vertical(id="filter"):
            yield Lines(id="found")
            with Horizontal():
                yield Label("/", markup=False)
                yield Field(self.grid.words, id="words", max_length=40)

    def on_resize(self) -> None:
        """Textual: there is room to say something."""
        self._draw()

    def on_input_changed(self, event: Input.Changed) -> None:
        """Textual: another letter."""
        self.grid.narrow(event.value)
        self._draw()

    def on_input_submitted(self) -> None:
        """Textual: Enter."""
        self.dismiss()

    def action_back_out(self) -> None:
        """All rows again."""
        self.grid.narrow("")
        self.dismiss()

    def _draw(self) -> None:
        told = self.grid.told or "rows in which all these words stand"
        self.query_one("#found", Lines).put((((f"{told}   enter keeps it   esc shows all rows", "dim"),),))
