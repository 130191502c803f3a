"""The tour: each step moves on and back, what it says is true of the day at hand, and it can be left at any time."""

from __future__ import annotations

import re

import pytest
import views
from msgspec.structs import replace
from playing import dump, play, press, until
from textual.pilot import Pilot
from views import FakePort

from engine.view import CommandRequest, Pace, PositionsView, View
from zdte_tui.screen.app import WorkstationApp
from zdte_tui.screen.dialogs import Confirm, GoTo, Help
from zdte_tui.screen.slots import PANE_NAMES
from zdte_tui.screen.tour import STEPS, Guide, step_number, story
from zdte_tui.screen.tour.strip import TourStrip
from zdte_tui.screen.vocabulary import parse

IDS = [step.id for step in STEPS]


def paused(view: View) -> View:
    return replace(view, progress=replace(view.progress, paused=True))


def book(*rows: int) -> PositionsView:
    """Rows of the sample book, by index: 0 the open trade, 1 and 2 its sides, 3 a working one, 4 a settled one."""
    every = views.positions().rows
    return views.positions(rows=tuple(every[n] for n in rows), open_trades=len({0, 3} & set(rows)))


def unfilled() -> View:
    """A day on which one entry works and nothing was filled."""
    return views.view(positions=views.positions(rows=(replace(views.positions().rows[3], filled=0),)), greeks=())


class Host:
    """A screen that remembers what the guide asked of it."""

    def __init__(self, view: View) -> None:
        self.view: View | None = view
        self.primary = "chain"
        self.pointed: list[str] = []
        self.ran: list[str] = []
        self.said: list[str] = []
        self.held = 0

    def point_at(self, about: str) -> None:
        self.pointed.append(about)
        self.primary = about if about in PANE_NAMES else self.primary

    def hold(self) -> None:
        self.held += 1

    def run_word(self, word: str) -> None:
        self.ran.append(word)

    def say(self, text: str) -> None:
        self.said.append(text)


def guided(view: View, at: str) -> tuple[Guide, Host]:
    host = Host(view)
    guide = Guide(host)
    guide.go(IDS.index(at))
    return guide, host


# --- the table


def test_the_table_names_panes_that_are_and_words_that_ask_for_no_y() -> None:
    assert len(set(IDS)) == len(IDS)
    for step in STEPS:
        assert step.about in ("", "header", "timeline", *PANE_NAMES)
        if step.drive:
            assert step.until is not None
            assert not parse(step.drive, paced=True).action.confirm


VIEWS = {
    "full": views.view(),
    "before": views.empty(),
    "over": replace(views.view(), progress=views.progress(now=views.at("16:00:00"), finished=True, paused=True)),
    "unfilled": unfilled(),
    "over, no trade": replace(views.empty(), progress=views.progress(now=views.at("16:00:00"), finished=True)),
    "replay": replace(views.view(), header=views.header(banner="REPLAY vendor lean quote")),
    "continued": replace(views.view(), progress=views.progress(earliest=views.at("12:02:31"))),
    "settled only": views.view(positions=book(4), greeks=()),
    "half filled": views.view(positions=book(3), greeks=()),
    "no signals": views.view(positions=book(3), signals=(), log=(), risk=(), greeks=()),
}


@pytest.mark.parametrize("view", VIEWS.values(), ids=VIEWS)
@pytest.mark.parametrize("step", STEPS, ids=IDS)
def test_every_step_says_a_few_whole_sentences_of_any_day(step: object, view: View) -> None:
    words = STEPS[IDS.index(step.id)].words(view)  # type: ignore[attr-defined]
    assert words.endswith(".") or "newest" in words
    assert 40 < len(words) < 420
    assert "None" not in words
    assert "nan" not in words.split()


# --- truth


def test_without_a_trade_no_step_pretends_one() -> None:
    for view in (VIEWS["before"], VIEWS["over, no trade"]):
        assert "No trade was made so far." in story.trade(view)
        assert "no trade was made so far" in story.stop(view)
        assert "Nothing is held" in story.greeks(view)
        assert "No trade was made so far." in story.exits(view)
        assert "nothing is open now" in story.flatten(view)


def test_why_there_was_no_trade_is_what_the_strategy_said() -> None:
    view = replace(views.empty(), signals=views.signals()[2:3])
    assert "iron_condor 12:00 skipped, credit 0.85 is below min_credit 1.00" in story.trade(view)


def test_a_trade_is_told_by_its_own_numbers() -> None:
    view = views.view()
    assert story.trade(view) == (
        "#7 IC 10:00: 2 of 2 filled for 2.30 credit a package. Closing it now costs 1.35 at mid. Its result is"
        " +$186.00 at mid, +$158.00 if liquidated now."
    )
    assert "puts 5845/5835: its stop fires when closing it costs 2.35; now it costs 0.55" in story.stop(view)
    assert "whole book: a point up in the index changes it by -$4.20, a minute of time by +$1.87" in story.greeks(view)
    assert "The fullest now: open trades, 100% used." in story.risk(view)
    assert "The newest, 12:02:31, from market: SPXW quotes" in story.log(view)
    assert "#3 IC 09:45: stopped 10:41, settled PROVISIONAL, -$212.60 after fees" in story.exits(view)


def test_a_replay_is_not_called_simulated_and_a_demo_is() -> None:
    assert "This market is simulated" in story.welcome(VIEWS["full"])
    assert "as it was recorded (REPLAY vendor lean quote)" in story.welcome(VIEWS["replay"])
    assert "simulated:" not in story.welcome(VIEWS["replay"])


def test_a_session_that_cannot_go_back_is_not_told_to() -> None:
    assert "it cannot go back" in story.jump(VIEWS["continued"])
    assert "open, enter" not in story.welcome(VIEWS["continued"])
    assert "g, open, enter" in story.welcome(VIEWS["full"])


# --- moving on, back and out


def test_enter_goes_through_all_of_it_and_backspace_back_to_the_first() -> None:
    # Everything has happened already, so no step waits for the market.
    view = views.view(progress=views.progress(finished=True, paused=True))
    guide, host = guided(view, IDS[0])
    seen = [guide.at]
    for _ in range(len(STEPS) - 1):
        guide.next()
        seen.append(guide.at)
    assert seen == list(range(len(STEPS)))
    for at in reversed(range(len(STEPS) - 1)):
        guide.back()
        assert guide.at == at
    guide.back()
    assert guide.at == 0
    assert host.pointed[: len(STEPS)] == [step.about for step in STEPS]


def test_the_last_step_ends_it() -> None:
    guide, host = guided(views.view(), "goodbye")
    guide.enter()
    assert guide.step is None
    assert host.said == ["the tour is over; :tour begins it again"]


def meets(at: str, guide: Guide, host: Host) -> None:
    """Bring about what the step ``at`` waits for."""
    assert host.view is not None
    match at:
        case "bar":
            host.view = replace(host.view, progress=replace(host.view.progress, now=views.at("12:04:00")))
        case "chain" | "stop" | "greeks" | "risk":
            host.primary = {"chain": "signals", "stop": "greeks", "greeks": "risk", "risk": "log"}[at]
        case "windows":
            host.view = replace(host.view, positions=book(0, 1, 2))
        case "exits":
            host.view = replace(host.view, positions=book(4))
        case "speed" | "jump" | "flatten" | "keys":
            guide.noticed({"speed": "slower", "jump": "go_to", "flatten": "flatten", "keys": "help"}[at])
        case _:
            raise AssertionError(at)


@pytest.mark.parametrize("at", [step.id for step in STEPS if step.until])
def test_each_condition_moves_the_tour_on_and_nothing_else_does(at: str) -> None:
    guide, host = guided(unfilled(), at)
    assert guide.armed
    guide.noticed("row_up")
    assert not guide.look()
    assert guide.at == IDS.index(at)
    meets(at, guide, host)
    assert guide.look()
    assert guide.at == IDS.index(at) + 1
    guide.back()
    assert guide.at == IDS.index(at)


@pytest.mark.parametrize("at", ["windows", "exits"])
def test_what_holds_already_waits_for_enter(at: str) -> None:
    guide, host = guided(paused(views.view()), at)
    assert not guide.look()
    guide.enter()
    assert guide.at == IDS.index(at) + 1
    assert host.ran == []


@pytest.mark.parametrize("step", [step for step in STEPS if step.drive], ids=lambda step: step.id)
def test_enter_does_what_the_step_asks_for(step: object) -> None:
    guide, host = guided(paused(unfilled()), step.id)  # type: ignore[attr-defined]
    guide.enter()
    assert host.ran == [step.drive]  # type: ignore[attr-defined]
    assert guide.step is step


def test_enter_does_not_ask_twice_while_the_market_plays_there() -> None:
    guide, host = guided(paused(views.empty()), "windows")
    assert host.view is not None
    guide.enter()
    guide.enter()
    host.view = replace(host.view, version=2, progress=replace(host.view.progress, paused=False))
    guide.enter()
    assert host.ran == ["next-event"]
    assert "playing there" in host.said[-1]
    host.view = paused(replace(host.view, version=3))
    guide.enter()
    assert host.ran == ["next-event"] * 2


def test_on_a_day_without_trades_enter_goes_on_after_the_close() -> None:
    guide, host = guided(paused(views.empty()), "windows")
    assert host.view is not None
    guide.enter()
    host.view = VIEWS["over, no trade"]
    for wanted in range(IDS.index("trade"), len(STEPS)):
        guide.enter()
        assert guide.at == wanted
    assert host.ran == ["next-event"]


# --- on the screen


def at(app: WorkstationApp) -> int | None:
    return app.workstation.touring.guide.at


def test_it_is_played_through_on_the_screen() -> None:
    async def scenario(app: WorkstationApp, pilot: Pilot[None], port: FakePort) -> None:
        await press(pilot, ":tour")
        assert port.paces == [Pace("pause")]
        await until(pilot, lambda: app.desk.progress and app.desk.progress.paused)
        await pilot.press("enter", "enter")
        assert app.workstation.query_one("#timeline").has_class("pointed")
        await pilot.press("space")
        assert port.current is not None
        port.put(progress=replace(port.current.progress, now=port.current.progress.now + 60 * views.SECOND))
        await until(pilot, lambda: at(app) == IDS.index("chain"))
        assert not app.workstation.query_one("#timeline").has_class("pointed")
        assert app.workstation.primary == "chain"
        await until(pilot, lambda: app.desk.progress and app.desk.progress.paused)
        await pilot.press("4")
        assert at(app) == IDS.index("windows")
        await pilot.press("n")
        assert port.paces[-1] == Pace("next")
        port.put(positions=book(0, 1, 2))
        await until(pilot, lambda: at(app) == IDS.index("trade"))
        assert app.workstation.primary == "positions"
        await pilot.press("enter", "3", "5", "7", "enter")
        assert at(app) == IDS.index("exits")
        await pilot.press("enter")
        assert port.paces[-1] == Pace("next")
        port.put(positions=book(0, 1, 2, 4))
        await until(pilot, lambda: at(app) == IDS.index("speed"))
        await pilot.press("right_square_bracket")
        assert at(app) == IDS.index("jump")
        await pilot.press("g")
        assert isinstance(app.screen, GoTo)
        assert at(app) == IDS.index("jump")
        await pilot.press("escape")
        await until(pilot, lambda: at(app) == IDS.index("flatten"))
        await pilot.press("F")
        await until(pilot, lambda: isinstance(app.screen, Confirm))
        assert at(app) == IDS.index("flatten")
        await pilot.press("enter")
        await until(pilot, lambda: at(app) == IDS.index("keys"))
        assert port.commands == []
        await pilot.press("question_mark")
        assert isinstance(app.screen, Help)
        await pilot.press("escape")
        await until(pilot, lambda: at(app) == IDS.index("goodbye"))
        await pilot.press("enter")
        assert at(app) is None
        assert not app.workstation.query_one(TourStrip).display
        assert port.commands == []

    play(scenario, port=FakePort(views.empty()))


def test_a_flatten_within_the_tour_still_wants_its_y() -> None:
    async def scenario(app: WorkstationApp, pilot: Pilot[None], port: FakePort) -> None:
        await press(pilot, ":tour flatten", "enter")
        assert port.commands == []
        assert at(app) == IDS.index("keys")
        await pilot.press("backspace", "F", "y")
        await until(pilot, lambda: port.commands == [CommandRequest("flatten")])
        await until(pilot, lambda: at(app) == IDS.index("keys"))

    play(scenario)


def test_escape_leaves_at_any_step_and_a_number_comes_back() -> None:
    async def scenario(app: WorkstationApp, pilot: Pilot[None], port: FakePort) -> None:
        for number in range(1, len(STEPS) + 1):
            await press(pilot, f":tour {number}")
            assert at(app) == number - 1
            await pilot.press("escape")
            assert at(app) is None
            assert app.workstation.message == f"the tour is left; :tour {number} goes on with it"
            assert not app.workstation.query_one(TourStrip).display
        assert not app.workstation.query(".pointed")
        await pilot.press("enter")
        assert at(app) is None
        await until(pilot, lambda: "tour" not in dump(app).splitlines()[-3])

    play(scenario, size=(80, 24))


def test_escape_leaves_a_zoomed_pane_before_the_tour() -> None:
    async def scenario(app: WorkstationApp, pilot: Pilot[None], port: FakePort) -> None:
        await press(pilot, ":tour 6", "z", "escape")
        assert not app.workstation.maximised
        assert at(app) == 5
        await pilot.press("escape")
        assert at(app) is None

    play(scenario)


@pytest.mark.parametrize("size", [(60, 20), (80, 24), (160, 48)])
def test_what_a_step_speaks_of_is_in_sight_and_its_words_are_whole(size: tuple[int, int]) -> None:
    async def scenario(app: WorkstationApp, pilot: Pilot[None], port: FakePort) -> None:
        station = app.workstation
        for number, step in enumerate(STEPS, 1):
            await press(pilot, f":tour {number}")
            strip = station.query_one(TourStrip)
            await until(pilot, lambda number=number: f"tour {number} of" in dump(app))
            assert app.desk.view is not None
            wanted = " ".join(step.words(app.desk.view).split())
            await until(pilot, lambda strip=strip: strip.size.height >= len(strip.lines))
            assert wanted in re.sub(r"\s+", " ", strip.plain)
            assert all("esc leaves" in line for line in strip.plain.splitlines()[-1:])
            if step.about in PANE_NAMES:
                pane = station.pane(step.about)
                await until(pilot, lambda pane=pane: pane.body_height >= 3)
                assert not pane.region.overlaps(strip.region)
            elif step.about:
                assert station.query_one(f"#{step.about}").region.bottom <= strip.region.y
            assert len(dump(app).splitlines()) == size[1]

    play(scenario, size=size)


def test_a_terminal_that_becomes_too_small_hides_the_strip_and_brings_it_back() -> None:
    async def scenario(app: WorkstationApp, pilot: Pilot[None], port: FakePort) -> None:
        await press(pilot, ":tour 6")
        await pilot.resize_terminal(50, 15)
        await until(pilot, lambda: "too small" in dump(app))
        assert "tour 6" not in dump(app)
        await pilot.resize_terminal(80, 24)
        await until(pilot, lambda: "tour 6 of" in dump(app))

    play(scenario)


@pytest.mark.parametrize(
    ("text", "index"), [("1", 0), ("16", 15), ("stop", IDS.index("stop")), (" Greeks ", IDS.index("greeks"))]
)
def test_a_step_by_number_or_name(text: str, index: int) -> None:
    assert step_number(text) == index


@pytest.mark.parametrize(("text", "says"), [("0", "1 to 16"), ("17", "no '17'"), ("stopp", "did you mean stop?")])
def test_no_such_step(text: str, says: str) -> None:
    with pytest.raises(ValueError, match=re.escape(says)):
        step_number(text)
