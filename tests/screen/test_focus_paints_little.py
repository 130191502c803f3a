"""The focus that moves repaints frames, not cells: what is in a pane was painted already."""

from __future__ import annotations

from playing import play, until
from textual.color import Color
from textual.pilot import Pilot
from views import FakePort

from zdte_tui.screen.app import WorkstationApp
from zdte_tui.screen.panes.chain import ChainPane


def _chain(app: WorkstationApp) -> ChainPane:
    pane = app.workstation.pane("chain")
    assert isinstance(pane, ChainPane)
    return pane


def test_a_pane_that_loses_the_focus_keeps_the_lines_it_has_painted() -> None:
    async def scenario(app: WorkstationApp, pilot: Pilot[None], _port: FakePort) -> None:
        pane = _chain(app)
        await until(pilot, lambda: pane.has_focus and bool(pane._strips))
        await pilot.pause(0.1)
        painted = {index: kept[2] for index, kept in pane._strips.items()}
        styles = dict(pane._styles_by_name)
        frame = pane.styles.border_top
        app.workstation.go("positions")
        await until(pilot, lambda: not pane.has_focus)
        await pilot.pause(0.1)
        changed = [index for index, strip in painted.items() if pane._strips[index][2] is not strip]
        assert changed in ([], [pane.cursor])  # the cursor is hidden
        assert pane._styles_by_name == styles
        assert pane.styles.border_top != frame

    play(scenario, size=(160, 48))


def test_another_theme_still_paints_every_cell_anew() -> None:
    async def scenario(app: WorkstationApp, pilot: Pilot[None], _port: FakePort) -> None:
        pane = _chain(app)
        await until(pilot, lambda: bool(pane._strips))
        before = pane.style_of("gain").color
        app.workstation.go("positions")
        app.theme = "textual-light"
        await until(pilot, lambda: pane.style_of("gain").color != before)
        assert pane.styles.background == Color.parse(app.theme_variables["background"])

    play(scenario, size=(160, 48))
