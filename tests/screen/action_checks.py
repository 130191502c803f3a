"""The checks of the registry's actions: by an action's id, what must be so after its key or its word."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from textual.pilot import Pilot
from views import FakePort

from zdte_tui.screen.app import WorkstationApp

Check = Callable[[WorkstationApp, "Pilot[None]", FakePort, str], Awaitable[None]]
CHECKS: dict[str, Check] = {}


def check(name: str) -> Callable[[Check], Check]:
    """Of the action ``name``. The last argument is the key, or the word behind a colon, that is to be pressed."""

    def keep(function: Check) -> Check:
        CHECKS[name] = function
        return function

    return keep
