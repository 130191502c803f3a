"""Quotes nobody can pick money from, whatever the seed, the scenario and the time of day."""

from __future__ import annotations

import datetime as dt
import functools

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.calendar import session
from engine.events import ChainBatch, Listing
from engine.feed.simulator import SCENARIOS, SimulatedDay, playable, scenario
from engine.feed.simulator.block import Pricer
from engine.feed.simulator.quoting import to_cent
from engine.pricing import years_to
from engine.types import SCALE, Contract

DAY = dt.date(2026, 1, 15)
ROUNDING = 4.0  # values are rounded to 1e-6 dollars, a hundredth of a unit; the forward to a whole unit

seeds = st.integers(0, 10**9)
names = st.sampled_from(["", *SCENARIOS])
roots = st.sampled_from(["SPXW", "XSP", "SPY", "QQQ"])
shares = st.floats(0, 1)


@functools.lru_cache(maxsize=4)
def made(seed: int, name: str, root: str) -> SimulatedDay:
    return SimulatedDay(playable(scenario(name), DAY), root, seed, step_seconds=600, scenario=name, count=5)


def fair_values(day: SimulatedDay, row: int) -> list[tuple[np.ndarray, np.ndarray, np.ndarray, float]]:
    """Strikes, calls, puts (units, before ticks) and the forward of each expiry at a grid point."""
    path = day.path
    spot = to_cent(np.power(path.spot, day._level.beta) * day._prior / SCALE)
    listing = next(event for event in day.events() if isinstance(event, Listing))
    strikes = np.array(sorted({c.strike for c in listing.instruments if isinstance(c, Contract)}), np.int64)
    pricer = Pricer(day.terms, strikes, day.expiries, day.carry, day.smile_model, day.quote_model, day.kind)
    found = []
    for expiry in day.expiries:
        fair = pricer.fair(path, spot, day._level, expiry, slice(row, row + 1))
        years = years_to(int(path.times[row]), session(expiry).product_close(day.root))
        found.append((strikes, fair.call[0], fair.put[0], float(spot[row]) * np.exp(day.carry * years)))
    return found


@settings(max_examples=60, deadline=None)
@given(seeds, names, roots, shares)
def test_values_before_ticks_keep_parity_order_and_convexity_in_strike(
    seed: int, name: str, root: str, share: float
) -> None:
    day = made(seed, name, root)
    row = round(share * (len(day.path.times) - 1))
    for strikes, call, put, forward in fair_values(day, row):
        assert np.all(np.abs(call - put - (forward - strikes)) <= ROUNDING)
        step = np.diff(strikes)
        for values, sign in ((call, 1), (put, -1)):
            slopes = np.diff(values) / step
            assert np.all(sign * slopes <= 1e-4)
            assert np.all(sign * slopes >= -1 - 1e-4)
            assert np.all(np.diff(slopes) >= -1e-4)
        assert np.all(call >= np.maximum(forward - strikes, 0) - ROUNDING)
        assert np.all(put >= np.maximum(strikes - forward, 0) - ROUNDING)


@settings(max_examples=60, deadline=None)
@given(seeds, names, roots, shares)
def test_a_later_expiry_is_never_cheaper_at_the_same_moneyness(seed: int, name: str, root: str, share: float) -> None:
    day = made(seed, name, root)
    row = round(share * (len(day.path.times) - 1))
    before: np.ndarray | None = None
    moneyness = np.linspace(0.95, 1.05, 41)
    for strikes, call, _, forward in fair_values(day, row):
        inside = (moneyness * forward >= strikes[0]) & (moneyness * forward <= strikes[-1])
        over = np.where(inside, np.interp(moneyness * forward, strikes, call) / forward, np.nan)
        if before is not None:
            both = np.isfinite(over) & np.isfinite(before)
            # Interpolating between strikes bends a convex curve up, by the kink at the money at most.
            slack = np.diff(strikes).max() / forward / 4
            assert np.all(over[both] >= before[both] - slack)
        before = over


def test_total_variance_grows_with_expiry_at_every_instant() -> None:
    for name in ("", *SCENARIOS):
        day = made(11, name, "SPXW")
        every = slice(0, len(day.path.times))
        priced = [day.path.priced_until(session(expiry).close, every) for expiry in day.expiries]
        assert np.all(np.diff(np.array(priced), axis=0) > 0), name


@settings(max_examples=30, deadline=None)
@given(seeds, names, roots)
def test_quotes_are_never_crossed_and_their_mids_lie_within_a_tick_of_the_values(
    seed: int, name: str, root: str
) -> None:
    day = made(seed, name, root)
    batches = [event for event in day.events() if isinstance(event, ChainBatch)]
    values = len(day._symbols)
    rows = {int(ts): row for row, ts in enumerate(day.path.times)}
    for batch in batches[:: max(1, len(batches) // 3)]:
        bid, ask = batch.bid[values:].astype(float), batch.ask[values:].astype(float)
        assert np.all(bid >= 0)
        assert np.all(ask > bid)
        fair = np.concatenate([side for _, c, p, _ in fair_values(day, rows[batch.ts_event]) for side in (c, p)])
        tick = np.where(fair < day.terms.tick_break, day.terms.tick_below, day.terms.tick_above)
        assert np.all(np.abs((bid + ask) / 2 - fair) <= tick)
        assert np.all(bid <= fair + 1e-6)
        assert np.all(ask >= fair - 1e-6)
