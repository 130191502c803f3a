"""The state each key of the order ticket must lead to."""

from __future__ import annotations

from typing import Any

import ticket_views
import views
from action_checks import check
from playing import press, until
from textual.pilot import Pilot
from views import FakePort

from engine.types import Contract, to_units
from zdte_tui.screen.app import WorkstationApp
from zdte_tui.screen.dialogs import Confirm
from zdte_tui.screen.ticket.draft import Draft
from zdte_tui.screen.ticket.picking import Pick
from zdte_tui.screen.ticket.ticketing import Ticketing
from zdte_tui.screen.ticket.typing import TypeValue

App, P = WorkstationApp, Pilot[None]


def option(name: str) -> Contract:
    return Contract("SPXW", views.DAY, to_units(name[:-1]), name[-1])  # type: ignore[arg-type]


CONDOR = ((option("5835P"), 1), (option("5845P"), -1), (option("5900C"), -1), (option("5910C"), 1))


async def opened(app: App, pilot: P, port: FakePort, **changes: Any) -> Ticketing:
    """The ticket with a condor on it, and the engine's answer."""
    ticketing = app.workstation.ticketing
    ticketing.put(Draft(legs=CONDOR, name="iron condor", **changes))
    ticketing.begin()
    await until(pilot, lambda: any(look.ticket is not None for look in port.looks))
    ticket_views.say(port)
    await until(pilot, lambda: ticketing.view is not None)
    await until(pilot, lambda: ticketing.panel.has_focus)
    return ticketing


@check("order")
async def _(app: App, pilot: P, port: FakePort, key: str) -> None:
    await press(pilot, key)
    ticketing = app.workstation.ticketing
    assert ticketing.open
    assert ticketing.panel.display
    await opened(app, pilot, port)
    await press(pilot, key)
    await until(pilot, lambda: isinstance(app.screen, Confirm))
    assert port.commands == []
    await pilot.press("y")
    await until(pilot, lambda: port.commands)
    (sent,) = port.commands
    assert sent.kind == "manual"
    assert sent.manual == Draft(legs=CONDOR, name="iron condor").order(1, to_units(-2.25))
    assert not ticketing.open
    assert ticketing.draft == Draft()
    assert app.workstation.message.startswith("sent: 1 x IC 5835/5845P 5900/5910C at 2.25 credit")


@check("ticket")
async def _(app: App, pilot: P, port: FakePort, key: str) -> None:
    await press(pilot, key)
    assert app.workstation.ticketing.open
    await until(pilot, lambda: app.workstation.ticketing.panel.has_focus)
    assert port.commands == []


@check("buy")
async def _(app: App, pilot: P, port: FakePort, key: str) -> None:
    await _leg(app, pilot, key, 1)


@check("sell")
async def _(app: App, pilot: P, port: FakePort, key: str) -> None:
    await _leg(app, pilot, key, -1)


async def _leg(app: App, pilot: P, key: str, side: int) -> None:
    if key.startswith(":"):
        await press(pilot, f"{key} 5880c")
        assert app.workstation.ticketing.draft.legs == ((option("5880C"), side),)
        return
    await press(pilot, key)
    assert "left goes to the call" in app.workstation.message
    await press(pilot, "right", "right", key, key)
    assert app.workstation.ticketing.draft.legs == ((option("5870P"), 2 * side),)
    await press(pilot, "s" if side > 0 else "b")
    assert app.workstation.ticketing.draft.legs == ((option("5870P"), side),)
    await press(pilot, *["left"] * 4, key)
    assert app.workstation.ticketing.draft.legs[1] == (option("5870C"), side)


@check("ticket_next")
async def _(app: App, pilot: P, port: FakePort, key: str) -> None:
    ticketing = await opened(app, pilot, port)
    assert ticketing.at == 0
    await press(pilot, key)
    assert ticketing.at == 1
    for _n in range(11):
        await press(pilot, key)
    assert ticketing.at == 0
    assert port.commands == []


@check("ticket_previous")
async def _(app: App, pilot: P, port: FakePort, key: str) -> None:
    ticketing = await opened(app, pilot, port)
    await press(pilot, key)
    assert ticketing.field == "tags"


@check("ticket_more")
async def _(app: App, pilot: P, port: FakePort, key: str) -> None:
    await _stepped(app, pilot, port, key, 1)


@check("ticket_less")
async def _(app: App, pilot: P, port: FakePort, key: str) -> None:
    await _stepped(app, pilot, port, key, -1)


async def _stepped(app: App, pilot: P, port: FakePort, key: str, by: int) -> None:
    ticketing = await opened(app, pilot, port, quantity=2)
    await press(pilot, key)  # a leg goes to the next strike
    assert ticketing.draft.legs[0][0] == option(f"{5835 + 5 * by}P" if by < 0 else "5900C") or by > 0
    ticketing = await opened(app, pilot, port, quantity=2)
    ticketing.at = 4
    await press(pilot, key)
    assert ticketing.draft.quantity == 2 + by
    ticket_views.say(port)
    await until(pilot, lambda: ticketing.view is not None)
    ticketing.at = 5
    await press(pilot, key)  # a credit of 2.25, a tick more or less of it
    assert (ticketing.draft.pricing, ticketing.draft.limit) == ("fixed", to_units(-2.25) - by * to_units(0.05))


@check("ticket_type")
async def _(app: App, pilot: P, port: FakePort, key: str) -> None:
    ticketing = await opened(app, pilot, port)
    ticketing.at = 5
    await press(pilot, key)
    await until(pilot, lambda: isinstance(app.screen, TypeValue))
    line = app.screen
    assert isinstance(line, TypeValue)
    await pilot.press(*["backspace"] * 4, *"2.31", "enter")
    await until(pilot, lambda: "not on the tick of 0.05: 2.30 or 2.35 is" in line.problem)
    await pilot.press("backspace", "0", "enter")
    await until(pilot, lambda: app.screen is app.workstation)
    assert (ticketing.draft.pricing, ticketing.draft.limit) == ("fixed", to_units(-2.30))
    assert ticketing.field == "until"
    assert port.commands == []


@check("ticket_mid")
async def _(app: App, pilot: P, port: FakePort, key: str) -> None:
    ticketing = await opened(app, pilot, port, pricing="fixed", limit=to_units(-2.5))
    await press(pilot, key)
    assert ticketing.draft.pricing == "mid"


@check("ticket_natural")
async def _(app: App, pilot: P, port: FakePort, key: str) -> None:
    ticketing = await opened(app, pilot, port)
    await press(pilot, key)
    assert ticketing.draft.pricing == "natural"
    request = ticketing.draft.request()
    assert request is not None
    assert request.at == "natural"


@check("ticket_risk")
async def _(app: App, pilot: P, port: FakePort, key: str) -> None:
    ticketing = await opened(app, pilot, port)
    await press(pilot, key)
    assert ticketing.draft.quantity == 0
    ticket_views.say(port)
    await until(pilot, lambda: "risk: 3" in ticketing.panel.plain)


@check("ticket_pick")
async def _(app: App, pilot: P, port: FakePort, key: str) -> None:
    ticketing = await opened(app, pilot, port)
    await press(pilot, key)
    await until(pilot, lambda: isinstance(app.screen, Pick))
    assert "proposals" in port.looks[-1].parts
    port.put(proposals=ticket_views.proposals(ticketing.draft.package))
    pick = app.screen
    assert isinstance(pick, Pick)
    await until(pilot, lambda: len(pick.found) == 10)
    await pilot.press("4", "enter")
    await until(pilot, lambda: app.screen is app.workstation)
    assert ticketing.draft.name == "iron butterfly"
    assert [ratio for _, ratio in ticketing.draft.legs] == [1, -1, -1, 1]
    assert "proposals" not in port.looks[-1].parts
    assert port.commands == []


@check("ticket_limits")
async def _(app: App, pilot: P, port: FakePort, key: str) -> None:
    ticketing = await opened(app, pilot, port)
    ticketing.pages = 2
    await press(pilot, key)
    assert ticketing.page == 1
    assert ticketing.open


@check("ticket_shift")
async def _(app: App, pilot: P, port: FakePort, key: str) -> None:
    ticketing = await opened(app, pilot, port)
    await press(pilot, key)
    assert "no leg opposes" in app.workstation.message
    ticket_views.say(port, ticket_views.refusal)
    await until(pilot, lambda: ticketing.view is not None and ticketing.view.collisions)
    await press(pilot, key)
    assert ticketing.draft.legs[0] == (option("5830P"), 1)


@check("ticket_remove")
async def _(app: App, pilot: P, port: FakePort, key: str) -> None:
    ticketing = await opened(app, pilot, port)
    await press(pilot, key)
    assert ticketing.draft.legs == CONDOR[1:]


@check("ticket_clear")
async def _(app: App, pilot: P, port: FakePort, key: str) -> None:
    ticketing = await opened(app, pilot, port, stop=to_units(4.5))
    await press(pilot, key)
    assert ticketing.draft == Draft()
    assert ticketing.open


@check("ticket_chain")
async def _(app: App, pilot: P, port: FakePort, key: str) -> None:
    ticketing = await opened(app, pilot, port)
    await press(pilot, key)
    assert app.workstation.focused is app.workstation.pane("chain")
    assert ticketing.open


@check("ticket_close")
async def _(app: App, pilot: P, port: FakePort, key: str) -> None:
    ticketing = await opened(app, pilot, port)
    await press(pilot, key)
    assert not ticketing.open
    assert not ticketing.panel.display
    assert ticketing.draft.legs == CONDOR
    assert port.looks[-1].ticket is None
