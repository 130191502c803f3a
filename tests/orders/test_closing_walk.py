"""A closing order walks from mid to market, never past the price at which it trades at once, never back."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.clock import SECOND
from engine.orders import STEPS, step_at, to_tick, walk_limit

TICKS = st.sampled_from([100, 500, 1000])


def test_the_steps_in_their_order() -> None:
    assert STEPS == ("mid", "ticks", "marketable", "market")


@pytest.mark.parametrize(
    ("seconds", "step"),
    [(0, "mid"), (4.999, "mid"), (5, "ticks"), (10, "marketable"), (15, "market"), (9999, "market")],
)
def test_a_step_lasts_its_seconds_and_the_last_for_ever(seconds: float, step: str) -> None:
    assert STEPS[step_at(int(seconds * SECOND), 5 * SECOND)] == step


@given(st.integers(-(10**6), 10**6), TICKS)
@settings(deadline=None)
def test_rounding_to_the_tick_is_toward_the_market_and_by_less_than_one(price: int, tick: int) -> None:
    rounded = to_tick(price, tick)
    assert rounded % tick == 0
    assert 0 <= rounded - price < tick


@pytest.mark.parametrize(
    ("step", "limit"), [("mid", 12_500), ("ticks", 13_500), ("marketable", 14_000), ("market", None)]
)
def test_a_debit_of_a_condor(step: str, limit: int | None) -> None:
    """Mid 1.2225, asks 1.40 in all, tick 0.05: 1.25, two ticks more, 1.40, whatever it takes."""
    found = walk_limit(STEPS.index(step), 24_450, 14_000, 500, 2)  # type: ignore[arg-type]
    assert (found.step, found.limit) == (step, limit)


def test_a_credit_is_walked_down() -> None:
    """A long worth 1.00 at 0.90 x 1.10: asks for 1.00, then 0.90."""
    assert [walk_limit(step, -20_000, -9_000, 500, 1).limit for step in range(3)] == [-10_000, -9_500, -9_000]


@given(st.integers(-(10**5), 10**5), st.integers(0, 10**5), TICKS, st.integers(0, 5))
@settings(deadline=None)
def test_each_step_is_on_the_tick_nearer_the_market_and_never_beyond_it(
    mid2: int, half_width2: int, tick: int, ticks: int
) -> None:
    natural = -(-(mid2 + half_width2) // 2)
    limits = [walk_limit(step, mid2, natural, tick, ticks).limit for step in range(len(STEPS))]
    assert limits[-1] is None
    prices = [limit for limit in limits[:-1] if limit is not None]
    assert len(prices) == 3
    assert all(price % tick == 0 for price in prices)
    assert all(one <= other for one, other in pairwise(prices))
    assert 2 * prices[0] >= mid2
    assert natural <= prices[-1] < natural + tick
