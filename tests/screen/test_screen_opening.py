"""The screen before there is a session: painted first, told what is being done, ended where nothing can be opened."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import pytest
import views
from playing import dump, until
from textual.pilot import Pilot
from views import FakePort

from zdte_tui.screen.app import WorkstationApp
from zdte_tui.screen.commands import prepare
from zdte_tui.screen.manners import Manners


@dataclass
class FakeOpening:
    """An opening whose steps the test takes."""

    stage: str = "reading the configuration"
    theme: str = ""
    refresh_hz: float | None = None
    manners: Manners | None = None
    failed: bool = False
    begun: int = 0

    def begin(self) -> None:
        self.begun += 1


def play(
    scenario: Callable[[WorkstationApp, Pilot[Any], FakePort, FakeOpening], Awaitable[None]],
) -> WorkstationApp:
    port, opening = FakePort(None), FakeOpening()
    app = WorkstationApp(port, opening=opening)

    async def run() -> None:
        async with app.run_test(size=(80, 24)) as pilot:
            await until(pilot, lambda: opening.begun)
            await scenario(app, pilot, port, opening)

    asyncio.run(run())
    return app


def test_panes_are_painted_and_the_header_says_what_is_being_done() -> None:
    async def scenario(app: WorkstationApp, pilot: Pilot[Any], port: FakePort, opening: FakeOpening) -> None:
        assert "1 chain" in dump(app)
        assert "reading the configuration" in dump(app)
        opening.stage = "compiling " + "for some seconds " * 8
        await until(pilot, lambda: "compiling for some seconds" in dump(app))
        assert max(len(line) for line in dump(app).splitlines()) <= 80
        assert opening.begun == 1

    play(scenario)


def test_the_configurations_theme_and_the_first_view_are_taken_up() -> None:
    async def scenario(app: WorkstationApp, pilot: Pilot[Any], port: FakePort, opening: FakeOpening) -> None:
        opening.theme, opening.refresh_hz, opening.stage = "textual-light", 20.0, ""
        port.current = views.empty()
        await until(pilot, lambda: app.theme == "textual-light" and "SIMULATED" in dump(app))
        port.put(chain=views.chain())
        await until(pilot, lambda: ">5870<" in dump(app))
        port.put(header=views.header(now=views.at("12:34:56")))
        await until(pilot, lambda: "12:34:56" in dump(app))

    play(scenario)


def test_where_no_session_can_be_opened_the_screen_ends() -> None:
    async def scenario(app: WorkstationApp, pilot: Pilot[Any], port: FakePort, opening: FakeOpening) -> None:
        opening.failed = True
        await until(pilot, lambda: app._exit)

    assert play(scenario).return_code == 0


def test_keys_of_a_replay_wait_for_the_session_that_is_being_opened() -> None:
    """Whose pace it will be is not known yet: nothing is said of it."""

    async def scenario(app: WorkstationApp, pilot: Pilot[Any], port: FakePort, opening: FakeOpening) -> None:
        await pilot.press("n")
        await until(pilot, lambda: "n works once the session is open" in dump(app))
        with pytest.raises(ValueError, match=r"^speed works once the session is open$"):
            prepare(app.workstation, "speed 300")
        assert port.paces == []

    play(scenario)


def test_keys_are_answered_before_there_is_a_session() -> None:
    async def scenario(app: WorkstationApp, pilot: Pilot[Any], port: FakePort, opening: FakeOpening) -> None:
        await pilot.press("e")
        await until(pilot, lambda: "no chain yet" in dump(app))
        await pilot.press("F", "y")
        await until(pilot, lambda: port.commands)
        await pilot.press(":", *"smile", "enter")
        await until(pilot, lambda: port.looks)
        assert "smile" in port.looks[-1].parts

    play(scenario)
