"""A feed whose streams and whose exchange fail again and again ends with what the exchange has."""

from __future__ import annotations

import asyncio

import pytest
from feed_world import Exchange, Taker, exchange, taking

from engine.alpaca.keys import Keys
from engine.config.alpaca import AlpacaTable
from engine.feed.alpaca import subscriptions
from engine.feed.alpaca.stream import OptionStream
from engine.feed.alpaca.stream_silence import Silence


def agrees(world: Exchange, taker: Taker) -> bool:
    """Whether every subscribed contract is quoted as the exchange quotes it, at its time."""
    theirs, ours = world.venue.market, taker.market
    near = [each for each in taker.quoted() if each.symbol in taker.subscribed]
    return len(near) > 50 and all(ours.quote(each)[:2] == theirs.quote(each)[:2] for each in near)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_after_faults_by_chance_it_is_as_if_nothing_had_been(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(subscriptions, "ACK_SECONDS", 0.2)
    with exchange("session.roots=['SPXW', 'SPY']", start="10:00", speed=60) as world:
        world.faults.reseed(seed)
        for name in ("mute_data", "drop_data", "slow_client", "dropped_subscription"):
            world.faults.switch(name, times=3, chance=0.2)
        world.faults.switch("http_429", times=2, chance=0.3)
        feed = world.feed(option_feed="opra", index_seconds=0.2)
        feed._options.silence, feed._stocks.silence = Silence(1.0), Silence(1.0)
        with taking(feed, world.clock) as taker:
            taker.until(lambda: sum(world.faults.happened.values()) >= 6, 30)
            world.faults.clear()
            taker.until(lambda: taker.state == "ok" and taker.market.value("SPY")[0], 30)
            world.stand()
            taker.until(lambda: agrees(world, taker))
            taker.until(lambda: taker.market.value("SPY") == world.venue.market.value("SPY"))


def test_an_exchange_that_dies_and_comes_back_is_found_again() -> None:
    with exchange() as first:
        access, port = first.access, first.port
        feed = first.feed()
        taker = Taker(feed, first.clock)
        try:
            taker.until(lambda: taker.state == "ok" and taker.subscribed and taker.quoted())
            first.__exit__()
            taker.until(lambda: taker.state == "down")
            with exchange(start="10:10", access=access, port=port) as second:
                first.clock.set(second.clock.now())
                taker.until(lambda: taker.state == "ok", 20)
                taker.until(lambda: agrees(second, taker))
                assert taker.figure("reconnects") == 1
        finally:
            feed.close()


def test_a_connection_lost_just_as_something_is_asked_on_it_is_no_error() -> None:
    """The SDK has set its socket to None by the time the request, a task of its own, is made."""
    stream = OptionStream(Keys("PKFAKEFAKE", "fake"), AlpacaTable(), lambda messages: None)
    stream.want(frozenset({"SPXW260115C06000000"}))
    stream._there = stream._running = True
    stream._ws = object()

    async def lose() -> None:
        asyncio.get_running_loop().call_soon(setattr, stream, "_ws", None)
        await stream.tend(1e9, False)
        assert stream._ws is None

    asyncio.run(lose())
