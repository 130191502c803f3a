"""What a fill reads of sizes and bars, looked up in what waits, is what a screen is shown of them."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from quoted_market import MINUTE, TEN, option

from engine.events import ChainBatch, Listing
from engine.market import Market
from engine.types import MISSING

CONTRACTS = tuple(option(strike, "P") for strike in (5300, 5310, 5320))
SMALL = st.sampled_from([MISSING, 0, 1, 5, 40])
ROWS = st.lists(st.tuples(*[SMALL] * 7), min_size=3, max_size=3)
BATCHES = st.lists(
    st.tuples(
        st.sets(st.integers(0, 2), min_size=1),
        ROWS,
        st.sets(st.sampled_from(["bid", "ask", "bid_size", "ask_size", "price", "high", "low"])),
        st.booleans(),
    ),
    min_size=1,
    max_size=10,
)
NAMES = ("bid", "ask", "bid_size", "ask_size", "price", "high", "low")


def market_of(meaning: str) -> Market:
    market = Market({"SPXW": meaning})  # type: ignore[dict-item]
    market.list_instruments(Listing(ts_known=0, first=0, instruments=CONTRACTS))
    return market


@given(BATCHES, st.sampled_from(["quote", "trade_bar"]))
def test_sizes_and_bars_are_those_of_the_screen_whenever_anybody_looked(batches: list, meaning: str) -> None:
    one, other = market_of(meaning), market_of(meaning)
    for n, (rows, values, present, looked) in enumerate(batches):
        idx = np.array(sorted(rows), np.int32)
        table = np.array(values, np.int64)[idx].astype(np.int32)
        columns = {name: table[:, NAMES.index(name)] for name in NAMES if name in present}
        batch = ChainBatch(ts_known=TEN + n * MINUTE, ts_event=TEN + n * MINUTE, idx=idx, **columns)
        one.apply(batch)
        other.apply(batch)
        if looked:
            other.detail(0)
    for contract in CONTRACTS:
        sizes, bar = one.sizes(contract), one.bar(contract)
        assert other.sizes(contract) == sizes
        assert other.bar(contract) == bar
        shown = one.detail(one.index[contract])
        assert sizes == (shown["bid_size"], shown["ask_size"])
        if bar is not None:
            assert bar.ts == one.quote(contract).ts
        assert (one.sizes(contract), one.bar(contract)) == (sizes, bar), "nor does a look change them"


def test_a_bar_is_told_only_of_the_price_it_ended_with() -> None:
    market = market_of("trade_bar")
    idx = np.array([0], np.int32)

    def column(value: int) -> np.ndarray:
        return np.array([value], np.int32)

    assert market.bar(CONTRACTS[0]) is None
    market.apply(ChainBatch(ts_known=TEN, ts_event=TEN, idx=idx, price=column(10), high=column(12), low=column(9)))
    assert market.bar(CONTRACTS[0]) == (12, 9, TEN)
    market.apply(ChainBatch(ts_known=TEN + MINUTE, ts_event=TEN + MINUTE, idx=idx, price=column(11)))
    assert market.bar(CONTRACTS[0]) is None
    assert market.bar(option(9999, "C")) is None
