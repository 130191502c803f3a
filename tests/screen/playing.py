"""Running the app under Pilot from plain (sync) tests, and reading what it shows."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from textual.app import App
from textual.pilot import Pilot
from textual.widgets import Input
from views import FakePort

from zdte_tui.screen.app import WorkstationApp
from zdte_tui.screen.dialogs import Prompt

PATIENCE = 60.0
"""Seconds until a condition that does not come true fails the test."""

Scenario = Callable[[WorkstationApp, "Pilot[None]", FakePort], Awaitable[None]]


def make_app(port: FakePort, **options: Any) -> WorkstationApp:
    return WorkstationApp(port, **{"refresh_hz": 30, **options})


def play(
    scenario: Scenario, *, port: FakePort | None = None, size: tuple[int, int] = (120, 40), **options: Any
) -> WorkstationApp:
    """Run ``scenario`` against the app once its first view is on screen."""
    used = port or FakePort()
    app = make_app(used, **options)

    async def run() -> None:
        async with app.run_test(size=size) as pilot:
            await settled(pilot, app)
            await scenario(app, pilot, used)

    asyncio.run(run())
    return app


async def press(pilot: Pilot[Any], *keys: str) -> None:
    """Press keys; one that begins with a colon and goes on is given at the ``:`` line."""
    for key in keys:
        if key.startswith(":") and len(key) > 1:
            await pilot.press("colon")
            prompt = pilot.app.screen
            assert isinstance(prompt, Prompt)
            prompt.query_one(Input).value = key[1:]
            await pilot.press("enter")
            await until(pilot, lambda prompt=prompt: pilot.app.screen is not prompt)  # type: ignore[misc]
        else:
            await pilot.press(key)


async def until(pilot: Pilot[Any], condition: Callable[[], object]) -> None:
    """Wait for ``condition``, which must come true."""
    loop = asyncio.get_running_loop()
    end = loop.time() + PATIENCE
    while not condition():
        assert loop.time() < end, "the condition never came true"
        await pilot.pause(0.01)


async def settled(pilot: Pilot[Any], app: WorkstationApp) -> None:
    """Wait until the port's view is shown, every pane has its size, and nothing waits to be drawn."""

    def calm() -> bool:
        station = app.workstation
        if app.desk.view != app.port.view() or not station.is_mounted:
            return False
        shown = [pane for pane in station.query("Pane") if pane.display]
        return bool(shown) and all(pane.size.width and pane._shown for pane in shown)  # type: ignore[attr-defined]

    await until(pilot, calm)
    await pilot.pause()


def dump(app: App[Any]) -> str:
    """The screen as text, dialogs over panes, without trailing blanks."""
    update = app.screen._compositor.render_update(full=True, screen_stack=app._background_screens)
    lines = ["".join(segment.text for segment in strip).rstrip() for strip in update.strips]  # type: ignore[union-attr]
    return "\n".join(lines) + "\n"
