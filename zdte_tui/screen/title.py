"""The title of the terminal's window: it names a session with an account, such as ``LIVE *6789``, and flashes while
alarms are not acknowledged; it is given back after that.
"""

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
    """Says whose session it is, and every other second how many alarms there are."""

    def __init__(self) -> None:
        self.alarms = 0
        self._mode = ""
        self._kept = False
        self._app: App[Any] | None = None
        self._timer: Timer | None = None
        self._loud = False

    def tell(self, app: App[Any], alarms: int) -> None:
        """From now on ``alarms``; 0 gives the title back."""
        if alarms == self.alarms:
            return
        before, self.alarms, self._app = self.alarms, alarms, app
        if not alarms:
            self._quiet()
            return
        if not before:
            self._keep()
            self._timer = app.set_interval(SECONDS, self._flash)
        self._loud = False
        self._flash()

    def name(self, app: App[Any], mode: str) -> None:
        """From now on the session is ``mode``, such as ``LIVE *6789``; empty for none that the title names."""
        if mode == self._mode:
            return
        self._mode, self._app = mode, app
        if mode:
            self._keep()
            self._write(_named(self._own))
        elif self._timer is None:
            self.give_back()

    def give_back(self) -> None:
        """The title is what it was."""
        self._stop()
        if self._kept:
            self._kept = False
            self._write(f"{_named('')}{_GIVE_BACK}")

    @property
    def _own(self) -> str:
        return f"{self._mode} zdte-tui".lstrip()

    def _quiet(self) -> None:
        """No alarms: the session's own title where it has one."""
        if not self._mode:
            self.give_back()
            return
        self._stop()
        self._write(_named(self._own))

    def _stop(self) -> None:
        if self._timer is not None:
            self._timer.stop()
            self._timer = None

    def _keep(self) -> None:
        """Have the terminal remember the title it had, once."""
        if not self._kept:
            self._kept = True
            self._write(_KEEP)

    def _flash(self) -> None:
        self._loud = not self._loud
        self._write(_named(f"! {alerts_words(self.alarms)} ! {self._own}" if self._loud else self._own))

    def _write(self, text: str) -> None:
        driver = getattr(self._app, "_driver", None)
        if driver is not None:
            driver.write(text)


def _named(title: str) -> str:
    return f"\x1b]2;{title}\x07"
