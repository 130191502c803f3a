"""Every action of the registry, by its keys and by its name, and the state it must lead to. None lacks a check."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import checks_payoff  # noqa: F401 - it has checks of its own
import checks_replay  # noqa: F401 - going about in a day
import checks_ticket  # noqa: F401 - the order ticket's
import checks_trading  # noqa: F401 - the keys on trades
import day_checks
import grid_checks
import pytest
import views
from action_checks import CHECKS, check
from playing import play, press, until
from textual.pilot import Pilot
from views import FakePort

from engine.view import AlertRequest, CommandRequest, Pace
from zdte_tui.screen.actions import ACTIONS, Action
from zdte_tui.screen.app import WorkstationApp
from zdte_tui.screen.dialogs import Confirm, GoTo, Help, Kill, Palette, Prompt
from zdte_tui.screen.layout import PRESETS
from zdte_tui.screen.slots import PANE_NAMES, SLOTS
from zdte_tui.screen.vocabulary import parse

CHECKS.update(grid_checks.CHECKS)
CHECKS.update(day_checks.CHECKS)


def test_every_action_has_a_check() -> None:
    assert {each.id for each in ACTIONS} == set(CHECKS)


def ways(each: Action) -> list[str]:
    """By which of its keys and words an action is played out: by its first key, by its word where that does more, and
    by all where it is of no pane. That the others lead to the same is a test of its own."""
    every = [*each.keys, f":{each.word}"]
    if each.where and each.where not in PANE_NAMES:
        return every
    return [every[0], *([every[-1]] if each.keys and each.takes else [])]


@pytest.mark.parametrize(
    ("each", "key"),
    [(each, key) for each in ACTIONS for key in ways(each)],
    ids=lambda value: getattr(value, "id", value),
)
def test_action(each: Action, key: str) -> None:
    async def scenario(app: WorkstationApp, pilot: Pilot[None], port: FakePort) -> None:
        await CHECKS[each.id](app, pilot, port, key)

    play(scenario)


def test_every_other_key_and_word_leads_to_the_same_action() -> None:
    async def scenario(app: WorkstationApp, pilot: Pilot[None], port: FakePort) -> None:
        station = app.workstation
        for each in ACTIONS:
            assert parse(each.word, paced=True).action is each
            if each.where in PANE_NAMES:
                station.go(each.where)
                await until(pilot, lambda name=each.where: station.focused is station.pane(name))  # type: ignore[misc]
            others = set(each.keys) - set(ways(each))
            bound = {key: found.binding.action for key, found in station.active_bindings.items() if key in others}
            assert bound == dict.fromkeys(others, each.call), each.id

    play(scenario)


async def confirmed(app: WorkstationApp, pilot: Pilot[None], port: FakePort, key: str, kind: Any) -> None:
    await press(pilot, key)
    await until(pilot, lambda: isinstance(app.screen, Confirm))
    assert port.commands == []
    await pilot.press("y")
    await until(pilot, lambda: port.commands)
    assert port.commands == [CommandRequest(kind)]
    assert app.screen is app.workstation
    assert f"{kind} sent" in app.workstation.message


@check("help")
async def _(app: WorkstationApp, pilot: Pilot[None], port: FakePort, key: str) -> None:
    await press(pilot, key)
    await until(pilot, lambda: isinstance(app.screen, Help))
    grid = app.screen.query_one("#help")
    await until(pilot, lambda: grid.rows)  # type: ignore[attr-defined]
    words = " ".join(text for row in grid.rows for text, _ in row.cells if text)  # type: ignore[attr-defined]
    for each in ACTIONS:
        where = f"{each.where}: " if each.where else ""
        assert f"{each.shown} {where}{each.help}" in words
    await pilot.press("escape")
    await until(pilot, lambda: app.screen is app.workstation)


@check("palette")
async def _(app: WorkstationApp, pilot: Pilot[None], port: FakePort, key: str) -> None:
    await press(pilot, key)
    await until(pilot, lambda: isinstance(app.screen, Palette))
    await pilot.press("escape")
    await until(pilot, lambda: app.screen is app.workstation)


@check("flatten")
async def _(app: WorkstationApp, pilot: Pilot[None], port: FakePort, key: str) -> None:
    await confirmed(app, pilot, port, key, "flatten")


@check("kill")
async def _(app: WorkstationApp, pilot: Pilot[None], port: FakePort, key: str) -> None:
    await press(pilot, key)
    await until(pilot, lambda: isinstance(app.screen, Kill))
    await pilot.press("2")
    await until(pilot, lambda: isinstance(app.screen, Confirm))
    assert port.commands == []
    await pilot.press("y")
    await until(pilot, lambda: port.commands == [CommandRequest("cancel")])
    assert app.screen is app.workstation
    assert "cancel sent" in app.workstation.message


@check("pause_entries")
async def _(app: WorkstationApp, pilot: Pilot[None], port: FakePort, key: str) -> None:
    await confirmed(app, pilot, port, key, "pause")


@check("resume_trading")
async def _(app: WorkstationApp, pilot: Pilot[None], port: FakePort, key: str) -> None:
    await confirmed(app, pilot, port, key, "resume")


@check("acknowledge")
async def _(app: WorkstationApp, pilot: Pilot[None], port: FakePort, key: str) -> None:
    port.put(alerts=views.alerts(views.alert(4, "#7 short 5845P touched", "alarm")))
    await until(pilot, lambda: "1 ALERT" in app.workstation.query_one("#header").plain)  # type: ignore[attr-defined]
    await press(pilot, key)
    await until(pilot, lambda: port.asked == [AlertRequest("acknowledge", number=4)])
    assert app.workstation.message == "acknowledged: #7 short 5845P touched"


@check("alert")
async def _(app: WorkstationApp, pilot: Pilot[None], port: FakePort, key: str) -> None:
    await press(pilot, f"{key} when spot below 5900")
    assert port.asked == [AlertRequest("add", "spot < 5900")]


@check("alert_remove")
async def _(app: WorkstationApp, pilot: Pilot[None], port: FakePort, key: str) -> None:
    port.put(alerts=views.alerts())
    await until(pilot, lambda: app.desk.view is port.current)
    await press(pilot, f"{key} 2")
    assert port.asked == [AlertRequest("remove", number=2)]


@check("play")
async def _(app: WorkstationApp, pilot: Pilot[None], port: FakePort, key: str) -> None:
    await press(pilot, key if key == "space" else ":pause")  # the key toggles; two words say which is meant
    assert port.paces == [Pace("toggle" if key == "space" else "pause")]
    await until(pilot, lambda: "PAUSED" in app.workstation.query_one("#timeline").plain)  # type: ignore[attr-defined]
    await press(pilot, key)
    await until(pilot, lambda: "PLAYING" in app.workstation.query_one("#timeline").plain)  # type: ignore[attr-defined]


@check("step")
async def _(app: WorkstationApp, pilot: Pilot[None], port: FakePort, key: str) -> None:
    await press(pilot, key)
    assert port.paces == [Pace("step", value=60)]


@check("slower")
async def _(app: WorkstationApp, pilot: Pilot[None], port: FakePort, key: str) -> None:
    await press(pilot, key)
    assert port.paces == [Pace("speed", value=30)]
    await until(pilot, lambda: " 30x" in app.workstation.query_one("#timeline").plain)  # type: ignore[attr-defined]


@check("faster")
async def _(app: WorkstationApp, pilot: Pilot[None], port: FakePort, key: str) -> None:
    for _n in range(5):
        await press(pilot, key)
    assert [pace.value for pace in port.paces] == [120, 300, 600, 0, 0]
    await until(pilot, lambda: " max" in app.workstation.query_one("#timeline").plain)  # type: ignore[attr-defined]


@check("go_to")
async def _(app: WorkstationApp, pilot: Pilot[None], port: FakePort, key: str) -> None:
    await press(pilot, key)
    await until(pilot, lambda: isinstance(app.screen, GoTo))
    dialog = app.screen
    assert isinstance(dialog, GoTo)
    await pilot.press("9", "9", "enter")
    await until(pilot, lambda: "not a time of day" in dialog.problem)
    assert port.paces == []
    await pilot.press("backspace", "backspace", *"close-40m", "enter")
    await until(pilot, lambda: port.paces)
    assert port.paces == [Pace("goto", instant=views.at("15:20:00"))]
    await until(pilot, lambda: app.screen is app.workstation)


@check("set_speed")
async def _(app: WorkstationApp, pilot: Pilot[None], port: FakePort, key: str) -> None:
    await pilot.press("colon", *key[1:], "enter")
    prompt = app.screen
    assert isinstance(prompt, Prompt)
    await until(pilot, lambda: "such as 60 or 0.5" in prompt.problem)
    assert port.paces == []
    await pilot.press(*" 90x", "enter")
    await until(pilot, lambda: port.paces)
    assert port.paces == [Pace("speed", value=90)]
    await until(pilot, lambda: " 90x" in app.workstation.query_one("#timeline").plain)  # type: ignore[attr-defined]


@check("command")
async def _(app: WorkstationApp, pilot: Pilot[None], port: FakePort, key: str) -> None:
    await press(pilot, key)
    await until(pilot, lambda: isinstance(app.screen, Prompt))
    await pilot.press("escape")
    await until(pilot, lambda: app.screen is app.workstation)


@check("tour")
async def _(app: WorkstationApp, pilot: Pilot[None], port: FakePort, key: str) -> None:
    await press(pilot, key)
    assert app.workstation.touring.guide.at == 0
    assert port.paces == [Pace("pause")]


@check("tour_next")
async def _(app: WorkstationApp, pilot: Pilot[None], port: FakePort, key: str) -> None:
    await press(pilot, ":tour", key)
    assert app.workstation.touring.guide.at == 1


@check("tour_back")
async def _(app: WorkstationApp, pilot: Pilot[None], port: FakePort, key: str) -> None:
    await press(pilot, ":tour 4", key)
    assert app.workstation.touring.guide.at == 2


@check("next_expiry")
async def _(app: WorkstationApp, pilot: Pilot[None], port: FakePort, key: str) -> None:
    await press(pilot, key)
    tomorrow = views.DAY + dt.timedelta(days=1)
    assert (port.looks[-1].root, port.looks[-1].expiry) == ("SPXW", tomorrow)
    # The fake's version does not grow: looking elsewhere must show all the same.
    await until(pilot, lambda: f"{tomorrow} (2 of 3)" in str(app.workstation.pane("chain").border_title))


@check("next_root")
async def _(app: WorkstationApp, pilot: Pilot[None], port: FakePort, key: str) -> None:
    await press(pilot, key)
    assert (port.looks[-1].root, port.looks[-1].expiry) == ("XSP", None)
    await until(pilot, lambda: "XSP" in str(app.workstation.pane("chain").border_title))


@check("pane")
async def _(app: WorkstationApp, pilot: Pilot[None], port: FakePort, key: str) -> None:
    name = SLOTS[int(key) - 1][0] if key.isdecimal() else key[1:]
    await pilot.press("1" if name != "chain" else "2")
    await press(pilot, key)
    await until(pilot, lambda: app.workstation.focused is app.workstation.pane(name))
    assert app.workstation.primary == name


@check("next_pane")
async def _(app: WorkstationApp, pilot: Pilot[None], port: FakePort, key: str) -> None:
    for names in (*SLOTS[1:], SLOTS[0]):
        await press(pilot, key)
        assert app.workstation.focused is app.workstation.pane(names[0])


@check("slot")
async def _(app: WorkstationApp, pilot: Pilot[None], port: FakePort, key: str) -> None:
    names = SLOTS[int(key[-1]) - 1]
    for name in (*names, names[0]):
        await press(pilot, key)
        await until(pilot, lambda name=name: app.workstation.focused is app.workstation.pane(name))
    await press(pilot, key, "1", key)
    assert app.workstation.primary == names[1]


@check("next_layout")
async def _(app: WorkstationApp, pilot: Pilot[None], port: FakePort, key: str) -> None:
    for preset in (*PRESETS[1:], PRESETS[0]):
        await press(pilot, key)
        assert app.workstation.arrangement.preset is preset
        assert f"layout {preset.name}" in app.workstation.message


@check("layout")
async def _(app: WorkstationApp, pilot: Pilot[None], port: FakePort, key: str) -> None:
    await press(pilot, key)
    assert "standard, trade, watch, review, focus" in app.workstation.message
    await press(pilot, f"{key} focus")
    assert displayed(app) == {"chain", "positions"}
    await press(pilot, f"{key} reset")
    assert app.workstation.arrangement.preset is PRESETS[0]


@check("grow")
async def _(app: WorkstationApp, pilot: Pilot[None], port: FakePort, key: str) -> None:
    chain = app.workstation.pane("chain")
    before = chain.outer_size
    await press(pilot, key)
    await until(pilot, lambda: chain.outer_size.width > before.width and chain.outer_size.height > before.height)


@check("shrink")
async def _(app: WorkstationApp, pilot: Pilot[None], port: FakePort, key: str) -> None:
    await press(pilot, "plus")
    chain = app.workstation.pane("chain")
    before = chain.outer_size
    await press(pilot, key)
    await until(pilot, lambda: chain.outer_size.width < before.width and chain.outer_size.height < before.height)


@check("theme")
async def _(app: WorkstationApp, pilot: Pilot[None], port: FakePort, key: str) -> None:
    await press(pilot, key)
    assert app.theme == "zdte-dark"
    await press(pilot, f"{key} zdte-colour-blind")
    assert app.theme == "zdte-colour-blind"
    assert "theme zdte-colour-blind" in app.workstation.message


def displayed(app: WorkstationApp) -> set[str]:
    return {name for name in PANE_NAMES if app.workstation.pane(name).display}


@check("previous_pane")
async def _(app: WorkstationApp, pilot: Pilot[None], port: FakePort, key: str) -> None:
    await press(pilot, key)
    assert app.workstation.focused is app.workstation.pane(SLOTS[-1][0])


@check("maximise")
async def _(app: WorkstationApp, pilot: Pilot[None], port: FakePort, key: str) -> None:
    before = displayed(app)
    await press(pilot, key)
    assert displayed(app) == {"chain"}
    await until(pilot, lambda: app.workstation.pane("chain").outer_size.width == 120)
    await press(pilot, key)
    assert displayed(app) == before


@check("back")
async def _(app: WorkstationApp, pilot: Pilot[None], port: FakePort, key: str) -> None:
    chain = app.workstation.pane("chain")
    money = chain.cursor
    await pilot.press("z", "down", "down")
    assert app.workstation.maximised
    assert not chain.following
    await press(pilot, key)
    assert not app.workstation.maximised
    assert chain.cursor == money + 2
    await press(pilot, key)
    assert chain.following
    assert chain.cursor == money


async def moved(app: WorkstationApp, pilot: Pilot[None], key: str, want: Callable[[int, int], int]) -> None:
    chain = app.workstation.pane("chain")
    before = chain.cursor
    assert chain.rows[before].key == chain.follow
    await press(pilot, key)
    assert chain.cursor == want(before, chain.body_height)
    assert chain.cursor in chain.visible_rows()
    assert not chain.following


@check("row_up")
async def _(app: WorkstationApp, pilot: Pilot[None], port: FakePort, key: str) -> None:
    await moved(app, pilot, key, lambda at, _: at - 1)


@check("row_down")
async def _(app: WorkstationApp, pilot: Pilot[None], port: FakePort, key: str) -> None:
    await moved(app, pilot, key, lambda at, _: at + 1)


@check("page_up")
async def _(app: WorkstationApp, pilot: Pilot[None], port: FakePort, key: str) -> None:
    await moved(app, pilot, key, lambda at, page: max(0, at - page + 1))


@check("page_down")
async def _(app: WorkstationApp, pilot: Pilot[None], port: FakePort, key: str) -> None:
    await moved(app, pilot, key, lambda at, page: min(40, at + page - 1))


@check("first_row")
async def _(app: WorkstationApp, pilot: Pilot[None], port: FakePort, key: str) -> None:
    await moved(app, pilot, key, lambda *_: 0)


@check("last_row")
async def _(app: WorkstationApp, pilot: Pilot[None], port: FakePort, key: str) -> None:
    await moved(app, pilot, key, lambda *_: 40)


@check("follow")
async def _(app: WorkstationApp, pilot: Pilot[None], port: FakePort, key: str) -> None:
    chain = app.workstation.pane("chain")
    money = chain.cursor
    await press(pilot, "home", key)
    assert chain.following
    assert chain.cursor == money
    assert money in chain.visible_rows()


@check("quit")
async def _(app: WorkstationApp, pilot: Pilot[None], port: FakePort, key: str) -> None:
    await press(pilot, key)
    await until(pilot, lambda: isinstance(app.screen, Confirm))
    assert app.is_running
    await pilot.press("enter")
    await until(pilot, lambda: app.screen is app.workstation)
    assert "quit cancelled" in app.workstation.message
    await press(pilot, key, "y")
    await until(pilot, lambda: not app.is_running or app._exit)


@check("leave")
async def _(app: WorkstationApp, pilot: Pilot[None], port: FakePort, key: str) -> None:
    await press(pilot, *(["g"] if "+" in key else []), key)
    await until(pilot, lambda: isinstance(app.screen, Confirm))
    await pilot.press("y")
    await until(pilot, lambda: not app.is_running or app._exit)


@check("take_control")
async def _(app: WorkstationApp, pilot: Pilot[None], port: FakePort, key: str) -> None:
    port.put(seat=views.seat(in_control=False, holder="the screen on pts/2"))
    await until(pilot, lambda: app.desk.view is port.current)
    await press(pilot, key)
    await until(pilot, lambda: isinstance(app.screen, Confirm))
    assert "the screen on pts/2 is in control" in app.screen.detail  # type: ignore[attr-defined]
    assert port.taken == 0
    await pilot.press("y")
    await until(pilot, lambda: port.taken == 1)
    port.put(seat=views.seat())
    await until(pilot, lambda: app.desk.view is port.current)
    await press(pilot, key)
    await until(pilot, lambda: "in control already" in app.workstation.message)
    assert port.taken == 1


@check("detach")
async def _(app: WorkstationApp, pilot: Pilot[None], port: FakePort, key: str) -> None:
    assert not app.detached
    await press(pilot, key)
    await until(pilot, lambda: not app.is_running or app._exit)
    assert app.detached
    assert port.commands == []


# --- where the market sets the pace


def test_a_live_session_cannot_be_paced() -> None:
    async def scenario(app: WorkstationApp, pilot: Pilot[None], port: FakePort) -> None:
        paced = [each for each in ACTIONS if "live" not in each.modes]
        assert len(paced) == 19
        for each in paced:
            await pilot.press(*each.keys)
            await pilot.pause()
            assert port.paces == [], each.id
            assert app.screen is app.workstation, each.id
            assert app.workstation.touring.guide.at is None, each.id
        await pilot.press("colon", *"tour", "enter")
        prompt = app.screen
        assert isinstance(prompt, Prompt)
        await until(pilot, lambda: "tour works in a replay and in the demo" in prompt.problem)

    play(scenario, port=FakePort(views.view(progress=views.progress(can_control=False))))
