"""How the panes of the day look, at two sizes: SVG for the eye of a differ, plain text for the eye of a reviewer."""

from __future__ import annotations

import pytest
import views
from playing import until
from test_screen_snapshots import Draw, draw  # noqa: F401 - a fixture
from textual.pilot import Pilot
from views import FakePort

from zdte_tui.screen.app import WorkstationApp
from zdte_tui.screen.panes.chart import ChartPane
from zdte_tui.screen.panes.drawn import DrawnPane

SIZES = [(80, 24), (160, 48)]


@pytest.mark.parametrize("name", ["orders", "chart", "equity", "payoff", "gamma", "term", "smile", "alerts"])
@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
def test_a_pane_of_the_day(draw: Draw, name: str, size: tuple[int, int]) -> None:  # noqa: F811
    async def act(app: WorkstationApp, pilot: Pilot[None]) -> None:
        app.workstation.go(name)
        await pilot.press("z")
        pane = app.workstation.pane(name)

        def shown() -> bool:
            if isinstance(pane, DrawnPane):
                return 3 < len(pane.lines) == pane.size.height
            return len(pane.rows) > 3

        await until(pilot, lambda: app.workstation.maximised and pane.size.height > size[1] // 2)
        await until(pilot, shown)
        if isinstance(pane, ChartPane):
            await pilot.press("left")
            await until(pilot, lambda: pane.at is not None)

    told = views.alerts(
        views.alert(1, "SPXW 5845P of #7 is touched: spot 5,845.10", "alarm"),
        views.alert(2, "#7 filled 2 x IC at 2.30 credit", "info", acknowledged=True),
    )
    draw(f"{name}-{size[0]}x{size[1]}", size, FakePort(views.view(alerts=told)), act)
