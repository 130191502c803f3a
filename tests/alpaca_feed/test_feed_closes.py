"""After the close the feed asks for the official close of funds; of indices Alpaca has none, and the feed says so."""

from __future__ import annotations

import asyncio
import datetime as dt
import time
from typing import Any

import pytest
from answering_server import Told, answering
from feed_world import Taker, exchange, taking

from engine.alpaca.keys import Keys
from engine.calendar import session
from engine.clock import MINUTE
from engine.config.alpaca import AlpacaTable
from engine.events import AnyEvent, DailyClose
from engine.feed.alpaca.asking import Asking, Errands
from engine.feed.alpaca.closes import TodaysCloses
from engine.feed.alpaca.conflate import Conflator
from engine.session.source import demo_source
from engine.types import Contract

DAY = session(dt.date(2026, 1, 15))
BARS = "GET /v2/stocks/bars"


def closes(taker: Taker) -> list[DailyClose]:
    return [event for event in taker.events if isinstance(event, DailyClose)]


def test_the_official_close_of_a_fund_is_told_once_a_quarter_of_an_hour_after_its_product_s() -> None:
    with exchange("session.roots=['SPY']", start="16:10") as world, taking(world.feed("SPY"), world.clock) as taker:
        taker.until(lambda: taker.market.value("SPY")[0])
        world.at("16:30:59")
        taker.until(lambda: taker.market.value("SPY") == world.venue.market.value("SPY"))
        assert not closes(taker)
        world.at("16:31")
        taker.until(lambda: closes(taker))
        events = demo_source(world.config).events()
        official = [each for each in events if isinstance(each, DailyClose) and each.day == world.day.day]
        (told,) = closes(taker)
        assert (told.symbol, told.day, told.close) == ("SPY", world.day.day, official[0].close)
        assert (told.ts_known, told.ts_event) == (world.clock.now(), world.day.close)
        assert told.close != world.venue.market.value("SPY")[0], "the last value would have been another"
        assert "close" not in taker.text


def test_the_smallest_plan_is_told_it_too() -> None:
    with exchange("session.roots=['SPY']", start="16:31") as world:
        world.faults.switch("no_subscription", part="/v2/stocks", times=None)  # no SIP but what is old enough
        with taking(world.feed("SPY"), world.clock) as taker:
            taker.until(lambda: closes(taker))
            assert world.faults.happened["no_subscription"] == 0


def test_what_is_held_of_an_index_at_its_close_is_said_to_stay_provisional() -> None:
    with exchange(start="15:59") as world, taking(world.feed(index_seconds=0.1), world.clock) as taker:
        taker.until(taker.quoted)
        held = taker.quoted()[0]
        assert isinstance(held, Contract)
        taker.feed.hold([held])
        end = time.monotonic() + 0.6
        taker.until(lambda: time.monotonic() > end)  # it has been looked at
        world.at("16:00")
        taker.until(lambda: "no official close of SPX" in taker.text and "PROVISIONAL" in taker.text)
        assert not [each for each in closes(taker) if each.day == world.day.day]


class Late:
    """A clock that stands where official closes are told."""

    def now(self) -> int:
        return DAY.product_close("SPY") + 16 * MINUTE


def bar(day: int, close: float) -> dict[str, Any]:
    return {"t": f"2026-01-{day}T05:00:00Z", "o": 600, "h": 606, "l": 599, "c": close, "v": 5, "n": 3, "vw": 600}


def asked(answers: list[Any]) -> tuple[list[AnyEvent], list[str], Told]:
    """What comes of it where the server answers so, one after the other: events, and notes in the order they stood."""
    book, notes, stood = Conflator((), lambda: None), dict[str, str](), list[str]()

    async def run(url: str) -> None:
        table = AlpacaTable(trading_url=url, data_url=url, connect_seconds=1, read_seconds=1)
        asking, errands = Asking(Keys("PKFAKEFAKE", "fake"), table, lambda _: None), Errands(asyncio.get_running_loop())
        watching = asyncio.create_task(
            TodaysCloses(asking, DAY, Late(), book, ("SPY",), ("SPY",), notes).watch(errands, tuple)
        )
        while not watching.done():
            await asyncio.sleep(0.01)
            stood.extend(text for text in notes.values() if text not in stood)
        errands.end()
        asking.close()
        watching.result()

    with answering({BARS: answers}) as told:
        asyncio.run(asyncio.wait_for(run(told.url), 60))
    return book.take(Late().now()), list(notes.values()) or stood, told


@pytest.mark.parametrize("first", [{"bars": {}}, {"bars": {"SPY": [bar(14, 590.0)]}}, {"bars": {"SPY": [{"t": "?"}]}}])
def test_a_bar_that_is_not_there_yet_is_said_and_asked_for_again(
    first: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("engine.feed.alpaca.closes._RETRY_SECONDS", 0.1)
    events, said, told = asked([(200, first), (200, {"bars": {"SPY": [bar(15, 605.13)]}, "next_page_token": None})])
    (close,) = events
    assert isinstance(close, DailyClose)
    assert (close.symbol, close.day, close.close) == ("SPY", DAY.day, 605_1300)
    assert said == ["Alpaca has no daily bar of SPY of today yet"]
    query = told.asked[0].query
    assert (query["feed"], query["timeframe"], query["adjustment"]) == ("sip", "1Day", "raw")
    assert (query["start"], query["end"]) == (
        "2026-01-15T05:00:00+00:00",
        "2026-01-15T21:01:00+00:00",
    )


def test_a_plan_that_has_no_daily_bars_is_not_asked_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("engine.feed.alpaca.closes._RETRY_SECONDS", 0.1)
    events, said, told = asked([(403, {"message": "subscription does not permit querying recent SIP data"})])
    assert (events, told.count(BARS)) == ([], 1)
    (text,) = said
    assert text.startswith("no official close of SPY: ")
