"""The local exchange's market data by request, asked for by the real SDK."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import numpy as np
import pytest
from alpaca.data.requests import (
    OptionBarsRequest,
    OptionChainRequest,
    OptionLatestQuoteRequest,
    OptionLatestTradeRequest,
    OptionSnapshotRequest,
    OptionTradesRequest,
    StockBarsRequest,
    StockLatestBarRequest,
    StockLatestTradeRequest,
    StockSnapshotRequest,
    StockTradesRequest,
)
from alpaca.data.timeframe import TimeFrame, TimeFrameUnit
from venue_data_world import (
    CALL,
    DAY,
    INDEX_CALL,
    KEYS,
    LATER_CALL,
    LATER_PUT,
    OTHER,
    PUT,
    World,
    at,
    batch,
    played,
    quoted,
    small_market,
)

from engine.alpaca.keys import Keys
from engine.events import AnyEvent, ChainBatch, DailyClose
from engine.session.source import DemoSource

MINUTE = TimeFrame(1, TimeFrameUnit.Minute)


def _ns(moment: Any) -> int:
    return round(moment.timestamp()) * 1_000_000_000


def test_the_latest_quote_is_the_newest_that_has_been_played() -> None:
    async def scene(world: World) -> None:
        request = OptionLatestQuoteRequest(symbol_or_symbols=[CALL.symbol, PUT.symbol])
        assert await asyncio.to_thread(world.options().get_option_latest_quote, request) == {}
        await world.play("09:31")
        found = await asyncio.to_thread(world.options().get_option_latest_quote, request)
        quote = found[CALL.symbol]
        assert (quote.bid_price, quote.ask_price, quote.bid_size, quote.ask_size) == (1.45, 1.47, 11, 22)
        assert _ns(quote.timestamp) == at("09:31")
        assert found[PUT.symbol].bid_price == 1.40

    played(scene)


def test_trades_carry_the_volume_that_was_new_and_none_is_told_twice() -> None:
    async def scene(world: World) -> None:
        await world.play("09:31:30")
        request = OptionTradesRequest(symbol_or_symbols=CALL.symbol)
        found = await asyncio.to_thread(world.options().get_option_trades, request)
        trades = [(_ns(each.timestamp), each.price, each.size) for each in found[CALL.symbol]]
        assert trades == [(at("09:30:15"), 1.51, 5), (at("09:30:45"), 1.62, 3), (at("09:31:30"), 1.70, 1)]
        latest = OptionLatestTradeRequest(symbol_or_symbols=CALL.symbol, feed="opra")
        newest = await asyncio.to_thread(world.options().get_option_latest_trade, latest)
        assert newest[CALL.symbol].price == 1.70

    played(scene)


def test_the_indicative_feed_tells_a_trade_a_quarter_of_an_hour_later() -> None:
    async def scene(world: World) -> None:
        latest = OptionLatestTradeRequest(symbol_or_symbols=CALL.symbol, feed="indicative")
        await world.play("09:45:14")
        assert await asyncio.to_thread(world.options().get_option_latest_trade, latest) == {}
        await world.play("09:45:15")
        found = await asyncio.to_thread(world.options().get_option_latest_trade, latest)
        assert found[CALL.symbol].price == 1.51

    played(scene)


def test_a_bar_is_there_once_its_minute_is_over() -> None:
    async def scene(world: World) -> None:
        request = OptionBarsRequest(symbol_or_symbols=CALL.symbol, timeframe=MINUTE)
        await world.play("09:30:59")
        assert (await asyncio.to_thread(world.options().get_option_bars, request)).data == {}
        await world.play("09:31:59")
        (bar,) = (await asyncio.to_thread(world.options().get_option_bars, request))[CALL.symbol]
        assert _ns(bar.timestamp) == at("09:30")
        assert (bar.open, bar.high, bar.low, bar.close) == (1.51, 1.62, 1.51, 1.62)
        assert (bar.volume, bar.trade_count) == (8, 2)
        assert bar.vwap == pytest.approx((5 * 1.51 + 3 * 1.62) / 8, abs=1e-6)

    played(scene)


def test_what_happened_on_the_minute_belongs_to_the_minute_before() -> None:
    async def scene(world: World) -> None:
        await world.play("09:31")
        (bar,) = (await asyncio.to_thread(world.stocks().get_stock_bars, _stock_bars()))["SPY"]
        assert (bar.open, bar.high, bar.low, bar.close, bar.volume) == (600.0, 600.5, 599.8, 599.8, 2000)

    played(scene)


def _stock_bars(minutes: int = 1) -> StockBarsRequest:
    return StockBarsRequest(symbol_or_symbols="SPY", timeframe=TimeFrame(minutes, TimeFrameUnit.Minute))


def test_longer_bars_add_up_minutes_that_are_over_and_the_day_begins_at_midnight_in_new_york() -> None:
    async def scene(world: World) -> None:
        await world.play("09:45")
        (bar,) = (await asyncio.to_thread(world.stocks().get_stock_bars, _stock_bars(5)))["SPY"]
        assert (_ns(bar.timestamp), bar.close, bar.volume) == (at("09:30"), 601.0, 2500)
        day = StockBarsRequest(symbol_or_symbols="SPY", timeframe=TimeFrame.Day)
        (bar,) = (await asyncio.to_thread(world.stocks().get_stock_bars, day))["SPY"]
        assert (_ns(bar.timestamp), bar.high, bar.volume) == (at("00:00"), 601.0, 2500)

    played(scene)


def test_pages_give_each_item_once_forwards_and_backwards() -> None:
    async def scene(world: World) -> None:
        await world.play("09:40")
        for sort in ("asc", "desc"):
            token, seen = "", []
            while True:
                path = f"/v1beta1/options/trades?symbols={CALL.symbol},{PUT.symbol}&limit=2&sort={sort}{token}"
                status, body = await world.get(path)
                assert status == 200
                assert sum(map(len, body["trades"].values())) <= 2
                seen += [(symbol, each["t"]) for symbol, trades in body["trades"].items() for each in trades]
                if body["next_page_token"] is None:
                    break
                token = f"&page_token={body['next_page_token']}"
            assert len(seen) == len(set(seen)) == 4
            calls = [when for symbol, when in seen if symbol == CALL.symbol]
            assert calls == sorted(calls, reverse=sort == "desc")

    played(scene)


def test_start_and_end_belong_to_the_span() -> None:
    async def scene(world: World) -> None:
        await world.play("09:40")
        span = "start=2026-01-15T14:30:45Z&end=2026-01-15T09:31:00-05:00"
        _, body = await world.get(f"/v2/stocks/trades?symbols=SPY&{span}")
        assert [each["p"] for each in body["trades"]["SPY"]] == [600.5, 599.8]
        _, body = await world.get("/v2/stocks/trades?symbols=SPY&start=2026-01-14&end=2026-01-14")
        assert body == {"trades": {}, "next_page_token": None}

    played(scene)


def test_options_of_today_have_no_greeks_and_those_on_an_index_no_volatility_either() -> None:
    async def scene(world: World) -> None:
        await world.play("09:30:15")
        symbols = [CALL.symbol, LATER_CALL.symbol, LATER_PUT.symbol, INDEX_CALL.symbol]
        request = OptionSnapshotRequest(symbol_or_symbols=symbols)
        found = await asyncio.to_thread(world.options().get_option_snapshot, request)
        today, later = found[CALL.symbol], found[LATER_CALL.symbol]
        assert today.greeks is None
        assert today.implied_volatility > 0
        assert 0.4 < later.greeks.delta < 0.6
        assert later.greeks.gamma > 0 > later.greeks.theta
        assert later.greeks.rho > 0 > found[LATER_PUT.symbol].greeks.rho
        assert found[INDEX_CALL.symbol].greeks is None
        assert found[INDEX_CALL.symbol].implied_volatility is None
        assert found[INDEX_CALL.symbol].latest_quote.bid_price == 30.0

    played(scene)


def test_the_chain_of_an_underlying_is_filtered_and_paged() -> None:
    async def scene(world: World) -> None:
        await world.play("09:30:15")
        client = world.options()
        chain = await asyncio.to_thread(client.get_option_chain, OptionChainRequest(underlying_symbol="SPY"))
        assert len(chain) == 4
        puts = OptionChainRequest(underlying_symbol="SPY", type="put", expiration_date="2026-01-16")
        assert list(await asyncio.to_thread(client.get_option_chain, puts)) == [LATER_PUT.symbol]
        high = OptionChainRequest(underlying_symbol="SPX", root_symbol="SPXW", strike_price_gte=6001)
        assert await asyncio.to_thread(client.get_option_chain, high) == {}
        index = OptionChainRequest(underlying_symbol="SPX", root_symbol="SPXW")
        assert len(await asyncio.to_thread(client.get_option_chain, index)) == 2
        status, body = await world.get("/v1beta1/options/snapshots/SPY?limit=3")
        assert (status, len(body["snapshots"])) == (200, 3)
        _, rest = await world.get(f"/v1beta1/options/snapshots/SPY?limit=3&page_token={body['next_page_token']}")
        assert (len(rest["snapshots"]), rest["next_page_token"]) == (1, None)
        assert not rest["snapshots"].keys() & body["snapshots"].keys()

    played(scene)


def test_a_fund_is_a_stock_and_an_index_is_none() -> None:
    async def scene(world: World) -> None:
        await world.play("09:31:30")
        client = world.stocks()
        trades = await asyncio.to_thread(client.get_stock_trades, StockTradesRequest(symbol_or_symbols="SPY"))
        assert [(each.price, each.size) for each in trades["SPY"]][-1] == (601.0, 500)
        both = StockLatestTradeRequest(symbol_or_symbols=["SPX", "SPY"])
        latest = await asyncio.to_thread(client.get_stock_latest_trade, both)
        assert list(latest) == ["SPY"]
        bar = await asyncio.to_thread(client.get_stock_latest_bar, StockLatestBarRequest(symbol_or_symbols="SPY"))
        assert bar["SPY"].close == 599.8
        shot = await asyncio.to_thread(client.get_stock_snapshot, StockSnapshotRequest(symbol_or_symbols="SPY"))
        assert shot["SPY"].minute_bar.close == 599.8
        assert shot["SPY"].daily_bar.close == 601.0
        assert await world.get("/v2/stocks/SPX/trades/latest") == (404, {"message": "no trade found for SPX"})

    played(scene)


def test_an_index_has_values_and_a_fund_has_none() -> None:
    async def scene(world: World) -> None:
        await world.play("09:40")
        status, body = await world.get("/v1beta1/indices/latest/values?symbols=SPX,SPY")
        assert (status, body) == (200, {"values": {"SPX": {"t": "2026-01-15T14:30:15Z", "v": 6000.0}}})
        _, body = await world.get("/v1beta1/indices/values?symbols=SPX&limit=1")
        assert body == {"values": {"SPX": [{"t": "2026-01-15T14:30:15Z", "v": 6000.0}]}, "next_page_token": None}
        world.faults.switch("no_subscription")
        assert (await world.get("/v1beta1/indices/latest/values?symbols=SPX"))[0] == 403

    played(scene)


def test_quotes_of_a_stock_are_those_of_the_source_and_none_are_made_up() -> None:
    async def scene(world: World) -> None:
        await world.play("09:40")
        assert await world.get("/v2/stocks/SPY/quotes/latest") == (404, {"message": "no quote found for SPY"})
        assert (await world.get("/v2/stocks/quotes?symbols=SPY"))[1]["quotes"] == {}
        await world.play("10:00")
        status, body = await world.get("/v2/stocks/SPY/quotes/latest")
        assert (status, body["quote"]["bp"], body["quote"]["ap"]) == (200, 601.99, 602.01)
        _, body = await world.get("/v2/stocks/SPY/quotes")
        assert [each["bs"] for each in body["quotes"]] == [11]

    def events() -> Any:
        yield from list(small_market())[:-1]
        yield batch("10:00", SPY=quoted(60199, 60201))

    played(scene, events=events)


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("/v1beta1/options/bars?symbols=SPY260115C00600000", "invalid timeframe: "),
        ("/v1beta1/options/bars?timeframe=1Min", "symbols is required"),
        ("/v1beta1/options/bars?symbols=SPY&timeframe=1Min", "invalid symbol: SPY"),
        ("/v1beta1/options/trades?symbols=SPY260115C00600000&limit=0", "invalid limit: 0; it must be from 1 to 10000"),
        ("/v1beta1/options/trades?symbols=SPY260115C00600000&page_token=!", "invalid page_token: !"),
        ("/v1beta1/options/snapshots/SPY?feed=sip", "invalid feed: sip"),
        ("/v1beta1/options/snapshots/SPY?type=straddle", "invalid type: straddle"),
        ("/v1beta1/options/snapshots/SPY?expiration_date=soon", "invalid expiration_date: soon"),
        ("/v1beta1/options/snapshots/SPY?strike_price_gte=x", "invalid strike price: x"),
        ("/v2/stocks/bars?symbols=SPY&timeframe=61Min", "invalid timeframe: 61Min"),
        ("/v2/stocks/trades?symbols=SPY&start=yesterday", "invalid start: 'yesterday'"),
        ("/v2/stocks/trades?symbols=SPY&start=2026-01-15T10:00:00", "invalid start: "),
        ("/v2/stocks/trades?symbols=SPY&start=2026-01-16&end=2026-01-15", "end should not be before start"),
        ("/v2/stocks/trades?symbols=SPY&sort=up", "invalid sort: up"),
    ],
)
def test_a_bad_query_is_told_what_is_wrong_with_it(path: str, message: str) -> None:
    async def scene(world: World) -> None:
        status, body = await world.get(path)
        assert status == 400
        assert body["message"].startswith(message)

    played(scene)


def test_data_is_for_accounts_only_and_for_each_of_them() -> None:
    async def scene(world: World) -> None:
        path = "/v2/stocks/SPY/trades/latest"
        await world.play("09:31")
        assert (await world.get(path, Keys(KEYS.key_id, "local-wrong")))[0] == 401
        assert (await world.get(path, OTHER))[0] == 200

    played(scene)


def test_history_option_quotes_do_not_exist() -> None:
    async def scene(world: World) -> None:
        assert (await world.get(f"/v1beta1/options/quotes?symbols={CALL.symbol}"))[0] == 404

    played(scene)


PATHS = {
    "/v1beta1/options/quotes/latest": "symbols={options}",
    "/v1beta1/options/trades/latest": "symbols={options}",
    "/v1beta1/options/snapshots": "symbols={options}",
    "/v1beta1/options/snapshots/{underlying_symbol}": "limit=1000",
    "/v1beta1/options/bars": "symbols={options}&timeframe=1Min",
    "/v1beta1/options/trades": "symbols={options}&limit=3",
    "/v1beta1/options/meta/exchanges": "",
    "/v1beta1/options/meta/conditions/{ticktype}": "",
    **{
        f"/v2/stocks{single}/{what}": f"{query}&timeframe=5Min"
        for what in ("bars", "trades", "quotes")
        for single, query in (("", "symbols=SPY"), ("/{symbol}", ""))
    },
    **{
        f"/v2/stocks{single}/{what}/latest": query
        for what in ("bars", "trades", "quotes")
        for single, query in (("", "symbols=SPY"), ("/{symbol}", ""))
    },
    "/v1beta1/indices/latest/values": "symbols=VIX",
    "/v1beta1/indices/values": "symbols=VIX,SPX&limit=2",
    "/v2/stocks/snapshots": "symbols=SPY",
    "/v2/stocks/{symbol}/snapshot": "",
}


def _nullable(schema: Any) -> Any:
    """JSON Schema of OpenAPI 3.0's: there a null is allowed by a word of its own."""
    if isinstance(schema, list):
        return [_nullable(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    made = {key: _nullable(value) for key, value in schema.items() if key not in ("nullable", "example", "examples")}
    return {"anyOf": [made, {"type": "null"}]} if schema.get("nullable") is True else made


def test_every_answer_is_as_the_specification_has_it(shared: Path) -> None:
    spec = json.loads((shared / "specs/alpaca/mcp-market-data-api.json").read_text())
    components = _nullable(spec["components"])
    demo = DemoSource.of(DAY, ("SPY",), 7, expiries=2, step_seconds=60)

    def events() -> Any:
        shown = False
        for event in demo.events():
            yield event
            if not shown and event.ts_known == at("09:32"):
                shown = True
                row = {name: np.array([value], np.int32) for name, value in quoted(60199, 60201).items()}
                yield ChainBatch(ts_known=event.ts_known, ts_event=event.ts_known, idx=np.zeros(1, np.int32), **row)

    async def scene(world: World) -> None:
        _, chain = await world.get("/v1beta1/options/snapshots/SPY?limit=1000")
        traded = [symbol for symbol, shot in chain["snapshots"].items() if "latestTrade" in shot]
        assert any("greeks" in shot for shot in chain["snapshots"].values())
        for path, query in PATHS.items():
            named = path.format(underlying_symbol="SPY", symbol="SPY", ticktype="trade")
            status, body = await world.get(f"{named}?{query.format(options=','.join(traded[:40]))}")
            assert status == 200, (path, body)
            content = spec["paths"][path]["get"]["responses"]["200"]["content"]["application/json"]
            schema = _nullable(content["schema"]) | {"components": components}
            jsonschema.Draft202012Validator(schema).validate(body)
            assert any(body.values()), path

    played(scene, start="09:40", events=events)


def test_the_day_s_bar_of_a_fund_closes_at_the_official_close_once_it_is_known() -> None:
    def events() -> Iterator[AnyEvent]:
        yield from small_market()
        when = at("16:15")
        yield DailyClose(ts_known=when, ts_event=at("16:00"), symbol="SPY", day=DAY, close=603_2500)
        yield DailyClose(ts_known=when, ts_event=at("16:00"), symbol="SPX", day=DAY, close=6003_0000)

    async def scene(world: World) -> None:
        async def closes() -> list[float]:
            _, history = await world.get("/v2/stocks/SPY/bars?timeframe=1Day")
            _, snapshot = await world.get("/v2/stocks/SPY/snapshot")
            bars = [history["bars"][0], snapshot["dailyBar"]]
            assert all(bar["h"] >= bar["c"] >= bar["l"] and bar["v"] == 9000 for bar in bars)
            return [bar["c"] for bar in bars]

        await world.play("16:14")
        assert await closes() == [602.0, 602.0]
        await world.play("16:15")
        assert await closes() == [603.25, 603.25]
        _, minutes = await world.get("/v2/stocks/SPY/bars?timeframe=1Min")
        assert minutes["bars"][-1]["c"] == 602.0
        _, values = await world.get("/v1beta1/indices/latest/values?symbols=SPX")
        assert values["values"]["SPX"]["v"] == 6000.0, "no value is made of it"

    played(scene, events=events)


def test_without_sip_in_the_plan_what_is_a_quarter_of_an_hour_old_is_told_all_the_same() -> None:
    async def scene(world: World) -> None:
        await world.play("10:00")
        world.faults.switch("no_subscription", times=None)
        path = "/v2/stocks/SPY/bars?timeframe=1Min&feed=sip"
        assert (await world.get(path))[0] == 403
        assert (await world.get(f"{path}&end=2026-01-15T14:45:01Z"))[0] == 403
        assert (await world.get(f"{path}&end=2026-01-15T14:45:00Z"))[0] == 200
        assert (await world.get("/v2/stocks/SPY/snapshot?feed=sip"))[0] == 403

    played(scene)
