"""How far what the panes show is behind what there is: frozen by a person, or late on a slow line."""

from __future__ import annotations

from collections.abc import Callable
from time import monotonic

from engine.view import View
from zdte_tui.screen.text import duration

LINGER = 3.0
"""Seconds for which the screen goes on saying that it was late."""
LATE = 1.0
"""Seconds of updates left out from which it says so: less is no news, and would take the place of the keys."""


class Still:
    """Keeps the view that the panes show, and when it came.

    Attributes:
        view: what the panes show; None before the first.
        frozen: whether they keep it whatever comes.
    """

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        self._clock = clock
        self.view: View | None = None
        self.frozen = False
        self._newest = 0
        self._since = 0.0
        self._skipped_at: float | None = None
        self._late = ("", 0.0)

    def came(self, view: View) -> bool:
        """A newer view is here; whether the panes are to show it."""
        self._newest = view.version
        if self.frozen:
            return False
        now = self._clock()
        if self._skipped_at is not None and self.view is not None:
            updates, late = max(0, view.version - self.view.version), now - self._skipped_at
            if updates and late >= LATE:
                self._late = (f"slow terminal: was {self._behind(updates, late)}", now + LINGER)
        self._skipped_at = None
        self.view, self._since = view, now
        return True

    def skipped(self) -> None:
        """The terminal has not taken what it was sent, and nothing new was drawn."""
        if self._skipped_at is None:
            self._skipped_at = self._clock()

    def freeze(self) -> str:
        """Keep what is shown, or go on; what was done, in words."""
        if self.view is None:
            return "nothing to freeze yet: no view of the session has come"
        self.frozen = not self.frozen
        return "frozen: the panes stand, the engine goes on; f goes on here too" if self.frozen else "the panes go on"

    @property
    def note(self) -> str:
        """What the screen must say of it; empty where it is up to date."""
        now = self._clock()
        if self.frozen and self.view is not None:
            behind = self._behind(max(0, self._newest - self.view.version), now - self._since)
            return f"FROZEN, {behind}; f goes on"
        text, until = self._late
        return text if now < until else ""

    @staticmethod
    def _behind(updates: int, seconds: float) -> str:
        return f"{updates:,} update{'' if updates == 1 else 's'} behind, data {duration(seconds)} old"
