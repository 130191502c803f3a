"""The real SPY chain of 2023-09-14, the eve of an ex-dividend day (1.58 a share), against Cboe's own volatilities.

The file was printed at 16:31, so its quotes are of 16:16; it gives bid 450.81 and ask 450.83 for the shares.
"""

from __future__ import annotations

import csv
import datetime as dt
import gzip
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest

from engine.calendar import ex_dividend_on, from_new_york, session
from engine.pricing import american, american_parity_forward, implied_vol, parity_forward, years_to
from engine.types import SCALE

EX_DAY = dt.date(2023, 9, 15)
TAKEN = from_new_york(dt.date(2023, 9, 14), dt.time(16, 16))
SPOT = 450.82
YEARS = years_to(TAKEN, session(EX_DAY).product_close("SPY"))


class Quoted(NamedTuple):
    """The columns of one expiry; volatilities as Cboe prints them, 0 where it has none."""

    strike: np.ndarray
    call_bid: np.ndarray
    call_ask: np.ndarray
    call_iv: np.ndarray
    put_bid: np.ndarray
    put_ask: np.ndarray
    put_iv: np.ndarray

    @property
    def call(self) -> np.ndarray:
        return (self.call_bid + self.call_ask) / 2

    @property
    def put(self) -> np.ndarray:
        return (self.put_bid + self.put_ask) / 2

    @property
    def quotes(self) -> tuple[np.ndarray, ...]:
        return self.strike, self.call_bid, self.call_ask, self.put_bid, self.put_ask


@pytest.fixture(scope="module")
def chain(shared: Path) -> Quoted:
    with gzip.open(shared / "data/cboe_quotedata/spy_2023-09-14_1631ET.csv.gz", "rt") as lines:
        rows = [row for row in csv.reader(lines) if row and row[0] == "Fri Sep 15 2023"]
    return Quoted(*np.array([[float(row[n]) for n in (11, 4, 5, 7, 15, 16, 18)] for row in rows]).T)


@pytest.fixture(scope="module")
def dividend() -> float:
    paid = ex_dividend_on("SPY", EX_DAY)
    assert paid is not None
    return paid.amount / SCALE


@pytest.fixture(scope="module")
def ex_t() -> float:
    paid = ex_dividend_on("SPY", EX_DAY)
    assert paid is not None
    assert paid.exercise_by == from_new_york(dt.date(2023, 9, 14), dt.time(17, 30))
    return years_to(TAKEN, paid.exercise_by)


def test_parity_of_american_quotes_finds_the_shares_price_where_plain_parity_is_27_cents_off(
    chain: Quoted, dividend: float, ex_t: float
) -> None:
    forward = american_parity_forward(*chain.quotes, YEARS, dividend, ex_t)
    assert forward + dividend == pytest.approx(SPOT, abs=0.01)
    assert parity_forward(*chain.quotes) + dividend == pytest.approx(SPOT + 0.27, abs=0.01)


def test_puts_have_cboes_volatility_on_the_american_forward_only(chain: Quoted, dividend: float, ex_t: float) -> None:
    near = (chain.put_iv > 0) & (chain.put > 0.05) & (chain.strike > 434) & (chain.strike < 457)

    def ratio(forward: float) -> float:
        found = implied_vol(-1, forward, chain.strike, YEARS, chain.put)
        return float(np.nanmedian(found[near] / chain.put_iv[near]))

    assert near.sum() > 10
    assert ratio(american_parity_forward(*chain.quotes, YEARS, dividend, ex_t)) == pytest.approx(0.997, abs=0.004)
    assert ratio(parity_forward(*chain.quotes)) == pytest.approx(1.06, abs=0.01)


def test_calls_have_cboes_volatility_if_exercised_at_midnight_and_none_of_it_as_european(
    chain: Quoted, dividend: float
) -> None:
    """Cboe lets the holder wait until the ex-day begins; a real one must decide by 17:30 (see the next test)."""
    near = (chain.call_iv > 0) & (chain.call > 0.05) & (chain.strike > 449) & (chain.strike < 455)
    midnight = years_to(TAKEN, from_new_york(EX_DAY, dt.time(0)))
    found = american.implied_vol(1, SPOT, chain.strike, YEARS, chain.call, dividend=dividend, ex_t=midnight)
    european = implied_vol(1, SPOT - dividend, chain.strike, YEARS, chain.call)

    assert near.sum() == 5
    assert np.median(found[near] / chain.call_iv[near]) == pytest.approx(1.0, abs=0.01)
    assert np.abs(found - chain.call_iv)[near].max() < 0.0015
    assert np.median(european[near] / chain.call_iv[near]) == pytest.approx(1.11, abs=0.02)
    # At 450 exercise is nearly all of the price.
    at_450 = chain.strike == 450
    assert european[at_450] > 2.3 * chain.call_iv[at_450]


def test_decided_by_half_past_five_calls_and_puts_tell_one_volatility(
    chain: Quoted, dividend: float, ex_t: float
) -> None:
    near = (chain.strike >= 449) & (chain.strike <= 451)
    puts = american.implied_vol(-1, SPOT, chain.strike, YEARS, chain.put, dividend=dividend, ex_t=ex_t)
    calls = american.implied_vol(1, SPOT, chain.strike, YEARS, chain.call, dividend=dividend, ex_t=ex_t)
    european = implied_vol(1, SPOT - dividend, chain.strike, YEARS, chain.call)

    assert np.abs(calls - puts)[near].max() < 0.018
    assert np.abs(european - puts)[near].max() > 0.07


def test_calls_in_the_money_are_quoted_around_what_exercise_brings_not_around_the_european_price(
    chain: Quoted, dividend: float, ex_t: float
) -> None:
    inside = (chain.strike < SPOT - 1) & (chain.strike > SPOT - 40)
    terms = (1, SPOT, chain.strike[inside], YEARS, 0.12, 0.0, 0.0, dividend, ex_t)
    value = american.price(*terms)
    european = value - american.early_exercise_premium(*terms)

    def within(price: np.ndarray) -> float:
        return float(np.mean((chain.call_bid[inside] <= price) & (price <= chain.call_ask[inside])))

    assert within(value) > 0.95
    assert within(european) < 0.05
