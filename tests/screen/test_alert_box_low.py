"""The box of alerts in a low terminal: the positions are below it."""

from __future__ import annotations

from playing import play, until
from textual.pilot import Pilot
from views import FakePort, alert, alerts

from zdte_tui.screen.app import WorkstationApp
from zdte_tui.screen.toasts import Toasts

STOP = "#3 stop fired, calls: calls cost 1.80 to close, stop at 1.75"
FOUND = (
    alert(3, "#3 filled: bought 1 6000C; paid $190.00", "info"),
    alert(2, STOP, "warning"),
    alert(1, "#3 stops armed", "info"),
)


def test_only_the_gravest_stands_in_a_low_terminal_in_one_line_over_a_frame_and_all_where_there_is_room() -> None:
    heights: list[int] = []
    for size in ((60, 20), (80, 24), (100, 30)):

        async def scenario(app: WorkstationApp, pilot: Pilot[None], port: FakePort) -> None:
            port.put(alerts=alerts(*FOUND))
            box = app.workstation.query_one(Toasts)
            await until(pilot, lambda: box.display)
            await pilot.pause()
            told = " ".join(box.plain.split())
            assert "WARN #3 stop fired, calls: calls" in told
            low = app.workstation.size.height < 30
            assert ("filled" in told, told.endswith(" +2")) == (not low, low)
            body = app.workstation.query_one("#body").region
            assert box.region.bottom == body.bottom
            assert all(pane.content_region.bottom < body.bottom for pane in app.workstation.tables if pane.display)
            heights.append(box.region.height)

        play(scenario, size=size)
    assert heights[0] == heights[1] == 1 < heights[2]
