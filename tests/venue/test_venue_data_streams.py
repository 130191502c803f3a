"""The local exchange's data streams, heard by the real SDK, and what they refuse, word for word."""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import msgpack
import msgspec
import numpy as np
import pytest
from aiohttp import web
from alpaca.data.live import OptionDataStream, StockDataStream
from venue_data_world import CALL, INDEX_CALL, KEYS, OTHER, PUT, World, at, batch, played, quoted, running, small_market

from engine.alpaca.keys import Keys
from engine.clock import SECOND
from engine.venue.data_book import DataBook
from engine.venue.faults import faults_of
from engine.venue.streams import add_stream_routes

OPRA = "/v1beta1/opra"
INDICATIVE = "/v1beta1/indicative"
IEX = "/v2/iex"


class Heard(list[Any]):
    """A handler that keeps what it was told."""

    async def take(self, message: Any) -> None:
        self.append(message)

    async def wait(self, count: int) -> list[Any]:
        async with asyncio.timeout(5):
            while len(self) < count:
                await asyncio.sleep(0.002)
        return list(self)


def options(world: World, path: str = OPRA, raw: bool = True, keys: Keys = KEYS) -> OptionDataStream:
    return OptionDataStream(keys.key_id, keys.secret, raw_data=raw, url_override=world.ws + path)


def stocks(world: World, raw: bool = True) -> StockDataStream:
    return StockDataStream(KEYS.key_id, KEYS.secret, raw_data=raw, url_override=world.ws + IEX)


class Raw:
    """A client that says what it likes."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse, binary: bool) -> None:
        self.socket = socket
        self.binary = binary

    async def say(self, **message: Any) -> None:
        if self.binary:
            await self.socket.send_bytes(msgpack.packb(message))
        else:
            await self.socket.send_str(json.dumps(message))

    async def hear(self) -> list[Any]:
        """The next frame; an empty list where the connection has ended."""
        heard = await self.socket.receive(5)
        if heard.type is aiohttp.WSMsgType.BINARY:
            return list(msgpack.unpackb(heard.data))
        return list(json.loads(heard.data)) if heard.type is aiohttp.WSMsgType.TEXT else []

    async def enter(self, keys: Keys = KEYS) -> None:
        assert await self.hear() == [{"T": "success", "msg": "connected"}]
        await self.say(action="auth", key=keys.key_id, secret=keys.secret)
        assert await self.hear() == [{"T": "success", "msg": "authenticated"}]

    async def refused(self, code: int, message: str) -> None:
        assert await self.hear() == [{"T": "error", "code": code, "msg": message}]


@asynccontextmanager
async def raw(world: World, path: str, binary: bool = True, room: int = 0) -> AsyncIterator[Raw]:
    """A connection; with ``room``, one that the machine keeps so few unread bytes for."""

    def made(address: Any) -> socket.socket:
        found = socket.socket(*address[:3])
        if room:
            found.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, room)
        return found

    headers = {"Content-Type": "application/msgpack"} if binary else {}
    async with (
        aiohttp.ClientSession(connector=aiohttp.TCPConnector(socket_factory=made)) as session,
        session.ws_connect(world.ws + path, headers=headers) as client,
    ):
        yield Raw(client, binary)


@pytest.mark.parametrize("path", [OPRA, INDICATIVE])
def test_quotes_of_what_was_asked_for_come_in_order_with_their_time(path: str) -> None:
    async def scene(world: World) -> None:
        heard = Heard()
        stream = options(world, path)
        stream.subscribe_quotes(heard.take, CALL.symbol)
        async with running(stream):
            await world.play("09:31")
            told = await heard.wait(3)
        assert [(each["bp"], each["ap"]) for each in told] == [(1.5, 1.52), (1.6, 1.62), (1.45, 1.47)]
        assert {each["S"] for each in told} == {CALL.symbol}
        assert (told[0]["bs"], told[0]["as"]) == (11, 22)
        assert [each["t"].to_unix_nano() for each in told] == [at("09:30:15"), at("09:30:45"), at("09:31")]

    played(scene)


def test_the_typed_mode_of_the_sdk_understands_quotes_and_trades() -> None:
    async def scene(world: World) -> None:
        quotes, trades = Heard(), Heard()
        stream = options(world, raw=False)
        stream.subscribe_quotes(quotes.take, INDEX_CALL.symbol)
        stream.subscribe_trades(trades.take, "*")
        async with running(stream):
            await world.play("09:30:45")
            (quote,), (first, *_) = await quotes.wait(1), await trades.wait(3)
        assert (quote.symbol, quote.bid_price, quote.ask_size) == (INDEX_CALL.symbol, 30.0, 22)
        assert (first.symbol, first.price, first.size) == (CALL.symbol, 1.51, 5)

    played(scene)


def test_trades_on_the_indicative_stream_come_a_quarter_of_an_hour_late() -> None:
    async def scene(world: World) -> None:
        heard = Heard()
        stream = options(world, INDICATIVE)
        stream.subscribe_trades(heard.take, CALL.symbol)
        async with running(stream):
            await world.play("09:45:14")
            await asyncio.sleep(0.02)
            assert heard == []
            await world.play("09:45:15")
            (told,) = await heard.wait(1)
        assert (told["p"], told["s"], told["t"].to_unix_nano()) == (1.51, 5, at("09:30:15"))

    played(scene)


def test_a_stock_has_trades_and_bars_and_each_bar_follows_what_it_is_made_of() -> None:
    async def scene(world: World) -> None:
        heard = Heard()
        stream = stocks(world)
        stream.subscribe_trades(heard.take, "SPY")
        stream.subscribe_bars(heard.take, "*")
        stream.subscribe_daily_bars(heard.take, "SPY")
        async with running(stream):
            await world.play("09:32")
            told = await heard.wait(8)
        assert [each["T"] for each in told] == ["t", "t", "t", "b", "d", "t", "b", "d"]
        first, second = (each for each in told if each["T"] == "b")
        assert (first["o"], first["h"], first["l"], first["c"], first["v"]) == (600.0, 600.5, 599.8, 599.8, 2000)
        assert (second["t"].to_unix_nano(), second["v"]) == (at("09:31"), 500)
        assert [each["v"] for each in told if each["T"] == "d"] == [2000, 2500]

    played(scene)


def test_a_bar_is_told_when_its_minute_is_over_though_nothing_happens_then() -> None:
    async def scene(world: World) -> None:
        heard = Heard()
        stream = stocks(world, raw=False)
        stream.subscribe_bars(heard.take, "SPY")
        async with running(stream):
            await world.play("09:31:59")
            await heard.wait(1)
            await asyncio.sleep(0.02)
            assert len(heard) == 1
            await world.play("09:32")
            told = await heard.wait(2)
        assert [each.close for each in told] == [599.8, 601.0]

    played(scene)


def test_a_print_that_comes_late_changes_a_bar_that_was_told() -> None:
    def events() -> Any:
        yield from list(small_market())[:-1]
        late = batch("09:33", SPY={"price": 605_0000, "volume": 2600})
        yield msgspec.structs.replace(late, quote_ts=np.array([at("09:31:45")], np.int64))

    async def scene(world: World) -> None:
        heard = Heard()
        stream = stocks(world)
        stream.subscribe_updated_bars(heard.take, "SPY")
        async with running(stream):
            await world.play("09:33:01")
            (told,) = await heard.wait(1)
        assert (told["T"], told["t"].to_unix_nano(), told["h"], told["v"]) == ("u", at("09:31"), 605.0, 600)

    played(scene, events=events)


def test_stock_quotes_are_those_of_the_source() -> None:
    def events() -> Any:
        yield from list(small_market())[:2]
        yield batch("09:40", SPY=quoted(60199, 60201))

    async def scene(world: World) -> None:
        heard = Heard()
        stream = stocks(world, raw=False)
        stream.subscribe_quotes(heard.take, "SPY")
        async with running(stream):
            await world.play("09:40")
            (told,) = await heard.wait(1)
        assert (told.bid_price, told.ask_price, told.tape) == (601.99, 602.01, "B")

    played(scene, events=events)


def test_many_quotes_come_in_one_frame() -> None:
    async def scene(world: World) -> None:
        async with raw(world, OPRA) as client:
            await client.enter()
            await client.say(action="subscribe", quotes=[CALL.symbol, PUT.symbol, INDEX_CALL.symbol])
            await client.hear()
            await world.play("09:30:15")
            assert [each["S"] for each in await client.hear()] == [CALL.symbol, PUT.symbol, INDEX_CALL.symbol]

    played(scene)


def test_a_subscription_is_confirmed_by_the_full_set_and_taken_back_by_symbol() -> None:
    async def scene(world: World) -> None:
        async with raw(world, OPRA) as client:
            await client.enter()
            await client.say(action="subscribe", quotes=["A", "B"])
            assert await client.hear() == [{"T": "subscription", "trades": [], "quotes": ["A", "B"]}]
            await client.say(action="subscribe", quotes=["C"], trades=["*"])
            assert await client.hear() == [{"T": "subscription", "trades": ["*"], "quotes": ["A", "B", "C"]}]
            await client.say(action="unsubscribe", quotes=["B", "Z"])
            assert await client.hear() == [{"T": "subscription", "trades": ["*"], "quotes": ["A", "C"]}]

    played(scene)


def test_a_stock_stream_speaks_json_to_who_does_not_ask_for_msgpack() -> None:
    async def scene(world: World) -> None:
        async with raw(world, IEX, binary=False) as client:
            await client.enter()
            await client.say(action="subscribe", trades=["SPY"])
            (told,) = await client.hear()
            assert told["corrections"] == told["cancelErrors"] == told["trades"] == ["SPY"]
            assert told["statuses"] == told["bars"] == []
            await world.play("09:30:15")
            (trade,) = await client.hear()
            assert (trade["T"], trade["S"], trade["p"], trade["t"]) == ("t", "SPY", 600.0, "2026-01-15T14:30:15Z")

    played(scene)


def test_a_subscription_of_a_thousand_symbols_comes_in_pieces_and_is_understood() -> None:
    symbols = [f"SPXW260115C{strike:05d}000" for strike in range(4000, 5000)]

    async def scene(world: World) -> None:
        stream = options(world)
        heard, acks = Heard(), Heard()
        stream._max_frame_size = 1000
        stream.subscribe_quotes(heard.take, *symbols)
        listened = stream._dispatch

        async def dispatch(message: Any) -> None:
            acks.append(message)
            await listened(message)

        stream._dispatch = dispatch
        async with running(stream):
            (ack,) = await acks.wait(1)
        assert ack["quotes"] == symbols

    played(scene)


@pytest.mark.parametrize(("path", "most"), [(INDICATIVE, 200), (OPRA, 1000)])
def test_405_refuses_the_whole_request_and_leaves_what_was(path: str, most: int) -> None:
    async def scene(world: World) -> None:
        async with raw(world, path) as client:
            await client.enter()
            await client.say(action="subscribe", quotes=["A"])
            await client.hear()
            await client.say(action="subscribe", trades=["T"], quotes=[f"S{n}" for n in range(most)])
            await client.refused(405, "symbol limit exceeded")
            await client.say(action="subscribe", quotes=[f"S{n}" for n in range(most - 1)])
            (told,) = await client.hear()
            assert (len(told["quotes"]), told["trades"]) == (most, [])

    played(scene)


def test_406_one_connection_an_endpoint_for_each_account_until_it_ends() -> None:
    async def scene(world: World) -> None:
        async with raw(world, OPRA) as first:
            await first.enter()
            async with raw(world, OPRA) as second:
                assert await second.hear() == [{"T": "success", "msg": "connected"}]
                await second.say(action="auth", key=KEYS.key_id, secret=KEYS.secret)
                await second.refused(406, "connection limit exceeded")
                assert await second.hear() == []
            async with raw(world, OPRA) as other, raw(world, INDICATIVE) as elsewhere:
                await other.enter(OTHER)
                await elsewhere.enter()
        async with raw(world, OPRA) as again:
            await again.enter()

    played(scene)


def test_the_sdk_is_refused_with_402_and_406() -> None:
    async def scene(world: World) -> None:
        wrong = options(world, keys=Keys(KEYS.key_id, "local-wrong"))
        with pytest.raises(ValueError, match="auth failed"):
            await wrong._start_ws()
        first, second = options(world), options(world)
        await first._start_ws()
        with pytest.raises(ValueError, match="connection limit exceeded"):
            await second._start_ws()
        await first.close()
        await second.close()

    played(scene)


def test_401_403_and_400_leave_the_connection_open() -> None:
    async def scene(world: World) -> None:
        async with raw(world, OPRA) as client:
            assert await client.hear() == [{"T": "success", "msg": "connected"}]
            await client.say(action="subscribe", quotes=["A"])
            await client.refused(401, "not authenticated")
            await client.say(action="auth", key=KEYS.key_id, secret=KEYS.secret)
            await client.hear()
            await client.say(action="auth", key=KEYS.key_id, secret=KEYS.secret)
            await client.refused(403, "already authenticated")
            for bad in (b"\xc1", msgpack.packb([1]), msgpack.packb({"action": "dance"}), msgpack.packb({1: 2})):
                await client.socket.send_bytes(bad)
                await client.refused(400, "invalid syntax")
            await client.say(action="subscribe", quotes="A")
            await client.refused(400, "invalid syntax")
            await client.say(action="subscribe", quotes=["A"])
            assert (await client.hear())[0]["quotes"] == ["A"]

    played(scene)


def test_404_who_shows_no_keys_in_time_is_sent_away() -> None:
    def impatient(app: Any, venue: Any) -> None:
        add_stream_routes(app, DataBook(venue, at("00:00")), faults_of(app), auth_seconds=0.01)

    async def scene(world: World) -> None:
        async with raw(world, OPRA) as client:
            assert await client.hear() == [{"T": "success", "msg": "connected"}]
            await client.refused(404, "auth timeout")
            assert await client.hear() == []

    played(scene, parts=(impatient,))


_MANY = 6_000


def test_407_who_does_not_read_is_sent_away() -> None:
    def hurried(app: Any, venue: Any) -> None:
        add_stream_routes(app, DataBook(venue, at("00:00")), faults_of(app), slow_seconds=0.05)
        app.middlewares.append(narrow)

    @web.middleware
    async def narrow(request: web.Request, handler: Any) -> web.StreamResponse:
        assert request.transport is not None
        request.transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)
        return await handler(request)

    def events() -> Any:
        head, *_ = small_market()
        yield head
        one = batch("09:30:15", CALL=quoted(150, 152), PUT=quoted(148, 150))
        for n in range(_MANY):
            when = one.ts_known + n * SECOND // 100
            yield msgspec.structs.replace(one, ts_known=when, ts_event=when)

    async def scene(world: World) -> None:
        async with raw(world, OPRA, room=4096) as client:
            await client.enter()
            await client.say(action="subscribe", quotes=[CALL.symbol, PUT.symbol])
            await client.hear()
            transport = client.socket._conn.transport  # type: ignore[union-attr]
            transport.pause_reading()
            await world.play("09:32")
            await asyncio.sleep(0.3)
            transport.resume_reading()
            told, last = 0, []
            while frame := await client.hear():
                told, last = told + len(frame), frame
            assert last == [{"T": "error", "code": 407, "msg": "slow client"}]
            assert told < 2 * _MANY

    played(scene, events=events, parts=(hurried,))


def test_410_options_have_no_bars_here() -> None:
    async def scene(world: World) -> None:
        async with raw(world, OPRA) as client:
            await client.enter()
            await client.say(action="subscribe", bars=["SPY"], quotes=["A"])
            await client.refused(410, "invalid subscribe action for this feed")
            await client.say(action="subscribe", trades=["A"])
            assert (await client.hear())[0]["quotes"] == []

    played(scene)


def test_412_options_are_spoken_in_msgpack_only() -> None:
    async def scene(world: World) -> None:
        async with raw(world, INDICATIVE, binary=False) as client:
            await client.refused(412, "option messages are only available in MsgPack format")
            assert await client.hear() == []

    played(scene)


def test_413_nobody_gets_the_quotes_of_all_options() -> None:
    async def scene(world: World) -> None:
        async with raw(world, OPRA) as client:
            await client.enter()
            await client.say(action="subscribe", quotes=["*"])
            await client.refused(413, "star symbol is not allowed for option quotes")

    played(scene)


def test_a_reconnect_finds_its_place_free_though_the_first_socket_was_torn() -> None:
    async def scene(world: World) -> None:
        for _ in range(3):
            async with raw(world, OPRA) as client:
                await client.enter()
                client.socket._conn.transport.abort()  # type: ignore[union-attr]
            await asyncio.sleep(0.01)

    played(scene)
