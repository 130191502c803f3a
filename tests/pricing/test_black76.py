"""Prices and Greeks of Black-76: against 60 digits, published tables, finite differences and no-arbitrage."""

from __future__ import annotations

import json
import math
import warnings
from pathlib import Path

import numpy as np
import pytest
from decimal_black import black
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from engine.pricing import evaluate, greeks, implied_vol, price

MINUTE = 1 / (365 * 24 * 60)

signs = st.sampled_from([1, -1])
times = st.floats(MINUTE, 1.0)
vols = st.floats(0.03, 2.5)
moneyness = st.floats(-6.0, 6.0)  # distance of the strike in standard deviations
anything = st.one_of(st.floats(), st.sampled_from([0.0, -0.0, 1e-320, 1e308, math.inf, -math.inf, math.nan]))


@given(signs, times, vols, moneyness, st.floats(0.5, 1.0))
@settings(max_examples=150, deadline=None)
def test_the_price_agrees_with_sixty_digits(sign: int, t: float, sigma: float, d: float, df: float) -> None:
    forward = 5812.37
    strike = max(round(forward * math.exp(d * sigma * math.sqrt(t)), 2), 0.01)
    exact = float(black(sign, forward, strike, t, sigma, df))
    ours = float(price(sign, forward, strike, t, sigma, df))
    # In the money the intrinsic value rounds at the size of the strike; the time value keeps its own digits.
    assert ours == pytest.approx(exact, rel=1e-10, abs=4e-16 * strike)


@given(times, vols, moneyness, st.floats(0.5, 1.0))
def test_put_call_parity_holds(t: float, sigma: float, d: float, df: float) -> None:
    strike = 5000 * math.exp(d * sigma * math.sqrt(t))
    call, put = price([1, -1], 5000.0, strike, t, sigma, df)
    assert call - put == pytest.approx(df * (5000 - strike), rel=1e-13, abs=1e-11 * max(5000, strike))


@given(signs, times, vols)
def test_prices_are_monotone_and_convex_in_strike(sign: int, t: float, sigma: float) -> None:
    strikes = np.linspace(4000, 6000, 101)
    values = price(sign, 5000.0, strikes, t, sigma)
    assert np.all(sign * np.diff(values) <= 1e-9)
    assert np.all(np.diff(values, 2) >= -1e-9)


@given(signs, st.floats(4000, 6000), times)
def test_prices_grow_with_volatility_from_intrinsic_to_the_bound(sign: int, strike: float, t: float) -> None:
    values = price(sign, 5000.0, strike, t, np.r_[0.0, np.geomspace(0.001, 1e6, 200)])
    assert np.all(np.diff(values) >= -1e-9)
    assert values[0] == max(sign * (5000 - strike), 0)
    assert values[-1] == pytest.approx(5000 if sign > 0 else strike, rel=1e-12) or t < 1e-3
    assert np.all(values <= (5000 if sign > 0 else strike) * (1 + 1e-15))


def test_at_expiry_an_option_is_worth_its_discounted_intrinsic_value_and_has_no_greeks() -> None:
    worth = price([1, 1, -1, -1], 6000.0, [5990, 6010, 5990, 6010], 0.0, 0.2, 0.99)
    assert worth == pytest.approx([9.9, 0, 0, 9.9])
    at_expiry = greeks([1, -1], 6000.0, 5990.0, 0.0, 0.2)
    assert np.isfinite(at_expiry.price).all()
    assert all(np.isnan(column).all() for column in at_expiry[1:])


@given(signs, st.floats(MINUTE * 30, 0.5), st.floats(0.05, 1.5), st.floats(-3, 3), st.floats(-0.02, 0.2))
def test_greeks_are_the_derivatives_they_say_they_are(sign: int, t: float, sigma: float, d: float, rate: float) -> None:
    forward, df = 5000.0, math.exp(-rate * t)
    strike = forward * math.exp(d * sigma * math.sqrt(t))
    at = greeks(sign, forward, strike, t, sigma, df)

    def slope(f, step: float) -> float:
        """Central difference of fourth order."""
        return float((8 * (f(step) - f(-step)) - (f(2 * step) - f(-2 * step))) / (12 * step))

    def worth(up: float = 0, longer: float = 0, vol: float = 0, dr: float = 0) -> float:
        new = t + longer
        return float(price(sign, forward + up, strike, new, sigma + vol, math.exp(-(rate + dr) * new)))

    near = forward * sigma * math.sqrt(t) * 0.01
    assert float(at.price) == worth()
    assert float(at.delta) == pytest.approx(slope(lambda e: worth(up=e), near), rel=1e-5, abs=1e-7)
    gamma = slope(lambda e: float(greeks(sign, forward + e, strike, t, sigma, df).delta), near)
    assert float(at.gamma) == pytest.approx(gamma, rel=1e-5, abs=1e-7 / near)
    assert float(at.vega) == pytest.approx(slope(lambda e: worth(vol=e), sigma * 0.01), rel=1e-4, abs=1e-5)
    assert float(at.theta) == pytest.approx(-slope(lambda e: worth(longer=e), t * 0.01), rel=1e-4, abs=1e-4 / t)
    assert float(at.rho) == pytest.approx(slope(lambda e: worth(dr=e), 0.01), rel=1e-5, abs=1e-5)


def test_published_black_scholes_tables(shared: Path) -> None:
    """py_vollib's table is on a spot; ours on the forward. Its prices are right to 4.4e-7."""
    table = json.loads((shared / "data/reference/py_vollib_test_data.json").read_text())
    rows = np.array(table["data"], dtype=float)
    c = {name: rows[:, i] for i, name in enumerate(table["columns"])}
    spot, strike, r, t, v = (c[name] for name in ("S", "K", "R", "t", "v"))
    assert len(rows) == 101
    df = np.exp(-r * t)
    forward = spot / df
    for sign, named, d, g, theta, vega, rho in (
        (1, "bs_call", "CD", "CG", "CT", "CV", "CR"),
        (-1, "bs_put", "PD", "PG", "PT", "PV", "PR"),
    ):
        at = greeks(sign, forward, strike, t, v, df)
        assert at.price == pytest.approx(c[named], abs=5e-7)
        assert at.delta / df == pytest.approx(c[d], abs=1e-8)
        assert at.gamma / df**2 == pytest.approx(c[g], abs=1e-8)
        assert at.theta - r * forward * at.delta == pytest.approx(c[theta], abs=1e-6)
        assert at.vega == pytest.approx(c[vega], abs=1e-6)
        assert at.rho + t * forward * at.delta == pytest.approx(c[rho], abs=1e-6)
        solved = implied_vol(sign, forward, strike, t, at.price, df)
        telling = at.price - df * np.maximum(sign * (forward - strike), 0) > 1e-6
        assert telling.sum() > 60
        assert solved[telling] == pytest.approx(v[telling], abs=1e-9)


def test_figures_from_haug() -> None:
    """Haug, The Complete Guide to Option Pricing Formulas: put delta, gamma and vega, spot converted to forward."""
    put = greeks(-1, 105.0, 100.0, 0.5, 0.36, math.exp(-0.05))  # q = r: the forward is the spot
    assert float(put.delta) == pytest.approx(-0.3566, abs=5e-5)
    growth = math.exp(0.10 * 0.75)
    call = greeks(1, 55 * growth, 60.0, 0.75, 0.30, 1 / growth)
    assert float(call.gamma) * growth**2 == pytest.approx(0.0278, abs=5e-5)
    assert float(call.vega) == pytest.approx(18.9358, abs=5e-5)


@given(anything, anything, anything, anything, anything, anything, signs)
@settings(max_examples=300)
def test_no_input_raises_or_warns(f: float, k: float, t: float, s: float, p: float, df: float, sign: int) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        worth = price(sign, f, k, t, s, df)
        at = greeks(sign, f, k, t, s, df)
        iv, at_iv = evaluate(sign, f, k, t, p, df)
    if not (f > 0 and k > 0 and t >= 0 and s >= 0 and df > 0):
        assert np.isnan(worth)
        assert all(np.isnan(column).all() for column in at)
    if np.isnan(iv):
        assert all(np.isnan(column).all() for column in at_iv)


def test_arguments_broadcast_and_right_signs_may_be_int8() -> None:
    right = np.array([[1], [-1]], dtype=np.int8)
    at = greeks(right, 100.0, np.array([90.0, 100.0, 110.0]), 0.1, 0.2)
    assert all(column.shape == (2, 3) and column.dtype == np.float64 for column in at)
    iv, at_iv = evaluate(right, 100.0, np.array([90.0, 100.0, 110.0]), 0.1, at.price)
    assert iv == pytest.approx(np.full((2, 3), 0.2), abs=1e-12)
    assert at_iv.delta == pytest.approx(at.delta, abs=1e-12)
    assert price(1, 100.0, 100.0, 0.1, 0.2).shape == ()


@given(st.integers(1, 40), st.integers(0, 2**32 - 1))
@settings(max_examples=30)
def test_a_contract_is_worth_the_same_alone_as_in_its_chain(n: int, seed: int) -> None:
    """To the last bit: who evaluates one leg and who evaluates the chain must never disagree."""
    rng = np.random.default_rng(seed)
    strike = 5000 * np.exp(0.01 * rng.standard_normal(n))
    sign = rng.choice([-1.0, 1.0], n)
    quote = price(sign, 5000.0, strike, 0.001, 0.25) + rng.normal(0, 0.3, n)
    iv, at = evaluate(sign, 5000.0, strike, 0.001, quote)
    for i in range(n):
        iv_alone, at_alone = evaluate(sign[i], 5000.0, strike[i], 0.001, quote[i])
        assert np.array_equal(iv_alone, iv[i], equal_nan=True)
        assert all(np.array_equal(a, b[i], equal_nan=True) for a, b in zip(at_alone, at, strict=True))


@given(signs, times, vols, moneyness)
def test_evaluate_is_implied_vol_and_greeks(sign: int, t: float, sigma: float, d: float) -> None:
    strike = 5000 * math.exp(d * sigma * math.sqrt(t))
    assume(d * sign > 0)
    quote = float(price(sign, 5000.0, strike, t, sigma))
    iv, at = evaluate(sign, 5000.0, strike, t, quote)
    assert float(iv) == float(implied_vol(sign, 5000.0, strike, t, quote))
    assert float(at.price) == pytest.approx(quote, rel=1e-9)
