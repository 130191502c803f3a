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


def test_only_the_gravest_stands_in_a_low_terminal_and_all_where_there_is_room() -> None:
    heights: list[int] = []
    for size in ((60, 20), (80, 24), (100, 30)):

        async def scenario(app: WorkstationApp, pilot: Pilot[None], port: FakePort) -> None:
            port.put(alerts=alerts(*FOUND))
            box = app.workstation.query_one(Toasts)
            await until(pilot, lambda: box.display)
            lines = box.plain.splitlines()
            told = " ".join(" ".join(lines).split())
            assert "WARN #3 stop fired, calls: calls cost 1.80 to close" in told
            low = app.workstation.size.height < 30
            assert ("filled" in told, lines[-1] == "and 2 more") == (not low, low)
            heights.append(box.region.height)

        play(scenario, size=size)
    assert heights[0] == heights[1] == 5 < heights[2]
