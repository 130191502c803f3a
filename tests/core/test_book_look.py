"""One compiled look at parts of a book: it finds what the strategies and the guard would, each in its own words."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import pytest
from core_builders import DAY, at, option
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.clock import SECOND
from engine.core.watch import _parts
from engine.events import ChainBatch, Listing
from engine.market import NO_PRICE, Market
from engine.portfolio import Holding, Trade, cost_to_close, mark
from engine.pricing import Bounds, payoff_bounds
from engine.types import MISSING, Package

AGE = 90 * SECOND
NAMES = ("5300P", "5305P", "5310C", "5315C")
PRICES = st.one_of(
    st.sampled_from([MISSING, -1, 0, 1, 2, 49_999, 50_000, 50_001, 50_002, 2**31 - 1]), st.integers(0, 60_000)
)
HELD = st.dictionaries(st.sampled_from(NAMES), st.integers(-3, 3).filter(bool), min_size=1)


class Asked(NamedTuple):
    """A part: what is held, at bid and ask or at mid, whether it has bounds, the prices at which it matters."""

    held: dict[str, int]
    natural: bool
    bounded: bool
    above: int | None
    below: int | None


LEVELS = st.one_of(st.none(), st.integers(-120_000, 120_000), st.sampled_from([-50_000, 0, 1, 50_000]))
PARTS = st.lists(st.builds(Asked, HELD, st.booleans(), st.booleans(), LEVELS, LEVELS), max_size=4)
LOCKED = st.builds(lambda price, age: (price, price, age), PRICES, st.integers(0, 2))
QUOTES = st.lists(st.one_of(LOCKED, st.tuples(PRICES, PRICES, st.integers(0, 3))), min_size=4, max_size=4)


def quoted(quotes: list[tuple[int, int, int]]) -> tuple[Market, int]:
    """A market of those bids and asks, each as many minutes old, and the instant."""
    market, now = Market({}), at("10:00")
    market.list_instruments(Listing(ts_known=0, first=0, instruments=tuple(option(name) for name in NAMES)))
    bid, ask = (np.array([quote[side] for quote in quotes], np.int32) for side in (0, 1))
    times = np.array([now - 45 * SECOND * age for _, _, age in quotes], np.int64)
    market.apply(
        ChainBatch(ts_known=now, ts_event=now, idx=np.arange(4, dtype=np.int32), bid=bid, ask=ask, quote_ts=times)
    )
    return market, now


def look(market: Market, now: int, parts: list[Asked], max_age: int = AGE, narrow: int = -1) -> bool:
    """The compiled look; with ``narrow``, every part is one that must be marked."""

    def units(price: int | None) -> int:
        return NO_PRICE if price is None else price

    legs, terms = [], []
    for part in parts:
        held = {option(name): count for name, count in part.held.items()}
        lowest, highest = payoff_bounds(held) if part.bounded else (None, None)
        legs.append([(market.index[contract], count) for contract, count in held.items()])
        terms.append([part.natural, *map(units, (lowest, highest, part.above, part.below)), narrow])
    return market.look(_parts(legs, terms), now, max_age)


def matters(market: Market, now: int, part: Asked, max_age: int = AGE) -> bool:
    """The docstring of ``Limit``, in plain words."""
    held = {option(name): count for name, count in part.held.items()}
    bounds = payoff_bounds(held) if part.bounded else Bounds(None, None)
    cost = cost_to_close(held, market, now, max_age, part.natural, bounds)
    if cost is None or not cost.possible:
        return part.above is not None
    return (part.above is not None and cost.price >= part.above) or (
        part.below is not None and cost.price <= part.below
    )


@settings(max_examples=500)
@given(QUOTES, PARTS, st.sampled_from([AGE, 0, -1]))
def test_a_look_finds_what_matters_as_the_strategies_would(
    quotes: list[tuple[int, int, int]], parts: list[Asked], max_age: int
) -> None:
    market, now = quoted(quotes)
    assert look(market, now, parts, max_age) is not any(matters(market, now, part, max_age) for part in parts)


@settings(max_examples=300)
@given(QUOTES, HELD, st.booleans(), st.sampled_from(["mid", "bid and ask"]))
def test_a_price_matters_from_exactly_there_on(
    quotes: list[tuple[int, int, int]], held: dict[str, int], bounded: bool, which: str
) -> None:
    market, now = quoted(quotes)
    contracts, natural = {option(name): count for name, count in held.items()}, which != "mid"
    cost = cost_to_close(contracts, market, now, AGE, natural)
    if cost is None or not (cost.possible or not bounded):
        return
    for above, below, quiet in (
        (cost.price + 1, cost.price - 1, True),
        (cost.price, None, False),
        (None, cost.price, False),
    ):
        assert look(market, now, [Asked(held, natural, bounded, above, below)]) is quiet


@settings(max_examples=500)
@given(QUOTES, HELD, st.sampled_from([0, 1, 500, 60_000]))
def test_a_look_marks_as_the_guard_would(quotes: list[tuple[int, int, int]], held: dict[str, int], width: int) -> None:
    market, now = quoted(quotes)
    trade = Trade(1, "", "SPXW", "", "", DAY, Package(()), 1, 0)
    for name, count in held.items():
        trade.holdings[option(name)] = Holding(count)
    found = mark(trade, market, now, AGE, width)
    part = Asked(held, False, True, None, None)
    assert look(market, now, [part], narrow=width) is (found.pnl_mid is not None and found.sane)


@pytest.mark.parametrize("beyond", [-1, 0, 1])
@pytest.mark.parametrize("width", [0, 1, 2, 7])
@pytest.mark.parametrize("most", [True, False])
def test_a_value_at_its_bound_is_possible_and_one_unit_beyond_the_noise_is_not(
    most: bool, width: int, beyond: int
) -> None:
    """A put spread 5 wide, within 0 and 50,000; half of all widths is noise."""
    far = 100
    short = far + ((50_000 if most else 0) + (1 if most else -1) * (-(-width // 2) + beyond))
    market, now = quoted([(far, far, 0), (short - width // 2, short + width - width // 2, 0), (1, 2, 0), (1, 2, 0)])
    part = Asked({"5305P": 1, "5300P": -1}, False, True, 10**6, None)
    assert look(market, now, [part]) is not matters(market, now, part)
    if width % 2 == 0:
        assert look(market, now, [part]) is (beyond <= 0)


def test_a_position_there_is_no_quote_at_is_refused() -> None:
    market, now = quoted([(1, 2, 0)] * 4)
    for where in (-1, 100_000):
        with pytest.raises(IndexError, match="not listed"):
            market.look(_parts([[(where, 1)]], [[0, *[NO_PRICE] * 4, -1]]), now, AGE)


def test_nothing_is_compiled_anew_whatever_the_columns_are_like() -> None:
    """Columns to be read only, such that may be written, parts of a table, with times of their own and without."""
    from engine.market import compiled

    kinds: list[Callable[[Any], Any]] = [
        np.array,
        lambda values: np.frombuffer(np.array(values).tobytes(), values.dtype),
    ]
    kinds.append(lambda values: np.repeat(values[:, None], 3, axis=1)[:, 1])
    market, now = quoted([(1, 2, 0)] * 4)
    for kind in kinds:
        for other in kinds:
            for times in (None, other(np.full(4, now, np.int64))):
                idx, bid = kind(np.arange(4, dtype=np.int32)), other(np.array([1, 2, 3, 4], np.int32))
                market.apply(
                    ChainBatch(ts_known=now, ts_event=now, idx=idx, bid=bid, ask=kind(bid + 1), quote_ts=times)
                )
                assert look(market, now, [Asked({"5300P": 1}, False, False, None, -2)])
                assert market.bid[:4].tolist() == [1, 2, 3, 4]
    assert [len(function.signatures) for function in (compiled.take, compiled.look_at_parts)] == [1, 1]  # type: ignore[attr-defined]


def test_a_column_of_another_type_is_refused() -> None:
    market, now = quoted([(1, 2, 0)] * 4)
    idx = np.arange(4, dtype=np.int32)
    with pytest.raises(TypeError):
        market.apply(ChainBatch(ts_known=now, ts_event=now, idx=idx, bid=np.array([9.0, 9.0, 9.0, 9.0])))  # type: ignore[arg-type]
    assert market.bid[:4].tolist() == [1] * 4
