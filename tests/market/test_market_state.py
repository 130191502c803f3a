"""The market keeps the newest quote of everything listed, each with its own time, and says what it does not know."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from quoted_market import DAY, TEN, option, quote, show, tell

from engine.clock import SECOND
from engine.events import ChainBatch, DailyClose, Listing
from engine.market import NEVER, Market, Quote
from engine.types import MISSING, Contract, Underlying, to_units

PUT, CALL = option(5300, "P"), option(5300, "C")


def batch(ts: int, idx: list[int], **columns: list[int] | None) -> ChainBatch:
    arrays = {
        name: np.array(column, np.int64 if name == "quote_ts" else np.int32)
        for name, column in columns.items()
        if column is not None
    }
    return ChainBatch(ts_known=ts, ts_event=ts, idx=np.array(idx, np.int32), **arrays)


def listed(*instruments: Contract | Underlying, meaning: str = "quote") -> Market:
    market = Market({"SPXW": meaning})  # type: ignore[dict-item]
    market.list_instruments(Listing(ts_known=0, first=0, instruments=instruments))
    return market


@pytest.mark.parametrize(
    ("bid", "ask", "usable", "fault"),
    [
        (1, 2, True, ""),
        (0, 1, True, ""),
        (2, 2, True, ""),
        (3, 2, False, "crossed"),
        (0, 0, False, "has no ask"),
        (1, None, False, "has no ask"),
        (None, 2, False, "has no bid, not even 0"),
        (None, None, False, "has no quote"),
        (-1, 2, False, "crossed"),
    ],
)
def test_a_quote_is_usable_with_an_ask_and_a_bid_not_above_it(
    bid: int | None, ask: int | None, usable: bool, fault: str
) -> None:
    found = Quote(bid, ask, 0)
    assert found.usable is usable
    if bid != -1:
        assert found.fault == fault


def test_what_was_never_listed_or_quoted_has_no_quote() -> None:
    market = listed(PUT)
    assert market.quote(CALL) == market.quote(PUT) == Quote(None, None, NEVER)
    assert market.value("SPX") == (None, NEVER)


def test_each_quote_keeps_its_own_time() -> None:
    market = listed(PUT, CALL)
    market.apply(batch(100, [0, 1], bid=[10, 20], ask=[11, 21], quote_ts=[90, 95]))
    assert market.quote(PUT) == Quote(10, 11, 90)
    assert market.quote(CALL) == Quote(20, 21, 95)
    market.apply(batch(200, [1], bid=[22], ask=[23]))
    assert market.quote(PUT) == Quote(10, 11, 90)
    assert market.quote(CALL) == Quote(22, 23, 200)


def test_an_absent_column_says_nothing_and_missing_says_unknown() -> None:
    market = listed(PUT)
    market.apply(batch(1, [0], bid=[10], ask=[11], volume=[7], open_interest=[100]))
    market.apply(batch(2, [0], bid=[MISSING], ask=[12]))
    assert market.quote(PUT) == Quote(None, 12, 2)
    assert market.detail(0)["volume"] == 7
    assert market.detail(0)["open_interest"] == 100
    assert market.detail(0)["bid_size"] is None


def test_sizes_alone_do_not_make_a_quote_younger() -> None:
    market = listed(PUT)
    market.apply(batch(1, [0], bid=[10], ask=[11]))
    market.apply(batch(9, [0], bid_size=[5], volume=[3]))
    assert market.quote(PUT).ts == 1


def test_a_mid_is_a_locked_quote_only_where_the_source_has_no_quotes() -> None:
    mids, quotes = listed(PUT, meaning="mid"), listed(PUT)
    for market in (mids, quotes):
        market.apply(batch(5, [0], price=[1234]))
    assert mids.quote(PUT) == Quote(1234, 1234, 5)
    assert mids.quote(PUT).usable
    assert quotes.quote(PUT) == Quote(None, None, NEVER)


def test_a_batch_that_brings_no_new_mid_leaves_the_last_one_and_its_age() -> None:
    market = listed(PUT, CALL, meaning="trade_bar")
    market.apply(batch(5, [0, 1], price=[1234, 99]))
    market.apply(batch(6, [0, 1], price=[MISSING, 98], open_interest=[700, MISSING]))
    assert market.quote(PUT) == Quote(1234, 1234, 5)
    assert market.quote(CALL) == Quote(98, 98, 6)


def test_an_index_has_a_value_and_never_a_locked_quote() -> None:
    market = listed(Underlying("SPX"), PUT, meaning="mid")
    market.apply(batch(5, [0, 1], price=[53_000_000, 10], quote_ts=[3, 4]))
    assert market.value("SPX") == (53_000_000, 3)
    assert market.quote(PUT) == Quote(10, 10, 4)
    assert market.bid[0] == MISSING
    market.apply(batch(7, [0], price=[MISSING]))
    assert market.value("SPX") == (53_000_000, 3), "nothing new is no news"


def test_listings_grow_without_losing_what_is_known() -> None:
    market = Market({"SPXW": "mid"})
    strikes = range(4000, 4000 + 5 * 700, 5)
    for n, strike in enumerate(strikes):
        market.list_instruments(Listing(ts_known=n, first=n, instruments=(option(strike, "C"),)))
        market.apply(batch(n, [n], price=[n + 1]))
    for n, strike in enumerate(strikes):
        assert market.quote(option(strike, "C")) == Quote(n + 1, n + 1, n)
    many = tuple(option(strike, "P") for strike in range(1, 5000))
    market.list_instruments(Listing(ts_known=9, first=700, instruments=many))
    assert market.quote(option(4000, "C")) == Quote(1, 1, 0)
    assert market.quote(many[-1]) == Quote(None, None, NEVER)


def test_a_listing_that_leaves_a_gap_is_refused() -> None:
    market = listed(PUT)
    with pytest.raises(ValueError, match="begins at 2, but 1 instruments are known"):
        market.list_instruments(Listing(ts_known=0, first=2, instruments=(CALL,)))
    assert market.instruments == [PUT]


def test_versions_tell_readers_that_something_changed() -> None:
    market = listed(PUT)
    before = market.version, market.listing_version
    market.apply(batch(1, [0], bid=[1], ask=[2]))
    assert (market.version, market.listing_version) == (before[0] + 1, before[1])
    market.list_instruments(Listing(ts_known=1, first=1, instruments=(CALL,)))
    assert market.listing_version == before[1] + 1


def test_roots_and_expiries_live_side_by_side() -> None:
    later = dt.date(2024, 8, 9)
    spy = option(530, "C", root="SPY")
    market = quote({option(5300, "C", later): (1, 2), CALL: (3, 4), spy: (5, 6)})
    assert market.expiries("SPXW") == (DAY, later)
    assert list(market.contracts("SPY")) == [spy]
    assert market.expiries("QQQ") == ()


def close(symbol: str, day: str, value: float) -> DailyClose:
    return DailyClose(ts_known=0, symbol=symbol, day=dt.date.fromisoformat(day), close=to_units(value))


def test_the_newest_close_stays_though_an_older_one_comes_later() -> None:
    market = Market({})
    market.close_arrived(close("VIX", "2024-08-06", 27.71))
    market.close_arrived(close("VIX", "2024-08-05", 38.57))
    prior = market.prior_close("VIX", DAY)
    assert prior is not None
    assert prior.close == to_units(27.71)
    market.close_arrived(close("VIX", "2024-08-06", 27.72))
    assert market.closes["VIX"].close == to_units(27.72)


def test_the_close_of_today_is_no_prior_close() -> None:
    market = Market({})
    market.close_arrived(close("VIX", "2024-08-07", 27.85))
    assert market.prior_close("VIX", DAY) is None
    assert market.prior_close("VIX", dt.date(2024, 8, 8)) is not None


UPDATES = st.lists(
    st.dictionaries(
        st.integers(0, 5), st.tuples(st.integers(0, 500), st.integers(0, 500), st.integers(0, 99)), min_size=1
    ),
    max_size=12,
)


@given(UPDATES)
@settings(max_examples=60, deadline=None)
def test_the_market_is_the_last_word_on_each_contract(updates: list[dict[int, tuple[int, int, int]]]) -> None:
    contracts = [option(5000 + 5 * n, "P") for n in range(6)]
    market, expected = listed(*contracts), {contract: Quote(None, None, NEVER) for contract in contracts}
    for ts, update in enumerate(updates):
        bids, asks, times = (list(column) for column in zip(*update.values(), strict=True))
        market.apply(batch(ts, list(update), bid=bids, ask=asks, quote_ts=times))
        expected |= {contracts[n]: Quote(*values) for n, values in update.items()}
    assert {contract: market.quote(contract) for contract in contracts} == expected


def test_values_told_again_replace_the_older() -> None:
    market = quote({}, values={"SPX": 5300})
    tell(market, "SPX", 5301.5, TEN + SECOND)
    assert market.value("SPX") == (to_units(5301.5), TEN + SECOND)
    show(market, {PUT: (1, 2)}, TEN + 2 * SECOND)
    assert market.value("SPX") == (to_units(5301.5), TEN + SECOND)


def test_a_trade_without_a_quote_beside_it_leaves_the_quote_and_its_age_as_they_are() -> None:
    market = listed(PUT, CALL)
    market.apply(batch(1, [0, 1], bid=[10, 20], ask=[12, 22]))
    market.apply(batch(2, [0, 1], bid=[MISSING, 21], ask=[MISSING, 23], price=[11, MISSING], quote_ts=[2, 2]))
    assert market.quote(PUT) == Quote(10, 12, 1)
    assert market.quote(CALL) == Quote(21, 23, 2)
    assert market.detail(0)["price"] == 11


def test_a_quote_of_which_both_sides_are_gone_is_gone() -> None:
    market = listed(PUT)
    market.apply(batch(1, [0], bid=[10], ask=[12], price=[11]))
    market.apply(batch(2, [0], bid=[MISSING], ask=[MISSING], price=[MISSING]))
    assert market.quote(PUT) == Quote(None, None, 2)
