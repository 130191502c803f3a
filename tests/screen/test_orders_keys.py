"""Trading keys in the blotter act on the order under the cursor."""

from __future__ import annotations

import day_views
import ticket_views
from msgspec.structs import replace
from playing import play, press, until
from textual.pilot import Pilot
from views import FakePort

from engine.types import CancelOrder
from engine.view import CommandRequest
from zdte_tui.screen.app import WorkstationApp
from zdte_tui.screen.dialogs import Confirm

WORKING = day_views.orders().rows[0].key


async def on_row(app: WorkstationApp, pilot: Pilot[None], port: FakePort, key: str) -> None:
    """The orders, with the cursor on a row."""
    entry = ticket_views.deals().entries[0]
    port.put(deals=ticket_views.deals(entries=(replace(entry, client_order_id=WORKING),)))
    app.workstation.go("orders")
    pane = app.workstation.pane("orders")
    await until(pilot, lambda: pane.has_focus and pane.rows and app.desk.view and app.desk.view.deals.entries)
    pane.move_to(next(n for n, row in enumerate(pane.rows) if row.key == key))


def test_x_asks_to_cancel_the_working_order_under_the_cursor_and_y_sends_it() -> None:
    async def scenario(app: WorkstationApp, pilot: Pilot[None], port: FakePort) -> None:
        await on_row(app, pilot, port, WORKING)
        await press(pilot, "down", "X")  # from the line in which its reason stands
        await until(pilot, lambda: isinstance(app.screen, Confirm))
        assert port.commands == []
        await pilot.press("y")
        await until(pilot, lambda: port.commands)
        assert port.commands == [CommandRequest("manual", manual=CancelOrder(client_order_id=WORKING))]

    play(scenario, size=(100, 40))


def test_x_on_an_order_that_is_over_cancels_nothing_and_says_why() -> None:
    async def scenario(app: WorkstationApp, pilot: Pilot[None], port: FakePort) -> None:
        await on_row(app, pilot, port, "main-20260115-0-5")
        await press(pilot, "X")
        await until(pilot, lambda: app.workstation.message)
        assert "no entry of #3 works" in app.workstation.message
        assert not isinstance(app.screen, Confirm)
        assert port.commands == []

    play(scenario, size=(100, 40))
