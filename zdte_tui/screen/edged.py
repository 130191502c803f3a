"""An app whose frames go over the driver's edge, and that behaves toward its terminal as ``[ui]`` says."""

from __future__ import annotations

from typing import Any

from textual import events
from textual._compositor import CompositorUpdate
from textual.app import App
from textual.screen import Screen

from zdte_tui.screen.edge import Edge
from zdte_tui.screen.grid import ColumnChoice, UntilTheEnd
from zdte_tui.screen.manners import Manners


class EdgedApp(App[None]):
    """Hands what is repainted to an ``Edge``, and has it forget the terminal whenever that may show something else."""

    def __init__(self) -> None:
        super().__init__()
        self.edge = Edge()
        self.flashes = self.hovers = True
        self.column_choice: ColumnChoice = UntilTheEnd()
        self.animation_level = "none"

    def behave(self, manners: Manners) -> None:
        """From now on so."""
        self.flashes, self.hovers = manners.flashes, manners.hovers
        if self.edge.remote != manners.remote:
            self.edge.remote = manners.remote
            self.edge.forget()

    def redraw(self) -> None:
        """Send the whole screen again."""
        self.edge.forget()
        self.screen.refresh()

    def on_ready(self) -> None:
        """Textual: the app runs; after ctrl+z and back the terminal shows something else."""
        self.app_resume_signal.subscribe(self, lambda _: self.redraw())

    def on_resize(self, _event: events.Resize) -> None:
        """Textual: a terminal that was resized, if only for a moment, may have moved what it shows."""
        self.redraw()

    def _display(self, screen: Screen[object], renderable: Any) -> None:
        if isinstance(renderable, CompositorUpdate):
            renderable = self.edge.around(renderable, *self.size)
        elif renderable is not None:
            self.edge.forget()
        super()._display(screen, renderable)
