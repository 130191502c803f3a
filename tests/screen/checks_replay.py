"""Checks of the keys that go about in a replay: state, for each action."""

from __future__ import annotations

import views
from action_checks import check
from msgspec.structs import replace
from playing import press, until
from textual.pilot import Pilot
from views import FakePort

from engine.view import Mark, Pace
from zdte_tui.screen.app import WorkstationApp
from zdte_tui.screen.dialogs.takeover import TakeOver

MINUTE = 60 * 10**9


async def marked(app: WorkstationApp, pilot: Pilot[None], port: FakePort, *marks: Mark) -> int:
    """Show these marks; the instant that is shown."""
    assert port.current is not None
    port.put(progress=replace(port.current.progress, marks=marks))
    await until(pilot, lambda: app.desk.view is port.current)
    return port.current.progress.now


@check("minute_back")
async def _(app: WorkstationApp, pilot: Pilot[None], port: FakePort, key: str) -> None:
    now = await marked(app, pilot, port)
    await press(pilot, key)
    assert port.paces == [Pace("goto", instant=now - MINUTE)]


@check("event_on")
async def _(app: WorkstationApp, pilot: Pilot[None], port: FakePort, key: str) -> None:
    await press(pilot, key)
    assert port.paces == [Pace("next", text="event")]


@check("event_back")
async def _(app: WorkstationApp, pilot: Pilot[None], port: FakePort, key: str) -> None:
    await press(pilot, key)
    assert port.paces == [Pace("back")]


@check("next_event")
async def _(app: WorkstationApp, pilot: Pilot[None], port: FakePort, key: str) -> None:
    await press(pilot, key)
    assert port.paces == [Pace("next")]
    await press(pilot, ":next alerts")
    assert port.paces[1:] == [Pace("next", text="alert")]
    assert app.workstation.message == "to the next alert"


@check("previous")
async def _(app: WorkstationApp, pilot: Pilot[None], port: FakePort, key: str) -> None:
    now = app.desk.view.progress.now  # type: ignore[union-attr]
    trade, alert = Mark(now - 9 * MINUTE, "trade", "#7 open"), Mark(now - 2 * MINUTE, "alert")
    await marked(app, pilot, port, trade, alert, Mark(now + MINUTE, "trade"))
    await press(pilot, key)
    assert port.paces == [Pace("goto", instant=trade.ts)]
    assert app.workstation.message.endswith(": #7 open")
    await press(pilot, key)
    assert app.workstation.message.startswith("no signal or trade before")
    assert len(port.paces) == 1


@check("bookmark")
async def _(app: WorkstationApp, pilot: Pilot[None], port: FakePort, key: str) -> None:
    now = await marked(app, pilot, port)
    await press(pilot, f"{key} my entry" if key.startswith(":") else key)
    assert port.paces == [Pace("bookmark", instant=now, text="my entry" if key.startswith(":") else "")]


@check("next_bookmark")
async def _(app: WorkstationApp, pilot: Pilot[None], port: FakePort, key: str) -> None:
    await press(pilot, key)
    assert app.workstation.message == "no bookmarks on this day: m sets one"
    now = app.desk.view.progress.now  # type: ignore[union-attr]
    early, late = Mark(now - MINUTE, "bookmark"), Mark(now + MINUTE, "bookmark", "stop")
    await marked(app, pilot, port, late, early)
    await press(pilot, key)
    await press(pilot, key)
    assert port.paces == [Pace("goto", instant=late.ts), Pace("goto", instant=early.ts)]


@check("bookmarks")
async def _(app: WorkstationApp, pilot: Pilot[None], port: FakePort, key: str) -> None:
    await marked(app, pilot, port, Mark(views.at("10:30:00"), "bookmark", "first"))
    await press(pilot, key)
    assert app.workstation.message == "10:30:00 first"
    assert port.paces == []


@check("take_over")
async def _(app: WorkstationApp, pilot: Pilot[None], port: FakePort, key: str) -> None:
    await press(pilot, key)
    await until(pilot, lambda: isinstance(app.screen, TakeOver))
    await pilot.press("enter")  # Enter never chooses
    await until(pilot, lambda: app.screen is app.workstation)
    assert port.paces == [Pace("pause"), Pace("resume")]
    await press(pilot, key)
    await until(pilot, lambda: isinstance(app.screen, TakeOver))
    await pilot.press("f")
    await until(pilot, lambda: len(port.paces) == 4)
    assert port.paces[2:] == [Pace("pause"), Pace("take_over", text="flat")]
    await press(pilot, ":take-over with")
    assert port.paces[-1] == Pace("take_over", text="with")


@check("comparison")
async def _(app: WorkstationApp, pilot: Pilot[None], port: FakePort, key: str) -> None:
    await press(pilot, key)
    assert app.workstation.primary == "compare"
    await until(pilot, lambda: "comparison" in port.looks[-1].parts)
