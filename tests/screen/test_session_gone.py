"""An attached screen whose session is gone stays, shows what it showed last, and says that nothing was sent."""

from __future__ import annotations

from typing import Any

import pytest
from playing import play, press, until
from textual.pilot import Pilot
from views import FakePort

from engine.view import View
from zdte_tui.screen.app import WorkstationApp

WHY = "the session of process 7 cannot be reached any more"


class GonePort(FakePort):
    """A session that can be reached until ``gone``."""

    gone = False

    def view(self) -> View | None:
        self._reach()
        return super().view()

    def look_at(self, request: Any) -> None:
        self._reach()
        super().look_at(request)

    def pace(self, pace: Any) -> None:
        self._reach()
        super().pace(pace)

    def _reach(self) -> None:
        if self.gone:
            raise ConnectionError(WHY)


LOOKS = ("6", "8", "0", "z", "e", "r", "backslash")
PACES = ("space", "full_stop", "left_square_bracket", "n", "comma", "less_than_sign", "m", ":speed 3")


@pytest.mark.parametrize("key", [*LOOKS, *PACES])
def test_no_key_ends_the_screen(key: str) -> None:
    async def scenario(app: WorkstationApp, pilot: Pilot[None], port: FakePort) -> None:
        assert isinstance(port, GonePort)
        port.gone = True
        await until(pilot, lambda: app.workstation.dead)
        await press(pilot, key)
        await pilot.pause()
        assert app.is_running
        assert WHY in app.workstation.error
        if key in PACES:
            assert app.workstation.message == f"not sent: {WHY}"

    play(scenario, port=GonePort())
