"""The kill switch works from everywhere, is confirmed by ``y`` alone and in time, and says when it was not sent."""

from __future__ import annotations

from typing import Any

import pytest
import views
from playing import dump, play, press, until
from textual import events
from textual.pilot import Pilot
from textual.widgets import Input
from views import FakePort

from engine.types import KILL_LEVELS, KillLevel
from engine.view import CommandRequest
from zdte_tui.screen.actions import action
from zdte_tui.screen.app import QUESTIONS, WorkstationApp
from zdte_tui.screen.dialogs import Confirm, GoTo, Kill, Prompt
from zdte_tui.screen.dialogs.kill import KEYS
from zdte_tui.screen.grid import Lines


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
        for key in ("enter", "space", "escape", "Y", "n", "ctrl+q", "tab", "question_mark", "left"):
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


# --- the levels


@pytest.mark.parametrize(
    ("key", "level"), [(key, level) for key, level in KEYS.items()] + [(f":kill {each}", each) for each in KILL_LEVELS]
)
def test_every_level_is_chosen_and_then_confirmed(key: str, level: KillLevel) -> None:
    async def scenario(app: WorkstationApp, pilot: Pilot[None], port: FakePort) -> None:
        await press(pilot, *([] if key.startswith(":") else ["K"]), key)
        await until(pilot, lambda: isinstance(app.screen, Confirm))
        assert isinstance(app.screen, Confirm)
        assert app.screen.question.startswith(level.upper())
        if level in ("flatten", "lock"):
            assert app.screen.detail.startswith(port.estimate)
        assert port.commands == []
        await pilot.press("y")
        await until(pilot, lambda: port.commands == [CommandRequest(level)])

    play(scenario)


def test_the_estimate_stands_first_and_every_level_says_what_it_does() -> None:
    async def scenario(app: WorkstationApp, pilot: Pilot[None], port: FakePort) -> None:
        await pilot.press("K")
        await until(pilot, lambda: isinstance(app.screen, Kill) and "any other key leaves" in dump(app))
        words = " ".join(app.screen.query_one("#kill", Lines).plain.split())
        places = [words.index(part) for part in (port.estimate, *KILL_LEVELS.values())]
        assert places == sorted(places)

    play(scenario, size=(200, 60))


@pytest.mark.parametrize("key", ["escape", "enter", "y", "K", "5", "x"])
def test_any_other_key_leaves_the_levels_alone(key: str) -> None:
    async def scenario(app: WorkstationApp, pilot: Pilot[None], port: FakePort) -> None:
        await pilot.press("K")
        await until(pilot, lambda: isinstance(app.screen, Kill))
        await pilot.press(key)
        await until(pilot, lambda: app.screen is app.workstation)
        assert port.commands == []

    play(scenario)


@pytest.mark.parametrize("before", ["question_mark", "g", "z", "colon"])
def test_the_levels_are_reached_from_everywhere(before: str) -> None:
    async def scenario(app: WorkstationApp, pilot: Pilot[None], port: FakePort) -> None:
        await press(pilot, before)
        below = app.screen
        await pilot.press("K")
        await until(pilot, lambda: isinstance(app.screen, Kill))
        await pilot.press("4")
        await until(pilot, lambda: isinstance(app.screen, Confirm))
        await pilot.press("y")
        await until(pilot, lambda: port.commands == [CommandRequest("lock")])
        assert app.screen is below

    play(scenario)


@pytest.mark.parametrize("question", ["F", "P", "K4"])
def test_flatten_takes_the_place_of_an_open_question_and_confirms_none(question: str) -> None:
    async def scenario(app: WorkstationApp, pilot: Pilot[None], port: FakePort) -> None:
        await pilot.press(*question)
        await until(pilot, lambda: isinstance(app.screen, Confirm))
        before = app.screen
        await pilot.press("F")
        await until(pilot, lambda: isinstance(app.screen, Confirm) and app.screen is not before)
        assert isinstance(app.screen, Confirm)
        assert app.screen.question == QUESTIONS["flatten"]
        assert port.commands == []
        await pilot.press("y")
        await until(pilot, lambda: port.commands)
        assert port.commands == [CommandRequest("flatten")]
        assert app.screen is app.workstation

    play(scenario)


def test_the_kill_switch_takes_the_place_of_an_open_question() -> None:
    async def scenario(app: WorkstationApp, pilot: Pilot[None], port: FakePort) -> None:
        await pilot.press("colon", "F", "K")
        await until(pilot, lambda: isinstance(app.screen, Kill))
        assert app.workstation.message == "flatten cancelled: the key was not y"
        await pilot.press("escape")
        await until(pilot, lambda: isinstance(app.screen, Prompt))
        assert port.commands == []

    play(scenario)


def test_a_y_from_before_the_question_stood_waits_for_another() -> None:
    """A burst on a slow line, or text pasted into a terminal that does not say so."""

    async def scenario(app: WorkstationApp, pilot: Pilot[None], port: FakePort) -> None:
        early = events.Key("y", "y")
        await pilot.press("F")
        await until(pilot, lambda: isinstance(app.screen, Confirm))
        question = app.screen
        question.post_message(early)
        await pilot.pause()
        assert app.screen is question
        assert port.commands == []
        await pilot.press("y")
        await until(pilot, lambda: port.commands)

    play(scenario)


def test_a_y_after_the_engine_has_stopped_says_that_nothing_left() -> None:
    async def scenario(app: WorkstationApp, pilot: Pilot[None], port: FakePort) -> None:
        await pilot.press("F")
        await until(pilot, lambda: isinstance(app.screen, Confirm))
        app.workstation.dead = True
        await pilot.press("y")
        await until(pilot, lambda: "flatten FAILED: the engine has stopped" in app.workstation.message)
        assert port.commands == []

    play(scenario)


def test_flatten_is_reached_from_the_levels_too() -> None:
    async def scenario(app: WorkstationApp, pilot: Pilot[None], port: FakePort) -> None:
        await pilot.press("K", "F")
        await until(pilot, lambda: isinstance(app.screen, Confirm))
        await pilot.press("y")
        await until(pilot, lambda: port.commands == [CommandRequest("flatten")])

    play(scenario)


def test_a_level_that_is_none_stays_on_the_line_to_be_mended() -> None:
    async def scenario(app: WorkstationApp, pilot: Pilot[None], port: FakePort) -> None:
        await pilot.press("colon", *"kill flaten", "enter")
        prompt = app.screen
        assert isinstance(prompt, Prompt)
        await until(pilot, lambda: "did you mean flatten?" in prompt.problem)
        assert port.commands == []

    play(scenario)


def test_no_level_is_sent_to_an_engine_that_has_stopped() -> None:
    async def scenario(app: WorkstationApp, pilot: Pilot[None], port: FakePort) -> None:
        await pilot.press("K", "3")
        await until(pilot, lambda: "flatten cannot be sent: the engine has stopped" in app.workstation.message)
        assert port.commands == []

    play(scenario, port=FakePort(views.view(error="ZeroDivisionError in pricing")))


def test_quitting_without_trades_asks_nothing() -> None:
    async def scenario(app: WorkstationApp, pilot: Pilot[None], port: FakePort) -> None:
        await pilot.press(*action("quit").keys)
        await until(pilot, lambda: not app.is_running or app._exit)

    play(scenario, port=FakePort(views.empty()))
