"""The palette finds every action by what it says of itself; the ``:`` line remembers what was typed."""

from __future__ import annotations

import stat
from pathlib import Path

from playing import play, press, until
from textual.pilot import Pilot
from textual.widgets import Input
from views import FakePort

from zdte_tui.screen.actions import available
from zdte_tui.screen.app import WorkstationApp
from zdte_tui.screen.dialogs import Confirm, Help, Kill, Palette, Prompt
from zdte_tui.screen.dialogs.palette import matches
from zdte_tui.screen.history import KEPT, History


def test_a_word_finds_its_action_first() -> None:
    usable = available(paced=True)
    for each in usable:
        assert matches(each.word, usable)[0].word == each.word


def test_an_action_is_found_by_what_it_does() -> None:
    usable = available(paced=True)
    assert "flatten" in [each.word for each in matches("close every", usable)]
    assert matches("zzzz", usable) == ()
    assert matches("  ", usable) == usable


def test_it_does_what_is_chosen() -> None:
    async def scenario(app: WorkstationApp, pilot: Pilot[None], port: FakePort) -> None:
        await press(pilot, "ctrl+p")
        await until(pilot, lambda: isinstance(app.screen, Palette))
        await pilot.press(*"this help")
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, Help))

    play(scenario)


def test_what_moves_money_still_asks_for_its_y() -> None:
    async def scenario(app: WorkstationApp, pilot: Pilot[None], port: FakePort) -> None:
        await press(pilot, "ctrl+p")
        await until(pilot, lambda: isinstance(app.screen, Palette))
        await pilot.press(*"flatten", "enter")
        await until(pilot, lambda: isinstance(app.screen, Confirm))
        await pilot.press("enter")
        await until(pilot, lambda: app.screen is app.workstation)
        assert port.commands == []

    play(scenario)


def test_what_takes_words_is_typed_on_at_the_line() -> None:
    async def scenario(app: WorkstationApp, pilot: Pilot[None], port: FakePort) -> None:
        await press(pilot, "ctrl+p")
        await until(pilot, lambda: isinstance(app.screen, Palette))
        await pilot.press(*"speed of your own", "enter")
        await until(pilot, lambda: isinstance(app.screen, Prompt))
        assert app.screen.query_one(Input).value == "speed "
        await pilot.press(*"90", "enter")
        await until(pilot, lambda: port.paces)
        assert port.paces[-1].value == 90

    play(scenario)


def test_escape_leaves_it_and_the_kill_switch_is_in_reach() -> None:
    async def scenario(app: WorkstationApp, pilot: Pilot[None], port: FakePort) -> None:
        await press(pilot, "ctrl+p", "escape")
        await until(pilot, lambda: app.screen is app.workstation)
        await press(pilot, "ctrl+p", "K")
        await until(pilot, lambda: isinstance(app.screen, Kill))

    play(scenario)


def test_up_and_down_go_through_what_was_typed() -> None:
    async def scenario(app: WorkstationApp, pilot: Pilot[None], port: FakePort) -> None:
        await press(pilot, ":speed 90", ":go 10:30", ":speed 30")
        await pilot.press("colon")
        await until(pilot, lambda: isinstance(app.screen, Prompt))
        line = app.screen.query_one(Input)
        await pilot.press("up", "up")
        await until(pilot, lambda: line.value == "go 10:30")
        await pilot.press("down", "down")
        await until(pilot, lambda: line.value == "")
        await pilot.press(*"sp", "up", "up")
        await until(pilot, lambda: line.value == "speed 90")

    play(scenario)


def test_history_is_kept_for_the_next_session_and_is_nobody_elses(tmp_path: Path) -> None:
    path = tmp_path / "state" / "history"
    first = History(path)
    for line in ("flatten", "go 10:30", "flatten", "  "):
        first.add(line)
    assert History(path).lines == ["go 10:30", "flatten"]
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    for n in range(2 * KEPT):
        first.add(f"go {n}")
    assert len(History(path).lines) == KEPT


def test_a_history_that_cannot_be_written_costs_nothing(tmp_path: Path) -> None:
    (tmp_path / "state").write_text("a file where a directory should be")
    history = History(tmp_path / "state" / "history")
    history.add("flatten")
    history.add("tour")
    assert history.lines == ["flatten", "tour"]
