"""The risk graph as it is drawn and read, and what its keys ask for; gamma exposure and the term structure in rows."""

from __future__ import annotations

import pytest
import risk_views
import views
from hypothesis import given
from hypothesis import strategies as st
from playing import play, press, until
from textual.pilot import Pilot
from views import FakePort

from engine.types import to_units
from engine.view import PayoffRequest
from zdte_tui.screen.app import WorkstationApp
from zdte_tui.screen.draw import GLYPHS, Glyphs
from zdte_tui.screen.panes.gamma import content as gamma_content
from zdte_tui.screen.panes.gamma import dollars, two_sided
from zdte_tui.screen.panes.payoff import PayoffPane, draw_payoff, read
from zdte_tui.screen.panes.term import content as term_content


def words(lines: object) -> str:
    return "\n".join("".join(text for text, _ in line) for line in lines)  # type: ignore[attr-defined]


def test_it_reads_its_curves_where_the_market_is() -> None:
    drawing = draw_payoff(risk_views.payoff(), None, 100, 20, "braille")
    text = words(drawing.lines)
    assert drawing.title == "payoff  SPXW the book"
    assert "at 5,870.12 (spot)   now +$267   12:32 +$340   expiry +$450" in text
    assert "breakeven at expiry 5,842.65, 5,902.35   best +$450   worst -$1,550" in text
    assert len(drawing.lines) == 20
    assert drawing.lines[-2:] != ()
    assert {"S", "L"} <= set(text)


def test_a_moved_spot_says_how_far_it_is() -> None:
    text = words(draw_payoff(risk_views.payoff(), 5890.12, 100, 20, "braille").lines)
    assert "at 5,890.12 (+20.00)" in text


def test_what_is_not_known_is_missing_and_what_has_no_bound_says_so() -> None:
    shown = risk_views.payoff(now=None, chosen=None, worst=None, note="early exercise is not in the curves")
    text = words(draw_payoff(shown, None, 120, 20, "braille").lines)
    assert "now n/a" in text
    assert "worst UNBOUNDED" in text
    assert "before expiry n/a: a leg has no volatility now" in text
    assert "early exercise is not in the curves" in text


def test_nothing_held_is_a_sentence() -> None:
    shown = risk_views.payoff(spots=(), expiry=(), now=None, why_empty="nothing is held here: O opens the order ticket")
    assert draw_payoff(shown, None, 60, 10, "braille").message == "Nothing is held here: O opens the order ticket."
    assert draw_payoff(None, None, 60, 10, "braille").lines == ()


@given(st.integers(44, 200), st.integers(3, 60), st.sampled_from(GLYPHS), st.floats(5700, 6000))
def test_it_fits_any_room(width: int, height: int, glyphs: Glyphs, spot: float) -> None:
    lines = draw_payoff(risk_views.payoff(), spot, width, height, glyphs).lines
    assert len(lines) <= height
    for line in lines:
        assert sum(len(text) for text, _ in line) <= width
    if glyphs == "ascii":
        assert words(lines).isascii()


@given(st.floats(risk_views.SPOTS[0], risk_views.SPOTS[-1]))
def test_between_nodes_the_curve_is_straight(spot: float) -> None:
    shown = risk_views.payoff()
    assert read(shown, shown.expiry, spot) == pytest.approx(risk_views.worth(spot), abs=0.02)


def test_outside_of_the_drawing_nothing_is_read() -> None:
    shown = risk_views.payoff()
    assert read(shown, shown.expiry, 1.0) is None
    assert read(shown, None, 5870.0) is None


def test_its_keys_move_the_spot_shock_volatility_choose_a_time_and_a_trade() -> None:
    async def scenario(app: WorkstationApp, pilot: Pilot[None], port: FakePort) -> None:
        await press(pilot, ":payoff")
        pane = app.workstation.pane("payoff")
        assert isinstance(pane, PayoffPane)
        await until(pilot, lambda: pane.has_focus and "SPXW" in str(pane.border_title))
        await press(pilot, "right", "right", "shift+left")
        assert pane.at == pytest.approx(risk_views.SPOT * (1 - 8 * 0.0005))
        await press(pilot, "up", "up", "down", "plus", "minus", "minus")
        assert port.looks[-1].payoff == PayoffRequest(ahead=900, shock=1.0)
        await until(pilot, lambda: "vol +1 vp" in str(pane.border_title))
        await press(pilot, "u")
        assert port.looks[-1].payoff == PayoffRequest(trade_id=7, ahead=900, shock=1.0)
        await press(pilot, "u")
        assert port.looks[-1].payoff == PayoffRequest(ahead=900, shock=1.0)
        await press(pilot, "u")
        await press(pilot, "0")
        assert port.looks[-1].payoff == PayoffRequest(trade_id=7)
        assert pane.at is None
        await until(pilot, lambda: "#7 IC 10:00" in str(pane.border_title))

    play(scenario, size=(160, 48))


# --- gamma exposure


def test_a_strike_shows_puts_to_the_left_and_calls_to_the_right_and_the_walls_by_name() -> None:
    found = gamma_content(views.view(gamma=risk_views.gamma()), 100)
    by_strike = {row.cells[0][0]: [text for text, _ in row.cells] for row in found.rows}
    assert by_strike["5850"][-1] == "P wall"
    assert by_strike["5905"][-1] == "C wall"
    assert by_strike[">5870<"][3].startswith("+")
    assert by_strike["5850"][3].startswith("-")
    assert found.follow == str(to_units(5870))
    text = words(row.cells for row in found.bottom)
    assert "walls C 5,905 P 5,850" in text
    assert "zero-gamma 5,861" in text
    assert "1,200 of 181,200 contracts left out: no volatility" in text
    assert "a convention" in text


def test_no_open_interest_is_told_and_no_zero() -> None:
    shown = risk_views.gamma(rows=(), net=None, why_empty="the source of SPXW 2026-01-15 tells no open interest")
    found = gamma_content(views.view(gamma=shown), 80)
    assert found.rows == ()
    assert found.message == "The source of SPXW 2026-01-15 tells no open interest. e shows the next expiry."


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "n/a"),
        (0.0, "0"),
        (1.234e9, "1.23B"),
        (-3.4e8, "-340M"),
        (9.996e8, "1B"),
        (15_300.0, "15.3K"),
        (2e12, "2T"),
    ],
)
def test_dollars_in_three_digits(value: float | None, text: str) -> None:
    assert dollars(value) == text


@given(st.floats(0, 1), st.floats(0, 1), st.integers(0, 80))
def test_a_two_sided_bar_keeps_its_middle(left: float, right: float, width: int) -> None:
    drawn = two_sided(left, right, width)
    assert len(drawn) <= width
    if width >= 3:
        assert drawn[(width - 1) // 2] == "|"


def test_u_asks_for_all_expiries() -> None:
    async def scenario(app: WorkstationApp, pilot: Pilot[None], port: FakePort) -> None:
        await press(pilot, ":gamma")
        await until(pilot, lambda: "gamma" in port.looks[-1].parts)
        assert "gamma_all" not in port.looks[-1].parts
        await press(pilot, "u")
        await until(pilot, lambda: "gamma_all" in port.looks[-1].parts)
        await press(pilot, "u")
        await until(pilot, lambda: "gamma_all" not in port.looks[-1].parts)

    play(scenario, size=(160, 48))


# --- the term structure


def test_each_expiry_is_a_row_and_the_one_looked_at_is_marked() -> None:
    found = term_content(views.view(term=risk_views.term()), 100)
    assert [row.cells[0][0] for row in found.rows] == [">2026-01-15", " 2026-01-16", " 2026-01-19", " 2026-02-20"]
    assert [text for text, _ in found.rows[0].cells[1:4]] == ["0.17", "21.2", "±21.4"]
    assert [text for text, _ in found.rows[3].cells[2:4]] == ["n/a", "n/a"]
    text = words(row.cells for row in found.bottom)
    assert "VIX 18.42 (9.0s old)" in text
    assert "VIX3M 17.90 (close of 2026-01-14)" in text
    assert "VIX/VIX3M 1.03 backwardation" in text
    assert "2 later expiries are not shown" in text


def test_without_any_index_of_volatility_it_says_so() -> None:
    found = term_content(
        views.view(term=risk_views.term(vix=(), rows=(), why_empty="no SPXW option is listed yet")), 80
    )
    assert found.message == "No SPXW option is listed yet."
    assert "no index of volatility is known here" in words(row.cells for row in found.bottom)
