"""The live feed at the local exchange: listing, first quotes, the stream, and what it says of itself."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from feed_world import exchange, taking

from engine.events import ChainBatch, FeedStatus, Listing
from engine.feed.alpaca.feed import AlpacaFeed
from engine.feed.alpaca.labels import provenance
from engine.types import Contract, Underlying


def test_it_lists_today_and_quotes_it() -> None:
    with exchange() as world, taking(world.feed(), world.clock) as taker:
        taker.until(lambda: taker.state == "ok" and taker.statuses and taker.quoted())
        listing = next(event for event in taker.events if isinstance(event, Listing))
        assert listing.first == 0
        underlyings = [each for each in listing.instruments if isinstance(each, Underlying)]
        contracts = [each for each in listing.instruments if isinstance(each, Contract)]
        assert [each.symbol for each in underlyings] == ["SPX", "VIX", "VIX9D", "VIX1D"]
        assert listing.instruments == (*underlyings, *sorted(contracts))
        assert {(each.root, each.expiry) for each in contracts} == {("SPXW", world.day.day)}
        for contract in taker.quoted():
            assert taker.market.quote(contract)[:2] == world.venue.market.quote(contract)[:2]


def test_contracts_are_asked_for_where_the_account_is_whose_keys_it_has() -> None:
    """A live account's keys open no door at the address of paper accounts."""
    with exchange() as world:
        table = world.table(trading_url="http://127.0.0.1:9")
        for url, state in ((f"http://127.0.0.1:{world.port}", "ok"), ("", "down")):
            feed = AlpacaFeed(world.keys, table, ("SPXW",), world.day, world.clock, trading_url=url)
            with taking(feed, world.clock) as taker:
                taker.until(lambda state=state, taker=taker: taker.state == state)


def test_what_streams_is_what_the_exchange_quotes() -> None:
    with exchange() as world, taking(world.feed(), world.clock) as taker:
        taker.until(lambda: taker.state == "ok" and taker.subscribed and taker.quoted())
        world.at("10:01")
        theirs = world.venue.market
        streamed = [each for each in taker.quoted() if each.symbol in taker.subscribed]
        assert len(streamed) > 100
        taker.until(lambda: all(taker.market.quote(each) == theirs.quote(each) for each in streamed))


def test_events_are_known_when_they_are_taken_and_the_last_batch_ends_the_instant() -> None:
    with exchange() as world, taking(world.feed(), world.clock) as taker:
        taker.until(lambda: taker.state == "ok" and taker.quoted())
        world.at("10:02")
        taker.until(lambda: taker.figure("messages") > 300)
        now = world.clock.now()
        assert all(event.ts_event <= event.ts_known <= now for event in taker.events)
        assert [event.ts_known for event in taker.events] == sorted(event.ts_known for event in taker.events)
        assert [event.seq for event in taker.events] == sorted({event.seq for event in taker.events})
        batches = [event for event in taker.events if isinstance(event, ChainBatch)]
        assert not batches[-1].more
        for batch in batches:
            assert len(set(batch.idx.tolist())) == len(batch.idx)
            assert batch.quote_ts is None or int(batch.quote_ts.max()) <= batch.ts_known
            assert batch.bid is None or batch.price is None


def test_a_restarted_session_keeps_its_numbers() -> None:
    with exchange() as world:
        with taking(world.feed(), world.clock) as first:
            first.until(first.quoted)
            known = tuple(first.market.instruments[:50])
        with taking(world.feed(), world.clock, known) as again:
            again.until(lambda: again.quoted() and again.state == "ok" and len(again.market.instruments) > 60)
            listing = next(event for event in again.events if isinstance(event, Listing))
            assert listing.first == 50
            assert not set(listing.instruments) & set(known)


def test_open_interest_comes_once() -> None:
    with exchange() as world, taking(world.feed(), world.clock) as taker:
        taker.until(taker.quoted)
        held = [event for event in taker.events if isinstance(event, ChainBatch) and event.open_interest is not None]
        assert len(held) == 1
        assert held[0].open_interest is not None
        assert np.all(held[0].open_interest >= 0)


def test_it_says_each_state_once() -> None:
    with exchange() as world, taking(world.feed(), world.clock) as taker:
        taker.until(lambda: taker.state == "ok" and taker.quoted())
        for _ in range(20):
            taker.take()
        told = taker.statuses
        assert (told[0], told[-1]) == (("stale", "connecting to Alpaca"), ("ok", ""))
        assert all(before != after for before, after in pairwise(told))
        assert len(told) <= 4, "where the machine is busy it may have said that a confirmation was late"
        assert isinstance(taker.events[-1], FeedStatus | ChainBatch)


def test_data_of_this_machine_are_simulated_and_alpacas_are_a_vendors() -> None:
    with exchange() as world:
        local = provenance(world.table(), "SPXW")
        assert (local.origin, local.meaning, local.label) == ("simulated", "quote", "SIMULATED")
        alpaca = provenance(type(world.table())(), "SPXW")
        assert (alpaca.origin, alpaca.meaning, alpaca.source) == ("vendor", "quote", "alpaca-indicative")
