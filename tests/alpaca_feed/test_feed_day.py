"""A day of the feed at the local exchange: a late start, volumes, index values, the window that follows, held legs."""

from __future__ import annotations

import time

import numpy as np
import pytest
from feed_world import Taker, exchange, taking

from engine.clock import MINUTE
from engine.events import ChainBatch, DailyClose
from engine.types import MISSING, Underlying


def rows(taker: Taker, symbol: str, column: str) -> list[tuple[int, int]]:
    """Every value of a column of one underlying: when it was true, and what."""
    number = taker.market.index[Underlying(symbol)]
    found = []
    for event in taker.events:
        values = getattr(event, column, None)
        if isinstance(event, ChainBatch) and values is not None:
            for row in np.flatnonzero(event.idx == number):
                if values[row] != MISSING:
                    when = event.ts_event if event.quote_ts is None else int(event.quote_ts[row])
                    found.append((when, int(values[row])))
    return found


def test_a_late_start_has_the_fund_s_minutes_so_far() -> None:
    with exchange("session.roots=['SPY']", start="11:00") as world, taking(world.feed("SPY"), world.clock) as taker:
        taker.until(lambda: taker.state == "ok" and taker.quoted("SPY") and taker.market.value("SPY")[0])
        highs = rows(taker, "SPY", "high")
        assert [when for when, _ in highs] == [world.day.open + n * MINUTE for n in range(1, 91)]
        prices = rows(taker, "SPY", "price")
        assert [when for when, _ in prices] == sorted(when for when, _ in prices)
        assert taker.market.value("SPY")[0] == world.venue.market.value("SPY")[0]
        assert all(event.ts_known == world.clock.now() for event in taker.events)


def test_a_fund_s_trades_stream_and_its_volume_never_falls() -> None:
    with exchange("session.roots=['SPY']", start="11:00") as world, taking(world.feed("SPY"), world.clock) as taker:
        taker.until(lambda: taker.state == "ok" and taker.market.value("SPY")[0] and rows(taker, "SPY", "volume"))
        for text in ("11:00:30", "11:01", "11:03"):
            world.at(text)
        theirs = world.venue.market
        number = taker.market.index[Underlying("SPY")]
        sold = theirs.detail(theirs.index[Underlying("SPY")])["volume"]
        taker.until(lambda: taker.market.value("SPY") == theirs.value("SPY"))
        taker.until(lambda: taker.market.detail(number)["volume"] == sold)
        volumes = [volume for _, volume in rows(taker, "SPY", "volume")]
        assert volumes == sorted(volumes)


def test_minutes_that_a_cut_stream_has_missed_are_not_told_after_newer_prices() -> None:
    with exchange("session.roots=['SPY']", start="11:00") as world, taking(world.feed("SPY"), world.clock) as taker:
        taker.until(lambda: taker.state == "ok" and taker.market.value("SPY")[0])
        world.faults.switch("drop_data", part="/v2/iex", times=1)
        world.at("11:04")
        taker.until(lambda: taker.figure("reconnects") == 1)
        taker.until(lambda: taker.state == "ok" and taker.market.value("SPY")[1] >= world.instant("11:03:45"))
        prices = [when for when, _ in rows(taker, "SPY", "price")]
        assert prices == sorted(prices)


def test_volumes_of_options_are_the_exchange_s() -> None:
    with exchange(start="11:00") as world, taking(world.feed(option_feed="opra"), world.clock) as taker:
        taker.until(lambda: taker.state == "ok" and taker.quoted())
        for text in ("11:00:30", "11:01", "11:02"):
            world.at(text)
        theirs, ours = world.venue.market, taker.market

        def same() -> bool:
            pairs = [
                (ours.detail(ours.index[each])["volume"], theirs.detail(theirs.index[each])["volume"])
                for each in taker.quoted()
                if each.symbol in taker.subscribed
            ]
            return bool(pairs) and all(mine == told or (not mine and not told) for mine, told in pairs)

        taker.until(same)


def test_index_values_are_asked_for_now_and_then() -> None:
    with exchange(start="11:00") as world, taking(world.feed(index_seconds=0.1), world.clock) as taker:
        taker.until(lambda: taker.market.value("SPX")[0] and taker.market.value("VIX")[0])
        world.at("11:05")
        taker.until(lambda: taker.market.value("SPX") == world.venue.market.value("SPX"))
        taker.until(lambda: taker.market.value("VIX") == world.venue.market.value("VIX"))


def test_a_plan_without_index_values_is_told_once_and_asked_no_more() -> None:
    with exchange(start="11:00") as world:
        world.faults.switch("no_subscription", part="/v1beta1/indices", times=None)
        with taking(world.feed(index_seconds=0.1), world.clock) as taker:
            taker.until(lambda: taker.state == "ok" and "no index values" in taker.text)
            end = time.monotonic() + 0.5
            taker.until(lambda: time.monotonic() > end)
            assert world.faults.happened["no_subscription"] <= 3, "for minutes, closes and values"
            assert len([text for _, text in taker.statuses if "index" in text]) == 1


def test_with_no_interval_the_vix_family_is_not_listed() -> None:
    with exchange() as world, taking(world.feed(index_seconds=0), world.clock) as taker:
        taker.until(taker.quoted)
        assert [each.symbol for each in taker.market.instruments if isinstance(each, Underlying)] == ["SPX"]


def test_the_window_follows_spot_and_held_legs_never_stop(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("engine.feed.alpaca.feed._FOLLOW_SECONDS", 0.02)
    with exchange("demo.scenario=trend", start="09:40") as world:
        feed = world.feed(index_seconds=0)
        monkeypatch.setattr("engine.feed.alpaca.feed.LIMITS", {"indicative": 60})
        feed._window.limit = 60
        with taking(feed, world.clock) as taker:
            taker.until(lambda: taker.state == "ok" and len(taker.subscribed) == 54)
            first = taker.subscribed
            spot = taker.market.value("SPX")[0] or 6000_0000
            held = sorted((each for each in taker.quoted() if each.symbol in first), key=lambda each: -each.strike)[:4]
            assert spot
            feed.hold(held)
            for minute in range(20, 240, 20):
                hour, rest = divmod(9 * 60 + 40 + minute, 60)
                world.at(f"{hour:02}:{rest:02}")
                newest = {each: world.venue.market.quote(each) for each in held}
                taker.until(lambda newest=newest: all(taker.market.quote(each) == newest[each] for each in held))  # type: ignore[misc]
                assert {each.symbol for each in held} <= taker.subscribed
                assert len(taker.subscribed) <= 60
            assert taker.figure("refused") == 0
            taker.until(lambda: len(taker.subscribed - first) > 10)  # spot has fallen, and the window with it
            assert taker.figure("reconnects") == 0


def test_no_official_close_is_made_up() -> None:
    with exchange() as world, taking(world.feed(), world.clock) as taker:
        taker.until(lambda: taker.state == "ok" and taker.quoted())
        assert not [event for event in taker.events if isinstance(event, DailyClose)]


def test_a_session_that_began_before_the_open_has_volumes_and_open_interest() -> None:
    with exchange(start="09:20") as world, taking(world.feed(option_feed="opra"), world.clock) as taker:
        taker.until(lambda: taker.subscribed)
        world.at("09:31")
        taker.until(taker.quoted)

        def told(what: str) -> list[int]:
            found = (taker.market.detail(taker.market.index[each])[what] for each in taker.quoted())
            return [value for value in found if value is not None]

        assert not told("volume")
        for text in ("09:32", "09:33"):
            world.at(text)
        taker.until(lambda: any(told("volume")) and any(told("open_interest")))
        near = [each for each in taker.quoted() if each.symbol in taker.subscribed]
        theirs = world.venue.market

        def same(what: str) -> bool:
            pairs = [
                (taker.market.detail(taker.market.index[each])[what], theirs.detail(theirs.index[each])[what])
                for each in near
            ]
            return all((mine or 0) == (told or 0) for mine, told in pairs)

        taker.until(lambda: same("volume") and same("open_interest"))
