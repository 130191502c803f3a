"""Each known defect of alpaca-py 0.44.0 that concerns requests and trade updates: that it is there, and that it does
no harm here. Those of the data streams are tested with the feed."""

from __future__ import annotations

import asyncio
import importlib.metadata
import json
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from alpaca.common.exceptions import APIError
from alpaca.trading.client import TradingClient
from alpaca.trading.models import TradeUpdate
from alpaca.trading.stream import TradingStream
from answering_server import answering

sys.path.insert(0, str(Path(__file__).parents[1] / "venue"))
from venue_hall import hall

from engine.alpaca.failures import AlpacaError
from engine.alpaca.keys import Keys
from engine.alpaca.parse_orders import read_order, read_orders
from engine.alpaca.rest import Rest
from engine.alpaca.trade_stream import TradeStream, _Listening
from engine.config.alpaca import AlpacaTable

KEYS = Keys("PKFAKEFAKEFAKE1", "notarealsecretatall1")
QUICK = AlpacaTable(connect_seconds=0.3, read_seconds=0.3)
ORDER = {"id": "b1", "client_order_id": "own", "symbol": "SPXW260115C05910000", "qty": "1", "side": "buy"}


def failure(answer: Any) -> tuple[AlpacaError, int]:
    """What a request for the account comes to, and how often it left."""
    with answering({"GET /v2/account": answer}) as told:
        rest = Rest(KEYS, told.url, QUICK)
        with pytest.raises(AlpacaError) as raised:
            rest.account()
        rest.close()
        return raised.value, len(told.asked)


def sdk(url: str) -> TradingClient:
    return TradingClient(KEYS.key_id, KEYS.secret, raw_data=True, url_override=url)


def soon(done: Callable[[], object]) -> None:
    end = time.monotonic() + 60
    while not done():
        assert time.monotonic() < end
        time.sleep(0.01)


class Ears:
    """Who hears trade updates, and whether they come."""

    def __init__(self, refuses: bool = False) -> None:
        self.heard: list[dict[str, Any]] = []
        self.said: list[tuple[bool, str]] = []
        self._refuses = refuses

    def hear(self, data: dict[str, Any]) -> None:
        self.heard.append(data)
        if self._refuses:
            raise ValueError("a reader that breaks")

    def connected(self, up: bool, why: str) -> None:
        self.said.append((up, why))


def listening(said: list[tuple[bool, str]]) -> _Listening:
    return _Listening(KEYS, "ws://127.0.0.1:1/stream", lambda up, why: said.append((up, why)))


def test_the_sdk_is_the_one_whose_defects_these_are() -> None:
    assert importlib.metadata.version("alpaca-py") == "0.44.0"


# issue 740, PR 744: a mute socket


def test_a_mute_trade_update_stream_has_no_time_limit_in_the_sdk_and_is_told_by_the_account_here() -> None:
    stream = TradingStream(KEYS.key_id, KEYS.secret, url_override="ws://127.0.0.1:1/stream")
    assert not hasattr(stream, "_data_timeout")
    assert hasattr(TradeStream, "again"), "what test_alpaca_mute_updates.py shows to be used within two looks"


def test_a_trade_update_stream_that_cannot_connect_backs_off_and_forgets_earlier_outages() -> None:
    stream = listening([])
    delays = [stream._reconnect_delay(n) for n in range(1, 30)]
    assert 0.25 <= delays[0] <= 0.5
    assert all(3 <= delay <= 6 for delay in delays[5:])
    asyncio.run(stream._dispatch({"stream": "listening", "data": {"streams": ["trade_updates"]}}))
    assert stream._reconnect_delay(30) <= 0.5, "updates came meanwhile"


# 248: refusals retried for ever, the caller never told


def test_refused_keys_are_told_and_not_only_logged() -> None:
    with hall() as where:
        ears = Ears()
        stream = TradeStream(KEYS, where.url, ears.hear, ears.connected)
        try:
            soon(lambda: (False, "the keys are not taken") in ears.said)
        finally:
            stream.close()


# 618: run() fails inside a running loop


def test_a_stream_begins_and_ends_inside_a_running_loop() -> None:
    async def inside(url: str, keys: Keys) -> Ears:
        ears = Ears()
        stream = TradeStream(keys, url, ears.hear, ears.connected)
        for _ in range(1000):
            if ears.said:
                break
            await asyncio.sleep(0.01)
        stream.close()
        return ears

    with hall() as where:
        assert asyncio.run(inside(where.url, where.access.keys["one"])).said == [(True, "")]


# 624: a handler's exception, an unknown status, an unknown enum


def test_a_handler_that_raises_does_not_end_the_stream_or_lose_what_comes_next() -> None:
    ears = Ears(refuses=True)
    stream = object.__new__(TradeStream)
    stream._heard = ears.hear
    for number in range(2):
        asyncio.run(stream._hear({"stream": "trade_updates", "data": {"event": "new", "n": number}}))
    assert [each["n"] for each in ears.heard] == [0, 1]


def test_an_unknown_order_status_loses_the_event_in_the_sdk_and_is_read_here() -> None:
    with pytest.raises(ValueError, match="status"):
        TradeUpdate(event="fill", execution_id=None, order={**ORDER, "status": "under_review"}, timestamp="2026-01-15")
    told: list[str] = []
    order = read_order({**ORDER, "status": "under_review", "filled_qty": "1", "filled_avg_price": "1.2"}, told)
    assert order is not None
    assert (order.status, order.word) == ("filled", "under_review")
    assert "under_review" in told[0]


def test_an_unknown_enum_does_not_break_the_list_it_stands_in() -> None:
    odd = {**ORDER, "id": "b2", "status": "new", "order_class": "octopus", "type": "wish", "time_in_force": "fortnight"}
    found = read_orders([{**ORDER, "status": "new"}, odd, {"id": None}], [])
    assert [each.order_id for each in found] == ["b1", "b2"]


def test_a_message_that_is_none_is_passed_over() -> None:
    said: list[tuple[bool, str]] = []
    for message in ([], "text", {"stream": "listening", "data": None}, {"data": 1}):
        asyncio.run(listening(said)._dispatch(message))
    assert said == [(False, "this account is not sent any")]


# run() without a subscription, stop() before run()


def test_stop_before_run_is_an_error_in_the_sdk_and_closing_at_once_is_none_here() -> None:
    with pytest.raises(AttributeError):
        TradingStream(KEYS.key_id, KEYS.secret).stop()
    with hall() as where:
        ears = Ears()
        stream = TradeStream(where.access.keys["one"], where.url, ears.hear, ears.connected)
        stream.close()
        assert not stream._thread.is_alive()


def test_a_stream_is_subscribed_before_it_runs_so_it_never_spins() -> None:
    with hall() as where:
        ears = Ears()
        stream = TradeStream(where.access.keys["one"], where.url, ears.hear, ears.connected)
        try:
            assert stream._stream._trade_updates_handler is not None
        finally:
            stream.close()


# 415: no time limit, POST retried


@pytest.mark.parametrize("status", [429, 504])
def test_a_post_is_retried_by_the_sdk_and_leaves_once_here(status: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(time, "sleep", lambda _: None)
    body = {"symbol": "SPY", "qty": "1", "side": "buy", "type": "market", "time_in_force": "day"}
    for make, times in ((sdk, 4), (lambda url: Rest(KEYS, url, QUICK)._client(), 1)):
        with answering({"POST /v2/orders": (status, "<html>")}) as told:
            with pytest.raises(APIError):
                make(told.url).post("/orders", body)
            assert len(told.asked) == times


def test_a_request_has_no_time_limit_in_the_sdk_and_ends_here() -> None:
    assert not isinstance(sdk("http://127.0.0.1:1")._session.request, partial)
    limited = Rest(KEYS, "http://127.0.0.1:1", QUICK)._client()._session.request
    assert isinstance(limited, partial)
    assert limited.keywords["timeout"] == (0.3, 0.3)


# APIError.code


@pytest.mark.parametrize("answer", [(500, "<html><h1>502 Bad Gateway</h1>"), (401, ""), (403, "forbidden")])
def test_the_code_of_an_error_raises_in_the_sdk_and_is_0_here(answer: tuple[int, str]) -> None:
    with answering({"GET /v2/account": answer}) as told, pytest.raises(APIError) as raised:
        sdk(told.url).get("/account")
    with pytest.raises((json.JSONDecodeError, KeyError, TypeError, ValueError)):
        _ = raised.value.code
    found, asked = failure(answer)
    assert (found.code, asked) == (0, 1)
    assert str(found)


# 743: websockets.legacy


def test_the_legacy_websockets_that_the_sdk_needs_are_there() -> None:
    import websockets.legacy.client

    assert websockets.legacy.client.connect is not None


# pings, queues, gaps


def test_a_dead_peer_is_found_in_190_seconds_by_the_sdk_and_in_9_here() -> None:
    plain = TradingStream(KEYS.key_id, KEYS.secret)._websocket_params
    ours = listening([])._websocket_params
    assert plain["ping_interval"] + plain["ping_timeout"] == 190
    assert ours["ping_interval"] + ours["ping_timeout"] <= 9


def test_after_every_connection_somebody_is_told_to_look_at_the_account() -> None:
    """Nothing is repeated by Alpaca: each time updates come (again), the broker sweeps."""
    with hall() as where:
        ears = Ears()
        stream = TradeStream(where.access.keys["one"], where.url, ears.hear, ears.connected)
        try:
            soon(lambda: ears.said == [(True, "")])
            stream.again("to see")
            soon(lambda: ears.said == [(True, ""), (False, "to see"), (True, "")])
        finally:
            stream.close()


# floats


def test_a_computed_price_leaves_with_all_its_digits_in_the_sdk_and_as_cents_here() -> None:
    from engine.broker.alpaca.render import _dollars

    assert json.dumps(0.1 + 0.2) == "0.30000000000000004"
    assert [json.dumps(_dollars(each)) for each in (3000, -11500, 500)] == ["0.3", "-1.15", "0.05"]


def test_what_a_package_is_told_of_at_the_top_is_kept() -> None:
    """The typed update of the SDK drops ``legs`` and ``position_qtys``; raw ones keep both."""
    fields = TradeUpdate.model_fields
    assert "legs" not in fields
    assert "position_qtys" not in fields
    ears = Ears()
    stream = object.__new__(TradeStream)
    stream._heard = ears.hear
    data = {"event": "fill", "legs": [{"execution_id": "e1"}], "position_qtys": {"SPXW260115C05910000": "-1"}}
    asyncio.run(stream._hear({"stream": "trade_updates", "data": data}))
    assert ears.heard == [data]
