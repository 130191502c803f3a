"""The VIX family says what the chain itself says: recomputed here from the quotes, as Cboe does."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pytest

from engine.calendar import next_session, session
from engine.clock import MINUTE
from engine.events import ChainBatch, Listing
from engine.feed.simulator import PathModel, QuoteModel, SimulatedDay
from engine.types import SCALE, Contract

DAY = dt.date(2026, 1, 15)
# Options far out, hardly any spread: what a strip is worth must not hang on ticks and on where the strikes end.
FINE = {"width": 0.2, "quote_model": QuoteModel(half_ticks=0, half_share=0, half_deep=0)}


def strip_variance(listing: Listing, batch: ChainBatch, expiry: dt.date) -> float:
    """Total variance to an expiry by the VIX formula, from mids of out-of-the-money options."""
    rows = [(i, c) for i, c in enumerate(listing.instruments) if isinstance(c, Contract) and c.expiry == expiry]
    mids: dict[str, dict[float, float]] = {"C": {}, "P": {}}
    for i, contract in rows:
        mids[contract.right][contract.strike / SCALE] = (int(batch.bid[i]) + int(batch.ask[i])) / 2 / SCALE
    strikes = np.array(sorted(mids["C"]))
    call, put = (np.array([mids[right][k] for k in strikes]) for right in "CP")
    nearest = int(np.argmin(np.abs(call - put)))
    forward = strikes[nearest] + call[nearest] - put[nearest]
    base = strikes[strikes <= forward].max()
    out = np.where(strikes < base, put, np.where(strikes > base, call, (call + put) / 2))
    out = np.where(out > 0.05, out, 0.0)  # a lowest tick is no bid
    strip = 2 * np.sum(np.gradient(strikes) / strikes**2 * out)
    return float(strip - (forward / base - 1) ** 2)


def minutes_left(ts: int, day: dt.date) -> float:
    """Trading minutes of sessions up to and including ``day``."""
    today = max(session(DAY).close - ts, 0) / MINUTE
    return today if day == DAY else today + session(day).minutes


@pytest.mark.parametrize("clock", [30, 180, 330])
@pytest.mark.parametrize("seed", [1, 7])
def test_vix1d_blends_the_variance_of_today_and_tomorrow(clock: int, seed: int) -> None:
    day = SimulatedDay(DAY, seed=seed, step_seconds=600, **FINE)
    events = list(day.events())
    listing = next(event for event in events if isinstance(event, Listing))
    batch = next(e for e in events if isinstance(e, ChainBatch) and e.ts_event == session(DAY).open + clock * MINUTE)
    tomorrow = next_session(DAY).day
    near, far = (strip_variance(listing, batch, expiry) for expiry in (DAY, tomorrow))
    n1, n2 = (minutes_left(batch.ts_event, expiry) for expiry in (DAY, tomorrow))
    blended = near * (n2 - 390) / (n2 - n1) + far * (390 - n1) / (n2 - n1)
    where = [getattr(i, "symbol", "") for i in listing.instruments].index("VIX1D")
    assert batch.price[where] / SCALE == pytest.approx(100 * np.sqrt(blended * 252), rel=0.03)


@pytest.mark.parametrize("symbol", ["VIX", "VIX9D"])
def test_vix_and_vix9d_lie_between_the_expiries_around_them(symbol: str) -> None:
    day = SimulatedDay(DAY, step_seconds=600, count=10, **FINE)
    events = list(day.events())
    listing = next(event for event in events if isinstance(event, Listing))
    batch = [event for event in events if isinstance(event, ChainBatch)][20]
    days = {"VIX": 30, "VIX9D": 9}[symbol]
    target = batch.ts_event + days * 1440 * MINUTE
    around = sorted(day.expiries, key=lambda expiry: abs(session(expiry).close - target))[:2]
    levels = []
    for expiry in around:
        years = (session(expiry).close - batch.ts_event) / (365 * 1440 * MINUTE)
        levels.append(100 * np.sqrt(strip_variance(listing, batch, expiry) / years))
    where = [getattr(i, "symbol", "") for i in listing.instruments].index(symbol)
    value = batch.price[where] / SCALE
    assert min(levels) * 0.97 < value < max(levels) * 1.03


def test_vix_of_the_evening_before_knows_nothing_of_the_day() -> None:
    ordinary = SimulatedDay(DAY).path.prior_vix
    assert SimulatedDay(DAY, scenario="outage").path.prior_vix == ordinary
    assert ordinary["VIX1D"] < ordinary["VIX9D"] < ordinary["VIX"]


def test_the_vix_is_the_usual_one_over_realised_volatility() -> None:
    found = [SimulatedDay(DAY, seed=seed, step_seconds=600).path.prior_vix["VIX"] for seed in range(40)]
    assert np.median(found) == pytest.approx(150 * PathModel().annual_vol, rel=0.12)
