"""Between the question and ``y``: what is sent is what was asked, and where it would reach nobody, that is said."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
import ticket_views
import views
from checks_ticket import CONDOR, opened
from checks_trading import ready
from msgspec.structs import replace
from playing import play, press, until
from textual.pilot import Pilot
from views import FakePort

from engine.view import TicketRequest, TicketView
from zdte_tui.screen.app import WorkstationApp
from zdte_tui.screen.dialogs import Confirm
from zdte_tui.screen.ticket.draft import Draft
from zdte_tui.screen.ticket.lines import legs_words

App, P = WorkstationApp, Pilot[None]
WATCHING = views.seat(in_control=False, holder="the screen on pts/2")


async def asked(app: App, pilot: P, *keys: str) -> Confirm:
    await press(pilot, *keys)
    await until(pilot, lambda: isinstance(app.screen, Confirm))
    assert isinstance(app.screen, Confirm)
    return app.screen


@pytest.mark.parametrize("key", ["C", "H", "Z", ":stop 7 4.60", ":note 7 cpi"])
def test_a_screen_that_only_watches_asks_and_sends_nothing(key: str) -> None:
    async def scenario(app: App, pilot: P, port: FakePort) -> None:
        await ready(app, pilot, port)
        port.put(seat=WATCHING)
        await until(pilot, lambda: app.desk.view is not None and app.desk.view.seat == WATCHING)
        await press(pilot, key)
        assert app.screen is app.workstation
        assert "this screen only watches; :take-control first" in app.workstation.message
        assert port.commands == []

    play(scenario)


def test_a_ticket_of_a_screen_that_only_watches_is_not_sent() -> None:
    async def scenario(app: App, pilot: P, port: FakePort) -> None:
        await opened(app, pilot, port)
        port.put(seat=WATCHING)
        await until(pilot, lambda: app.desk.view is not None and app.desk.view.seat == WATCHING)
        await press(pilot, "O")
        assert "not sent: this screen only watches" in app.workstation.message
        assert app.screen is app.workstation

    play(scenario)


@pytest.mark.parametrize(
    ("change", "says"), [("seat", "close FAILED: this screen only watches"), ("dead", "close FAILED: the engine has")]
)
def test_what_changed_before_y_is_said_and_nothing_is_said_to_be_sent(change: str, says: str) -> None:
    async def scenario(app: App, pilot: P, port: FakePort) -> None:
        await ready(app, pilot, port)
        await asked(app, pilot, "C")
        if change == "seat":
            port.put(seat=WATCHING)
            await until(pilot, lambda: app.desk.view is not None and app.desk.view.seat == WATCHING)
        else:
            app.workstation.dead = True
        await pilot.press("y")
        await until(pilot, lambda: says in app.workstation.message)
        assert port.commands == []

    play(scenario)


def test_the_question_of_a_ticket_says_which_legs_are_bought_and_which_sold() -> None:
    async def scenario(app: App, pilot: P, port: FakePort) -> None:
        ticketing = await opened(app, pilot, port)
        question = await asked(app, pilot, "O")
        day = ticketing.draft.legs[0][0].expiry
        assert question.detail.startswith(f"SPXW {day}: buys 5835P, 5910C, sells 5845P, 5900C. ")
        await pilot.press("y")
        await until(pilot, lambda: port.commands)
        order: Any = port.commands[0].manual
        assert order.exact
        assert [leg.contract.short_name for leg in order.package.legs] == ["5835P", "5845P", "5900C", "5910C"]

    play(scenario)


def test_a_ticket_of_which_a_leg_would_be_shifted_is_not_sent_with_other_legs_than_it_shows() -> None:
    def approved(request: TicketRequest) -> TicketView:
        return replace(ticket_views.refusal(request), approved=1, code="OK")

    async def scenario(app: App, pilot: P, port: FakePort) -> None:
        ticketing = await opened(app, pilot, port)
        ticket_views.say(port, approved)
        await until(pilot, lambda: ticketing.view is not None and ticketing.view.collisions)
        await press(pilot, "O")
        assert app.screen is app.workstation
        assert "would oppose what is held or working; a takes strikes that do not" in app.workstation.message
        assert port.commands == []

    play(scenario)


def test_a_leg_of_another_day_and_a_ratio_are_said() -> None:
    put, short = CONDOR[0][0], CONDOR[1][0]
    later = replace(put, expiry=put.expiry + dt.timedelta(days=1))
    words = legs_words(Draft(legs=((put, 1), (short, -2), (later, 1))))
    assert words == f"SPXW {put.expiry}: buys 5835P, 5835P {later.expiry}, sells 2x 5845P"
