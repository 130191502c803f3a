"""The ticket on the workstation: what sends and what never does, and the kill switch over all of it."""

from __future__ import annotations

import pytest
import ticket_views
import views
from checks_ticket import opened
from playing import dump, play, press, until
from textual.pilot import Pilot
from textual.widgets import Input
from ticket_views import say
from views import FakePort

from engine.types import to_units
from engine.view import CommandRequest
from zdte_tui.screen.app import WorkstationApp
from zdte_tui.screen.dialogs import Confirm, Kill
from zdte_tui.screen.ticket.picking import Pick
from zdte_tui.screen.ticket.typing import TypeValue

App, P = WorkstationApp, Pilot[None]


@pytest.mark.parametrize("place", ["ticket", "line", "list"])
def test_flatten_and_kill_work_over_the_ticket_and_its_dialogs_on_a_dead_feed(place: str) -> None:
    async def scenario(app: App, pilot: P, port: FakePort) -> None:
        port.put(header=views.header(feed="down", feed_text="the stream is lost"))
        ticketing = await opened(app, pilot, port)
        if place == "line":
            ticketing.at = 4
            await pilot.press("7")
            await until(pilot, lambda: isinstance(app.screen, TypeValue))
        elif place == "list":
            await pilot.press("p")
            await until(pilot, lambda: isinstance(app.screen, Pick))
        await pilot.press("K")
        await until(pilot, lambda: isinstance(app.screen, Kill))
        await pilot.press("x")
        await pilot.press("F")
        await until(pilot, lambda: isinstance(app.screen, Confirm))
        await pilot.press("y")
        await until(pilot, lambda: port.commands)
        assert port.commands == [CommandRequest("flatten")]

    play(scenario)


def test_enter_sends_nothing_wherever_it_is_pressed() -> None:
    async def scenario(app: App, pilot: P, port: FakePort) -> None:
        ticketing = await opened(app, pilot, port)
        await press(pilot, *["enter"] * 14, "O")
        await until(pilot, lambda: isinstance(app.screen, Confirm))
        await pilot.press("enter")
        await until(pilot, lambda: app.screen is app.workstation)
        assert "cancelled: the key was not y" in app.workstation.message
        assert ticketing.open
        assert port.commands == []

    play(scenario)


def test_what_the_gate_would_deny_is_not_even_asked() -> None:
    async def scenario(app: App, pilot: P, port: FakePort) -> None:
        ticketing = await opened(app, pilot, port)
        say(port, ticket_views.refusal)
        await until(pilot, lambda: ticketing.view is not None and not ticketing.view.approved)
        await pilot.press("O")
        assert app.workstation.message.startswith("not sent: it would be denied: LEG_COLLISION")
        await pilot.press("r", "O")  # asked about another order, and not answered yet
        assert "not known yet" in app.workstation.message
        await pilot.press("c", "O")
        assert "the ticket has no leg" in app.workstation.message
        assert app.screen is app.workstation
        assert port.commands == []

    play(scenario)


def test_a_dead_engine_is_sent_nothing() -> None:
    async def scenario(app: App, pilot: P, port: FakePort) -> None:
        await opened(app, pilot, port)
        app.workstation.show_error("ENGINE STOPPED", dead=True)
        await pilot.press("O")
        assert "the engine has stopped" in app.workstation.message
        assert app.screen is app.workstation
        assert port.commands == []

    play(scenario)


def test_a_paused_replay_says_that_nothing_fills() -> None:
    async def scenario(app: App, pilot: P, port: FakePort) -> None:
        port.put(progress=views.progress(paused=True))
        await opened(app, pilot, port, side_stop=to_units(2.3), target=to_units(0.6))
        await pilot.press("O")
        await until(pilot, lambda: isinstance(app.screen, Confirm))
        question = app.screen
        assert isinstance(question, Confirm)
        assert question.question == "SEND 1 x IC 5835/5845P 5900/5910C at 2.25 credit?"
        assert "Natural 2.20 credit, mid 2.30 credit; worst loss $777.60, fees $2.60" in question.detail
        assert "stop a side 2.30, target 0.60" in question.detail
        assert "SIMULATED, account main" in question.detail
        assert "nothing fills until space plays on" in question.detail
        await pilot.press("n")
        assert port.commands == []

    play(scenario)


@pytest.mark.parametrize("size", [(80, 24), (100, 30), (120, 40), (160, 48)])
def test_the_chain_stays_beside_the_ticket_and_shows_its_legs(size: tuple[int, int]) -> None:
    async def scenario(app: App, pilot: P, port: FakePort) -> None:
        ticketing = await opened(app, pilot, port)
        await until(pilot, lambda: app.workstation.pane("chain").display)
        chain, panel = app.workstation.pane("chain"), ticketing.panel
        assert not chain.region.overlaps(panel.region)
        assert chain.body_height >= 2
        if size[0] >= 120:
            assert panel.region.x >= chain.region.right
            assert chain.region.height >= 10
        keys = [column.key for column in chain.COLUMNS]
        call, put = keys.index("call.held"), keys.index("put.held")
        marks = {row.key: (row.cells[call][0], row.cells[put][0]) for row in chain.rows}
        assert marks[str(to_units(5845))] == ("", "S2s1")
        assert marks[str(to_units(5910))] == ("L2b1", "")
        text = dump(app)
        assert "Would be approved for 1" in text
        assert "natural / mid" in text
        assert "2.25 credit (mid, follows)" in text
        seen = text
        for _n in range(ticketing.pages):
            await pilot.press("l")
            seen += dump(app)
        for words in ("max gain / loss +$222.40 / -$777.60", "margin          $1,000", "5845P 21%  5900C 21%",
                      "$ -1.25 / -0.420 a pt", "$ +0.85/min -24.75/vp", "3, bound by PER_TRADE",
                      "MAX_OPEN          2 -> 3 of 8 ok", "PER_TRADE         $780 of $2,000 ok"):  # fmt: skip
            assert words in seen, words

    play(scenario, size=size)


def test_another_terminal_size_moves_it_and_escape_closes_it() -> None:
    async def scenario(app: App, pilot: P, port: FakePort) -> None:
        ticketing = await opened(app, pilot, port)
        assert ticketing.panel.region.x > 0
        await pilot.resize_terminal(80, 24)
        await until(pilot, lambda: ticketing.panel.region.x == 0 and ticketing.panel.region.width == 80)
        assert ticketing.draft.legs
        await pilot.press("escape")
        await until(pilot, lambda: not ticketing.panel.display)
        assert app.workstation.focused is app.workstation.pane("chain")

    play(scenario)


@pytest.mark.parametrize(("key", "closed"), [("M", False), ("S", True), ("G", True), ("R", True)])
def test_a_line_about_what_has_gone_meanwhile_is_left_with_enter(key: str, closed: bool) -> None:
    """A limit fills, a trade closes, while a person still types: no value would be taken, and no key reach the rest."""

    async def scenario(app: App, pilot: P, port: FakePort) -> None:
        port.put(deals=ticket_views.deals())
        await until(pilot, lambda: app.desk.view is not None and app.desk.view.deals.deals)
        await press(pilot, "2", "home", *(("down",) if closed else ("1",)), key)
        await until(pilot, lambda: isinstance(app.screen, TypeValue))
        app.screen.query_one(Input).value = "nonsense"
        await pilot.press("enter")
        assert isinstance(app.screen, TypeValue), "a mistake is mended on the line"
        port.put(deals=ticket_views.deals(deals=(), entries=()))
        await until(pilot, lambda: app.desk.view is not None and not app.desk.view.deals.deals)
        await pilot.press("enter")
        await until(pilot, lambda: app.screen is app.workstation)
        assert ("trade #7 is not open" if closed else "no entry works") in app.workstation.message
        assert port.commands == []

    play(scenario)
