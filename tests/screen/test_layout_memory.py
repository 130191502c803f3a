"""What is remembered of the screen: a small file of one's own, whole or not at all, and never in the way."""

from __future__ import annotations

import asyncio
import json
import stat
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from playing import dump, make_app, play, press, settled
from textual.pilot import Pilot
from views import FakePort

from zdte_tui.screen import layout
from zdte_tui.screen.app import WorkstationApp
from zdte_tui.screen.arranging import Arrangement
from zdte_tui.screen.grid import AS_MADE, Choice
from zdte_tui.screen.layout.memory import ColumnsIn, Kept, Memory
from zdte_tui.screen.remembering import remember

BIG, SMALL = (160, 48), (80, 24)


def arrangement(memory: Memory | None = None) -> Arrangement:
    return Arrangement(lambda _: 24, memory)


def lay_out(mine: Arrangement, size: tuple[int, int] = BIG, focused: str = "chain") -> set[str]:
    return set(mine.boxes(size, (size[0], size[1] - 4), focused, False))


def test_layout_panes_and_sizes_come_back_for_the_same_size(tmp_path: Path) -> None:
    path = tmp_path / "state" / "layout.json"
    first = arrangement(Memory(path))
    lay_out(first)
    first.choose(layout.preset("trade"))
    lay_out(first)
    first.went_to("smile")
    first.grow("chain", 1)
    first.went_to("log")
    first.keep()
    before = first.boxes(BIG, (160, 44), "chain", False)

    second = arrangement(Memory(path))
    assert second.boxes(BIG, (160, 44), "chain", False) == before
    assert second.preset.name == "trade"
    assert second.in_slot(6) == "smile"
    assert "log" in before


def test_each_size_class_has_its_own_and_a_new_one_begins_with_what_is_in_force() -> None:
    mine = arrangement()
    lay_out(mine)
    mine.choose(layout.preset("focus"))
    lay_out(mine, SMALL)
    assert mine.preset.name == "focus"
    mine.choose(layout.preset("watch"))
    lay_out(mine)
    assert mine.preset.name == "focus"
    lay_out(mine, SMALL)
    assert mine.preset.name == "watch"


def test_the_file_is_the_owners_alone_and_nothing_is_left_beside_it(tmp_path: Path) -> None:
    path = tmp_path / "layout.json"
    Memory(path).keep("160", Kept(preset="watch"))
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [each.name for each in tmp_path.iterdir()] == ["layout.json"]
    assert json.loads(path.read_text())["sizes"]["160"]["preset"] == "watch"


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("{", "truncated"),
        ("[]", "Expected `object`"),
        ('{"version": 1, "sizes": {"160": {"preset": 7}}}', "Expected `str`"),
        ('{"version": 99}', "it is of version 99"),
        ("x" * 300_000, "too large"),
    ],
)
def test_a_damaged_file_is_left_alone_and_told_in_one_line(tmp_path: Path, text: str, why: str) -> None:
    path = tmp_path / "layout.json"
    path.write_text(text)
    memory = Memory(path)
    assert memory.kept("160") is None
    assert why in memory.problem
    assert "\n" not in memory.problem
    assert memory.problem.endswith(":layout reset makes a new one")
    assert path.read_text() == text
    memory.forget()
    assert memory.problem == ""
    assert json.loads(path.read_text()) == {"version": 1, "sizes": {}}


def test_what_this_program_does_not_know_is_dropped(tmp_path: Path) -> None:
    path = tmp_path / "layout.json"
    kept = {
        "preset": "cockpit",
        "recent": ["chain", "oracle", "chain"],
        "steps": {"standard": {"0.1": 99, "up": 1, "": 2}},
    }
    path.write_text(json.dumps({"version": 1, "sizes": {"160": kept}}))
    found = Memory(path).kept("160")
    assert found == Kept(preset="standard", recent=["chain"], steps={"standard": {"0.1": layout.MOST_STEPS}})
    lay_out(arrangement(Memory(path)))


def test_a_file_that_cannot_be_written_costs_the_memory_only(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("")
    memory = Memory(blocked / "layout.json")
    mine = arrangement(memory)
    lay_out(mine)
    assert mine.choose(layout.preset("trade")).startswith("the layout is not remembered: ")
    assert mine.choose(layout.preset("trade")).startswith("layout trade")
    assert memory.kept("160") is not None


def test_columns_are_remembered_beside_the_layout(tmp_path: Path) -> None:
    path = tmp_path / "layout.json"
    memory = Memory(path)
    columns = ColumnsIn(memory)
    choice = Choice(frozenset({"put.oi", "call.oi"}), ("strike",))
    columns.keep("chain", BIG, choice)
    memory.keep("160", Kept(preset="trade"))
    again = ColumnsIn(Memory(path))
    assert again.read("chain", (170, 40)) == choice
    assert again.read("chain", SMALL) == AS_MADE
    assert again.read("log", BIG) == AS_MADE
    again.keep("chain", BIG, AS_MADE)
    assert ColumnsIn(Memory(path)).read("chain", BIG) == AS_MADE
    kept = Memory(path).kept("160")
    assert kept is not None
    assert kept.preset == "trade"


def test_a_layout_that_is_chosen_shows_what_it_is_for() -> None:
    mine = arrangement()
    lay_out(mine)
    for name in ("log", "payoff", "signals", "chain"):
        mine.went_to(name)
    mine.choose(layout.preset("watch"))
    assert mine.settle("chain") == "payoff"
    assert mine.settle("risk") == "risk"
    assert lay_out(mine, focused="payoff") == {"positions", "payoff", "greeks", "risk", "alerts"}
    mine.choose(layout.preset("trade"))
    assert lay_out(mine, focused="positions") == {"chain", "positions", "payoff", "orders"}


def test_growing_ends_where_neighbours_need_their_room() -> None:
    mine = arrangement()
    lay_out(mine)
    said = ""
    for _ in range(20):
        said = mine.grow("chain", 1)
    assert said == "1 chain cannot be larger here"
    assert min(box.width for box in mine.boxes(BIG, (160, 44), "chain", False).values()) >= 24
    assert mine.reset() == "the layout is as it was made, for every size of the terminal"
    assert mine.boxes(BIG, (160, 44), "chain", False) == arrangement().boxes(BIG, (160, 44), "chain", False)


def session(path: Path, scenario: Callable[[WorkstationApp, Pilot[None]], Awaitable[None]]) -> None:
    app = make_app(FakePort())
    remember(app, Memory(path))

    async def run() -> None:
        async with app.run_test(size=(120, 40)) as pilot:
            await settled(pilot, app)
            await scenario(app, pilot)

    asyncio.run(run())


def test_the_next_session_opens_as_the_last_one_was_left(tmp_path: Path) -> None:
    async def first(app: WorkstationApp, pilot: Pilot[None]) -> None:
        await press(pilot, "backslash", "backslash", "7")

    async def second(app: WorkstationApp, pilot: Pilot[None]) -> None:
        assert app.workstation.arrangement.preset.name == "watch"
        assert app.workstation.pane("log").display

    session(tmp_path / "layout.json", first)
    session(tmp_path / "layout.json", second)


def test_a_session_that_changed_nothing_leaves_no_file(tmp_path: Path) -> None:
    async def nothing(app: WorkstationApp, pilot: Pilot[None]) -> None: ...

    session(tmp_path / "layout.json", nothing)
    assert list(tmp_path.iterdir()) == []


def test_a_damaged_file_is_told_on_the_screen(tmp_path: Path) -> None:
    path = tmp_path / "layout.json"
    path.write_text("{")

    async def told(app: WorkstationApp, pilot: Pilot[None]) -> None:
        assert "the remembered layout is not used" in dump(app)
        await press(pilot, ":layout reset")
        assert "the layout is as it was made" in dump(app)

    session(path, told)


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("layout trad", "did you mean trade"),
        ("grow sideways", "is no direction: wide, high, or nothing for both"),
        ("theme zdte-drak", "did you mean zdte-dark"),
        ("theme x", "ours are zdte-dark, zdte-light"),
    ],
)
def test_a_wrong_word_is_told_on_the_line(line: str, words: str) -> None:
    from zdte_tui.screen.commands import prepare

    async def scenario(app: WorkstationApp, pilot: Pilot[None], port: FakePort) -> None:
        with pytest.raises(ValueError, match=words):
            prepare(app.workstation, line)

    play(scenario)
