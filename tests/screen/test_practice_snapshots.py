"""How taking over and comparing look: SVG for the eye of a differ, plain text for the eye of a reviewer."""

from __future__ import annotations

import pytest
import views
from playing import dump, press, until
from test_screen_snapshots import Draw, draw  # noqa: F401 - a fixture
from textual.pilot import Pilot
from views import FakePort

from zdte_tui.screen.app import WorkstationApp
from zdte_tui.screen.dialogs.takeover import TakeOver


def named(size: tuple[int, int]) -> str:
    return f"{size[0]}x{size[1]}"


def practice() -> FakePort:
    banner = "PRACTICE REPLAY vendor lean quote"
    progress = views.progress(practice=views.at("10:30:00"), strategies="alone", paused=True)
    return FakePort(views.view(header=views.header(banner=banner), progress=progress))


@pytest.mark.parametrize("size", [(60, 20), (80, 24), (120, 40)], ids=named)
def test_taking_over(draw: Draw, size: tuple[int, int]) -> None:  # noqa: F811
    async def act(app: WorkstationApp, pilot: Pilot[None]) -> None:
        await press(pilot, "t")
        await until(pilot, lambda: isinstance(app.screen, TakeOver) and "3 with" in dump(app))

    draw(f"takeover-{named(size)}", size, FakePort(), act)


@pytest.mark.parametrize("zoomed", [False, True], ids=["slot", "whole"])
@pytest.mark.parametrize("size", [(60, 20), (80, 24), (160, 48)], ids=named)
def test_the_comparison(draw: Draw, size: tuple[int, int], zoomed: bool) -> None:  # noqa: F811
    async def act(app: WorkstationApp, pilot: Pilot[None]) -> None:
        await press(pilot, "=", *("z" * zoomed))
        await until(pilot, lambda: app.workstation.maximised is zoomed and "max drawdown" in dump(app))

    draw(f"compare-{'whole' if zoomed else 'slot'}-{named(size)}", size, practice(), act)
