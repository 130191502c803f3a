"""Chances to expire in the money and to touch, and what an error of a price leaves open."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.pricing import implied_vol, price
from engine.pricing.probability import probability_in_the_money, probability_of_touch
from engine.pricing.uncertainty import iv_error, iv_range

MINUTE = 1 / (365 * 24 * 60)

times = st.floats(MINUTE, 0.1)
vols = st.floats(0.05, 1.5)


@given(times, vols, st.floats(-4, 4))
def test_in_the_money_is_n_of_d2(t: float, sigma: float, d: float) -> None:
    v = sigma * math.sqrt(t)
    strike = 6000 * math.exp(d * v)
    call, put = probability_in_the_money([1, -1], 6000.0, strike, t, sigma)
    assert call == pytest.approx(0.5 * math.erfc((d + v / 2) / math.sqrt(2)), rel=1e-9)
    assert call + put == pytest.approx(1.0, abs=1e-12)


@given(times, vols, st.floats(-4, 4))
def test_touching_is_likelier_than_ending_there(t: float, sigma: float, d: float) -> None:
    level = 6000 * math.exp(d * sigma * math.sqrt(t))
    touch = float(probability_of_touch(6000.0, level, t, sigma))
    beyond = float(probability_in_the_money(1 if level >= 6000 else -1, 6000.0, level, t, sigma))
    assert beyond <= touch <= 1.0
    # N(d2) + (F/H) N(d1) for a level above, the mirror below: by the error function, not by our kernel.
    v, up = sigma * math.sqrt(t), 1 if level >= 6000 else -1
    tails = [0.5 * math.erfc(up * (math.log(level / 6000) / v + shift) / math.sqrt(2)) for shift in (v / 2, -v / 2)]
    assert touch == pytest.approx(min(tails[0] + 6000 / level * tails[1], 1.0), rel=1e-9)


def test_touch_agrees_with_a_walk() -> None:
    """100,000 paths of 400 steps, the barrier moved by 0.5826 of a step's deviation (Broadie, Glasserman, Kou)."""
    rng = np.random.default_rng(20260115)
    t, sigma, steps = 0.02, 0.6, 400
    dt = sigma * math.sqrt(t / steps)
    log, highest, lowest = np.zeros(100_000), np.zeros(100_000), np.zeros(100_000)
    for _ in range(steps):
        log += dt * rng.standard_normal(log.size) - dt * dt / 2
        np.maximum(highest, log, out=highest)
        np.minimum(lowest, log, out=lowest)
    for level in (6200.0, 6500.0, 5800.0, 5500.0):
        far = math.log(level / 6000)
        seen = (highest >= far - 0.5826 * dt) if far > 0 else (lowest <= far + 0.5826 * dt)
        assert float(probability_of_touch(6000.0, level, t, sigma)) == pytest.approx(seen.mean(), abs=0.005)


def test_at_the_forward_it_is_touched_already_and_without_time_nothing_is_known() -> None:
    assert probability_of_touch(6000.0, 6000.0, 0.001, 0.2) == pytest.approx(1.0, abs=1e-15)
    assert np.isnan(probability_of_touch(6000.0, [5990.0, 6000.0, 6010.0], 0.0, 0.2)).all()
    assert np.isnan(probability_in_the_money(1, 6000.0, [5990.0, -1.0], 0.0, 0.2)).all()


def test_half_a_cent_is_two_vol_points_a_minute_before_the_close() -> None:
    """On a fund of 400 dollars: 2.3 vol points at one minute, 0.4 at thirty, a tenth at the open."""
    t = np.array([1, 30, 390]) * MINUTE
    worth = price(1, 400.0, 400.0, t, 0.2)
    assert iv_error(1, 400.0, 400.0, t, worth, 0.005) == pytest.approx([0.0227, 0.0041, 0.00115], rel=0.02)


def test_the_range_holds_the_volatility_and_opens_to_zero_at_intrinsic_value() -> None:
    low, high = iv_range(1, 6000.0, [6000.0, 6050.0, 5950.0], 0.0005, [10.0, 0.02, 50.3], 0.025)
    iv = implied_vol(1, 6000.0, [6000.0, 6050.0, 5950.0], 0.0005, [10.0, 0.02, 50.3])
    assert np.all((low < iv) & (iv < high))
    assert low[1] == 0.0
    assert low[0] == implied_vol(1, 6000.0, 6000.0, 0.0005, 10.0 - 0.025)
    assert high[0] == implied_vol(1, 6000.0, 6000.0, 0.0005, 10.0 + 0.025)


@pytest.mark.parametrize(
    ("worth", "error"), [(0.0, 0.05), (-1.0, 0.05), (math.nan, 0.05), (5.0, math.nan), (5.0, -0.1)]
)
def test_where_the_price_tells_nothing_neither_does_its_range(worth: float, error: float) -> None:
    low, high = iv_range(1, 6000.0, 6000.0, 0.0005, worth, error)
    assert np.isnan(low)
    assert np.isnan(high)
