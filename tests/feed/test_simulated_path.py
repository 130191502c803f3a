"""The simulator's parts: the path's volatility through the day, and a smile free of arbitrage."""

from __future__ import annotations

import datetime as dt
import functools

import numpy as np
import pytest

from engine.calendar import session
from engine.clock import SECOND
from engine.feed.simulator import PathModel, Scenario, SmileModel
from engine.feed.simulator.listing import sessions_around
from engine.feed.simulator.path import Path, grid, simulate
from engine.feed.simulator.smile import swap_variance, total_vol
from engine.pricing import price

DAY = dt.date(2026, 1, 15)
HALF_DAY = dt.date(2025, 7, 3)
ORDINARY = Scenario()


def path(
    seed: int,
    day: dt.date = DAY,
    scenario: Scenario = ORDINARY,
    end: int = 0,
    model: PathModel = PathModel(),  # noqa: B008
) -> Path:
    today = session(day)
    times = grid(today.open, today.close + end, 15 * SECOND)
    rng = np.random.default_rng(seed)
    return simulate(model, SmileModel(), rng, times, sessions_around(day, day), scenario)


@functools.cache
def paths() -> list[Path]:
    return [path(seed) for seed in range(200)]


@functools.cache
def squares() -> np.ndarray:
    return np.array([np.diff(np.log(p.spot)) ** 2 for p in paths()])


def test_realised_volatility_is_u_shaped() -> None:
    minutes = (paths()[0].times[1:] - paths()[0].times[0]) / (60 * SECOND)
    average = squares().mean(axis=0)
    opening = average[minutes <= 30].mean()
    afternoon = average[(minutes > 210) & (minutes <= 300)].mean()
    closing = average[minutes > 370].mean()
    # SPX's and SPY's minutes of 2026 have 5 and 2.
    assert 3.5 < opening / afternoon < 6.5
    assert 1.4 < closing / afternoon < 2.8


def test_realised_variance_is_what_the_model_says() -> None:
    model = PathModel()
    expected = model.annual_vol**2 / 252 * model.intraday_share
    # e^y and the day's level average above 1; jumps push y up on top of that.
    expected *= np.exp(model.y_scatter**2 / 2 + 2 * model.day_scatter**2)
    assert squares().sum(axis=1).mean() == pytest.approx(expected, rel=0.12)


def test_jumps_fatten_the_tails_and_leave_the_variance_alone() -> None:
    smooth = [path(seed, model=PathModel(jumps=0)) for seed in range(200)]
    without = np.array([np.diff(np.log(p.spot)) ** 2 for p in smooth])
    assert without.sum(axis=1).mean() == pytest.approx(squares().sum(axis=1).mean(), rel=0.1)

    def largest(of: np.ndarray) -> float:
        return float(np.median(of.max(axis=1) / of.mean(axis=1)))

    assert largest(squares()) > 1.15 * largest(without)


def test_a_half_day_has_its_share_of_the_variance() -> None:
    half = [np.sum(np.diff(np.log(path(seed, HALF_DAY).spot)) ** 2) for seed in range(200)]
    assert np.mean(half) / squares().sum(axis=1).mean() == pytest.approx(210 / 390, rel=0.12)


def test_spot_does_not_drift() -> None:
    last = np.array([p.spot[-1] for p in paths()])
    assert abs(last.mean() - 1) < 3 * last.std() / np.sqrt(len(last))


def test_volatility_rises_as_spot_falls() -> None:
    for symbol in ("VIX", "VIX9D", "VIX1D"):
        together = [np.corrcoef(np.diff(np.log(p.spot)), np.diff(np.log(p.vix[symbol])))[0, 1] for p in paths()[:50]]
        assert np.mean(together) < -0.5


def test_priced_variance_dies_at_the_close_and_is_dearer_than_realised_on_average() -> None:
    for p in paths()[:20]:
        assert p.remaining[-1] == 0
        assert np.all(p.remaining[:-1] > 0)
        assert np.all(np.diff(p.ahead.variance) > 0)
    priced = np.mean([p.remaining[0] for p in paths()])
    assert 1.0 < priced / squares().sum(axis=1).mean() < 1.4


def test_a_longer_day_begins_as_the_shorter_one() -> None:
    short, long = path(3), path(3, end=900 * SECOND)
    n = len(short.times)
    assert np.array_equal(short.spot, long.spot[:n])
    for symbol in short.vix:
        assert np.allclose(short.vix[symbol], long.vix[symbol][:n], rtol=1e-12)


def test_spot_and_official_close_agree_but_for_the_auction() -> None:
    off = np.array([p.official_close / p.spot[-1] - 1 for p in paths()])
    assert np.abs(off).max() < 5 * PathModel().auction
    assert np.count_nonzero(off) == len(off)


def test_a_course_is_kept_and_volatility_answers_to_it() -> None:
    falling = Scenario(name="x", course=((195, -1.0), (390, -3.0)))
    plain_y, fallen_y = [], []
    for seed in range(40):
        plain, led = path(seed), path(seed, scenario=falling)
        sd = np.sqrt(np.mean(squares().sum(axis=1)))
        move = np.log(led.spot[-1] / led.spot[0])
        assert -5 * sd < move < -1.4 * sd
        plain_y.append(plain.remaining[780])
        fallen_y.append(led.remaining[780])
    assert np.mean(fallen_y) > 1.02 * np.mean(plain_y)


@pytest.mark.parametrize("deviation", [0.0001, 0.001, 0.003, 0.007, 0.02, 0.06])
def test_the_smile_admits_no_arbitrage_at_any_time_to_expiry(deviation: float) -> None:
    """Butterflies on a fine grid to twelve standard deviations: prices fall and are convex in strike."""
    strikes = np.exp(np.linspace(-12, 12, 4001) * deviation)
    vol = total_vol(SmileModel(), np.log(strikes), np.full(1, deviation**2))
    outside = price(np.where(strikes >= 1, 1, -1), 1.0, strikes, 1.0, vol)
    calls = outside + np.maximum(1 - strikes, 0)
    slopes = np.diff(calls) / np.diff(strikes)
    assert np.all((slopes <= 0) & (slopes >= -1))
    assert np.all(np.diff(slopes) >= -1e-9)


def test_more_variance_makes_every_strike_dearer() -> None:
    moneyness = np.linspace(-0.15, 0.15, 601)
    vols = total_vol(SmileModel(), moneyness, (np.geomspace(1e-5, 0.08, 120) ** 2)[:, None])
    assert np.all(np.diff(vols, axis=0) > 0)


def test_the_skew_a_point_of_strike_steepens_toward_the_close() -> None:
    def skew(deviation: float) -> float:
        out = np.array([-0.001, 0.001])
        vols = total_vol(SmileModel(), out, np.full(1, deviation**2)) / deviation
        return float(vols[0] - vols[1])

    assert skew(0.0015) > 1.15 * skew(0.003) > 1.15 * 1.15 * skew(0.006)


def test_without_variance_left_there_is_no_volatility_left() -> None:
    assert np.all(total_vol(SmileModel(), np.linspace(-0.05, 0.05, 21), np.zeros(1)) == 0)


@pytest.mark.parametrize("deviation", [0.002, 0.007, 0.05])
def test_a_strip_of_the_smiles_options_is_worth_the_swap_variance(deviation: float) -> None:
    """VIX's own sum over a dense strip of out-of-the-money options, against the quadrature."""
    k = np.linspace(-14, 14, 20001) * deviation
    strikes = np.exp(k)
    vol = total_vol(SmileModel(), k, np.full(1, deviation**2))
    outside = price(np.where(strikes >= 1, 1, -1), 1.0, strikes, 1.0, vol)
    strip = float(np.sum(2 * outside / strikes**2 * np.gradient(strikes)))
    assert strip == pytest.approx(float(swap_variance(SmileModel(), np.array([deviation**2]))[0]), rel=0.01)
