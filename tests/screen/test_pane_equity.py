"""The equity curve, as text pictures."""

from __future__ import annotations

import day_views
import pytest
import views
from msgspec.structs import replace

from engine.types import to_units
from engine.view import EquityView
from zdte_tui.screen.draw import GLYPHS, Glyphs
from zdte_tui.screen.panes import equity


def lines(shown: EquityView, width: int = 120, height: int = 24, glyphs: Glyphs = "ascii") -> list[str]:
    drawing = equity.draw_equity(shown, views.progress(), width, height, glyphs)
    return ["".join(text for text, _ in line) for line in drawing.lines]


def picture(shown: EquityView, *size: int) -> str:
    return "\n".join(lines(shown, *size))


def title(shown: EquityView) -> str:
    return equity.draw_equity(shown, views.progress(), 80, 20, "ascii").title


def test_the_title_is_the_days_result_and_says_what_is_provisional() -> None:
    assert title(day_views.equity()) == "equity  day +$186.00"
    assert title(day_views.equity(provisional=1)).endswith("PROVISIONAL")
    assert title(day_views.equity(mid=(*day_views.equity().mid[:-1], None))) == "equity  day n/a"


def test_the_loss_limit_is_a_line_where_it_is_near_and_words_where_it_is_far() -> None:
    near = [line for line in lines(day_views.equity(limit=to_units(300))) if "limit -300" in line]
    assert len(near) == 1
    assert near[0].startswith("-----")
    far = picture(day_views.equity(limit=to_units(50_000)))
    assert "limit -50,000" not in far
    assert "loss limit -$50,000.00 0% used" in far


def test_how_much_of_the_limit_is_used() -> None:
    losing = day_views.equity()
    losing = replace(losing, mid=(*losing.mid[:-1], to_units(-425)))
    assert "loss limit -$500.00 85% used" in picture(losing)


def test_its_figures() -> None:
    text = picture(day_views.equity())
    assert "max drawdown -$121.40" in text
    assert "high +$186.00" in text
    assert "minute best +$14.20  worst -$22.50" in text
    assert "3 over: 2 won, 1 lost, 67%  2 open" in text
    assert "fees $31.20" in text
    assert "realised -$212.60" in text


def test_without_a_trade_that_is_over_there_is_no_rate() -> None:
    assert "no win rate yet" in picture(day_views.equity(closed=0, won=0, lost=0))


def test_what_cannot_be_known_is_missing() -> None:
    shown = day_views.equity(best=None, worst=None)
    text = picture(replace(shown, now=(*shown.now[:-1], None)))
    assert "now, liquidated n/a" in text
    assert "minute best n/a  worst n/a" in text


def test_the_ends_of_the_curves_are_named_on_the_right() -> None:
    margins = [line[-14:].strip() for line in lines(day_views.equity())]
    named = [each for each in margins if each.split(" ")[0] in ("mid", "now", "real")]
    assert named == ["mid +186", "now +158", "real -213"]


def test_entries_and_stops_stand_at_the_lower_edge() -> None:
    axis = lines(day_views.equity())[-4:]
    marked = next(line for line in axis if "^#7" in line)
    assert "x#3" in marked
    assert "^#12" in marked


def test_several_strategies_have_curves_and_figures_of_their_own() -> None:
    text = picture(day_views.two_strategies())
    assert "iron_condor +$93.00" in text
    assert "manual +$93.00" in text
    assert "iron_condor" not in picture(day_views.equity())


def test_while_nothing_is_held_the_curve_stands_still_and_steps_at_the_end() -> None:
    minute = day_views.MINUTE
    first = day_views.equity().times[0]
    times = (first, first + minute, first + 60 * minute)
    line = equity._line(times, (0, to_units(100), to_units(20)))
    assert line == ((first, 0.0), (first + minute, 100.0), (first + 60 * minute, 100.0), (first + 60 * minute, 20.0))


@pytest.mark.parametrize("glyphs", GLYPHS)
@pytest.mark.parametrize(("width", "height"), [(40, 6), (60, 12), (80, 24), (120, 30), (200, 60)])
def test_it_fits_at_every_size(width: int, height: int, glyphs: Glyphs) -> None:
    for shown in (day_views.equity(), day_views.two_strategies()):
        drawn = lines(shown, width, height, glyphs)
        assert len(drawn) <= height
        assert max(map(len, drawn)) <= width


def test_an_empty_curve_says_why_and_which_key_changes_that() -> None:
    nothing = day_views.equity(times=(), mid=(), now=(), realised=(), marks=())
    message = equity.EquityPane().drawing(views.view(equity=nothing), 60, 10).message
    assert message.startswith("No trade was filled so far")
    assert "n plays" in message
    over = views.view(equity=nothing, progress=views.progress(finished=True))
    assert "q leaves" in equity.EquityPane().drawing(over, 60, 10).message
    assert "next view" in equity.EquityPane().drawing(views.view(equity=None), 60, 10).message
