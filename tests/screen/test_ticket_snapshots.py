"""How the ticket looks: SVG for the eye of a differ, plain text for the eye of a reviewer."""

from __future__ import annotations

import pytest
import ticket_views
from checks_ticket import opened
from playing import dump, until
from test_screen_snapshots import Draw, draw  # noqa: F401 - a fixture
from textual.pilot import Pilot
from views import FakePort

from engine.types import to_units
from zdte_tui.screen.app import WorkstationApp
from zdte_tui.screen.dialogs import Confirm
from zdte_tui.screen.ticket.picking import Pick

SIZES = [(80, 24), (120, 40), (160, 48)]


def named(size: tuple[int, int]) -> str:
    return f"{size[0]}x{size[1]}"


@pytest.mark.parametrize("size", SIZES, ids=named)
def test_the_ticket(draw: Draw, size: tuple[int, int]) -> None:  # noqa: F811
    port = FakePort()

    async def act(app: WorkstationApp, pilot: Pilot[None]) -> None:
        ticketing = await opened(app, pilot, port, side_stop=to_units(2.3), target=to_units(0.6), tags=("cpi",))
        ticketing.next_field(5)
        await until(pilot, lambda: "if a side stops" in dump(app))

    draw(f"ticket-{named(size)}", size, port, act)


def test_a_denied_one(draw: Draw) -> None:  # noqa: F811
    port = FakePort()

    async def act(app: WorkstationApp, pilot: Pilot[None]) -> None:
        await opened(app, pilot, port)
        ticket_views.say(port, ticket_views.refusal)
        await until(pilot, lambda: "Would be denied" in dump(app))
        await pilot.press("O")

    draw("ticket-denied-120x40", (120, 40), port, act)


def test_it_asks(draw: Draw) -> None:  # noqa: F811
    port = FakePort()

    async def act(app: WorkstationApp, pilot: Pilot[None]) -> None:
        await opened(app, pilot, port, side_stop=to_units(2.3))
        await pilot.press("O")
        await until(pilot, lambda: isinstance(app.screen, Confirm) and "y confirms" in dump(app))

    draw("ticket-asks-120x40", (120, 40), port, act)


def test_the_structures(draw: Draw) -> None:  # noqa: F811
    port = FakePort()

    async def act(app: WorkstationApp, pilot: Pilot[None]) -> None:
        ticketing = await opened(app, pilot, port)
        await pilot.press("p")
        await until(pilot, lambda: isinstance(app.screen, Pick))
        port.put(proposals=ticket_views.proposals(ticketing.draft.package))
        await until(pilot, lambda: "it would not enter" in dump(app))

    draw("ticket-structures-120x40", (120, 40), port, act)
