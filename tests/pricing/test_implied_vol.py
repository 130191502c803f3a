"""Implied volatility: exact where the price carries it, NaN where there is none."""

from __future__ import annotations

import math

import numpy as np
import pytest
from decimal_black import implied_vol as exact_implied_vol
from decimal_black import vega
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from engine.pricing import greeks, implied_vol, price

MINUTE = 1 / (365 * 24 * 60)
EPS = 2.3e-16

signs = st.sampled_from([1, -1])
times = st.floats(MINUTE, 390 * MINUTE)
vols = st.floats(0.05, 2.0)


@given(times, vols, st.floats(-6, 6))
@settings(max_examples=150, deadline=None)
def test_out_of_the_money_it_agrees_with_sixty_digits(t: float, sigma: float, d: float) -> None:
    """The root for the exact value of the price as a float, so that only the solver is measured."""
    forward = 5812.37
    strike = round(forward * math.exp(d * sigma * math.sqrt(t)), 2)
    sign = 1 if strike >= forward else -1
    quote = float(price(sign, forward, strike, t, sigma))
    assume(quote > 0)
    ours = float(implied_vol(sign, forward, strike, t, quote))
    assert abs(ours - float(exact_implied_vol(sign, forward, strike, t, quote, ours))) < 1e-9


@given(signs, times, vols, st.floats(-4, 4))
@settings(max_examples=100, deadline=None)
def test_in_the_money_it_is_as_good_as_the_subtraction_of_the_intrinsic_value(
    sign: int, t: float, sigma: float, d: float
) -> None:
    forward = 5812.37
    strike = round(forward * math.exp(-abs(d) * sign * sigma * math.sqrt(t)), 2)
    quote = float(price(sign, forward, strike, t, sigma))
    ours = float(implied_vol(sign, forward, strike, t, quote))
    sharp = float(vega(forward, strike, t, sigma)) > 1e-4
    assume(sharp)
    exact = float(exact_implied_vol(sign, forward, strike, t, quote, ours))
    assert abs(ours - exact) < 1e-9 + 4 * EPS * max(forward, strike) / float(vega(forward, strike, t, ours))


@given(st.floats(1e-5, 6.0), st.floats(-12, 12))
@settings(max_examples=300)
def test_round_trip_over_every_total_volatility(v: float, d: float) -> None:
    """Far beyond any listed option: total volatility to 600%, strikes to twelve standard deviations."""
    strike = 100 * math.exp(d * v)
    sign = 1 if strike >= 100 else -1
    quote = float(price(sign, 100.0, strike, 1.0, v))
    assume(quote < 0.999 * min(100.0, strike))
    assert float(implied_vol(sign, 100.0, strike, 1.0, quote)) == pytest.approx(v, rel=1e-9)


@given(signs, times, st.floats(5700, 5900))
def test_a_dearer_option_implies_a_higher_volatility(sign: int, t: float, strike: float) -> None:
    intrinsic = max(sign * (5800 - strike), 0)
    vols = implied_vol(sign, 5800.0, strike, t, intrinsic + np.geomspace(1e-4, 500, 60))
    assert np.isfinite(vols).all()
    assert np.all(np.diff(vols) > 0)


@given(signs, times, st.floats(5000, 6000), st.floats(0, 1), st.floats(0.9, 1.0))
@example(-1, MINUTE, 5005.0, 0.0, 0.923)  # price/df falls a bit short of the bound
@example(1, MINUTE, 5000.0, 1.0, 0.938)  # price/df exceeds the intrinsic value by a bit
def test_below_intrinsic_and_above_the_bound_there_is_none(
    sign: int, t: float, strike: float, share: float, df: float
) -> None:
    forward = 5500.0
    intrinsic = df * max(sign * (forward - strike), 0)
    bound = df * (forward if sign > 0 else strike)
    assert np.isnan(implied_vol(sign, forward, strike, t, intrinsic * share, df))
    assert np.isnan(implied_vol(sign, forward, strike, t, bound * (1 + share), df))


@pytest.mark.parametrize("quote", [0.0, -0.0, -1.0, math.nan, math.inf, -math.inf])
@pytest.mark.parametrize("sign", [1, -1])
def test_a_price_that_is_no_price_implies_nothing(sign: int, quote: float) -> None:
    assert np.isnan(implied_vol(sign, 6000.0, [5900.0, 6000.0, 6100.0], 0.001, quote)).all()


@pytest.mark.parametrize(
    ("forward", "strike", "t", "df"),
    [
        (6000.0, 6000.0, 0.0, 1.0),
        (6000.0, 6000.0, -0.001, 1.0),
        (6000.0, 6000.0, math.nan, 1.0),
        (6000.0, 6000.0, math.inf, 1.0),
        (math.nan, 6000.0, 0.001, 1.0),
        (0.0, 6000.0, 0.001, 1.0),
        (-6000.0, 6000.0, 0.001, 1.0),
        (math.inf, 6000.0, 0.001, 1.0),
        (6000.0, 0.0, 0.001, 1.0),
        (6000.0, math.nan, 0.001, 1.0),
        (6000.0, 6000.0, 0.001, 0.0),
        (6000.0, 6000.0, 0.001, math.nan),
    ],
)
def test_without_a_forward_a_strike_or_time_there_is_none(forward: float, strike: float, t: float, df: float) -> None:
    assert np.isnan(implied_vol([1, -1], forward, strike, t, 5.0, df)).all()


def test_rounding_noise_over_intrinsic_value_is_not_a_volatility() -> None:
    """Deep in the money the time value is lost in the price's last digit: n/a, not some number."""
    quote = price(1, 6000.0, 5000.0, 0.001, 0.1)
    assert quote == 1000.0
    assert np.isnan(implied_vol(1, 6000.0, 5000.0, 0.001, [1000.0, np.nextafter(1000.0, 2000)])).all()
    assert np.isfinite(implied_vol(1, 6000.0, 5000.0, 0.001, 1000.01))


def test_locked_at_the_money_near_the_close() -> None:
    """One second to the close, forward at the strike to the cent: the guess must not lean on the strike's distance."""
    t = MINUTE / 60
    for forward in (6000.0, 6000.01, 5999.99, 6000.0 + 1e-9):
        sign = 1 if forward <= 6000 else -1
        quote = price(sign, forward, 6000.0, t, 0.35)
        assert float(implied_vol(sign, forward, 6000.0, t, quote)) == pytest.approx(0.35, abs=1e-9)


def test_a_chain_with_holes_keeps_its_numbers() -> None:
    strikes = np.arange(5900.0, 6105.0, 5.0)
    sign = np.where(strikes >= 6001, 1, -1)
    quotes = price(sign, 6001.0, strikes, 0.0007, 0.18)
    whole = implied_vol(sign, 6001.0, strikes, 0.0007, quotes)
    holed = quotes.copy()
    holed[::3] = np.nan
    part = implied_vol(sign, 6001.0, strikes, 0.0007, holed)
    assert np.isnan(part[::3]).all()
    assert np.array_equal(np.delete(part, np.s_[::3]), np.delete(whole, np.s_[::3]))
    assert np.isfinite(greeks(sign, 6001.0, strikes, 0.0007, whole).theta).all()
