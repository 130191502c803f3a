"""Messages in, events out: the newest of each, with its own time, and every message accounted for."""

from __future__ import annotations

import datetime as dt
from typing import Any

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from engine.events import AnyEvent, ChainBatch, Listing
from engine.feed.alpaca.conflate import Bar, Conflator
from engine.market import Market
from engine.types import MISSING, Contract, Instrument, Underlying

DAY = dt.date(2026, 1, 15)
T0 = 1_768_489_200 * 10**9
SPY = Underlying("SPY")
CALL = Contract("SPY", DAY, 600_0000, "C")
PUT = Contract("SPY", DAY, 600_0000, "P")
ALL: tuple[Instrument, ...] = (SPY, CALL, PUT)


def quote(of: Instrument = CALL, at: int = 1, bid: Any = 1.0, ask: Any = 1.1, **more: Any) -> dict[str, Any]:
    return {"T": "q", "S": of.symbol, "t": T0 + at, "bp": bid, "ap": ask, "bs": 5, "as": 7} | more


def trade(of: Instrument = CALL, at: int = 1, price: Any = 1.05, size: Any = 3, **more: Any) -> dict[str, Any]:
    return {"T": "t", "S": of.symbol, "t": T0 + at, "p": price, "s": size, "c": "I"} | more


def book() -> Conflator:
    return Conflator(ALL, lambda: None)


def batches(events: list[AnyEvent]) -> list[ChainBatch]:
    return [event for event in events if isinstance(event, ChainBatch)]


def test_the_newest_quote_of_each_with_its_own_time() -> None:
    found = book()
    found.hear([quote(at=1), quote(PUT, at=2, bid=2.0, ask=2.2), quote(at=5, bid=1.25, ask=1.3)])
    (batch,) = batches(found.take(T0 + 100))
    assert dict(zip(batch.idx.tolist(), batch.bid.tolist(), strict=True)) == {1: 1_2500, 2: 2_0000}  # type: ignore[union-attr]
    assert dict(zip(batch.idx.tolist(), batch.quote_ts.tolist(), strict=True)) == {1: T0 + 5, 2: T0 + 2}  # type: ignore[union-attr]
    assert batch.bid_size is not None
    assert batch.ask_size is not None
    assert (batch.bid_size[0], batch.ask_size[0]) == (5, 7)
    assert found.counted["conflated"] == 1
    assert found.take(T0 + 101) == []


def test_one_trade_with_an_impossible_time_does_not_freeze_the_price() -> None:
    found = book()
    found.hear([trade(SPY, at=1, price=600.0)])
    found.take(T0 + 100)
    found.hear([trade(SPY, at=3600 * 10**9, price=601.0)])
    found.take(T0 + 200)
    found.hear([trade(SPY, at=300, price=602.0)])
    (batch,) = batches(found.take(T0 + 400))
    assert batch.price is not None
    assert (batch.price.tolist(), found.price(0)) == ([602_0000], 602.0)


def test_dollars_become_exact_units() -> None:
    found = book()
    found.hear([quote(bid=0.07, ask=1234.35)])
    (batch,) = batches(found.take(T0 + 9))
    assert (batch.bid.tolist(), batch.ask.tolist()) == ([700], [1234_3500])  # type: ignore[union-attr]


def test_no_bid_is_a_bid_of_nothing_no_ask_is_none_and_neither_is_no_quote() -> None:
    for bid, ask, expected in ((0, 0.05, (0, 500)), (0.05, 0, (500, MISSING)), (0, 0, (MISSING, MISSING))):
        found, market = book(), Market({})
        market.list_instruments(Listing(ts_known=0, first=0, instruments=ALL))
        found.hear([quote(bid=1, ask=2)])
        for event in batches(found.take(T0 + 2)):
            market.apply(event)
        found.hear([quote(at=2, bid=bid, ask=ask)])
        for event in batches(found.take(T0 + 3)):
            market.apply(event)
        assert (market.bid[1], market.ask[1]) == expected


def test_a_time_later_than_now_is_now_and_counted() -> None:
    found = book()
    found.hear([quote(at=50)])
    (batch,) = batches(found.take(T0 + 10))
    assert batch.quote_ts is not None
    assert (batch.quote_ts[0], batch.ts_event, batch.ts_known) == (T0 + 10, T0 + 10, T0 + 10)
    assert found.counted["from_the_future"] == 1


def test_trades_and_quotes_are_in_batches_of_their_own_and_a_trade_leaves_the_quote() -> None:
    found, market = book(), Market({})
    market.list_instruments(Listing(ts_known=0, first=0, instruments=ALL))
    found.start_volume(1, 10, T0)
    found.hear([quote(at=1), trade(at=2)])
    both = batches(found.take(T0 + 5))
    assert [batch.more for batch in both] == [True, False]
    for batch in both:
        assert (batch.bid is None) != (batch.price is None)
        market.apply(batch)
    assert market.quote(CALL) == (1_0000, 1_1000, T0 + 1)
    assert market.detail(1)["price"] == 1_0500
    assert market.detail(1)["volume"] == 13


def test_volume_waits_for_the_part_of_the_day_that_was_not_heard() -> None:
    found = book()
    found.hear([trade(at=1, size=3), trade(at=9, size=4)])
    (batch,) = batches(found.take(T0 + 10))
    assert batch.volume is not None
    assert batch.volume.tolist() == [MISSING]
    found.start_volume(1, 100, T0 + 5)
    (batch,) = batches(found.take(T0 + 11))
    assert batch.volume is not None
    assert batch.volume.tolist() == [104], "the trade of before the snapshot is in it"
    assert batch.price is not None
    assert batch.price.tolist() == [MISSING]


def test_a_snapshot_that_tells_less_takes_nothing_back() -> None:
    found = book()
    found.start_volume(1, 100, T0)
    found.hear([trade(at=1, size=5)])
    found.start_volume(1, 90, T0 + 2)
    volumes = [batch.volume.tolist() for batch in batches(found.take(T0 + 9)) if batch.volume is not None]
    assert volumes == [[105]]


def test_a_late_trade_has_volume_and_no_newer_price() -> None:
    found = book()
    found.start_volume(1, 0, 0)
    found.hear([trade(at=9, price=2.0)])
    found.take(T0 + 10)
    found.hear([trade(at=5, price=1.0)])
    (batch,) = batches(found.take(T0 + 11))
    assert batch.price is not None
    assert batch.volume is not None
    assert (batch.price.tolist(), batch.volume.tolist()) == ([MISSING], [6])


def test_a_fund_s_average_or_late_print_is_volume_and_no_price() -> None:
    found = book()
    found.start_volume(0, 0, 0)
    found.hear([trade(SPY, at=1, price=600.0, c=["@"]), trade(SPY, at=2, price=1.0, c=["@", "W"])])
    (batch,) = batches(found.take(T0 + 10))
    assert batch.price is not None
    assert batch.volume is not None
    assert (batch.price.tolist(), batch.volume.tolist()) == ([600_0000], [6])


def test_a_snapshot_replaces_nothing_newer() -> None:
    found = book()
    found.hear([quote(at=9, bid=2.0, ask=2.1)])
    found.snapshot_quote(1, (T0 + 5, 1.0, 1.1, 1, 1))
    (batch,) = batches(found.take(T0 + 10))
    assert batch.bid is not None
    assert batch.bid.tolist() == [2_0000]
    found.snapshot_quote(1, (T0 + 9, 1.0, 1.1, 1, 1))
    assert not found.take(T0 + 11)
    found.snapshot_quote(1, (T0 + 10, 1.0, 1.1, 1, 1))
    assert len(batches(found.take(T0 + 12))) == 1


def test_bars_of_the_past_come_in_order_and_never_after_a_newer_price() -> None:
    found = book()
    found.hear([trade(SPY, at=25, price=600.0)])
    found.take(T0 + 26)
    bars = [Bar(T0 + end, 1, 2, 1, 2, end) for end in (10, 20, 30)]
    assert found.bars(0, bars) == 1
    (batch,) = batches(found.take(T0 + 40))
    assert (batch.ts_event, batch.ts_known) == (T0 + 30, T0 + 40)


def test_listings_come_first_and_only_what_is_new() -> None:
    woken: list[int] = []
    found = Conflator((SPY,), lambda: woken.append(1))
    found.list_new(ALL)
    found.list_new(ALL)
    found.hear([quote()])
    listing, batch = found.take(T0 + 5)
    assert isinstance(listing, Listing)
    assert isinstance(batch, ChainBatch)
    assert (listing.first, listing.instruments) == (1, (CALL, PUT))
    assert batch.idx.tolist() == [1]
    assert len(woken) == 1, "once for what is taken at once"


messages = st.one_of(
    st.builds(quote, st.sampled_from([CALL, PUT]), st.integers(1, 90), st.floats(0, 50), st.floats(0, 50)),
    st.builds(trade, st.sampled_from([SPY, CALL]), st.integers(1, 90), st.floats(0.01, 50), st.integers(0, 9)),
    st.builds(quote, st.just(CALL), st.integers(1, 9), st.sampled_from([None, "x", float("nan"), -1, 1e9])),
    st.sampled_from([None, 3, "q", {}, {"T": "q"}, {"T": "?"}, {"T": "q", "S": "XYZ"}]),
)


@given(frames=st.lists(st.lists(messages, max_size=12), max_size=8), takes=st.lists(st.booleans(), max_size=8))
def test_every_message_is_accounted_for_and_events_keep_their_promises(
    frames: list[list[Any]], takes: list[bool]
) -> None:
    found, market = book(), Market({})
    market.list_instruments(Listing(ts_known=0, first=0, instruments=ALL))
    for row in range(len(ALL)):
        found.start_volume(row, 0, 0)
    volumes = dict.fromkeys(range(len(ALL)), 0)
    rows = 0
    found.take(T0)
    for number, frame in enumerate(frames):
        found.hear(frame)
        if number < len(takes) and takes[number]:
            rows += _check(found, market, volumes, T0 + 100 + number)
    rows += _check(found, market, volumes, T0 + 1000)
    counted = found.counted
    silent = counted["not_listed"] + counted["unreadable"] + counted["other"]
    assert counted["messages"] == sum(len(frame) for frame in frames)
    # A print of no size that is not the newest leaves nothing to tell.
    assert rows + counted["conflated"] + silent <= counted["messages"]
    assert rows + counted["conflated"] + silent >= counted["messages"] - counted["trades"]


def _check(found: Conflator, market: Market, volumes: dict[int, int], now: int) -> int:
    rows = 0
    for batch in batches(found.take(now)):
        market.apply(batch)
        rows += len(batch.idx)
        assert len(np.unique(batch.idx)) == len(batch.idx)
        assert batch.quote_ts is not None
        assert batch.quote_ts.max() <= now
        if batch.volume is not None:
            for row, volume in zip(batch.idx.tolist(), batch.volume.tolist(), strict=True):
                assert volume == MISSING or volume >= volumes[row]
                volumes[row] = max(volumes[row], volume)
    return rows
