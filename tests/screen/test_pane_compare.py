"""The comparison, as text pictures; its keys in the differences."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import comparison_views
import pytest
import views
from comparison_views import comparison, differences, side
from msgspec.structs import replace
from playing import dump, play, press, until
from textual.pilot import Pilot
from views import FakePort

from engine.view import ViewRequest
from engine.view.comparison import ComparisonView, Path
from zdte_tui.screen.app import WorkstationApp
from zdte_tui.screen.panes.compare import ComparePane, draw_comparison


def lines(found: ComparisonView, width: int = 120, height: int = 30, first: int = 0) -> list[str]:
    drawing, _ = draw_comparison(found, views.progress(), width, height, "ascii", first)
    return ["".join(text for text, _ in line).rstrip() for line in drawing.lines]


def test_the_title_says_by_how_much() -> None:
    drawing, _ = draw_comparison(comparison(), views.progress(), 80, 20, "ascii")
    assert drawing.title == "compare  practice +$270.10 against hands-off"
    unknown = comparison(first=side("practice", net=None))
    assert draw_comparison(unknown, views.progress(), 80, 20, "ascii")[0].title.startswith("compare  practice n/a")


def test_both_sides_and_what_lies_between_them_where_there_is_room() -> None:
    wide, narrow = lines(comparison(), 60), lines(comparison(), 40)
    assert wide[0].split() == ["practice", "hands-off", "difference"]
    assert wide[1].split() == ["net", "+186.00", "-84.10", "+270.10"]
    assert wide[4].split() == ["trades", "2", "(1", "open)", "3", "(2", "open)", "-1"]
    assert narrow[0].split() == ["practice", "hands-off"]
    assert narrow[1].split() == ["net", "+186.00", "-84.10"]


def test_a_net_that_cannot_be_known_is_not_available_and_one_that_waits_says_so() -> None:
    found = comparison(first=side("practice", net=None), second=side("hands-off", provisional=True))
    assert lines(found)[1].split() == ["net", "n/a", "+186.00", "PROVISIONAL", "n/a"]
    assert lines(found, 40)[1].split() == ["net", "n/a", "+186.00"], "a word that does not fit is not cut"
    assert draw_comparison(found, views.progress(), 40, 20, "ascii")[0].title.endswith("hands-off PROVISIONAL")


def test_the_curves_end_with_their_names_where_the_session_stands() -> None:
    shown = lines(comparison())
    assert any(line.endswith("practice +186") for line in shown)
    assert any(line.endswith("hands-off -84") for line in shown)
    assert any("10:00   10:30   11:00" in line for line in shown)
    assert any(line.endswith("practi +186") for line in lines(comparison(), 36, 20)), "the amount is whole"


@pytest.mark.parametrize("path", [Path(), comparison_views.comparison().path])
def test_without_room_or_minutes_the_figures_and_differences_stay(path: Path) -> None:
    shown = lines(comparison(path=path), 80, 10)
    assert shown[1].startswith("net")
    assert shown[6].startswith("11:00:00 only there")
    assert len(shown) <= 10


def test_the_newest_difference_stands_first_in_one_line_or_with_its_words_below() -> None:
    wide = [line for line in lines(comparison()) if line[:2] in ("10", "11") and line[2:3] == ":" and "only" in line]
    assert [line[:8] for line in wide] == ["11:00:00", "10:31:00"]
    assert wide[0].endswith("-34.55 SPXW IC 11:00 x1 (iron_condor): open")
    narrow = lines(comparison(), 60)
    at = next(n for n, line in enumerate(narrow) if line.startswith("11:00:00 only there"))
    assert narrow[at].split()[-2:] == ["n/a", "-34.55"]
    assert narrow[at + 1] == "  SPXW IC 11:00 x1 (iron_condor): open"
    least = lines(comparison(), 36)
    at = least.index("11:00:00 only there")
    assert least[at + 1] == "  n/a here, -34.55 there"


def test_nothing_that_differs_is_said() -> None:
    assert lines(comparison(differences=()))[-1] == "nothing was decided otherwise so far"


@pytest.mark.parametrize("width", [36, 58, 78, 118, 158])
@pytest.mark.parametrize("height", [3, 9, 14, 20, 44])
def test_it_fits_and_every_difference_can_be_reached(width: int, height: int) -> None:
    found = comparison(differences=differences(30))
    drawing, most = draw_comparison(found, views.progress(), width, height, "braille")
    seen: set[str] = set()
    for first in range(most + 1):
        shown, same = draw_comparison(found, views.progress(), width, height, "braille", first)
        assert same == most
        assert len(shown.lines) == height
        texts = ["".join(text for text, _ in line) for line in shown.lines]
        assert all(len(text) <= width for text in texts), texts
        seen |= {text[:8] for text in texts if text[2:3] == ":"}
    assert drawing.lines
    if height > 8:
        assert {"11:30:00", "10:31:00"} <= seen


def test_keys_of_rows_move_in_the_differences_and_stop_at_the_ends() -> None:
    async def scenario(app: WorkstationApp, pilot: Pilot[None], port: FakePort) -> None:
        pane = app.workstation.pane("compare")
        assert isinstance(pane, ComparePane)
        await press(pilot, "=", "z")
        await until(pilot, lambda: "more lines; keys up, down" in dump(app))

        async def after(*keys: str, says: Callable[[str], bool]) -> None:
            await press(pilot, *keys)
            await until(pilot, lambda: says(dump(app)))

        await after("down", "j", says=lambda shown: "2 above" in shown)
        await after("k", says=lambda shown: "1 above" in shown)
        await after("end", says=lambda shown: ", 0 below" in shown and "10:31:00 only here" in shown)
        await after("pageup", says=lambda shown: ", 0 below" not in shown)
        await after("home", "up", says=lambda shown: "more lines; keys up, down" in shown)

    play(scenario, port=Compared(shown=comparison(differences=differences(30))), size=(80, 24))


@dataclass
class Compared(FakePort):
    """A session that has this comparison."""

    shown: ComparisonView = field(default_factory=comparison)

    def look_at(self, request: ViewRequest) -> None:
        super().look_at(request)
        if self.current is not None and "comparison" in request.parts:
            self.current = replace(self.current, comparison=self.shown)


def test_before_anybody_traded_it_says_which_key_does() -> None:
    async def scenario(app: WorkstationApp, pilot: Pilot[None], port: FakePort) -> None:
        await press(pilot, "=")
        await until(pilot, lambda: "t takes over" in app.workstation.pane("compare").message)

    why = ComparisonView(why_empty="nobody has traded this day but the strategies: t takes over")
    play(scenario, port=Compared(shown=why))


def test_leaving_a_practice_says_that_it_is_over() -> None:
    async def scenario(app: WorkstationApp, pilot: Pilot[None], port: FakePort) -> None:
        await press(pilot, "q")
        await until(pilot, lambda: "A practice session that is left is over" in dump(app))
        assert "goes on here" not in dump(app)

    practising = views.progress(practice=views.at("10:30:00"), strategies="alone")
    play(scenario, port=FakePort(views.view(progress=practising)))
