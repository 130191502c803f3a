"""The order ticket's frame tells the mode as those of the panes do."""

from __future__ import annotations

import pytest
import views
from playing import dump, play, press, until
from textual.pilot import Pilot
from views import FakePort

from zdte_tui.screen.app import WorkstationApp

FRAMES = {
    "SIMULATED calm": "╭─ 0 order ticket",
    "PRACTICE SIMULATED": "╍ 0 order ticket",
    "REPLAY vendor lean quote": "╍ 0 order ticket",
    "PAPER": "┌─ 0 order ticket",
    "LIVE": "╔═ 0 order ticket",
}


@pytest.mark.parametrize("banner", FRAMES)
def test_the_ticket_is_framed_as_the_panes_are(banner: str) -> None:
    async def scenario(app: WorkstationApp, pilot: Pilot[None], port: FakePort) -> None:
        await press(pilot, "0")
        await until(pilot, lambda: "┏━ 0 order ticket" in dump(app))  # where the keys are, in every mode
        await press(pilot, "h")
        await until(pilot, lambda: FRAMES[banner] in dump(app))

    play(scenario, port=FakePort(views.view(header=views.header(banner=banner))))
