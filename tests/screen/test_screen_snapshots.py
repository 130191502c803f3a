"""How it looks: SVG for the eye of a differ, plain text for the eye of a reviewer. ``make snapshots`` renews both."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
import views
from msgspec.structs import replace
from playing import dump, make_app, press, settled, until
from textual.pilot import Pilot
from views import FakePort

from zdte_tui.screen.app import WorkstationApp
from zdte_tui.screen.dialogs import Confirm, GoTo, Help, Kill, Prompt
from zdte_tui.screen.manners import Manners

SCREENS = Path(__file__).parent / "screens"

Draw = Callable[..., None]


@pytest.fixture
def draw(snap_compare: Any, request: pytest.FixtureRequest) -> Draw:
    def compare(
        name: str,
        size: tuple[int, int],
        port: FakePort,
        act: Callable[[WorkstationApp, Pilot[None]], Awaitable[None]] | None = None,
        theme: str = "textual-dark",
        plain: bool = False,
    ) -> None:
        app = make_app(port, log_path="/var/log/zdte.log", confirm_seconds=60, theme=theme)
        app.behave(Manners(flash=False, ascii=plain))
        seen: list[str] = []

        async def run_before(pilot: Pilot[None]) -> None:
            await settled(pilot, app)
            if act is not None:
                await act(app, pilot)
            await pilot.pause()
            seen.append(dump(app))

        same = snap_compare(app, terminal_size=size, run_before=run_before)
        file = SCREENS / f"{name}.txt"
        if request.config.getoption("update_snapshots"):
            file.parent.mkdir(exist_ok=True)
            file.write_text(seen[0], encoding="utf-8")
        assert seen[0] == file.read_text(encoding="utf-8"), f"the text differs from {file}"
        assert same, "the SVG differs; see snapshot_report.html"

    return compare


@pytest.mark.parametrize("size", [(80, 24), (120, 40), (200, 60)], ids=lambda size: f"{size[0]}x{size[1]}")
def test_workstation(draw: Draw, size: tuple[int, int]) -> None:
    draw(f"workstation-{size[0]}x{size[1]}", size, FakePort())


MODES = ("PAPER", "LIVE", "REPLAY vendor lean quote", "PRACTICE REPLAY vendor lean quote")


@pytest.mark.parametrize("banner", MODES, ids=lambda banner: banner.split()[0].lower())
def test_the_modes(draw: Draw, banner: str) -> None:
    """None can be taken for another in the text alone; the demo's is that of the workstation."""
    paced = banner.startswith(("REPLAY", "PRACTICE"))
    view = views.view(header=views.header(banner=banner), progress=views.progress(can_control=paced))
    draw(f"mode-{banner.split()[0].lower()}-80x24", (80, 24), FakePort(view))


@pytest.mark.parametrize("theme", ["zdte-light", "zdte-colour-blind", "ansi-dark"])
def test_the_themes(draw: Draw, theme: str) -> None:
    draw(f"theme-{theme}-80x24", (80, 24), FakePort(), theme=theme)


def test_plain_ascii(draw: Draw) -> None:
    draw("ascii-120x40", (120, 40), FakePort(), plain=True)


def test_without_colour(draw: Draw, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    draw("no-colour-80x24", (80, 24), FakePort())


def test_before_anything_happened(draw: Draw) -> None:
    draw("empty-120x40", (120, 40), FakePort(views.empty()))


def test_help(draw: Draw) -> None:
    async def act(app: WorkstationApp, pilot: Pilot[None]) -> None:
        await pilot.press("question_mark")
        await until(pilot, lambda: isinstance(app.screen, Help) and "this help" in dump(app))

    draw("help-80x24", (80, 24), FakePort(), act)


def test_flatten_asks(draw: Draw) -> None:
    async def act(app: WorkstationApp, pilot: Pilot[None]) -> None:
        await pilot.press("F")
        await until(pilot, lambda: isinstance(app.screen, Confirm) and "y confirms" in dump(app))

    draw("flatten-80x24", (80, 24), FakePort(), act)


@pytest.mark.parametrize("size", [(80, 24), (160, 48)], ids=lambda size: f"{size[0]}x{size[1]}")
def test_the_kill_levels(draw: Draw, size: tuple[int, int]) -> None:
    async def act(app: WorkstationApp, pilot: Pilot[None]) -> None:
        await pilot.press("K")
        await until(pilot, lambda: isinstance(app.screen, Kill) and "any other key leaves" in dump(app))

    draw(f"kill-{size[0]}x{size[1]}", size, FakePort(), act)


def test_a_bad_time(draw: Draw) -> None:
    async def act(app: WorkstationApp, pilot: Pilot[None]) -> None:
        await pilot.press("g", *"16:30", "enter")
        await until(pilot, lambda: isinstance(app.screen, GoTo) and "after the end" in dump(app))

    draw("goto-80x24", (80, 24), FakePort(), act)


def test_live_with_a_dead_engine_and_a_stale_feed(draw: Draw) -> None:
    head = views.header(
        banner="LIVE",
        roots=("SPXW",),
        feed="stale",
        feed_text="no quote for 14 s",
        oldest_held_age=14 * views.SECOND,
        nearest_short=views.to_units(-1.5),
        state="HALTED",
        provisional=True,
        vix=None,
    )
    unarmed = tuple(
        replace(row, stop_holder="UNARMED") if row.level == "side" else row for row in views.positions().rows
    )
    view = views.view(
        header=head,
        positions=views.positions(rows=unarmed),
        progress=views.progress(can_control=False),
        error="ZeroDivisionError in pricing",
    )
    draw("live-dead-engine-120x40", (120, 40), FakePort(view))


def test_a_finished_replay_zoomed(draw: Draw) -> None:
    async def act(app: WorkstationApp, pilot: Pilot[None]) -> None:
        await pilot.press("2", "z")
        await until(pilot, lambda: "stopped 10:41" in dump(app) and "1 chain" in dump(app))

    close = views.at("16:00:00")
    view = views.view(
        header=views.header(banner="REPLAY vendor lean quote", now=close),
        progress=views.progress(now=close, finished=True, paused=True, speed=0),
    )
    draw("replay-finished-120x40", (120, 40), FakePort(view), act)


SIZES = pytest.mark.parametrize("size", [(80, 24), (120, 40), (200, 60)], ids=lambda size: f"{size[0]}x{size[1]}")


@SIZES
def test_the_tour_at_a_stop(draw: Draw, size: tuple[int, int]) -> None:
    async def act(app: WorkstationApp, pilot: Pilot[None]) -> None:
        await press(pilot, ":tour stop")
        await until(pilot, lambda: "its stop fires when" in dump(app) and "2 positions" in dump(app))
        app.workstation.bars.message = ""
        await until(pilot, lambda: app.desk.progress and app.desk.progress.paused)

    paused = views.view(progress=views.progress(paused=True))
    draw(f"tour-{size[0]}x{size[1]}", size, FakePort(paused), act)


@SIZES
def test_the_command_line(draw: Draw, size: tuple[int, int]) -> None:
    async def act(app: WorkstationApp, pilot: Pilot[None]) -> None:
        await pilot.press("colon", *"flaten", "enter")
        await until(pilot, lambda: isinstance(app.screen, Prompt) and "did you mean flatten" in dump(app))

    draw(f"command-{size[0]}x{size[1]}", size, FakePort(), act)


def test_before_anything_happened_in_a_small_terminal(draw: Draw) -> None:
    draw("empty-80x24", (80, 24), FakePort(views.empty()))
