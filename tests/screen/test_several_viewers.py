"""A screen among several: the header says whether it only watches, notices are shown once, leaving an attached one asks
nothing."""

from __future__ import annotations

import pytest
import views
from playing import play, press, until
from textual.pilot import Pilot
from views import FakePort

from engine.view import SeatView
from zdte_tui.screen import header, seat
from zdte_tui.screen.app import WorkstationApp
from zdte_tui.screen.seat import Told


def first_line(of: SeatView | None, width: int = 150) -> str:
    line, _ = header.lines(views.view().header, width, seat.items(of))
    return "".join(text for text, _ in line)


@pytest.mark.parametrize(
    ("of", "words"),
    [
        (views.seat(), "in control of 2 screens"),
        (views.seat(in_control=False, holder="the screen on pts/2"), "WATCHING; :take-control"),
        (views.seat(in_control=False, watching=True), "WATCHING ONLY"),
        (views.seat(in_control=False, holder="", viewers=1), "WATCHING, nobody is in control; :take-control"),
    ],
)
def test_the_header_says_who_may_order(of: SeatView, words: str) -> None:
    assert words in first_line(of)
    narrow = first_line(of, 60)
    assert len(narrow) <= 60
    assert of.in_control or "WATCHING" in narrow, "that never gives way"


@pytest.mark.parametrize("of", [None, views.seat(viewers=1)])
def test_alone_it_says_nothing(of: SeatView | None) -> None:
    assert first_line(of) == first_line(None)
    assert "control" not in first_line(of)


def test_a_notice_is_told_once() -> None:
    told = Told()
    assert told.news(None) == ""
    assert told.news(views.seat()) == ""
    assert told.news(views.seat(notice="somebody came", notices=2)) == "somebody came"
    assert told.news(views.seat(notice="somebody came", notices=2)) == ""
    assert told.news(views.seat(notice="somebody left", notices=3)) == "somebody left"


def test_what_a_screen_is_told_stands_in_its_message_line() -> None:
    async def scenario(app: WorkstationApp, pilot: Pilot[None], port: FakePort) -> None:
        port.put(seat=views.seat(in_control=False, notice="the screen on pts/2 took control", notices=1))
        await until(pilot, lambda: "pts/2 took control" in app.workstation.message)

    play(scenario)


def test_leaving_an_attached_screen_asks_nothing_for_the_session_goes_on() -> None:
    async def scenario(app: WorkstationApp, pilot: Pilot[None], port: FakePort) -> None:
        app.attached = True
        assert port.current is not None
        assert port.current.positions.open_trades
        await press(pilot, "q")
        await until(pilot, lambda: not app.is_running or app._exit)

    play(scenario)


def test_an_attached_screen_whose_session_has_gone_says_so() -> None:
    class Gone(FakePort):
        def view(self) -> None:
            raise ConnectionError("the session of process 7 cannot be reached any more: its process has gone")

    async def scenario(app: WorkstationApp, pilot: Pilot[None], port: FakePort) -> None:
        app.attached = True
        app.port = app.desk.port = Gone()
        await until(pilot, lambda: "NOT CONNECTED" in app.workstation.error)
        assert "its process has gone" in app.workstation.error
        await press(pilot, "P")
        assert "the engine has stopped" in app.workstation.message or app.workstation.dead

    play(scenario)


def test_a_screen_that_only_watches_resumes_nothing_and_is_not_asked() -> None:
    async def scenario(app: WorkstationApp, pilot: Pilot[None], port: FakePort) -> None:
        await press(pilot, "A")
        await until(pilot, lambda: "control" in app.workstation.message)
        assert app.screen is app.workstation
        assert port.commands == []

    play(scenario, port=FakePort(views.view(seat=views.seat(in_control=False, holder="the screen on pts/2"))))


def test_a_y_that_finds_the_engine_dead_is_told_to_have_failed() -> None:
    async def scenario(app: WorkstationApp, pilot: Pilot[None], port: FakePort) -> None:
        await press(pilot, "P")
        await until(pilot, lambda: app.screen is not app.workstation)
        port.put(error="a bug")
        await until(pilot, lambda: app.workstation.dead)
        await press(pilot, "y")
        await until(pilot, lambda: "pause FAILED: the engine has stopped" in app.workstation.message)
        assert port.commands == []

    play(scenario)
