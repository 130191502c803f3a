"""Each fault of the local exchange, as the real SDK meets it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
import requests
from alpaca.common.exceptions import APIError
from alpaca.data.live import OptionDataStream
from alpaca.data.requests import OptionLatestQuoteRequest
from alpaca.trading.client import TradingClient
from alpaca.trading.enums import OrderSide, TimeInForce
from alpaca.trading.requests import LimitOrderRequest
from alpaca.trading.stream import TradingStream
from venue_data_world import CALL, KEYS, OTHER, World, at, played, running, until

from engine.alpaca.keys import Keys
from engine.venue.data import add_data_routes
from engine.venue.faults import FAULTS, UNKNOWN_STATUS, BadSwitch, Faults
from engine.venue.faults_control import is_local
from engine.venue.trading import trading_routes

WHOLE = (trading_routes(), add_data_routes)


def trading(world: World, keys: Keys = KEYS) -> TradingClient:
    """The SDK's client: one try, no waits."""
    client = TradingClient(keys.key_id, keys.secret, url_override=world.http, raw_data=True)
    client._retry = 0
    return client


def order(own: str, limit: float = 1.50) -> LimitOrderRequest:
    return LimitOrderRequest(
        symbol=CALL.symbol,
        qty=1,
        side=OrderSide.BUY,
        time_in_force=TimeInForce.DAY,
        limit_price=limit,
        client_order_id=own,
    )


async def switch(world: World, name: str, **how: Any) -> None:
    """As a person does it: by the control endpoint, without keys."""
    status, _ = await world.ask("POST", "/control/faults", {"fault": name, **how})
    assert status == 200


@asynccontextmanager
async def listening(world: World, keys: Keys = KEYS) -> AsyncIterator[list[Any]]:
    """What the SDK's trade stream tells its handler, and as its ``stream`` the stream itself."""
    heard: Any = _Heard()
    stream = TradingStream(keys.key_id, keys.secret, raw_data=True, url_override=world.ws + "/stream")
    stream.subscribe_trade_updates(heard.take)
    heard.stream = stream
    task = asyncio.create_task(stream._run_forever())
    await until(lambda: stream._running)
    try:
        yield heard
    finally:
        await stream.stop_ws()
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        if stream._ws is not None:
            await stream._ws.close()


class _Heard(list[Any]):
    async def take(self, message: Any) -> None:
        self.append(message["data"])

    async def events(self, *wanted: str) -> list[str]:
        """Wait for these events."""
        async with asyncio.timeout(5):
            while [each["event"] for each in self][-len(wanted) :] != list(wanted):
                await asyncio.sleep(0.002)
        return [each["event"] for each in self]


def whole(scene: Any, start: str = "09:31") -> None:
    played(scene, start=start, parts=WHOLE)


def test_504_comes_after_the_order_was_taken() -> None:
    async def scene(world: World) -> None:
        await switch(world, "http_504")
        client = trading(world)
        with pytest.raises(APIError) as failed:
            await asyncio.to_thread(client.submit_order, order("one"))
        assert failed.value.status_code == 504
        assert "<html>" in str(failed.value)
        found = await asyncio.to_thread(client.get_order_by_client_id, "one")
        assert found["client_order_id"] == "one"

    whole(scene)


def test_the_sdks_own_retry_of_a_504_sends_the_order_again() -> None:
    async def scene(world: World) -> None:
        await switch(world, "http_504")
        client = trading(world)
        client._retry, client._retry_wait = 3, 0
        with pytest.raises(APIError) as failed:
            await asyncio.to_thread(client.submit_order, order("one"))
        assert (failed.value.status_code, failed.value.code) == (422, 40010001)

    whole(scene)


def test_a_refused_order_is_told_as_refused_and_leaves_the_fault_for_the_next() -> None:
    async def scene(world: World) -> None:
        await switch(world, "http_504")
        client = trading(world)
        await asyncio.to_thread(_ignore, client, order("one", limit=1.234))
        assert world.faults.happened["http_504"] == 0
        with pytest.raises(APIError):
            await asyncio.to_thread(client.submit_order, order("two"))
        assert world.faults.happened["http_504"] == 1

    def _ignore(client: TradingClient, bad: LimitOrderRequest) -> None:
        with pytest.raises(APIError) as failed:
            client.submit_order(bad)
        assert failed.value.status_code == 422

    whole(scene)


def test_a_dropped_ack_ends_the_connection_and_the_order_is_there() -> None:
    async def scene(world: World) -> None:
        await switch(world, "dropped_ack")
        client = trading(world)
        with pytest.raises(requests.ConnectionError):
            await asyncio.to_thread(client.submit_order, order("one"))
        found = await asyncio.to_thread(client.get_order_by_client_id, "one")
        assert found["client_order_id"] == "one"

    whole(scene)


def test_429_takes_nothing_and_the_next_request_is_let_in() -> None:
    async def scene(world: World) -> None:
        await switch(world, "http_429", part="trading")
        client = trading(world)
        latest = OptionLatestQuoteRequest(symbol_or_symbols=CALL.symbol)
        assert CALL.symbol in await asyncio.to_thread(world.options().get_option_latest_quote, latest)
        with pytest.raises(APIError) as failed:
            await asyncio.to_thread(client.submit_order, order("one"))
        assert failed.value.status_code == 429
        assert await asyncio.to_thread(client.get_orders) == []
        await switch(world, "http_429", part="/v1beta1/options")
        assert await asyncio.to_thread(client.get_orders) == []
        assert (await world.get(f"/v1beta1/options/quotes/latest?symbols={CALL.symbol}"))[0] == 429

    whole(scene)


def test_an_order_of_an_unknown_status() -> None:
    async def scene(world: World) -> None:
        client = trading(world)
        await asyncio.to_thread(client.submit_order, order("one"))
        await switch(world, "unknown_enum")
        (found,) = await asyncio.to_thread(client.get, "/orders", {"status": "all"})
        assert found["status"] == UNKNOWN_STATUS
        (again,) = await asyncio.to_thread(client.get, "/orders", {"status": "all"})
        assert again["status"] == "filled"

    whole(scene)


def test_the_clock_is_told_wrong_as_long_as_it_is_switched_on() -> None:
    async def scene(world: World) -> None:
        client = TradingClient(KEYS.key_id, KEYS.secret, url_override=world.http)
        for skew in (0.0, 7.5, -2.0):
            if skew:
                await switch(world, "clock_skew", value=skew, times=None)
            for _ in range(2):
                told = (await asyncio.to_thread(client.get_clock)).timestamp.timestamp()
                assert told == pytest.approx(at("09:31") / 1e9 + skew)

    whole(scene)


def test_a_mute_trade_stream_stays_open_and_tells_no_fill() -> None:
    async def scene(world: World) -> None:
        async with listening(world) as heard:
            await switch(world, "mute_updates")
            await asyncio.to_thread(trading(world).submit_order, order("one"))
            await until(lambda: world.faults.happened["mute_updates"] == 1)
            pong = await heard.stream._ws.ping()
            await asyncio.wait_for(pong, 60)
            assert heard == []

    whole(scene)


def test_a_stream_cut_at_a_fill_does_not_tell_it_and_the_order_is_filled() -> None:
    async def scene(world: World) -> None:
        async with listening(world) as heard:
            first = heard.stream._ws
            await switch(world, "drop_mid_fill")
            client = trading(world)
            await asyncio.to_thread(client.submit_order, order("one"))
            await until(lambda: world.faults.happened["drop_mid_fill"] == 1)
            await until(lambda: first.closed)
            assert "fill" not in [each["event"] for each in heard]
            assert (await asyncio.to_thread(client.get_order_by_client_id, "one"))["status"] == "filled"

    whole(scene)


def test_a_late_update_comes_after_its_delay() -> None:
    async def scene(world: World) -> None:
        loop = asyncio.get_running_loop()
        async with listening(world) as heard:
            await switch(world, "delayed_updates", value=0.2)
            began = loop.time()
            await asyncio.to_thread(trading(world).submit_order, order("one"))
            assert (await heard.events("fill"))[-1] == "fill"
            assert loop.time() - began >= 0.2

    whole(scene)


def test_an_update_of_an_unknown_event() -> None:
    async def scene(world: World) -> None:
        async with listening(world) as heard:
            await switch(world, "unknown_enum", part="/stream")
            await asyncio.to_thread(trading(world).submit_order, order("one"))
            await heard.events("fill")
            assert heard[0]["event"] == heard[0]["order"]["status"] == UNKNOWN_STATUS

    whole(scene)


def test_a_trade_is_taken_back_after_it_was_told() -> None:
    async def scene(world: World) -> None:
        async with listening(world) as heard:
            await switch(world, "busted_trade")
            client = trading(world)
            await asyncio.to_thread(client.submit_order, order("one"))
            await heard.events("fill")
            world.venue.clock.set(world.venue.clock.now() + 1_000_000_000)
            await heard.events("fill", "trade_bust")
            assert heard[-1]["execution_id"] == heard[-2]["execution_id"]
            assert await asyncio.to_thread(client.get_all_positions) == []

    whole(scene)


def test_a_mute_data_stream_answers_pings_until_it_is_made_anew() -> None:
    async def scene(world: World) -> None:
        first: list[Any] = []
        async with running(_quotes(world, first)) as stream:
            await switch(world, "mute_data")
            await world.play("09:31:30")
            await until(lambda: world.faults.happened["mute_data"] == 1)
            await asyncio.wait_for(await stream._ws.ping(), 60)
            await world.play("09:40")
            assert first == []
        again: list[Any] = []
        async with running(_quotes(world, again)):
            await world.play("10:00")
            await until(lambda: len(again) == 1)

    whole(scene)


def _quotes(world: World, heard: list[Any]) -> OptionDataStream:
    async def take(message: Any) -> None:
        heard.append(message)

    stream = OptionDataStream(KEYS.key_id, KEYS.secret, raw_data=True, url_override=f"{world.ws}/v1beta1/opra")
    stream.subscribe_quotes(take, CALL.symbol)
    return stream


@pytest.mark.parametrize("name", ["drop_data", "slow_client"])
def test_a_data_stream_ends_and_the_sdk_comes_back_by_itself(
    name: str, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The product's own streams silence the SDK's log, for the whole process in which one was ever imported.
    monkeypatch.setattr(logging.getLogger("alpaca.data.live.websocket"), "filters", [])

    async def scene(world: World) -> None:
        heard: list[Any] = []
        stream = _quotes(world, heard)
        stream._reconnect_min_backoff = stream._reconnect_max_backoff = 0.01
        async with running(stream):
            first = stream._ws
            await switch(world, name)
            await world.play("09:31:30")
            await until(lambda: first.closed and stream._running and stream._ws not in (None, first))
            assert heard == []
            await world.play("10:00")
            await until(lambda: len(heard) == 1)
        assert ("slow client (407)" in caplog.text) == (name == "slow_client")

    whole(scene)


def test_a_subscription_that_is_not_confirmed_works() -> None:
    async def scene(world: World) -> None:
        heard: list[Any] = []
        acks: list[Any] = []
        stream = _quotes(world, heard)
        listened = stream._dispatch

        async def dispatch(message: Any) -> None:
            acks.extend([message] if message["T"] == "subscription" else [])
            await listened(message)

        stream._dispatch = dispatch
        await switch(world, "dropped_subscription")
        async with running(stream):
            await until(lambda: world.faults.happened["dropped_subscription"] == 1)
            await world.play("09:31:30")
            await until(lambda: len(heard) == 1)
            assert acks == []

    whole(scene)


def test_a_plan_without_opra_is_refused_with_409_and_403() -> None:
    async def scene(world: World) -> None:
        await switch(world, "no_subscription", times=None)
        with pytest.raises(ValueError, match="insufficient subscription"):
            await _quotes(world, [])._start_ws()
        client = world.options()
        latest = OptionLatestQuoteRequest(symbol_or_symbols=CALL.symbol, feed="opra")
        with pytest.raises(APIError, match="OPRA agreement"):
            await asyncio.to_thread(client.get_option_latest_quote, latest)
        usual = OptionLatestQuoteRequest(symbol_or_symbols=CALL.symbol)
        assert CALL.symbol in await asyncio.to_thread(client.get_option_latest_quote, usual)
        assert (await world.get("/v2/stocks/SPY/trades/latest?feed=sip"))[0] == 403
        assert (await world.get("/v2/stocks/SPY/trades/latest"))[0] == 200

    whole(scene)


def test_a_fault_of_one_account_leaves_the_others_alone() -> None:
    async def scene(world: World) -> None:
        await switch(world, "http_429", account="other", times=None)
        assert (await world.get("/v2/account", KEYS))[0] == 200
        assert (await world.get("/v2/account", OTHER))[0] == 429

    whole(scene)


def test_the_clock_is_moved_and_the_market_has_come_there_when_it_answers() -> None:
    async def scene(world: World) -> None:
        status, told = await world.ask("POST", "/control/clock", {"now": "2026-01-15T15:00:00Z"})
        assert (status, told["played"], told["speed"]) == (200, "2026-01-15T15:00:00Z", 0)
        assert (await world.get("/v2/stocks/SPY/trades/latest"))[1]["trade"]["p"] == 602.0
        status, told = await world.ask("POST", "/control/clock", {"now": "2026-01-15T14:59:59Z"})
        assert (status, "does not go back" in told["message"]) == (422, True)
        status, told = await world.ask("POST", "/control/clock", {"speed": 60})
        assert (status, told["speed"]) == (200, 60)
        await until(lambda: world.venue.now > at("10:00"))

    whole(scene)


@pytest.mark.parametrize(
    ("path", "body", "told"),
    [
        ("faults", {"fault": "earthquake"}, "there is no fault 'earthquake'; there are busted_trade, "),
        ("faults", {"fault": "http_429", "times": -1}, "http_429: times is -1"),
        ("faults", {"fault": "http_429", "chance": 0}, "http_429: chance is 0"),
        ("faults", {"fault": "http_429", "value": 3}, "http_429 has no value"),
        ("faults", {"fault": "http_429", "colour": 3}, "a fault has no 'colour'"),
        ("faults", {"fault": "delayed_updates", "value": -1}, "delayed_updates: value is -1"),
        ("faults", {"fault": ["http_429"]}, "there is no fault"),
        ("faults", {"seed": "x"}, "give seed as a whole number"),
        ("faults", {}, 'give {"fault": name}'),
        ("faults", [1], "the body is not a JSON object"),
        ("clock", {"now": "noon"}, "invalid now: 'noon'"),
        ("clock", {"speed": -1}, "speed is -1; give a number from 0"),
        ("clock", {}, 'give "now", an instant'),
    ],
)
def test_a_switch_that_makes_no_sense_is_refused_and_changes_nothing(path: str, body: Any, told: str) -> None:
    async def scene(world: World) -> None:
        status, answer = await world.ask("POST", f"/control/{path}", body)
        assert status == 422
        assert answer["message"].startswith(told)
        assert world.faults.on == {}

    whole(scene)


def test_the_table_is_shown_and_cleared() -> None:
    async def scene(world: World) -> None:
        await switch(world, "mute_data", times=3, chance=0.5)
        _, told = await world.ask("GET", "/control/faults")
        assert told["faults"].keys() == FAULTS.keys()
        assert told["faults"]["mute_data"]["on"]["times"] == 3
        await world.ask("DELETE", "/control/faults?fault=mute_data")
        assert world.faults.on == {}
        await world.ask("POST", "/control/faults", {"seed": 3, "share": 2})
        assert world.faults.on["http_504"].chance == 2 * FAULTS["http_504"].usual
        assert "no_subscription" not in world.faults.on
        await world.ask("DELETE", "/control/faults")
        assert world.faults.on == {}

    whole(scene)


def test_control_answers_this_machine_and_no_web_page() -> None:
    async def scene(world: World) -> None:
        body = {"fault": "http_429"}
        for headers in ({"Origin": "http://127.0.0.1"}, {"Host": "rebound.example"}):
            status, _ = await world.ask("POST", "/control/faults", body, headers)
            assert status == 403
        status, _ = await world.ask("POST", "/control/faults", body, {"Content-Type": "text/plain"})
        assert status == 415
        assert world.faults.on == {}

    whole(scene)


@pytest.mark.parametrize(
    ("remote", "host", "local"),
    [
        ("127.0.0.1", "127.0.0.1:8787", True),
        ("::1", "[::1]:8787", True),
        ("::1", "[::1]", True),
        ("127.8.8.8", "localhost", True),
        ("192.168.1.5", "127.0.0.1:8787", False),
        ("10.0.0.1", "localhost", False),
        (None, "localhost", False),
        ("127.0.0.1", "evil.example:8787", False),
    ],
)
def test_who_is_local(remote: str | None, host: str, local: bool) -> None:
    assert is_local(remote, host, None) is local
    assert not is_local(remote, host, "http://evil.example")


def test_the_same_seed_makes_the_same_faults_whatever_else_is_asked() -> None:
    one, two = Faults(7, usual=True), Faults(7, usual=True)
    asked = [bool(one.take("http_504")) for _ in range(500)]
    mixed = [(two.take("http_429"), bool(two.take("http_504")))[1] for _ in range(500)]
    assert asked == mixed
    assert 0 < sum(asked) < 50
    assert asked != [bool(Faults(8, usual=True).take("http_504")) for _ in range(500)]


def test_a_fault_happens_as_often_as_it_was_switched_on_for() -> None:
    faults = Faults()
    faults.switch("http_429", times=2)
    assert [faults.take("http_429") is not None for _ in range(4)] == [True, True, False, False]
    assert faults.happened["http_429"] == 2
    with pytest.raises(BadSwitch, match="there is no fault"):
        faults.clear("earthquake")
