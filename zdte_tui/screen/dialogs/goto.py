"""The dialog that asks for a time of the day."""

from __future__ import annotations

import datetime as dt

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Input, Label

from engine.view import ProgressView
from zdte_tui.screen.clean import clean
from zdte_tui.screen.desk import goto_instant
from zdte_tui.screen.dialogs.field import Field, TypedDialog


class GoTo(TypedDialog[int | None]):
    """Gives the instant (ns UTC), or None when backed out of."""

    def __init__(self, day: dt.date, progress: ProgressView) -> None:
        super().__init__()
        self.day, self.progress = day, progress
        self.problem = ""

    def compose(self) -> ComposeResult:
        """Textual: the dialog."""
        with Vertical(id="goto"):
            yield Label("10:30, 1030, 10:30:15, close-40m or open+5m, New York time", classes="quiet", markup=False)
            yield Field(placeholder="time of the day", id="time", max_length=16)
            yield Label("enter goes there   esc goes back", id="problem", markup=False)

    def opened(self) -> None:
        """Name it."""
        self.query_one("#goto").border_title = "go to a time"

    def on_input_changed(self) -> None:
        """Textual: a new attempt."""
        self._say("")

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Textual: Enter; it moves no money."""
        try:
            instant = goto_instant(event.value, self.day, self.progress)
        except ValueError as error:
            self._say(str(error))
            return
        self.dismiss(instant)

    def _say(self, problem: str) -> None:
        self.problem = problem
        label = self.query_one("#problem", Label)
        label.set_class(bool(problem), "wrong")
        label.update(Content(clean(problem) or "enter goes there   esc goes back"))
