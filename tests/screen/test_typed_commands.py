"""The ``:`` line: words from the registry, the nearest right one, completion, times and speeds; and keys unbound."""

from __future__ import annotations

from typing import cast

import pytest
import views
from hypothesis import given
from hypothesis import strategies as st
from playing import dump, play, press, until
from textual import events
from textual.pilot import Pilot
from textual.widgets import Input
from views import FakePort

from engine.view import CommandRequest, Pace
from zdte_tui.screen.actions import ACTIONS
from zdte_tui.screen.app import WorkstationApp
from zdte_tui.screen.desk import goto_instant, speed_value
from zdte_tui.screen.dialogs import Confirm, Help, Prompt
from zdte_tui.screen.grid import Lines
from zdte_tui.screen.keys import unbound
from zdte_tui.screen.vocabulary import choices, complete, names, parse

# --- the words


def test_every_action_has_a_word_of_its_own() -> None:
    assert len({each.word for each in ACTIONS}) == len(ACTIONS)
    for each in ACTIONS:
        assert parse(each.word, paced=True).action is each


def test_ids_and_footer_titles_are_understood_too_and_mean_one_action_each() -> None:
    for each in ACTIONS:
        if not each.parameter:
            assert parse(each.id, paced=True).action is each
    titles = [each.title for each in ACTIONS if each.title and each.id not in ("play", "faster")]
    assert len(titles) == len(set(titles))
    for each in ACTIONS:
        if each.title in titles:
            assert parse(each.title, paced=True).action is each


@pytest.mark.parametrize(
    ("text", "id", "argument"),
    [
        ("go 10:30", "go_to", "10:30"),
        (":go to close-40m", "go_to", "close-40m"),
        ("  GO   0945 ", "go_to", "0945"),
        ("speed 90", "set_speed", "90"),
        ("tour", "tour", ""),
        ("tour 6", "tour", "6"),
        ("q", "quit", ""),
        ("pause", "play", "pause"),
        ("pause entries", "pause_entries", ""),
        ("Pause_Entries", "pause_entries", ""),
        ("signals", "pane", ""),
    ],
)
def test_what_a_line_asks_for(text: str, id: str, argument: str) -> None:  # noqa: A002 - the field's name
    call = parse(text, paced=True)
    assert (call.action.id, call.argument) == (id, argument)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "write a command"),
        (" : ", "write a command"),
        ("flaten", "there is no command 'flaten'; did you mean flatten?"),
        ("positons", "did you mean positions?"),
        ("xyzzy", "there is no command 'xyzzy'; tab shows what there is"),
        ("flatten now", "flatten takes nothing after it, and here is 'now'"),
        ("hlep me", "did you mean help?"),
    ],
)
def test_a_miss_is_told_with_the_nearest_word(text: str, says: str) -> None:
    with pytest.raises(ValueError, match=r".") as error:
        parse(text, paced=True)
    assert says in str(error.value)


def test_what_needs_a_pace_of_ours_is_refused_where_the_market_sets_it() -> None:
    for each in ACTIONS:
        if "live" in each.modes:
            assert parse(each.word, paced=False).action is each
        else:
            with pytest.raises(ValueError, match="here the market sets the pace"):
                parse(each.word, paced=False)
            assert each.word not in choices(each.word, paced=False)


@given(st.text(max_size=20), st.booleans())
def test_any_line_is_understood_or_refused_in_one_line(text: str, paced: bool) -> None:
    try:
        said, call = "", parse(text, paced)
    except ValueError as error:
        said, call = str(error), None
    assert (call is None) == bool(said)
    assert len(said.splitlines()) <= 1
    assert call is None or paced or "live" in call.action.modes


# --- completion


@pytest.mark.parametrize(
    ("text", "becomes"),
    [
        ("fla", "flatten"),
        ("pau", "pause"),
        ("pause-", "pause-"),
        ("spe", "speed "),
        ("next-", "next-"),
        ("ne", "next"),
        ("expi", "expiry"),
        ("zzz", "zzz"),
        ("go 10", "go 10"),
    ],
)
def test_tab_goes_as_far_as_there_is_one_way(text: str, becomes: str) -> None:
    assert complete(text, paced=True) == becomes


@given(st.sampled_from(sorted(names())), st.integers(0, 20), st.booleans())
def test_completion_never_takes_back_what_was_typed_and_leads_to_known_words(word: str, many: int, paced: bool) -> None:
    typed = word[:many]
    assert complete(typed, paced).startswith(typed)
    assert set(choices(typed, paced)) <= set(names())


# --- the dialog


def prompt_of(app: WorkstationApp) -> Prompt:
    assert isinstance(app.screen, Prompt)
    return app.screen


def test_a_typed_line_runs_and_the_prompt_is_gone() -> None:
    async def scenario(app: WorkstationApp, pilot: Pilot[None], port: FakePort) -> None:
        await pilot.press("colon", *"go 0945", "enter")
        await until(pilot, lambda: port.paces)
        assert port.paces == [Pace("goto", instant=views.at("09:45:00"))]
        assert app.screen is app.workstation
        assert app.workstation.message == "to 09:45:00"

    play(scenario)


def test_what_is_wrong_stays_on_the_line_to_be_mended() -> None:
    async def scenario(app: WorkstationApp, pilot: Pilot[None], port: FakePort) -> None:
        await pilot.press("colon", *"speed 9q", "enter")
        prompt = prompt_of(app)
        await until(pilot, lambda: "'9q' is not a speed" in dump(app))
        await pilot.press("backspace")
        assert prompt.problem == ""
        await pilot.press("0", "enter")
        await until(pilot, lambda: port.paces == [Pace("speed", value=90)])

    play(scenario)


def test_a_time_outside_the_day_is_refused_on_the_line() -> None:
    async def scenario(app: WorkstationApp, pilot: Pilot[None], port: FakePort) -> None:
        await pilot.press("colon", *"go 1630", "enter")
        await until(pilot, lambda: "16:30:00 is after the end of this day" in dump(app))
        assert port.paces == []

    play(scenario, size=(80, 24))


def test_tab_completes_and_the_line_above_tells_what_the_word_does() -> None:
    async def scenario(app: WorkstationApp, pilot: Pilot[None], port: FakePort) -> None:
        await pilot.press("colon", *"row", "tab")
        field, above = prompt_of(app).query_one(Input), prompt_of(app).query_one("#choices", Lines)
        assert field.value == "row-"
        assert above.plain == "row-down  row-up"
        await pilot.press("d", "tab")
        assert field.value == "row-down"
        await until(pilot, lambda: above.plain == "row-down  one row down")

    play(scenario)


@pytest.mark.parametrize(("first", "rest"), [("colon", "go 0945"), ("g", "0945")])
def test_what_is_typed_all_at_once_goes_into_the_line_and_runs_no_key(first: str, rest: str) -> None:
    async def scenario(app: WorkstationApp, pilot: Pilot[None], port: FakePort) -> None:
        # As a slow line delivers it: every key is there before the first is dealt with.
        for key in (first, *rest, "enter"):
            name = "space" if key == " " else key
            app.post_message(events.Key(name, key if len(key) == 1 else None))
        await until(pilot, lambda: port.paces)
        assert port.paces == [Pace("goto", instant=views.at("09:45:00"))]
        assert app.screen is app.workstation

    play(scenario)


def test_escape_leaves_and_nothing_happens() -> None:
    async def scenario(app: WorkstationApp, pilot: Pilot[None], port: FakePort) -> None:
        await pilot.press("colon", *"flatten", "escape")
        await until(pilot, lambda: app.screen is app.workstation)
        assert (port.commands, port.paces, app.workstation.message) == ([], [], "")

    play(scenario)


def test_the_enter_that_gives_a_command_does_not_confirm_it() -> None:
    async def scenario(app: WorkstationApp, pilot: Pilot[None], port: FakePort) -> None:
        await pilot.press("colon", *"flatten", "enter")
        await until(pilot, lambda: isinstance(app.screen, Confirm))
        await pilot.press("enter")
        await until(pilot, lambda: app.screen is app.workstation)
        assert port.commands == []
        await press(pilot, ":flatten", "y")
        await until(pilot, lambda: port.commands == [CommandRequest("flatten")])

    play(scenario)


def test_play_and_pause_by_name_do_not_toggle() -> None:
    async def scenario(app: WorkstationApp, pilot: Pilot[None], port: FakePort) -> None:
        await press(pilot, ":play")
        assert port.paces == []
        assert "playing already" in app.workstation.message
        await press(pilot, ":pause")
        await until(pilot, lambda: app.desk.progress and app.desk.progress.paused)
        await press(pilot, ":pause")
        assert port.paces == [Pace("pause")]
        assert "paused already" in app.workstation.message

    play(scenario)


# --- times and speeds


@pytest.mark.parametrize("text", ["0945", "945", "09:45", "9:45", " 9:45:00 ", "open+15m"])
def test_a_time_in_any_of_its_forms(text: str) -> None:
    assert goto_instant(text, views.DAY, views.progress()) == views.at("09:45:00")


@pytest.mark.parametrize("text", ["9", "99", "0975", "2545", "12345", "9.45"])
def test_no_time(text: str) -> None:
    with pytest.raises(ValueError, match="is not a time of day"):
        goto_instant(text, views.DAY, views.progress())


@pytest.mark.parametrize(("text", "value"), [("60", 60), ("90x", 90), (" 0.5 ", 0.5), ("MAX", 0), ("1e3", 1000)])
def test_a_speed(text: str, value: float) -> None:
    assert speed_value(text) == value


@pytest.mark.parametrize("text", ["", "fast", "0", "-5", "nan", "inf", "1e9", "60 x y"])
def test_no_speed(text: str) -> None:
    with pytest.raises(ValueError, match="seconds of market a second"):
        speed_value(text)


# --- keys that do nothing


@pytest.mark.parametrize(
    ("key", "paced", "says"),
    [
        ("x", True, "x works in the ticket: take the leg or the value out"),
        ("percent_sign", True, "% does nothing here"),
        ("f5", True, "f5 does nothing here; ? shows the keys, : takes a command"),
        ("J", True, "J does nothing here; down j is one row down"),
        ("E", False, "E does nothing here; e is the chain's next expiry"),
        ("g", False, "g works in a replay and in the demo: here the market sets the pace"),
        ("enter", True, "enter does nothing outside the tour; :tour starts it"),
        ("enter", False, "enter does nothing here"),
    ],
)
def test_what_is_said_of_a_key_that_does_nothing(key: str, paced: bool, says: str) -> None:
    assert unbound(key, paced).startswith(says)


@pytest.mark.parametrize("key", ["f6", "f5", "enter", "backspace", "ctrl+t"])
def test_a_key_that_does_nothing_is_answered_and_changes_nothing(key: str) -> None:
    async def scenario(app: WorkstationApp, pilot: Pilot[None], port: FakePort) -> None:
        looks = list(port.looks)
        await pilot.press(key)
        await until(pilot, lambda: f"{key} does nothing" in cast("Lines", app.workstation.query_one("#footer")).plain)
        assert (port.commands, port.paces, port.looks) == ([], [], looks)

    play(scenario)


def test_a_replays_key_in_a_live_session_is_answered() -> None:
    async def scenario(app: WorkstationApp, pilot: Pilot[None], port: FakePort) -> None:
        await pilot.press("space")
        await until(pilot, lambda: "the market sets the pace" in app.workstation.message)

    play(scenario, port=FakePort(views.view(progress=views.progress(can_control=False))))


def test_a_bound_key_is_not_answered_as_unbound() -> None:
    async def scenario(app: WorkstationApp, pilot: Pilot[None], port: FakePort) -> None:
        for each in ACTIONS:
            if each.id not in ("quit", "leave", "flatten", "tour_next", "tour_back", "command", "help", "go_to"):
                await pilot.press(*each.keys[:1])
                await pilot.press(*(["escape"] if isinstance(app.screen, Confirm) else []))
                assert "does nothing" not in app.workstation.message, each.id

    play(scenario)


def test_the_help_answers_too() -> None:
    async def scenario(app: WorkstationApp, pilot: Pilot[None], port: FakePort) -> None:
        await pilot.press("question_mark")
        await until(pilot, lambda: isinstance(app.screen, Help))
        await pilot.press("5")
        await until(pilot, lambda: "5 does nothing in the help   esc goes back" in dump(app))
        await pilot.press("j")
        assert isinstance(app.screen, Help)

    play(scenario)
