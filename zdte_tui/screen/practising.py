"""What the screen does of itself in a replay: says what a jump came to, and compares when a practice is over."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.view import View

if TYPE_CHECKING:
    from zdte_tui.screen.workstation import Workstation


class Practising:
    """Looks at every view."""

    def __init__(self, station: Workstation) -> None:
        self._station = station
        self._tellings = 0
        self._over = False

    def look(self, view: View) -> None:
        """Tell what is new; at the close of a practice, turn to the comparison, once."""
        progress = view.progress
        if progress.tellings != self._tellings:
            self._tellings = progress.tellings
            self._station.say(progress.told)
        over = progress.finished and progress.practice is not None
        if over and not self._over:
            self._station.go("compare")
            self._station.say("the practice is over: compared with the same day hands-off; z zooms")
        self._over = over
