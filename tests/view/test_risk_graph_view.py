"""The risk graph, gamma exposure and the term structure, of a real engine on a small tape."""

from __future__ import annotations

import itertools
import math

import msgspec
import numpy as np
import pytest
from core_builders import SPOT, Tape, at, condor_tape, ladder, make_engine
from hypothesis import given
from hypothesis import strategies as st
from test_view_build import seen, smiling, watched

from engine.types import SCALE, Contract, Leg, Package
from engine.view import PayoffRequest, PayoffView, View, ViewRequest
from engine.view.risk_graph import payoff_extremes, zeros

ONE = 'strategies.iron_condor.entries=["10:00"]'
NO_STOP = "strategies.iron_condor.stop.scope=none"


def graph(view: View) -> PayoffView:
    assert view.payoff is not None
    return view.payoff


def asked(**fields: object) -> ViewRequest:
    return ViewRequest(parts=("payoff",), payoff=PayoffRequest(**fields))  # type: ignore[arg-type]


def test_it_is_made_only_for_who_asks() -> None:
    view = watched(make_engine(ONE), condor_tape("10:30"), "10:05")[1]
    assert view().payoff is None
    assert view(request=asked()).payoff is not None


def test_with_nothing_held_it_says_so_and_names_a_key() -> None:
    found = graph(seen(Tape(), "09:35", request=asked()))
    assert found.spots == ()
    assert "O opens the order ticket" in found.why_empty


def test_at_expiry_the_condor_keeps_its_credit_inside_and_loses_its_width_outside() -> None:
    engine = make_engine(ONE, NO_STOP)
    found = graph(watched(engine, condor_tape("10:30"), "10:05")[1](request=asked()))
    (trade,) = engine.state.portfolio.open_trades
    curve = dict(zip(found.spots, found.expiry, strict=True))
    assert found.subject == "the book"
    assert curve[found.spot] == pytest.approx(trade.standing.cash / SCALE)  # type: ignore[index]
    assert found.best == pytest.approx(max(found.expiry))
    assert found.worst == pytest.approx(min(found.expiry))
    assert found.worst == pytest.approx(-trade.worst_case / SCALE, abs=5.0)
    assert len(found.breakevens) == 2
    assert [math.copysign(1, quantity) for _, quantity in found.strikes] == [1, -1, -1, 1]


def test_every_strike_is_a_node_so_that_corners_are_sharp() -> None:
    found = graph(seen(condor_tape("10:30"), "10:05", ONE, request=asked()))
    assert {strike for strike, _ in found.strikes} <= set(found.spots)
    assert list(found.spots) == sorted(set(found.spots))


def test_the_curve_of_today_reads_the_mark_where_the_market_is() -> None:
    tape = smiling(range(5250, 5451, 5))
    engine = make_engine()
    view = watched(engine, tape, "10:05")[1]
    call = Contract("SPXW", engine.state.session.day, round(5360 * SCALE), "C")
    package = Package((Leg(call, "buy", "open"),))
    quote = engine.state.market.quote(call)
    found = graph(view(request=asked(package=package, price=quote.mid2 // 2)))
    assert found.now is not None
    fee = engine.state.fee_each("SPXW") / SCALE
    at_spot = dict(zip(found.spots, found.now, strict=True))[found.spot]  # type: ignore[index]
    assert at_spot == pytest.approx(-fee, abs=1.0)  # bought and valued at mid: only the fee is lost
    assert found.best is None  # a call has no bound above
    assert found.worst == pytest.approx(-(quote.mid2 / 2 / SCALE * 100) - fee, abs=0.1)


def test_more_volatility_costs_who_is_short_of_it_and_time_pays() -> None:
    tape = smiling(range(5250, 5451, 5))
    view = watched(make_engine(ONE, NO_STOP), tape, "10:05")[1]
    straddle = Package(
        tuple(Leg(Contract("SPXW", at_day(view), round(5350 * SCALE), right), "sell", "open") for right in ("C", "P"))
    )
    usual = graph(view(request=asked(package=straddle)))
    shocked = graph(view(request=asked(package=straddle, shock=5.0)))
    later = graph(view(request=asked(package=straddle, ahead=3 * 3600)))
    assert usual.now is not None
    assert shocked.now is not None
    assert usual.chosen is not None
    assert later.chosen is not None
    middle = usual.spots.index(usual.spot)  # type: ignore[arg-type]
    assert shocked.now[middle] < usual.now[middle] < usual.chosen[middle] < later.chosen[middle] < usual.expiry[middle]


def at_day(view: object):
    return view().header.day  # type: ignore[operator]


def test_a_leg_without_a_volatility_leaves_only_the_curve_of_expiry() -> None:
    tape = Tape().list(ladder(5300, 5400)).quote("10:05", {"5350C": (5.0, 5.2), "5350P": (5.0, 5.2)}, spot=SPOT)
    view = watched(make_engine(), tape, "10:05")[1]
    unquoted = Contract("SPXW", at_day(view), round(5390 * SCALE), "C")
    found = graph(view(request=asked(package=Package((Leg(unquoted, "buy", "open"),)), price=1000)))
    assert found.now is None
    assert found.chosen is None
    assert found.expiry


def test_a_trade_and_a_strategy_can_be_chosen_and_the_choices_are_named() -> None:
    engine = make_engine('strategies.iron_condor.entries=["10:00", "11:00"]', NO_STOP)
    view = watched(engine, condor_tape("11:30"), "11:10")[1]
    book = graph(view(request=asked()))
    words = [name for name, _ in book.choices]
    assert words[0] == "the book"
    parts = [graph(view(request=ViewRequest(parts=("payoff",), payoff=request))) for _, request in book.choices[1:]]
    assert len(parts) == len(engine.state.portfolio.open_trades) >= 1
    assert book.best == pytest.approx(sum(part.best or 0 for part in parts))
    assert graph(view(request=asked(trade_id=99))).why_empty == "this trade holds nothing"


def test_it_can_be_sent_over_a_socket() -> None:
    found = graph(seen(condor_tape("10:30"), "10:05", ONE, request=asked()))
    assert msgspec.msgpack.decode(msgspec.msgpack.encode(found), type=PayoffView) == found


@given(
    st.lists(st.floats(-1e6, 1e6).map(lambda value: round(value, 2)), min_size=2, max_size=40),
)
def test_a_breakeven_is_where_the_curve_changes_its_sign(values: list[float]) -> None:
    spots, curve = np.arange(len(values), dtype=float), np.array(values)
    found = zeros(spots, curve)
    assert list(found) == sorted(found)
    for spot in found:
        assert np.interp(spot, spots, curve) == pytest.approx(0.0, abs=1e-6 * max(1.0, abs(curve).max()))
    crossings = sum(a * b < 0 for a, b in itertools.pairwise(values)) + sum(value == 0 for value in values[:-1])
    assert len(found) == crossings


def test_a_naked_call_has_no_worst() -> None:
    engine = make_engine()
    call = Contract("SPXW", engine.state.session.day, round(5350 * SCALE), "C")
    best, worst = payoff_extremes({call: -1}, 50_000 * 100, "SPXW")
    assert (best, worst) == (500.0, None)


# --- gamma exposure


def test_without_open_interest_there_is_no_gamma_exposure_and_it_says_why() -> None:
    found = seen(smiling(range(5300, 5401, 5)), "10:05", request=ViewRequest(parts=("gamma",))).gamma
    assert found is not None
    assert found.rows == ()
    assert found.net is None
    assert "no open interest" in found.why_empty


def test_before_the_first_listing_it_says_so() -> None:
    found = seen(Tape(), "09:35", request=ViewRequest(parts=("gamma",))).gamma
    assert found is not None
    assert "no SPXW option is listed yet" in found.why_empty


# --- the term structure


def test_each_expiry_has_its_volatility_and_move() -> None:
    engine = make_engine()
    found = watched(engine, smiling(range(5300, 5401, 5)), "10:05")[1](request=ViewRequest(parts=("term",))).term
    assert found is not None
    chain = engine.state.chain("SPXW", engine.state.session.day)
    assert chain is not None
    (row,) = found.rows
    assert row.expiry == found.looked_at == chain.expiry
    assert row.iv == float(chain.iv[chain.layout.row_of[chain.atm]])  # type: ignore[index]
    assert row.move == chain.expected_move
    assert row.days == pytest.approx((chain.close - at("10:05")) / 86_400e9, rel=1e-3)


def test_unquoted_it_is_missing_not_zero() -> None:
    tape = Tape().list(ladder(5300, 5400)).quote("10:05", {}, spot=SPOT)
    found = seen(tape, "10:05", request=ViewRequest(parts=("term",))).term
    assert found is not None
    assert [(row.iv, row.move) for row in found.rows] in ([(None, None)], [])
