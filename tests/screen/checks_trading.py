"""What each key on trades sends after ``y``, and what it says before."""

from __future__ import annotations

import datetime as dt

import ticket_views
from action_checks import check
from playing import press, until
from textual.pilot import Pilot
from textual.widgets import Input
from ticket_views import ENTRY
from views import FakePort

from engine.types import (
    Adopt,
    Annotate,
    CancelAll,
    CancelOrder,
    CloseTrade,
    Manual,
    MoveLimit,
    MoveStop,
    MoveTarget,
    PauseStrategy,
    RollTrade,
    to_units,
)
from engine.view import CommandRequest
from zdte_tui.screen.app import WorkstationApp
from zdte_tui.screen.dialogs import Confirm
from zdte_tui.screen.ticket.typing import TypeValue

App, P = WorkstationApp, Pilot[None]


async def ready(app: App, pilot: P, port: FakePort, *keys: str) -> None:
    """The trades are known, and the cursor is where ``keys`` lead from the first row of the positions."""
    port.put(deals=ticket_views.deals())
    await until(pilot, lambda: app.desk.view is not None and app.desk.view.deals.deals)
    await press(pilot, "2", "home", *keys)


async def confirmed(app: App, pilot: P, port: FakePort, order: Manual, *told: str) -> None:
    """Every one of ``told`` stands in the question; ``y`` sends the order, and nothing was sent before."""
    await until(pilot, lambda: isinstance(app.screen, Confirm))
    question = app.screen
    assert isinstance(question, Confirm)
    assert port.commands == []
    words = f"{question.question} {question.detail}"
    for each in (*told, "SIMULATED", "account main"):
        assert each in words, words
    await pilot.press("y")
    await until(pilot, lambda: port.commands)
    assert port.commands == [CommandRequest("manual", manual=order)]
    assert app.screen is app.workstation
    assert "sent" in app.workstation.message


async def given(app: App, pilot: P, value: str) -> None:
    """A value typed on the line that has opened."""
    await until(pilot, lambda: isinstance(app.screen, TypeValue))
    app.screen.query_one(Input).value = value
    await pilot.press("enter")


@check("close")
async def _(app: App, pilot: P, port: FakePort, key: str) -> None:
    await ready(app, pilot, port)
    await press(pilot, key if len(key) == 1 else ":close 7")
    told = ("CLOSE #7 IC 10:00", "2 of 2", "closing costs 1.35 at mid, 1.55 now", "+$186.00 at mid, +$146.00 now")
    await confirmed(app, pilot, port, CloseTrade(trade_id=7), *told)


@check("close_half")
async def _(app: App, pilot: P, port: FakePort, key: str) -> None:
    await ready(app, pilot, port, "down")  # the puts' row
    await press(pilot, key if len(key) == 1 else ":close-half 7 puts")
    told = ("half of #7 IC 10:00 puts 5845/5835P", "1 of 2", "+$54.00 at mid, +$44.00 now for 1 of 2")
    await confirmed(app, pilot, port, CloseTrade(trade_id=7, scope="puts", part=2, held=2), *told)


@check("close_quarter")
async def _(app: App, pilot: P, port: FakePort, key: str) -> None:
    await ready(app, pilot, port)
    await press(pilot, key if len(key) == 1 else ":close-quarter #7")
    await confirmed(app, pilot, port, CloseTrade(trade_id=7, part=4, held=2), "a quarter of #7", "1 of 2")


@check("close_tested")
async def _(app: App, pilot: P, port: FakePort, key: str) -> None:
    await ready(app, pilot, port)
    await press(pilot, key)
    await confirmed(app, pilot, port, CloseTrade(trade_id=7, scope="puts"), "puts 5845/5835P (the tested side)")


@check("roll")
async def _(app: App, pilot: P, port: FakePort, key: str) -> None:
    await ready(app, pilot, port, "down", "down")  # the calls' row
    if len(key) == 1:
        await press(pilot, key)
        await given(app, pilot, "+2 next")
    else:
        await press(pilot, ":roll 7 calls 2 2026-01-16")
    order = RollTrade(trade_id=7, scope="calls", strikes=2, expiry=dt.date(2026, 1, 16))
    await confirmed(app, pilot, port, order, "ROLL 5900/5910C of #7", "2 strikes away from the money to 2026-01-16")


@check("move_stop")
async def _(app: App, pilot: P, port: FakePort, key: str) -> None:
    await ready(app, pilot, port, "down")
    if len(key) == 1:
        await press(pilot, key)
        await given(app, pilot, "+0.25")
    else:
        await press(pilot, ":stop 7 puts 2.60")
    order = MoveStop(trade_id=7, scope="puts", price=to_units(2.60))
    await confirmed(app, pilot, port, order, "STOP at a cost of 2.60", "stands at 2.35 now", "closing costs 0.55")


@check("move_target")
async def _(app: App, pilot: P, port: FakePort, key: str) -> None:
    await ready(app, pilot, port)
    if len(key) == 1:
        await press(pilot, key)
        await given(app, pilot, "0.60")
    else:
        await press(pilot, ":target 7 0.60")
    order = MoveTarget(trade_id=7, price=to_units(0.60))
    await confirmed(app, pilot, port, order, "TARGET at a cost of 0.60 for #7", "there, it brings +$336.00")


@check("move_limit")
async def _(app: App, pilot: P, port: FakePort, key: str) -> None:
    await ready(app, pilot, port)
    if len(key) == 1:
        await press(pilot, "1", key)  # from another pane: the only one that works
        await given(app, pilot, "2.10")
    else:
        await press(pilot, f":limit {ENTRY} 2.10")
    order = MoveLimit(client_order_id=ENTRY, limit=to_units(-2.10))
    await confirmed(app, pilot, port, order, "LIMIT 2.10 credit for the entry of #12", "works at 2.20 credit")


@check("cancel_order")
async def _(app: App, pilot: P, port: FakePort, key: str) -> None:
    await ready(app, pilot, port)
    if len(key) == 1:
        app.workstation.pane("positions").move_to(
            next(n for n, row in enumerate(app.workstation.pane("positions").rows) if row.trade == 12)
        )
        await press(pilot, key)
    else:
        await press(pilot, f":cancel-order {ENTRY}")
    await confirmed(app, pilot, port, CancelOrder(client_order_id=ENTRY), "CANCEL the entry of #12", "1 filled stay")


@check("cancel_all")
async def _(app: App, pilot: P, port: FakePort, key: str) -> None:
    await ready(app, pilot, port)
    await press(pilot, key)
    await confirmed(app, pilot, port, CancelAll(), "CANCEL the working entry", "#12 IC 11:00")


@check("pause_strategy")
async def _(app: App, pilot: P, port: FakePort, key: str) -> None:
    await ready(app, pilot, port, "4", "home")
    await press(pilot, key if len(key) == 1 else ":pause-strategy iron_condor SPXW")
    order = PauseStrategy(strategy="iron_condor", root="SPXW", paused=True)
    await confirmed(app, pilot, port, order, "PAUSE iron_condor on SPXW", "exits go on")


@check("adopt")
async def _(app: App, pilot: P, port: FakePort, key: str) -> None:
    await ready(app, pilot, port)
    await press(pilot, ":adopt 15" if len(key) > 1 else key)
    if len(key) == 1:  # the cursor is on a trade that its strategy watches
        assert "#7 is watched by iron_condor already" in app.workstation.message
        port.put(deals=ticket_views.deals(deals=ticket_views.deals().deals[2:]))
        await until(pilot, lambda: app.desk.view is not None and len(app.desk.view.deals.deals) == 1)
        await press(pilot, "1", key)  # elsewhere: the only trade
    await confirmed(app, pilot, port, Adopt(trade_id=15), "ADOPT #15 5800P, outside")


@check("note")
async def _(app: App, pilot: P, port: FakePort, key: str) -> None:
    await ready(app, pilot, port)
    if len(key) == 1:
        await press(pilot, key)
        await given(app, pilot, "held on through CPI #news #cpi")
    else:
        await press(pilot, ":note 7 held on through CPI #news #cpi")
    await until(pilot, lambda: port.commands)
    order = Annotate(trade_id=7, note="held on through CPI", tags=("news", "cpi"))
    assert port.commands == [CommandRequest("manual", manual=order)]
    assert app.screen is app.workstation
    assert "note on #7 sent" in app.workstation.message
