"""The whole way by keys on the real engine: a condor from the chain, sent, filled, its stop moved, halved, closed."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Callable
from pathlib import Path
from typing import Any

from playing import make_app, press
from textual.pilot import Pilot

from engine.calendar import from_new_york
from engine.config import load
from engine.session.compose import compose_demo
from engine.session.port import LocalPort
from engine.types import MANUAL
from engine.view import Deal, Pace, View
from strategies.registry import REGISTRY
from zdte_tui.screen.dialogs import Confirm

DAY = dt.date(2026, 1, 15)
PATIENCE = 60.0


async def wait(pilot: Pilot[Any], condition: Callable[[], object], what: str) -> None:
    loop = asyncio.get_running_loop()
    end = loop.time() + PATIENCE
    while not condition():
        assert loop.time() < end, what
        await pilot.pause(0.02)


def test_a_condor_by_hand_from_the_first_key_to_the_last_fill(tmp_path: Path) -> None:
    config = load(
        settings=[
            f"journal.path={tmp_path / 'demo.sqlite'}",
            "strategies.iron_condor.enabled=false",
            "demo.expiries=1",
        ]
    )
    composed = compose_demo(config, REGISTRY, speed=0, stay=True, fresh=True)
    port = LocalPort(composed.runner)
    port.start()
    port.pace(Pace("goto", instant=from_new_york(DAY, dt.time(10, 30))))
    app = make_app(port)  # type: ignore[arg-type]

    def view() -> View:
        found = app.desk.view
        assert found is not None
        return found

    def deal() -> Deal | None:
        return next(iter(view().deals.deals), None)

    async def confirmed(pilot: Pilot[Any], *keys: str) -> None:
        await press(pilot, *keys)
        await wait(pilot, lambda: isinstance(app.screen, Confirm), f"{keys}: {app.workstation.message}")
        await pilot.press("y")
        await wait(pilot, lambda: app.screen is app.workstation, "the question stays")

    async def stepped(pilot: Pilot[Any], done: Callable[[], object], what: str) -> None:
        """Play minutes until it is so."""
        for _n in range(30):
            if done():
                return
            at = view().header.now
            port.pace(Pace("step", value=60))
            await wait(pilot, lambda at=at: view().header.now > at and view().progress.paused, what)  # type: ignore[misc]
        assert done(), what

    async def run() -> None:
        async with app.run_test(size=(160, 48)) as pilot:
            await wait(
                pilot,
                lambda: app.desk.view is not None and view().progress.paused and view().chain and view().chain.rows,
                "10:30 never came",
            )
            ticketing = app.workstation.ticketing
            await press(pilot, "O", "p")
            await wait(pilot, lambda: len(getattr(app.screen, "found", ())) >= 8, "no structures")
            await press(pilot, "1", "enter")
            await wait(pilot, lambda: ticketing.view is not None and ticketing.view.approved, "no preview")
            assert ticketing.field == "quantity"
            await press(pilot, "up", "n")
            await wait(pilot, lambda: ticketing.view is not None and ticketing.view.quantity == 2, "not two")
            told = ticketing.view
            assert told is not None
            assert told.limit is not None
            assert told.natural is not None
            assert told.limit <= told.natural + told.tick
            await confirmed(pilot, "O")
            await wait(pilot, lambda: deal() is not None, "no trade")
            await stepped(pilot, lambda: (d := deal()) is not None and d.parts and d.parts[0].quantity == 2, "unfilled")
            found = deal()
            assert found is not None
            assert found.strategy == MANUAL
            puts = next(part for part in found.parts if part.scope == "puts")
            assert puts.mid is not None
            assert puts.stop_at is None
            stop = (puts.mid // 500 + 40) * 500
            await confirmed(pilot, f":stop {found.trade_id} puts {stop / 10_000:.2f}")
            await wait(
                pilot,
                lambda: (d := deal()) is not None and any(p.stop_at == stop for p in d.parts if p.scope == "puts"),
                f"the stop stays: {[row.text for row in view().log[-3:]]}",
            )
            await confirmed(pilot, f":close-half {found.trade_id}")
            await stepped(pilot, lambda: (d := deal()) is not None and d.parts[0].quantity == 1, "not halved")
            await press(pilot, "2", "home")
            await confirmed(pilot, "C")
            await stepped(pilot, lambda: deal() is None, "not closed")
            assert view().positions.open_trades == 0
            assert [row for row in view().log if row.level == "alarm"] == []

    try:
        asyncio.run(run())
    finally:
        port.stop()
        composed.close()
