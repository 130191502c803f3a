"""Flatten works from everywhere, is confirmed by ``y`` alone and in time, and says when it could not be sent."""

from __future__ import annotations

from typing import Any

import pytest
import views
from playing import play, press, until
from textual.pilot import Pilot
from textual.widgets import Input
from views import FakePort

from engine.view import CommandRequest
from zdte_tui.screen.actions import action
from zdte_tui.screen.app import WorkstationApp
from zdte_tui.screen.dialogs import Confirm, GoTo, Prompt


@pytest.mark.parametrize("before", ["question_mark", "g", "z", "6", "colon", ":tour 14"])
def test_flatten_works_from_everywhere(before: str) -> None:
    async def scenario(app: WorkstationApp, pilot: Pilot[None], port: FakePort) -> None:
        await press(pilot, before)
        below = app.screen
        await pilot.press("F")
        await until(pilot, lambda: isinstance(app.screen, Confirm))
        assert isinstance(app.screen, Confirm)
        assert app.screen.detail == port.estimate
        await pilot.press("y")
        await until(pilot, lambda: port.commands)
        assert port.commands == [CommandRequest("flatten")]
        assert app.screen is below

    play(scenario)


@pytest.mark.parametrize(("key", "dialog"), [("g", GoTo), ("colon", Prompt)])
def test_flatten_does_not_write_into_the_dialog(key: str, dialog: type) -> None:
    async def scenario(app: WorkstationApp, pilot: Pilot[None], port: FakePort) -> None:
        await pilot.press(key, "1", "F", "n", "2")
        await until(pilot, lambda: isinstance(app.screen, dialog))
        assert app.screen.query_one(Input).value == "12"

    play(scenario)


def test_no_key_but_y_confirms() -> None:
    async def scenario(app: WorkstationApp, pilot: Pilot[None], port: FakePort) -> None:
        for key in ("enter", "space", "escape", "Y", "n", "F", "ctrl+q", "tab", "question_mark", "left"):
            await pilot.press("F")
            await until(pilot, lambda: isinstance(app.screen, Confirm))
            await press(pilot, key)
            await until(pilot, lambda: app.screen is app.workstation)
            assert app.workstation.message == "flatten cancelled: the key was not y", key
            await pilot.press("y")
            assert port.commands == [], key

    play(scenario)


def test_a_click_does_not_confirm() -> None:
    async def scenario(app: WorkstationApp, pilot: Pilot[None], port: FakePort) -> None:
        await pilot.press("F")
        await until(pilot, lambda: isinstance(app.screen, Confirm))
        await pilot.click("#confirm")
        await until(pilot, lambda: app.screen is app.workstation)
        assert port.commands == []

    play(scenario)


def test_without_y_in_time_nothing_happens_and_it_says_so() -> None:
    async def scenario(app: WorkstationApp, pilot: Pilot[None], port: FakePort) -> None:
        await pilot.press("F")
        await until(pilot, lambda: app.screen is app.workstation)
        assert app.workstation.message == "flatten cancelled: no y within 0 s"
        assert port.commands == []

    play(scenario, confirm_seconds=0.2)


def test_a_late_y_is_late_even_before_the_timer_fires() -> None:
    async def scenario(app: WorkstationApp, pilot: Pilot[None], port: FakePort) -> None:
        await pilot.press("F")
        await until(pilot, lambda: isinstance(app.screen, Confirm))
        assert isinstance(app.screen, Confirm)
        app.screen._asked -= app.confirm_seconds + 0.1
        await pilot.press("y")
        await until(pilot, lambda: app.screen is app.workstation)
        assert "no y within 5 s" in app.workstation.message
        assert port.commands == []

    play(scenario)


def test_a_broken_estimate_does_not_stop_the_kill_switch() -> None:
    class NoEstimate(FakePort):
        def flatten_estimate(self) -> Any:
            raise RuntimeError("no quotes")

    async def scenario(app: WorkstationApp, pilot: Pilot[None], port: FakePort) -> None:
        await pilot.press("F")
        await until(pilot, lambda: isinstance(app.screen, Confirm))
        assert isinstance(app.screen, Confirm)
        assert app.screen.detail == "What it costs is unknown: no quotes"
        await pilot.press("y")
        await until(pilot, lambda: port.commands)

    play(scenario, port=NoEstimate())


def test_an_order_that_does_not_leave_is_told() -> None:
    class Broken(FakePort):
        def command(self, request: CommandRequest) -> None:
            raise RuntimeError("queue closed")

    async def scenario(app: WorkstationApp, pilot: Pilot[None], port: FakePort) -> None:
        await pilot.press("F", "y")
        await until(pilot, lambda: app.workstation.message == "flatten FAILED: queue closed")

    play(scenario, port=Broken())


def test_quitting_without_trades_asks_nothing() -> None:
    async def scenario(app: WorkstationApp, pilot: Pilot[None], port: FakePort) -> None:
        await pilot.press(*action("quit").keys)
        await until(pilot, lambda: not app.is_running or app._exit)

    play(scenario, port=FakePort(views.empty()))
