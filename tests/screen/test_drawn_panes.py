"""Panes that draw: only lines that changed are painted, and their state survives a new view."""

from __future__ import annotations

import day_views
import views
from msgspec.structs import replace
from playing import dump, play, press, until
from textual.geometry import Region
from textual.pilot import Pilot
from views import FakePort

from engine.types import to_units
from zdte_tui.screen.app import WorkstationApp
from zdte_tui.screen.panes.chart import ChartPane


async def opened(app: WorkstationApp, pilot: Pilot[None]) -> ChartPane:
    app.workstation.go("chart")
    pane = app.workstation.pane("chart")
    assert isinstance(pane, ChartPane)
    await until(pilot, lambda: pane.has_focus and len(pane.lines) > 3)
    return pane


def test_a_new_price_paints_only_the_lines_it_changes() -> None:
    async def scenario(app: WorkstationApp, pilot: Pilot[None], port: FakePort) -> None:
        pane = await opened(app, pilot)
        before, asked = pane.lines, []
        pane.refresh = lambda *regions, **_: asked.extend(regions) or pane  # type: ignore[method-assign]
        shown = day_views.chart()
        prices = (*shown.prices[:-1], shown.prices[-1] + to_units(0.5))
        port.put(chart=replace(shown, prices=prices, spot=prices[-1]))
        await until(pilot, lambda: pane.lines != before)
        changed = [y for y, line in enumerate(pane.lines) if line != before[y]]
        assert 0 < len(changed) < len(pane.lines) // 2
        assert asked == [Region(0, y, pane.size.width, 1) for y in changed]

    play(scenario, size=(120, 44))


def test_the_same_view_again_draws_nothing() -> None:
    async def scenario(app: WorkstationApp, pilot: Pilot[None], port: FakePort) -> None:
        pane = await opened(app, pilot)
        drawn = pane.lines
        port.put(header=views.header(oldest_held_age=7 * views.SECOND))
        await until(pilot, lambda: app.desk.view is port.view())
        await pilot.pause()
        assert pane.lines is drawn

    play(scenario, size=(120, 44))


def test_the_cursor_stays_where_it_is_while_prices_come_and_c_lets_it_go() -> None:
    async def scenario(app: WorkstationApp, pilot: Pilot[None], port: FakePort) -> None:
        pane = await opened(app, pilot)
        await press(pilot, "shift+left")
        at = pane.at
        assert at is not None
        shown = day_views.chart()
        port.put(chart=replace(shown, spot=to_units(5880), prices=(*shown.prices[:-1], to_units(5880))))
        await until(pilot, lambda: app.desk.view is port.view())
        assert pane.at == at
        await press(pilot, "c")
        assert pane.at is None
        await until(pilot, lambda: "12:02:31 5,880.00" in dump(app))

    play(scenario, size=(120, 44))


def test_a_chart_is_not_asked_for_while_nobody_sees_it() -> None:
    async def scenario(app: WorkstationApp, pilot: Pilot[None], port: FakePort) -> None:
        await press(pilot, "1", "z")
        await until(pilot, lambda: "chart" not in port.looks[-1].parts if port.looks else True)
        await press(pilot, "z")
        await opened(app, pilot)
        assert "chart" in port.looks[-1].parts

    play(scenario, size=(80, 24))
