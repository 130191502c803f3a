"""A rehearsal on the screen: SIMULATED wherever paper shows, and no key that a market does not obey."""

from __future__ import annotations

import pytest
import views
from playing import dump, play, press, until
from test_screen_snapshots import Draw, draw  # noqa: F401 - a fixture
from textual.pilot import Pilot
from views import FakePort

from engine.alpaca.parse import Account
from engine.session.live_compose import banner_text
from zdte_tui.screen.actions import ACTIONS, available
from zdte_tui.screen.actions.keymap import DEFAULT
from zdte_tui.screen.app import WorkstationApp
from zdte_tui.screen.dialogs import Confirm
from zdte_tui.screen.dialogs.help import rows
from zdte_tui.screen.footer import keys_line
from zdte_tui.screen.skins.mode import account_mode
from zdte_tui.screen.slots import PANE_NAMES

BANNER = banner_text("paper", "SIMULATED", Account("*****2D8F", "active", (), 3, None, None, None, None))
SIZES = [(80, 24), (120, 40)]


def named(size: tuple[int, int]) -> str:
    return f"{size[0]}x{size[1]}"


def rehearsal() -> FakePort:
    head = views.header(banner=BANNER, account="rehearsal", next_deadline="flat by 15:00")
    return FakePort(views.view(header=head, progress=views.progress(can_control=False, speed=60.0)))


@pytest.mark.parametrize("size", SIZES, ids=named)
def test_a_rehearsal(draw: Draw, size: tuple[int, int]) -> None:  # noqa: F811
    draw(f"rehearsal-{named(size)}", size, rehearsal())


@pytest.mark.parametrize("size", SIZES, ids=named)
def test_what_it_asks_before_money_moves(draw: Draw, size: tuple[int, int]) -> None:  # noqa: F811
    async def act(app: WorkstationApp, pilot: Pilot[None]) -> None:
        await press(pilot, "F")
        await until(pilot, lambda: isinstance(app.screen, Confirm) and "SIMULATED" in dump(app))

    draw(f"rehearsal-flatten-{named(size)}", size, rehearsal(), act)


def test_its_help_marks_what_only_a_replay_does() -> None:
    told = {row.key: " ".join(text for text, _ in row.cells) for row in rows(False, 200)}
    for each in ACTIONS:
        assert ("(replay and demo only)" in told[f"{each.id}.{each.parameter}"]) is (each not in available(False))


@pytest.mark.parametrize("size", [(60, 20), *SIZES], ids=named)
def test_each_frame_and_the_title_say_that_it_is_simulated(size: tuple[int, int]) -> None:
    async def scenario(app: WorkstationApp, pilot: Pilot[None], port: FakePort) -> None:
        await pilot.resize_terminal(*size)
        await until(pilot, lambda: "PAPER SIMULATED" in dump(app))
        shown = [name for name in PANE_NAMES if app.workstation.pane(name).display]
        assert dump(app).count("PAPER SIMULATED") >= len(shown)
        assert "[ PAPER *2D8F SIMULATED ]" in dump(app)

    play(scenario, port=rehearsal())
    assert account_mode(BANNER) == "PAPER *2D8F SIMULATED"


@pytest.mark.parametrize("width", [60, 80, 120, 160, 200])
@pytest.mark.parametrize("paused", [False, True])
def test_the_last_line_names_no_key_of_a_replay(width: int, paused: bool) -> None:
    only_replay = [each for each in ACTIONS if each not in available(False)]
    assert only_replay

    line = "".join(text for text, _ in keys_line(False, paused, width))

    assert not [each.id for each in only_replay if each.title and f" {DEFAULT.hint(each)} {each.title} " in line]


@pytest.mark.parametrize("key", ["space", "t", "g", "left_square_bracket", "n", "p", "full_stop", "comma", "m"])
def test_a_key_of_a_replay_says_so_and_does_nothing(key: str) -> None:
    async def scenario(app: WorkstationApp, pilot: Pilot[None], port: FakePort) -> None:
        await press(pilot, key)
        await until(pilot, lambda: "works in a replay and in the demo: here the market sets the pace" in dump(app))
        assert not port.paces

    play(scenario, port=rehearsal())
