"""What the keys of the risk graph and of the gamma pane must lead to."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import risk_views
from action_checks import check
from playing import press, until
from textual.pilot import Pilot
from views import FakePort

from engine.view import PayoffRequest
from zdte_tui.screen.app import WorkstationApp
from zdte_tui.screen.panes.payoff import PayoffPane

STEP = 0.0005 * risk_views.SPOT


async def payoff(app: WorkstationApp, pilot: Pilot[None]) -> PayoffPane:
    await press(pilot, ":payoff")
    pane = app.workstation.pane("payoff")
    assert isinstance(pane, PayoffPane)
    await until(pilot, lambda: pane.has_focus and "the book" in str(pane.border_title))
    return pane


def moves_the_spot(name: str, by: float) -> None:
    @check(name)
    async def _(app: WorkstationApp, pilot: Pilot[None], port: FakePort, key: str) -> None:
        pane = await payoff(app, pilot)
        await press(pilot, key)
        assert pane.at == pytest.approx(risk_views.SPOT + by * STEP)


for _name, _by in (("left", -1), ("right", 1), ("far_left", -10), ("far_right", 10)):
    moves_the_spot(f"payoff_{_name}", _by)


def asks_for(name: str, wanted: Callable[[], PayoffRequest]) -> None:
    @check(name)
    async def _(app: WorkstationApp, pilot: Pilot[None], port: FakePort, key: str) -> None:
        await payoff(app, pilot)
        await press(pilot, key)
        assert port.looks[-1].payoff == wanted()


asks_for("payoff_vol_up", lambda: PayoffRequest(shock=1.0))
asks_for("payoff_vol_down", lambda: PayoffRequest(shock=-1.0))
asks_for("payoff_later", lambda: PayoffRequest(ahead=2700))
asks_for("payoff_sooner", lambda: PayoffRequest(ahead=900))
asks_for("payoff_turn", lambda: PayoffRequest(trade_id=7))


@check("payoff_reset")
async def _(app: WorkstationApp, pilot: Pilot[None], port: FakePort, key: str) -> None:
    pane = await payoff(app, pilot)
    await press(pilot, "right", "up", "plus", key)
    assert pane.at is None
    assert port.looks[-1].payoff == PayoffRequest()


@check("gamma_expiries")
async def _(app: WorkstationApp, pilot: Pilot[None], port: FakePort, key: str) -> None:
    await press(pilot, ":gamma")
    await until(pilot, lambda: port.looks and "gamma" in port.looks[-1].parts)
    await press(pilot, key)
    await until(pilot, lambda: "gamma_all" in port.looks[-1].parts)
