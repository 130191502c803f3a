"""The forward by parity, the expected move, and time to expiry."""

from __future__ import annotations

import csv
import datetime as dt
import gzip
import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.calendar import from_new_york, session
from engine.pricing import expected_move, parity_forward, price, years_to

STRIKES = np.arange(5900.0, 6105.0, 5.0)


def quoted(forward: float, sigma: float = 0.15, t: float = 0.0005, half: float = 0.05, df: float = 1.0):
    call = price(1, forward, STRIKES, t, sigma, df)
    put = price(-1, forward, STRIKES, t, sigma, df)
    return np.maximum(call - half, 0), call + half, np.maximum(put - half, 0), put + half


@given(st.floats(5950, 6050), st.floats(0.05, 1.0), st.floats(0.9, 1.0))
def test_the_forward_that_made_the_prices_is_found(forward: float, sigma: float, df: float) -> None:
    cb, ca, pb, pa = quoted(forward, sigma, half=0.0, df=df)
    assert parity_forward(STRIKES, cb, ca, pb, pa, df) == pytest.approx(forward, abs=1e-8)
    back = slice(None, None, -1)
    assert parity_forward(STRIKES[back], cb[back], ca[back], pb[back], pa[back], df) == pytest.approx(forward, abs=1e-8)


@given(st.floats(5950, 6050), st.integers(0, 40), st.floats(-40, 40))
def test_one_stale_quote_does_not_move_it(forward: float, which: int, off: float) -> None:
    cb, ca, pb, pa = quoted(forward)
    at = np.argmin(np.abs(STRIKES - forward)) if which > 4 else which
    cb[at], ca[at] = max(cb[at] + off, 0), max(ca[at] + off, 0.05)
    assert parity_forward(STRIKES, cb, ca, pb, pa) == pytest.approx(forward, abs=0.06)


def test_crossed_absent_and_askless_quotes_are_passed_over() -> None:
    cb, ca, pb, pa = quoted(6001.5)
    near = np.flatnonzero(np.abs(STRIKES - 6000) <= 10)
    cb[near[0]] = ca[near[0]] + 1  # crossed
    pa[near[1]] = np.nan
    ca[near[2]] = cb[near[2]] = 0  # nothing quoted
    pb[near[3]] = -1
    ca[near[4]] = np.inf
    assert parity_forward(STRIKES, cb, ca, pb, pa) == pytest.approx(6001.5, abs=0.05)


def test_a_bid_of_zero_below_an_ask_is_a_quote() -> None:
    """Seconds before the close every option out of the money has bid 0; the forward is known all the same."""
    intrinsic = np.maximum(6002.5 - STRIKES, 0), np.maximum(STRIKES - 6002.5, 0)
    bids = [np.maximum(side - 0.05, 0) for side in intrinsic]
    asks = [side + 0.05 for side in intrinsic]
    assert parity_forward(STRIKES, bids[0], asks[0], bids[1], asks[1]) == pytest.approx(6002.5, abs=0.06)


def test_the_narrow_pair_weighs_more() -> None:
    found = parity_forward([6000, 6005], [10.0, 7.0], [10.1, 9.0], [10.0, 14.0], [10.1, 16.0])
    # 6000 + 0 with width 0.2, 6005 - 7 with width 4
    assert found == pytest.approx((6000 / 0.2 + 5998 / 4) / (1 / 0.2 + 1 / 4))


def test_without_a_pair_there_is_no_forward() -> None:
    nothing = np.full(STRIKES.shape, np.nan)
    assert math.isnan(parity_forward(STRIKES, nothing, nothing, nothing, nothing))
    assert math.isnan(parity_forward([], [], [], [], []))
    cb, ca, pb, pa = quoted(6000.0)
    assert math.isnan(parity_forward(STRIKES, ca + 1, cb, pb, pa))


def test_the_forward_of_a_real_chain_lies_on_its_index(shared: Path) -> None:
    """Cboe, 2019-06-26 15:45: the same-day expiry's forward is the index to well under a point."""
    with gzip.open(shared / "data/cboe_datashop/spxw20190626.csv.gz", "rt", encoding="utf-8-sig") as file:
        rows = [r for r in csv.DictReader(file) if r["expiration"] == r["quote_date"]]
    by_strike: dict[float, dict[str, tuple[float, float]]] = {}
    for r in rows:
        by_strike.setdefault(float(r["strike"]), {})[r["option_type"]] = (
            float(r["bid_1545"]),
            float(r["ask_1545"]),
        )
    both = {k: v for k, v in by_strike.items() if len(v) == 2}
    assert len(both) > 100
    strikes = list(both)
    cb, ca = zip(*(both[k]["C"] for k in strikes), strict=True)
    pb, pa = zip(*(both[k]["P"] for k in strikes), strict=True)
    index = 0.5 * (float(rows[0]["underlying_bid_1545"]) + float(rows[0]["underlying_ask_1545"]))
    assert parity_forward(strikes, cb, ca, pb, pa) == pytest.approx(index, abs=0.75)


@given(st.floats(5950, 6050), st.floats(0.10, 0.5))
def test_the_expected_move_is_the_straddle_at_the_forward(forward: float, sigma: float) -> None:
    call, put = price(1, forward, STRIKES, 0.001, sigma), price(-1, forward, STRIKES, 0.001, sigma)
    straddle = 2 * float(price(1, forward, forward, 0.001, sigma))
    assert straddle <= expected_move(forward, STRIKES, call, put) + 1e-9
    # 25/8 times the straddle's convexity 2n(0)/(F sigma sqrt t) bounds what a chord over a step of 5 adds.
    assert expected_move(forward, STRIKES, call, put) - straddle < 25 / 8 * 0.8 / (forward * sigma * 0.001**0.5) * 1.01
    assert straddle == pytest.approx(math.sqrt(2 / math.pi) * forward * sigma * 0.001**0.5, rel=1e-3)


def test_the_expected_move_is_missing_where_the_straddle_is() -> None:
    call, put = price(1, 6000.0, STRIKES, 0.001, 0.2), price(-1, 6000.0, STRIKES, 0.001, 0.2)
    assert math.isnan(expected_move(math.nan, STRIKES, call, put))
    assert math.isnan(expected_move(5899.0, STRIKES, call, put))
    assert math.isnan(expected_move(6000.0, STRIKES, np.full_like(call, np.nan), put))
    assert math.isnan(expected_move(6000.0, [], [], []))
    assert expected_move(6000.0, STRIKES[::-1], call[::-1], put[::-1]) == expected_move(6000.0, STRIKES, call, put)


def test_time_runs_to_the_products_own_close() -> None:
    day = dt.date(2025, 7, 3)  # 13:00 for SPXW, 13:15 for SPY
    noon = from_new_york(day, dt.time(12))
    assert years_to(noon, session(day).product_close("SPXW")) == 3600 / (365 * 86_400)
    assert years_to(noon, session(day).product_close("SPY")) == 4500 / (365 * 86_400)
    assert years_to(session(day).close + 1, session(day).close) < 0
    closes = np.array([session(day).close, session(dt.date(2025, 7, 7)).close])
    assert years_to(noon, closes) == pytest.approx([3600 / 31_536_000, (4 * 86_400 + 4 * 3600) / 31_536_000], rel=1e-15)
