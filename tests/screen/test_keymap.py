"""Keymaps: presets, the user's file, clashes found before the screen opens, and the keys then in force."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from playing import make_app, settled, until
from views import FakePort

from zdte_tui.commands.keys import markdown
from zdte_tui.screen.actions import ACTIONS, action
from zdte_tui.screen.actions.keymap import (
    DEFAULT,
    PRESETS,
    Keymap,
    KeymapError,
    clashes,
    key_name,
    load_keymap,
    read_keymap,
    textual_key,
)
from zdte_tui.screen.dialogs import Confirm, Help

DOCS = Path(__file__).parents[2] / "docs"


@pytest.mark.parametrize("preset", PRESETS)
def test_no_preset_gives_two_actions_one_key(preset: str) -> None:
    assert clashes(read_keymap({"preset": preset})) == []


@pytest.mark.parametrize("preset", PRESETS)
def test_a_preset_names_actions_that_exist(preset: str) -> None:
    assert set(PRESETS[preset]) <= {each.key_id for each in ACTIONS}


def test_what_moves_money_has_a_capital() -> None:
    for each in ACTIONS:
        if each.confirm:
            assert each.keys == () or all(key.isupper() for key in each.keys), each.id


def test_an_action_is_named_once() -> None:
    names = [each.key_id for each in ACTIONS]
    assert len(set(names)) == len(names)


@given(st.sampled_from([key for each in ACTIONS for key in each.keys]))
def test_a_key_that_is_shown_can_be_written_into_a_keymap(key: str) -> None:
    assert textual_key(key_name(key)) == key or textual_key(key) == key


@pytest.mark.parametrize(
    ("table", "wrong"),
    [
        ({"presets": "vim"}, "unknown key 'presets'"),
        ({"preset": "vin"}, "no preset 'vin'; did you mean vim?"),
        ({"keys": "F"}, "keys must be a table"),
        ({"keys": {"flaten": "F"}}, "no such action; did you mean flatten?"),
        ({"keys": {"flatten": 3}}, "write a key such as"),
        ({"keys": {"flatten": "x"}}, "too easily pressed for what moves money"),
        ({"keys": {"flatten": "f", "freeze": "ctrl+f"}}, "too easily pressed for what moves money"),
        ({"keys": {"flatten": "full_stop", "step": "ctrl+t"}}, "too easily pressed for what moves money"),
        ({"keys": {"screenshot": "y", "copy_cell": []}}, "y answers questions"),
        ({"keys": {"flatten": "enter"}}, "too easily pressed for what moves money"),
        ({"keys": {"step": "hyper+x"}}, "'hyper+x' is no key"),
        ({"keys": {"step": "pagedwon"}}, "'pagedwon' is no key"),
        ({"keys": {"step": "F"}}, "F would be both flatten"),
        ({"keys": {"help": ["q"]}}, "q would be both help (this help) and quit"),
    ],
)
def test_what_makes_no_sense_is_refused_in_one_line(table: dict[str, object], wrong: str) -> None:
    with pytest.raises(KeymapError, match=r"^[^\n]*$") as caught:
        read_keymap(table)
    assert wrong in str(caught.value)


def test_keys_may_be_swapped_and_taken_away() -> None:
    keymap = read_keymap({"keys": {"help": "q", "quit": "?", "flatten": ["F", "f8"], "step": []}})
    assert keymap.by_key("q") is action("help")
    assert keymap.by_key("question_mark") is action("quit")
    assert keymap.shown(action("flatten")) == "F f8"
    assert keymap.shown(action("step")) == ":step"
    assert keymap.by_key("full_stop") is None


def test_a_file_that_is_not_there_leaves_the_keys_as_they_are(tmp_path: Path) -> None:
    assert load_keymap(tmp_path / "keymap.toml") == DEFAULT


def test_a_damaged_file_is_named(tmp_path: Path) -> None:
    path = tmp_path / "keymap.toml"
    path.write_text("preset = \n")
    with pytest.raises(KeymapError, match=r"keymap\.toml: "):
        load_keymap(path)


def test_the_keys_in_force_are_those_of_the_keymap() -> None:
    keymap = read_keymap({"keys": {"help": "f1", "flatten": "f8"}})
    app = make_app(FakePort(), keymap=keymap)

    async def run() -> None:
        async with app.run_test(size=(120, 40)) as pilot:
            await settled(pilot, app)
            await pilot.press("question_mark")
            await until(pilot, lambda: "? does nothing here" in app.workstation.message)
            await pilot.press("f1")
            await until(pilot, lambda: isinstance(app.screen, Help))
            words = "\n".join(text for row in app.screen.query_one("#help").rows for text, _ in row.cells)  # type: ignore[attr-defined]
            assert "f8" in words
            await pilot.press("escape")
            await pilot.press("F")
            await until(pilot, lambda: "F does nothing here" in app.workstation.message)
            await pilot.press("colon", "f8")
            await until(pilot, lambda: isinstance(app.screen, Confirm))

    asyncio.run(run())


def test_the_documented_keys_are_those_of_the_registry() -> None:
    told = (DOCS / "keys.md").read_text(encoding="utf-8")
    assert told == markdown(Keymap()), "run: zdte-tui keys --markdown --preset default > docs/keys.md"
