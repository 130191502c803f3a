"""What the keys inside the chart, and of a number with several panes, lead to; gathered by test_screen_actions."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from playing import dump, press, until
from textual.pilot import Pilot
from views import FakePort

from zdte_tui.screen.app import WorkstationApp
from zdte_tui.screen.manners import Manners
from zdte_tui.screen.panes.chart import ChartPane
from zdte_tui.screen.slots import SLOTS

Check = Callable[[WorkstationApp, "Pilot[None]", FakePort, str], Awaitable[None]]
CHECKS: dict[str, Check] = {}


def check(name: str) -> Callable[[Check], Check]:
    def keep(function: Check) -> Check:
        CHECKS[name] = function
        return function

    return keep


async def opened(app: WorkstationApp, pilot: Pilot[None]) -> ChartPane:
    """The chart, focused and drawn."""
    app.workstation.go("chart")
    pane = app.workstation.pane("chart")
    assert isinstance(pane, ChartPane)
    await until(pilot, lambda: pane.has_focus and len(pane.lines) > 3)
    return pane


async def moved(app: WorkstationApp, pilot: Pilot[None], key: str, by: int) -> None:
    pane = await opened(app, pilot)
    view = app.desk.view
    assert view is not None
    assert view.chart is not None
    if by > 0:
        pane.move(-30)
    before = view.chart.times[-1] if pane.at is None else pane.at
    drawn = pane.lines
    await press(pilot, key)
    await until(pilot, lambda: pane.at not in (None, before))
    assert pane.at is not None
    assert (pane.at > before) == (by > 0)
    assert pane.lines != drawn
    column = max(60_000_000_000, (view.chart.close - view.chart.open) // pane.size.width)
    assert abs(abs(pane.at - before) - abs(by) * column) <= column


@check("chart_left")
async def _(app: WorkstationApp, pilot: Pilot[None], port: FakePort, key: str) -> None:
    await moved(app, pilot, key, -1)


@check("chart_right")
async def _(app: WorkstationApp, pilot: Pilot[None], port: FakePort, key: str) -> None:
    await moved(app, pilot, key, 1)


@check("chart_far_left")
async def _(app: WorkstationApp, pilot: Pilot[None], port: FakePort, key: str) -> None:
    await moved(app, pilot, key, -10)


@check("chart_far_right")
async def _(app: WorkstationApp, pilot: Pilot[None], port: FakePort, key: str) -> None:
    await moved(app, pilot, key, 10)


@check("chart_closer")
async def _(app: WorkstationApp, pilot: Pilot[None], port: FakePort, key: str) -> None:
    pane = await opened(app, pilot)
    await press(pilot, key)
    await until(pilot, lambda: pane.zoom == 1)
    assert "2 h" in str(pane.border_title)
    await press(pilot, key, key)
    assert pane.zoom == 2  # there is nothing closer


@check("chart_wider")
async def _(app: WorkstationApp, pilot: Pilot[None], port: FakePort, key: str) -> None:
    pane = await opened(app, pilot)
    pane.zoom_by(2)
    await press(pilot, key)
    await until(pilot, lambda: pane.zoom == 1)
    await press(pilot, key, key)
    assert pane.zoom == 0


@check("slot")
async def _(app: WorkstationApp, pilot: Pilot[None], port: FakePort, key: str) -> None:
    names = SLOTS[int(key.lstrip(":")) - 1]
    station = app.workstation
    for name in (*names, names[0]):  # again and again, round to the first
        await press(pilot, key)
        await until(pilot, lambda name=name: station.primary == name)  # type: ignore[misc]
        assert station.pane(name).display
    station.go("chain")
    await press(pilot, key)
    await until(pilot, lambda: station.primary == names[0])  # where it was left


@check("log_level")
async def _(app: WorkstationApp, pilot: Pilot[None], port: FakePort, key: str) -> None:
    app.workstation.go("log")
    pane = app.workstation.pane("log")
    await until(pilot, lambda: pane.has_focus and len(pane.rows) > 2)
    every = len(pane.rows)
    await press(pilot, key)
    await until(pilot, lambda: "warnings and alarms" in str(pane.border_title))
    assert {row.cells[1][0] for row in pane.rows if not row.parent} == {"WARN", "ALARM"}
    await press(pilot, key)
    await until(pilot, lambda: "alarms alone" in str(pane.border_title))
    assert [row.cells[1][0] for row in pane.rows if not row.parent] == ["ALARM"]
    await press(pilot, key)
    await until(pilot, lambda: len(pane.rows) == every)
    assert "every line" in app.workstation.message


@check("draw_with")
async def _(app: WorkstationApp, pilot: Pilot[None], port: FakePort, key: str) -> None:
    pane = await opened(app, pilot)
    braille = pane.lines
    await press(pilot, key)
    await until(pilot, lambda: pane.lines != braille)
    assert pane.glyphs == "block"
    assert app.workstation.message == "charts are drawn with block"
    await press(pilot, f"{key} ascii")
    assert pane.glyphs == "ascii"
    assert "".join(text for line in pane.lines for text, _ in line).isascii()
    await pilot.press("colon", *"draw-with asci", "enter")
    await until(pilot, lambda: "did you mean ascii?" in dump(app))
    await pilot.press("escape")
    app.behave(Manners(ascii=True))
    await press(pilot, f"{key} braille")
    assert pane.glyphs == "ascii"
    assert app.workstation.message == "the whole screen is plain ASCII"
