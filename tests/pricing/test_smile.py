"""The smile: found again where it made the quotes, unmoved by blown ones, judged for arbitrage, read as a density."""

from __future__ import annotations

import csv
import datetime as dt
import gzip
import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.pricing import implied_vol, parity_forward, price
from engine.pricing.arbitrage import butterfly_function, check_arbitrage
from engine.pricing.density import probability_above, risk_neutral_density
from engine.pricing.fit import LEAST_POINTS, fit_smile
from engine.pricing.skew import skew_of
from engine.pricing.smile import Smile
from engine.pricing.uncertainty import iv_error

FORWARD = 6000.0
STRIKES = np.arange(5850.0, 6151.0, 5.0)
HOURS = 3.5 / (365 * 24)


def smile(vol: float = 0.16, rho: float = -0.4, bend: float = 0.35, m: float = 0.1, s: float = 0.8) -> Smile:
    """A smile given in standard deviations at about ``vol``."""
    sd = vol * math.sqrt(HOURS)
    a = sd * sd * (1 - bend * s)
    return Smile(FORWARD, HOURS, a, bend * sd, rho, m * sd, s * sd, STRIKES[0], STRIKES[-1], 61, 0, 0.0)


shapes = st.builds(
    smile, st.floats(0.08, 0.8), st.floats(-0.8, 0.6), st.floats(0.05, 0.5), st.floats(-0.5, 0.5), st.floats(0.3, 1.5)
)


@given(shapes)
@settings(max_examples=40)
def test_the_smile_that_made_the_quotes_is_found(made: Smile) -> None:
    found = fit_smile(FORWARD, HOURS, STRIKES[::-1], made.vol(STRIKES)[::-1])
    assert found is not None
    assert found.vol(STRIKES) == pytest.approx(made.vol(STRIKES), abs=2e-4)
    assert found.atm_vol == pytest.approx(made.atm_vol, abs=2e-4)
    assert found.outliers == 0
    assert (found.lowest, found.highest, found.points) == (STRIKES[0], STRIKES[-1], len(STRIKES))


@given(shapes, st.integers(0, 60), st.integers(0, 60), st.floats(0.3, 3.0))
@settings(max_examples=30)
def test_two_blown_quotes_do_not_bend_it(made: Smile, one: int, other: int, off: float) -> None:
    vols = made.vol(STRIKES)
    vols[one] *= 1 + off
    vols[other] *= 1 / (1 + off)
    found = fit_smile(FORWARD, HOURS, STRIKES, vols, 0.003)
    assert found is not None
    sound = np.delete(np.arange(len(STRIKES)), [one, other])
    assert found.vol(STRIKES[sound]) == pytest.approx(made.vol(STRIKES[sound]), abs=0.004)
    assert found.outliers <= 2


def test_holes_are_passed_over_and_too_few_quotes_fit_nothing() -> None:
    vols = smile().vol(STRIKES)
    vols[::2] = np.nan
    found = fit_smile(FORWARD, HOURS, STRIKES, vols)
    assert found is not None
    assert found.points == np.isfinite(vols).sum()
    few = np.where(np.arange(len(STRIKES)) < LEAST_POINTS - 1, 0.2, np.nan)
    assert fit_smile(FORWARD, HOURS, STRIKES, few) is None
    assert fit_smile(math.nan, HOURS, STRIKES, smile().vol(STRIKES)) is None
    assert fit_smile(FORWARD, 0.0, STRIKES, smile().vol(STRIKES)) is None


def test_the_same_quotes_give_the_same_bytes_in_any_order() -> None:
    vols = smile().vol(STRIKES) + 0.002 * np.random.default_rng(3).standard_normal(len(STRIKES))
    first = fit_smile(FORWARD, HOURS, STRIKES, vols)
    mixed = np.random.default_rng(4).permutation(len(STRIKES))
    assert fit_smile(FORWARD, HOURS, STRIKES[mixed], vols[mixed]) == first


def test_a_flat_smile_has_no_skew_and_the_lognormal_density() -> None:
    flat = replace(smile(), a=(0.2**2) * HOURS, b=1e-12)
    found = skew_of(flat)
    assert found is not None
    assert found.risk_reversal == pytest.approx(0.0, abs=1e-9)
    assert found.butterfly == pytest.approx(0.0, abs=1e-9)
    assert flat.skew == pytest.approx(0.0, abs=1e-6)
    v = 0.2 * math.sqrt(HOURS)
    d2 = np.log(FORWARD / STRIKES) / v - v / 2
    assert risk_neutral_density(flat, STRIKES) == pytest.approx(
        np.exp(-d2 * d2 / 2) / (STRIKES * v * math.sqrt(2 * math.pi))
    )
    assert check_arbitrage(flat).free


@given(shapes)
@settings(max_examples=25)
def test_the_density_is_the_call_prices_second_derivative(made: Smile) -> None:
    step = 0.02 * FORWARD * made.atm_vol * math.sqrt(HOURS)
    at = np.linspace(5940.0, 6060.0, 13)
    calls = [price(1, FORWARD, at + j * step, HOURS, made.vol(at + j * step)) for j in (-1, 0, 1)]
    peak = 1 / (FORWARD * made.atm_vol * math.sqrt(HOURS))
    assert risk_neutral_density(made, at) == pytest.approx(
        (calls[0] - 2 * calls[1] + calls[2]) / step**2, rel=0.01, abs=0.01 * peak
    )
    assert probability_above(made, at) == pytest.approx((calls[0] - calls[2]) / (2 * step), abs=2e-3)


def test_probability_integrates_to_one_with_the_forward_as_its_mean() -> None:
    made = smile(rho=-0.3, bend=0.2)
    assert check_arbitrage(made).free
    at = np.linspace(5600.0, 6400.0, 8001)
    mass = risk_neutral_density(made, at)
    assert np.trapezoid(mass, at) == pytest.approx(1.0, abs=1e-4)
    assert np.trapezoid(mass * at, at) == pytest.approx(FORWARD, abs=0.05)
    assert probability_above(made, [5600.0, 6400.0]) == pytest.approx([1.0, 0.0], abs=1e-4)
    assert np.diff(probability_above(made, at)).max() < 1e-15


def test_a_butterfly_arbitrage_is_found_and_located() -> None:
    """Gatheral and Jacquier's example of an SVI with one (after Vogt): g dips below zero near k = 0.8."""
    vogt = Smile(100.0, 1.0, -0.0410, 0.1331, 0.3060, 0.3586, 0.4153, 20.0, 400.0, 50, 0, 0.0)
    found = check_arbitrage(vogt)
    assert not found.free
    assert found.least < -0.005
    assert 0.6 < math.log(found.strike / 100) < 1.1
    assert (risk_neutral_density(vogt, [found.strike]) < 0).all()
    assert butterfly_function(vogt, 0.0) > 0
    steep = replace(smile(), b=1.9, rho=0.2)
    assert check_arbitrage(steep).wing > 2
    assert not check_arbitrage(steep).free


@given(shapes, st.sampled_from([0.05, 0.1, 0.25, 0.4]), st.sampled_from(["forward", "straddle"]))
@settings(max_examples=30)
def test_risk_reversal_and_butterfly_are_of_the_strikes_with_that_delta(
    made: Smile, delta: float, at_the_money: str
) -> None:
    from engine.pricing import greeks

    found = skew_of(made, delta, at_the_money)
    if found is None:
        assert not check_arbitrage(made).free  # no strike has the delta where the wings bend prices too far
        return
    strikes = np.array([found.call_strike, found.put_strike])
    vols = made.vol(strikes)
    assert greeks([1, -1], FORWARD, strikes, HOURS, vols).delta == pytest.approx([delta, -delta], abs=1e-9)
    assert found.risk_reversal == pytest.approx(vols[0] - vols[1], abs=1e-12)
    assert found.butterfly == pytest.approx(vols.mean() - found.atm, abs=1e-12)
    if at_the_money == "forward":
        assert found.atm == made.atm_vol


@pytest.mark.parametrize("delta", [0.0, 0.5, -0.25, math.nan])
def test_a_delta_that_is_none_is_refused(delta: float) -> None:
    with pytest.raises(ValueError, match=r"between 0 and 0\.5"):
        skew_of(smile(), delta)


def test_the_skew_is_the_slope_at_the_money() -> None:
    made = smile()
    up, down = made.vol([FORWARD * math.exp(1e-5), FORWARD * math.exp(-1e-5)])
    assert made.skew == pytest.approx((up - down) / 2e-5, rel=1e-5)


def test_a_real_chain(shared: Path) -> None:
    """Cboe, 2019-06-26 15:45: five expiries of SPXW, each fitted within its quotes, puts dearer than calls."""
    with gzip.open(shared / "data/cboe_datashop/spxw20190626.csv.gz", "rt", encoding="utf-8-sig") as file:
        rows = list(csv.DictReader(file))
    today = dt.date(2019, 6, 26)
    for expiry in ("2019-06-28", "2019-07-01", "2019-07-03", "2019-07-05", "2019-07-08"):
        quotes: dict[float, dict[str, tuple[float, float]]] = {}
        for r in rows:
            if r["expiration"] == expiry:
                quotes.setdefault(float(r["strike"]), {})[r["option_type"]] = float(r["bid_1545"]), float(r["ask_1545"])
        strikes = np.array(sorted(k for k, sides in quotes.items() if len(sides) == 2))
        (cb, ca), (pb, pa) = (np.array([quotes[k][side] for k in strikes]).T for side in "CP")
        forward = parity_forward(strikes, cb, ca, pb, pa)
        t = ((dt.date.fromisoformat(expiry) - today).days * 86_400 + 900) / 31_536_000
        call = strikes >= forward
        bid, ask = np.where(call, cb, pb), np.where(call, ca, pa)
        mid = np.where(bid > 0, (bid + ask) / 2, np.nan)
        sign = np.where(call, 1.0, -1.0)
        iv = implied_vol(sign, forward, strikes, t, mid)
        found = fit_smile(forward, t, strikes, iv, iv_error(sign, forward, strikes, t, mid, (ask - bid) / 2))
        assert found is not None
        assert found.points > 50
        assert found.error < 0.004
        near = np.abs(strikes - forward) < 40
        assert np.nanmax(np.abs(found.vol(strikes) - iv)[near]) < 0.01
        assert check_arbitrage(found).free
        skew = skew_of(found)
        assert skew is not None
        assert -0.06 < skew.risk_reversal < -0.01
        assert 0.0 < skew.butterfly < 0.01
