"""The simulator's parts: the path's volatility through the day, and a smile free of arbitrage."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pytest

from engine.calendar import next_session, session
from engine.clock import SECOND
from engine.feed.simulator import PathModel, SmileModel
from engine.feed.simulator.path import Path, grid, simulate
from engine.feed.simulator.smile import total_vol
from engine.pricing import price

DAY = dt.date(2026, 1, 15)


def path(seed: int, day: dt.date = DAY, model: PathModel = PathModel()) -> Path:  # noqa: B008
    today = session(day)
    times = grid(today.open, today.close, 15 * SECOND)
    return simulate(model, np.random.default_rng(seed), times, today, next_session(day))


PATHS = [path(seed) for seed in range(200)]
SQUARES = np.array([np.diff(np.log(p.spot)) ** 2 for p in PATHS])


def test_realised_volatility_is_u_shaped() -> None:
    minutes = (PATHS[0].times[1:] - PATHS[0].times[0]) / (60 * SECOND)
    average = SQUARES.mean(axis=0)
    opening = average[minutes <= 30].mean()
    noon = average[(minutes > 150) & (minutes <= 240)].mean()
    closing = average[minutes > 370].mean()
    assert opening > 1.7 * noon
    assert closing > 1.25 * noon


def test_realised_variance_is_what_the_model_says() -> None:
    model = PathModel()
    expected = model.annual_vol**2 / 252 * model.intraday_share
    # e^y and the day's level average above 1; twelve per cent more, with both at their default scatter.
    expected *= np.exp(model.y_scatter**2 / 2 + 2 * model.day_scatter**2)
    assert SQUARES.sum(axis=1).mean() == pytest.approx(expected, rel=0.10)


def test_a_half_day_has_its_share_of_the_variance() -> None:
    half = [np.sum(np.diff(np.log(path(seed, dt.date(2025, 7, 3)).spot)) ** 2) for seed in range(200)]
    assert np.mean(half) / SQUARES.sum(axis=1).mean() == pytest.approx(210 / 390, rel=0.10)


def test_spot_does_not_drift() -> None:
    last = np.array([p.spot[-1] for p in PATHS])
    assert abs(last.mean() - 1) < 3 * last.std() / np.sqrt(len(last))


def test_volatility_rises_as_spot_falls() -> None:
    together = [np.corrcoef(np.diff(np.log(p.spot)), np.diff(np.log(p.vix)))[0, 1] for p in PATHS]
    assert max(together) < -0.5


def test_priced_variance_dies_at_the_close_and_is_dearer_than_realised_on_average() -> None:
    for p in PATHS[:20]:
        assert p.variance_to_close[-1] == 0
        assert np.all(p.variance_to_close[:-1] > 0)
        assert np.all(p.variance_next > p.variance_to_close)
    priced = np.mean([p.variance_to_close[0] for p in PATHS])
    assert 1.0 < priced / SQUARES.sum(axis=1).mean() < 1.4


def test_spot_and_official_close_agree_but_for_the_auction() -> None:
    off = np.array([p.official_close / p.spot[-1] - 1 for p in PATHS])
    assert np.abs(off).max() < 5 * PathModel().auction
    assert np.count_nonzero(off) == len(off)


@pytest.mark.parametrize("deviation", [0.0001, 0.001, 0.007, 0.02, 0.1])
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
    moneyness = np.linspace(-0.05, 0.05, 201)
    vols = total_vol(SmileModel(), moneyness, (np.geomspace(1e-5, 0.02, 60) ** 2)[:, None])
    assert np.all(np.diff(vols, axis=0) > 0)


def test_without_variance_left_there_is_no_volatility_left() -> None:
    assert np.all(total_vol(SmileModel(), np.linspace(-0.05, 0.05, 21), np.zeros(1)) == 0)
