"""A chain read in one compiled call: the same bits as its parts one after the other, and as plain numpy."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine import pricing
from engine.pricing import evaluate, evaluate_full, parity_forward
from engine.types import MISSING, SCALE

MINUTE = 60 * 10**9
NOW = 1_000 * MINUTE
AGE = 90 * 10**9


class Columns(NamedTuple):
    """What the market has: positions of calls, then of puts, and its columns."""

    where: np.ndarray
    bids: np.ndarray
    asks: np.ndarray
    quote_ts: np.ndarray
    strikes: np.ndarray


class Read(NamedTuple):
    """What was read of it; ``dollars`` are bid, ask and mid."""

    dollars: np.ndarray
    age: np.ndarray
    fresh: np.ndarray
    parity: float


def room(count: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """To be written; filled with what must not stay."""
    return np.full((3, 2 * count), 7.0), np.full(2 * count, 7, np.int64), np.ones(2 * count, np.bool_)


def read(chain: Columns, now: int = NOW, max_age: int = AGE) -> Read:
    dollars, age, fresh = room(len(chain.strikes))
    parity = pricing.chain_kernel().read_chain(*chain[:4], now, max_age, chain.strikes, dollars, age, fresh)
    return Read(dollars, age, fresh, parity)


def plainly(chain: Columns, now: int = NOW, max_age: int = AGE) -> Read:
    """The same a contract at a time."""
    count = len(chain.strikes)
    dollars, age, fresh = np.full((3, 2 * count), np.nan), np.zeros(2 * count, np.int64), np.zeros(2 * count, np.bool_)
    for i, at in enumerate(chain.where.tolist()):
        bid, ask = (MISSING, MISSING) if at < 0 else (int(chain.bids[at]), int(chain.asks[at]))
        age[i] = 2**63 - 1 if at < 0 else now - int(chain.quote_ts[at])
        if bid != MISSING:
            dollars[0, i] = bid / SCALE
        if ask != MISSING:
            dollars[1, i] = ask / SCALE
        usable = MISSING not in (bid, ask) and 0 <= bid <= ask and ask > 0
        fresh[i] = usable and age[i] <= max_age
        if fresh[i]:
            dollars[2, i] = 0.5 * (dollars[0, i] + dollars[1, i])
    pairs = fresh[:count] & fresh[count:]
    calls, puts = dollars[:2, :count][:, pairs], dollars[:2, count:][:, pairs]
    return Read(dollars, age, fresh, parity_forward(chain.strikes[pairs], *calls, *puts))


def bits(*arrays: object) -> list[bytes]:
    return [np.ascontiguousarray(array).tobytes() for array in arrays]


def market(count: int, seed: int, bad: float) -> Columns:
    """A chain around 5350 with a smile; a share ``bad`` of its quotes is one of the kinds that do not count."""
    rng = np.random.default_rng(seed)
    strikes = 5350.0 + 5.0 * (np.arange(count) - count // 2)
    vol = 0.15 + 3e-7 * (strikes - 5340) ** 2
    years = 200 * MINUTE / 1e9 / pricing.YEAR_SECONDS
    mid = np.concatenate([np.asarray(pricing.price(sign, 5351.3, strikes, years, vol)) for sign in (1.0, -1.0)])
    half = rng.integers(1, 6, 2 * count) * 0.05
    bids = np.round(np.maximum(mid - half, 0) / 0.05).astype(np.int32) * 500
    asks = np.round((mid + half) / 0.05).astype(np.int32) * 500
    ts = NOW - rng.integers(0, AGE, 2 * count)
    kind = np.where(rng.random(2 * count) < bad, rng.integers(0, 8, 2 * count), 8)
    bids[kind == 0] = MISSING
    asks[kind == 1] = MISSING
    bids[kind == 2] = asks[kind == 2] + 500  # crossed
    bids[kind == 3] = asks[kind == 3] = 0
    ts[kind == 4] = NOW - AGE - 1
    asks[kind == 5] = bids[kind == 5]  # locked
    bids[kind == 6] = -500
    where = rng.permutation(2 * count).astype(np.int64)
    placed = [np.empty_like(column) for column in (bids, asks, ts)]
    for new, column in zip(placed, (bids, asks, ts), strict=True):
        new[where] = column
    where[kind == 7] = -1  # not listed
    return Columns(where, *placed, strikes)


chains = st.builds(market, st.integers(1, 60), st.integers(0, 2**32 - 1), st.sampled_from([0.0, 0.1, 0.5, 0.9, 1.0]))


@settings(max_examples=200)
@given(chains)
def test_what_is_read_and_its_forward_are_those_of_plain_numpy_to_the_bit(chain: Columns) -> None:
    assert bits(*read(chain)) == bits(*plainly(chain))


@settings(max_examples=100)
@given(chains, st.sampled_from([-1, 0, 1, AGE // 2, 2**62]))
def test_and_so_at_any_age_that_counts(chain: Columns, max_age: int) -> None:
    found = read(chain, max_age=max_age)
    assert bits(*found) == bits(*plainly(chain, max_age=max_age))
    if max_age < 0:
        assert not found.fresh.any()
        assert np.isnan(found.parity)


@settings(max_examples=100)
@given(chains, st.sampled_from([np.nan, 5349.0, 5351.25]), st.sampled_from([200, 1, 0, -5]), st.booleans())
def test_in_one_call_it_comes_to_the_bits_of_its_parts(
    chain: Columns, fallback: float, minutes: int, full: bool
) -> None:
    kernel, count, years = pricing.chain_kernel(), len(chain.strikes), minutes * 60 / pricing.YEAR_SECONDS
    parts = read(chain)
    under = fallback if np.isnan(parts.parity) else parts.parity
    sign, mid = np.empty(count), np.empty(count)
    kernel.out_of_the_money(chain.strikes, under, parts.fresh, parts.dollars[2], sign, mid)
    volatility, greeks = (evaluate_full if full else evaluate)(sign, under, chain.strikes, years, mid)

    dollars, age, fresh = room(count)
    priced = np.full((17 if full else 9, count), 7.0)
    to_write = (dollars, age, fresh, fallback, years, pricing.ONE, priced, pricing.scratch())
    parity = kernel.price_chain(*chain[:4], NOW, AGE, chain.strikes, *to_write)
    assert bits(dollars, age, fresh, parity) == bits(*parts)
    assert bits(*priced) == bits(sign, mid, volatility, *greeks)
    if np.isnan(under) or minutes <= 0:
        assert np.isnan(priced[2:]).all()


def test_a_whole_chain_has_numbers() -> None:
    chain = market(41, 1, 0.0)
    found = read(chain)
    assert found.fresh.all()
    assert found.parity == pytest.approx(5351.3, abs=0.2)
    sign, mid = np.empty(41), np.empty(41)
    pricing.chain_kernel().out_of_the_money(chain.strikes, found.parity, found.fresh, found.dollars[2], sign, mid)
    assert sign.tolist() == [-1.0] * 21 + [1.0] * 20
    assert (mid == np.where(sign > 0, found.dollars[2, :41], found.dollars[2, 41:])).all()


def one(bid: int, ask: int, old: int = 0) -> Columns:
    """One strike: its call so quoted, its put quoted well."""
    return Columns(
        np.array([0, 1]),
        np.array([bid, 10_000], np.int32),
        np.array([ask, 11_000], np.int32),
        np.array([NOW - old, NOW]),
        np.array([5350.0]),
    )


@pytest.mark.parametrize(
    ("bid", "ask", "old"),
    [
        (MISSING, 10_000, 0),
        (10_000, MISSING, 0),
        (MISSING, MISSING, 0),
        (10_100, 10_000, 0),
        (0, 0, 0),
        (-1, 10_000, 0),
        (10_000, 10_100, AGE + 1),
    ],
)
def test_a_quote_that_is_missing_crossed_worthless_or_old_has_no_mid(bid: int, ask: int, old: int) -> None:
    found = read(one(bid, ask, old))
    assert found.fresh.tolist() == [False, True]
    assert np.isnan(found.dollars[2, 0])
    assert np.isnan(found.parity)
    sign, mid = np.empty(1), np.empty(1)
    pricing.chain_kernel().out_of_the_money(np.array([5350.0]), 5340.0, found.fresh, found.dollars[2], sign, mid)
    assert (sign[0], mid[0]) == (-1.0, 1.05), "out of the money is the call, but the put is what is quoted"


@pytest.mark.parametrize(("bid", "ask"), [(0, 500), (10_000, 10_000)])
def test_a_bid_of_nothing_and_a_locked_quote_are_quotes(bid: int, ask: int) -> None:
    found = read(one(bid, ask, AGE))
    assert found.fresh.all()
    assert found.parity == pytest.approx(5350.0 + (bid + ask) / 2 / SCALE - 1.05, abs=1e-9)


def test_without_a_strike_there_is_no_forward() -> None:
    nothing = np.zeros(0, np.int64)
    empty = Columns(nothing, np.zeros(0, np.int32), np.zeros(0, np.int32), nothing, np.zeros(0))
    assert np.isnan(read(empty).parity)
