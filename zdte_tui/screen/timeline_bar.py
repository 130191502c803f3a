"""The line of time as a widget: a click on it goes to that moment."""

from __future__ import annotations

from collections.abc import Callable

from textual import events

from zdte_tui.screen.grid import Lines


class TimelineBar(Lines):
    """Hands clicks on: how wide it is, and on which cell it was clicked."""

    def __init__(self, clicked: Callable[[int, int], None]) -> None:
        super().__init__(id="timeline")
        self._clicked = clicked

    def on_click(self, event: events.Click) -> None:
        """Textual: go there."""
        event.stop()
        self._clicked(self.size.width, event.x)
