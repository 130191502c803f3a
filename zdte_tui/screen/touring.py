"""The tour on the workstation: what the guide asks of it, and the strip it speaks in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.view import View
from zdte_tui.screen.commands import prepare
from zdte_tui.screen.grid import Lines
from zdte_tui.screen.slots import PANE_NAMES
from zdte_tui.screen.tour import Guide, TourStrip

if TYPE_CHECKING:
    from zdte_tui.screen.workstation import Workstation


class Touring:
    """The guide's host (``tour.guide.Host``)."""

    def __init__(self, station: Workstation) -> None:
        self._station = station
        self.guide = Guide(self)

    @property
    def on(self) -> bool:
        """Whether there is a tour."""
        return self.guide.at is not None

    @property
    def view(self) -> View | None:
        """The newest view."""
        return self._station.desk.view

    @property
    def primary(self) -> str:
        """The pane with the focus."""
        return self._station.primary

    def noticed(self, id: str) -> None:  # noqa: A002 - the field's name
        """A person ran an action: the step may have waited for it."""
        self.guide.noticed(id)
        self.look()

    def look(self) -> None:
        """Move on if it is time, never under a dialog; and say what is to be said now."""
        if self._station.app.screen is self._station:
            self.guide.look()
        self.draw()

    def point_at(self, about: str) -> None:
        """Give a pane room and focus, or mark the header or the timeline."""
        for name in ("header", "timeline"):
            self._station.query_one(f"#{name}", Lines).set_class(name == about, "pointed")
        if about in PANE_NAMES:
            self._station.go(about)

    def hold(self) -> None:
        """Pause the market, if it plays."""
        progress = self._station.desk.progress
        if progress is not None and not progress.finished:
            self._station.desk.play("pause")

    def run_word(self, word: str) -> None:
        """What the ``:`` line does for ``word``."""
        prepare(self._station, word)()

    def say(self, text: str) -> None:
        """One line to the person."""
        self._station.say(text)

    def draw(self) -> None:
        """The strip as it is to be now."""
        strip, step, view = self._station.query_one("#tour", TourStrip), self.guide.step, self.view
        if step is None or view is None or self._station.has_class("too-small"):
            strip.hide()
            return
        title = f"tour {self.guide.steps.index(step) + 1} of {len(self.guide.steps)}   {step.title}"
        enter = "enter does that for you" if self.guide.waiting else "enter goes on"
        keys = f"{enter}   backspace back   esc leaves"
        press = step.press if self.guide.armed else ""
        strip.tell(title, step.words(view), press, keys, self._station.size.width)
