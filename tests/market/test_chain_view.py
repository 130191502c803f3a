"""One expiry at one instant: fresh quotes only, spot and forward, implied vol, and the nearest listed strikes."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from quoted_market import AGE, DAY, SESSION, TEN, Quotes, option, quote, show, tell_mids

from engine.clock import SECOND
from engine.market import Chain, Market, lay_out
from engine.pricing import price, years_to
from engine.types import Right, to_units

CLOSE = SESSION.product_close("SPXW")
STRIKES = tuple(range(5200, 5401, 10))


def chain_of(market: Market, now: int = TEN, expiry: dt.date = DAY) -> Chain:
    return Chain(market, lay_out(market, "SPXW", expiry), now, CLOSE, AGE)


def smiling(forward: float = 5303.0, sigma: float = 0.18, half: float = 0.05) -> Quotes:
    """Quotes to the cent around model prices of one volatility."""
    years = years_to(TEN, CLOSE)
    found = {}
    for strike in STRIKES:
        for right, sign in (("C", 1), ("P", -1)):
            mid = float(price(sign, forward, strike, years, sigma))
            found[option(strike, right)] = (round(max(mid - half, 0), 4), round(mid + half, 4))  # type: ignore[arg-type]
    return found


@given(st.floats(5230, 5370), st.floats(0.08, 0.8))
@settings(max_examples=25, deadline=None)
def test_the_forward_and_the_volatility_that_made_the_quotes_are_found(forward: float, sigma: float) -> None:
    chain = chain_of(quote(smiling(forward, sigma, half=0.0)))
    assert chain.forward == pytest.approx(forward, abs=0.02)
    near = np.abs(chain.strikes - forward) < 25
    assert chain.iv[near] == pytest.approx(sigma, rel=0.01)
    assert chain.spot == round(chain.forward * 10_000)


def test_spot_is_the_fresh_index_and_the_forward_once_that_is_stale() -> None:
    market = quote(smiling(5303), TEN, {"SPX": 5301.25})
    assert chain_of(market, TEN).spot == to_units(5301.25)
    assert chain_of(market, TEN).atm == to_units(5300)
    show(market, smiling(5303), TEN + AGE + 1)
    assert chain_of(market, TEN + AGE).spot == to_units(5301.25)
    late = chain_of(market, TEN + AGE + 1)
    assert late.spot == pytest.approx(to_units(5303), abs=500)
    assert late.index_value == (to_units(5301.25), AGE + 1)


def test_nothing_fresh_leaves_spot_forward_and_vol_unknown() -> None:
    chain = chain_of(quote(smiling(), values={"SPX": 5303}), TEN + AGE + 1)
    assert np.isnan(chain.forward)
    assert chain.spot is None
    assert chain.atm is None
    assert np.isnan(chain.iv).all()
    assert np.isnan(chain.expected_move)
    assert np.isnan(chain.calls.delta).all()


def test_a_quote_is_fresh_up_to_the_limit_and_by_its_own_age() -> None:
    market = quote(smiling())
    young = option(5250, "P")
    show(market, {young: (1.0, 1.1)}, TEN + 30 * SECOND)
    chain = chain_of(market, TEN + AGE)
    assert chain.puts.fresh.all()
    later = chain_of(market, TEN + AGE + 1)
    assert [later.layout.strikes[row] for row in np.flatnonzero(later.puts.fresh)] == [to_units(5250)]
    assert later.puts.age[later.layout.row_of[to_units(5250)]] == AGE + 1 - 30 * SECOND


def test_crossed_askless_and_bidless_quotes_are_not_fresh_but_a_bid_of_zero_is() -> None:
    quotes = dict(smiling())
    quotes[option(5200, "P")] = (1.0, 0.5)
    quotes[option(5210, "P")] = (0.0, 0.0)
    quotes[option(5220, "P")] = (None, 0.5)
    quotes[option(5230, "P")] = (0.0, 0.05)
    puts = chain_of(quote(quotes)).puts
    assert puts.fresh[:4].tolist() == [False, False, False, True]
    assert np.isnan(puts.mid[:3]).all()
    assert puts.mid[3] == pytest.approx(0.025)
    assert np.isnan(puts.bid[2])


def test_a_strike_listed_on_one_side_only_is_empty_on_the_other() -> None:
    market = quote({option(5300, "C"): (10, 10.2), option(5310, "P"): (12, 12.2), option(5320, "C"): (4, 4.2)})
    chain = chain_of(market)
    assert chain.strikes.tolist() == [5300, 5310, 5320]
    assert chain.layout.contract(0, "P") is None
    assert chain.layout.contract(1, "P") == option(5310, "P")
    assert chain.calls.fresh.tolist() == [True, False, True]
    assert np.isnan(chain.calls.bid[1])
    assert chain.side("P").fresh.tolist() == [False, True, False]


def test_implied_vol_is_read_off_the_out_of_the_money_quote() -> None:
    quotes = dict(smiling(5303))
    honest = chain_of(quote(quotes)).iv
    quotes[option(5380, "P")] = (77.0, 95.0)  # a deep put, quoted badly
    quotes[option(5220, "C")] = (70.0, 90.0)
    assert chain_of(quote(quotes)).iv == pytest.approx(honest, nan_ok=True)


def test_where_the_out_of_the_money_quote_is_gone_the_other_one_serves() -> None:
    quotes = dict(smiling(5303, half=0.0))
    quotes[option(5320, "C")] = (None, None)
    chain = chain_of(quote(quotes))
    assert chain.iv[chain.layout.row_of[to_units(5320)]] == pytest.approx(0.18, rel=0.02)


def test_greeks_have_the_signs_and_the_parity_of_a_chain() -> None:
    chain = chain_of(quote(smiling(5303)))
    known = ~np.isnan(chain.iv)
    assert known.sum() > 10
    assert (chain.calls.delta[known] >= 0).all()
    assert (chain.puts.delta[known] <= 0).all()
    assert (chain.calls.delta - chain.puts.delta)[known] == pytest.approx(1.0)
    assert chain.calls.gamma[known] == pytest.approx(chain.puts.gamma[known])
    assert (chain.calls.theta[known] <= 0).all()


def test_the_expected_move_is_the_straddle_at_the_forward() -> None:
    chain = chain_of(quote(smiling(5300, half=0.0)))
    straddle = 2 * float(price(1, 5300, 5300, years_to(TEN, CLOSE), 0.18))
    assert chain.expected_move == pytest.approx(straddle, abs=0.01)


def test_other_expiries_stay_out_of_the_chain() -> None:
    friday = dt.date(2024, 8, 9)
    market = quote({option(5300, "C"): (10, 11), option(5305, "C", friday): (20, 21)})
    assert chain_of(market).strikes.tolist() == [5300]
    assert chain_of(market, expiry=friday).strikes.tolist() == [5305]
    assert lay_out(market, "SPXW", dt.date(2024, 8, 8)).strikes == ()


@pytest.mark.parametrize(
    ("target", "outward", "strike"),
    [(5304, 0, 5300), (5305, 0, 5300), (5305, 1, 5310), (5305, -1, 5300), (5306, -1, 5310), (4000, 1, 5200)],
)
def test_the_nearest_strike_and_ties_outward(target: float, outward: int, strike: float) -> None:
    chain = chain_of(quote(smiling()))
    assert chain.nearest_strike(to_units(target), outward=outward) == to_units(strike)


def test_only_listed_strikes_of_that_right_are_nearest() -> None:
    chain = chain_of(quote({option(5300, "C"): (1, 2), option(5310, "P"): (1, 2)}))
    assert chain.nearest_strike(to_units(5300), "P") == to_units(5310)
    assert chain.nearest_strike(to_units(5310), "C") == to_units(5300)
    assert chain_of(quote({option(5300, "C"): (1, 2)})).nearest_strike(to_units(5300), "P") is None


@given(
    st.sets(st.integers(1, 400), min_size=1, max_size=12),
    st.integers(1, 400),
    st.sampled_from([-1, 0, 1]),
    st.sampled_from(["C", "P"]),
)
@settings(max_examples=60, deadline=None)
def test_no_listed_strike_is_nearer_and_a_tie_goes_outward(
    strikes: set[int], target: int, outward: int, right: Right
) -> None:
    chain = chain_of(quote({option(strike, right): (1, 2) for strike in strikes}))
    found = chain.nearest_strike(to_units(target), right, outward)
    assert found is not None
    distance = min(abs(strike - target) for strike in strikes)
    tied = [strike for strike in strikes if abs(strike - target) == distance]
    assert found == to_units(max(tied) if outward == 1 else min(tied))


def test_a_mid_tape_prices_like_quotes_without_a_width() -> None:
    market = Market({"SPXW": "mid"})
    tell_mids(market, {contract: ask for contract, (_, ask) in smiling(5303, half=0.0).items()}, TEN)
    chain = chain_of(market)
    assert chain.forward == pytest.approx(5303, abs=0.02)
    assert chain.iv == pytest.approx(chain_of(quote(smiling(5303, half=0.0))).iv, nan_ok=True)
    known = chain.calls.fresh
    assert (chain.calls.bid == chain.calls.ask)[known].all()
