"""The title of the terminal's window: it flashes while alarms are not acknowledged, and is given back after that."""

from __future__ import annotations

from typing import Any

from textual.app import App
from textual.timer import Timer

SECONDS = 1.0
_KEEP, _GIVE_BACK = "\x1b[22;2t", "\x1b[23;2t"
"""xterm's own stack of titles, which most terminals have; one that has none ignores both."""


def alerts_words(alarms: int) -> str:
    """``2 ALERTS``: how many alarms nobody has acknowledged."""
    return "1 ALERT" if alarms == 1 else f"{alarms} ALERTS"


class Title:
    """Says how many alarms there are, every other second."""

    def __init__(self) -> None:
        self.alarms = 0
        self._app: App[Any] | None = None
        self._timer: Timer | None = None
        self._loud = False

    def tell(self, app: App[Any], alarms: int) -> None:
        """From now on ``alarms``; 0 gives the title back."""
        if alarms == self.alarms:
            return
        before, self.alarms, self._app = self.alarms, alarms, app
        if not alarms:
            self.give_back()
            return
        if not before:
            self._write(_KEEP)
            self._timer = app.set_interval(SECONDS, self._flash)
        self._loud = False
        self._flash()

    def give_back(self) -> None:
        """The title is what it was."""
        if self._timer is not None:
            self._timer.stop()
            self._timer = None
            self._write(f"{_named('')}{_GIVE_BACK}")

    def _flash(self) -> None:
        self._loud = not self._loud
        self._write(_named(f"! {alerts_words(self.alarms)} ! zdte-tui" if self._loud else "zdte-tui"))

    def _write(self, text: str) -> None:
        driver = getattr(self._app, "_driver", None)
        if driver is not None:
            driver.write(text)


def _named(title: str) -> str:
    return f"\x1b]2;{title}\x07"
