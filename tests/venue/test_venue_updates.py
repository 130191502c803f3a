"""trade_updates, raw and by the SDK's stream: what happens to orders, as JSON in binary frames."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from decimal import Decimal
from typing import Any

import pytest
from aiohttp import ClientSession, ClientWebSocketResponse, WSMsgType
from venue_hall import Hall, hall, legs, mleg, single

from engine.venue.faults import UNKNOWN_STATUS, faults_of

Update = dict[str, Any]


@pytest.fixture
def venue() -> Iterator[Hall]:
    with hall() as found:
        yield found


async def hear(socket: ClientWebSocketResponse) -> Update:
    message = await socket.receive(timeout=60)
    assert message.type == WSMsgType.BINARY, message
    return json.loads(message.data)


async def listening(venue: Hall, session: ClientSession, account: str = "one") -> ClientWebSocketResponse:
    keys = venue.access.keys[account]
    socket = await session.ws_connect(f"{venue.url}/stream")
    await socket.send_json({"action": "auth", "key": keys.key_id, "secret": keys.secret})
    told = await hear(socket)
    assert told == {"stream": "authorization", "data": {"status": "authorized", "action": "authenticate"}}
    await socket.send_json({"action": "listen", "data": {"streams": ["trade_updates"]}})
    assert await hear(socket) == {"stream": "listening", "data": {"streams": ["trade_updates"]}}
    return socket


def heard(venue: Hall, act: Callable[[], Any], count: int) -> list[Update]:
    """The next so many trade updates once ``act`` was done."""

    async def run() -> list[Update]:
        async with ClientSession() as session:
            socket = await listening(venue, session)
            await asyncio.to_thread(act)
            return [(await hear(socket))["data"] for _ in range(count)]

    return asyncio.run(run())


def test_the_sdks_form_of_authentication_is_taken_and_wrong_keys_are_not(venue: Hall) -> None:
    async def run() -> None:
        keys = venue.access.keys["one"]
        async with ClientSession() as session:
            socket = await session.ws_connect(f"{venue.url}/stream")
            await socket.send_json({"action": "listen", "data": {"streams": ["trade_updates"]}})
            assert (await hear(socket))["data"]["status"] == "unauthorized"
            wrong = {"key_id": keys.key_id, "secret_key": "local-wrong"}
            await socket.send_json({"action": "authenticate", "data": wrong})
            assert (await hear(socket))["data"]["status"] == "unauthorized"
            right = {"key_id": keys.key_id, "secret_key": keys.secret}
            await socket.send_bytes(json.dumps({"action": "authenticate", "data": right}).encode())
            assert (await hear(socket))["data"]["status"] == "authorized"
            await socket.send_str("no json")
            assert (await hear(socket))["stream"] == "error"

    asyncio.run(run())


def test_a_packages_fill_has_its_legs_and_what_is_held_then(venue: Hall) -> None:
    four = venue.condor()
    found = heard(venue, lambda: venue.ask("POST", "/v2/orders", mleg(legs(four), client_order_id="ic")), 3)
    assert [each["event"] for each in found] == ["pending_new", "new", "fill"]
    fill = found[-1]
    order = fill["order"]
    assert (order["symbol"], order["asset_class"], order["side"], order["position_intent"]) == ("", "", "", "")
    assert order["asset_id"] == "00000000-0000-0000-0000-000000000000"
    assert (order["client_order_id"], order["status"], order["filled_qty"]) == ("ic", "filled", "1")
    assert fill["position_qtys"] == {
        contract.symbol: qty for contract, qty in zip(four, ["1", "-1", "-1", "1"], strict=True)
    }
    assert "position_qty" not in fill
    net = sum(Decimal(leg["price"]) * (1 if leg["side"] == "buy" else -1) for leg in fill["legs"])
    assert Decimal(fill["price"]) == Decimal(order["filled_avg_price"]) == net < 0
    assert len({fill["execution_id"], *(leg["execution_id"] for leg in fill["legs"])}) == 5
    assert [leg["order_id"] for leg in fill["legs"]] == [leg["id"] for leg in order["legs"]]


def test_a_single_legs_fill_has_its_position(venue: Hall) -> None:
    symbol = venue.condor()[0].symbol
    fill = heard(venue, lambda: venue.ask("POST", "/v2/orders", single(symbol, "buy", qty=2)), 3)[-1]
    assert (fill["event"], fill["qty"], fill["position_qty"]) == ("fill", "2", "2")
    assert (fill["order"]["symbol"], fill["order"]["filled_avg_price"]) == (symbol, fill["price"])


def test_more_than_is_quoted_fills_in_parts(venue: Hall) -> None:
    four = venue.condor()
    _, ask_size = venue.run(lambda: venue.venue.market.sizes(four[0]))
    assert ask_size
    body = single(four[0].symbol, "buy", qty=ask_size + 1)
    found = heard(venue, lambda: venue.ask("POST", "/v2/orders", body), 3)
    assert [each["event"] for each in found] == ["pending_new", "new", "partial_fill"]
    order = found[-1]["order"]
    assert (order["status"], order["filled_qty"], order["qty"]) == (
        "partially_filled",
        str(ask_size),
        str(ask_size + 1),
    )


def test_a_cancel_comes_as_an_update(venue: Hall) -> None:
    def act() -> None:
        _, sent = venue.ask("POST", "/v2/orders", mleg(legs(venue.condor()), -19))
        venue.ask("DELETE", f"/v2/orders/{sent['id']}")

    found = heard(venue, act, 3)
    assert [each["event"] for each in found] == ["pending_new", "new", "canceled"]
    assert found[-1]["order"]["canceled_at"] == found[-1]["timestamp"]


def test_a_replacement_tells_the_old_order_and_the_new(venue: Hall) -> None:
    symbol = venue.contract("P", venue.spot() - 40).symbol

    def act() -> None:
        _, sent = venue.ask("POST", "/v2/orders", single(symbol, "buy", "0.05"))
        venue.ask("PATCH", f"/v2/orders/{sent['id']}", {"limit_price": "0.10", "qty": "2"})

    found = heard(venue, act, 6)
    assert [each["event"] for each in found] == [
        "pending_new", "new", "pending_replace", "replaced", "pending_new", "new",
    ]  # fmt: skip
    old, new = found[3]["order"], found[5]["order"]
    assert (old["replaced_by"], new["replaces"]) == (new["id"], old["id"])
    assert (new["qty"], new["limit_price"]) == ("2", "0.1")


def test_a_replacement_that_comes_too_late_is_rejected() -> None:
    with hall("fills.latency_ms=500") as venue:
        symbol = venue.contract("P", venue.spot() - 25).symbol

        def act() -> None:
            _, sent = venue.ask("POST", "/v2/orders", single(symbol, "buy", "0.05"))
            venue.at(10, 0, 1)
            _, new = venue.ask("PATCH", f"/v2/orders/{sent['id']}", {"limit_price": "0.10"})
            key = venue.run(lambda: desk_of(venue).orders[sent["id"]].key)
            exchange = venue.venue.brokers["one"].exchange
            order = next(each for each in exchange.resting if each.client_order_id == key)
            order.limit = 1_000_000  # the market comes to it while the cancellation is on its way
            venue.run(lambda: venue.venue.at(venue.clock.now() + 200_000_000, lambda: None))
            venue.run(lambda: (venue.clock.set(venue.clock.now() + 200_000_000), venue.venue.advance()))
            assert venue.ask("GET", f"/v2/orders/{new['id']}")[1]["status"] == "rejected"

        found = heard(venue, act, 6)
        assert [each["event"] for each in found] == [
            "pending_new", "new", "pending_replace", "fill", "order_replace_rejected", "rejected",
        ]  # fmt: skip


def desk_of(venue: Hall) -> Any:
    return next(each.__self__ for each in venue.venue.reported if getattr(each, "__name__", "") == "_heard")


def bust_at_once(venue: Hall, exec_id: str) -> None:
    broker = venue.venue.brokers["one"]
    venue.run(lambda: venue.venue.at(venue.clock.now(), lambda: broker.bust(exec_id)))


def test_what_is_left_at_the_close_expires(venue: Hall) -> None:
    def act() -> None:
        venue.ask("POST", "/v2/orders", mleg(legs(venue.condor()), -19))
        venue.at(16, 0, 1)

    assert [each["event"] for each in heard(venue, act, 3)][-1] == "expired"


def test_the_brokers_liquidation_comes_leg_by_leg_as_market_orders_of_its_own() -> None:
    with hall("cutoffs.liquidation=shorts") as venue:
        four = venue.condor(offset=10, wing=30)

        def act() -> None:
            venue.ask("POST", "/v2/orders", mleg(legs(four)))
            venue.at(15, 31)

        found = heard(venue, act, 5)
        assert [each["event"] for each in found[3:]] == ["fill", "fill"]
        assert {each["order"]["symbol"] for each in found[3:]} == {four[1].symbol, four[2].symbol}
        assert all(each["order"]["type"] == "market" and each["position_qty"] == "0" for each in found[3:])


def test_a_bust_takes_the_fill_and_its_money_back(venue: Hall) -> None:
    four = venue.condor()

    def act() -> None:
        venue.ask("POST", "/v2/orders", mleg(legs(four), client_order_id="gone"))
        bust_at_once(venue, "gone.1.1")
        venue.at(10, 0, 1)

    bust = heard(venue, act, 4)[-1]
    assert bust["event"] == "trade_bust"
    assert set(bust["position_qtys"].values()) == {"0"}
    assert bust["order"]["filled_qty"] == "0"
    account = venue.client().get_account()
    assert (account.cash, account.maintenance_margin) == ("100000", "0")
    assert venue.client().get_all_positions() == []


def test_a_bust_that_leaves_a_call_without_its_cover_holds_all_cash(venue: Hall) -> None:
    four = venue.condor()
    venue.ask("POST", "/v2/orders", single(four[3].symbol, "buy", client_order_id="wing"))
    more = venue.contract("C", venue.spot() + 60)
    spread = [
        {"symbol": four[2].symbol, "ratio_qty": "1", "side": "sell", "position_intent": "sell_to_open"},
        {"symbol": more.symbol, "ratio_qty": "1", "side": "buy", "position_intent": "buy_to_open"},
    ]
    venue.ask("POST", "/v2/orders", mleg(spread))
    assert venue.ask("POST", "/v2/orders", single(more.symbol, "sell"))[0] == 200  # the wing covers by itself
    bust_at_once(venue, "wing.1.1")
    venue.at(10, 0, 1)
    account = venue.client().get_account()
    assert account.options_buying_power == "0"
    assert account.maintenance_margin == account.cash
    assert [each.symbol for each in venue.client().get_all_positions()] == [four[2].symbol]


def test_several_connections_hear_the_same_and_other_accounts_nothing() -> None:
    with hall(accounts=("one", "two")) as venue:

        async def run() -> None:
            async with ClientSession() as session:
                mine = [await listening(venue, session) for _ in range(2)]
                other = await listening(venue, session, "two")
                body = single(venue.condor()[0].symbol, "buy", "0.05")
                await asyncio.to_thread(venue.ask, "POST", "/v2/orders", body)
                told = [[await hear(socket) for _ in range(2)] for socket in mine]
                assert told[0] == told[1]
                await asyncio.to_thread(venue.ask, "POST", "/v2/orders", body, "two")
                first = (await hear(other))["data"]["order"]["id"]
                assert first not in {each["data"]["order"]["id"] for each in told[0]}

        asyncio.run(run())


def test_faults_of_the_stream(venue: Hall) -> None:
    faults, symbol = faults_of(venue.app), venue.condor()[0].symbol

    async def run() -> None:
        async with ClientSession() as session:
            socket = await listening(venue, session)
            faults.switch("unknown_enum")
            await asyncio.to_thread(venue.ask, "POST", "/v2/orders", single(symbol, "buy", "0.05"))
            strange = (await hear(socket))["data"]
            assert strange["event"] == strange["order"]["status"] == UNKNOWN_STATUS
            assert (await hear(socket))["data"]["event"] == "new"
            faults.switch("drop_mid_fill")
            await asyncio.to_thread(venue.ask, "POST", "/v2/orders", single(symbol, "buy"))
            ends = []
            while (message := await socket.receive(timeout=60)).type == WSMsgType.BINARY:
                ends.append(json.loads(message.data)["data"]["event"])
            assert "fill" not in ends
            assert message.type in (WSMsgType.CLOSED, WSMsgType.ERROR)

    asyncio.run(run())
    assert [each.status for each in venue.client().get_orders()] == ["new"]
    assert venue.client().get_open_position(symbol).qty == "1"


@contextmanager
def sdk_stream(venue: Hall, handler: Any) -> Iterator[Any]:
    from alpaca.trading.stream import TradingStream

    keys = venue.access.keys["one"]
    stream = TradingStream(keys.key_id, keys.secret, url_override=f"ws://127.0.0.1:{venue.port}/stream")
    stream.subscribe_trade_updates(handler)
    thread = threading.Thread(target=stream.run, daemon=True)
    thread.start()
    try:
        yield stream
    finally:
        stream.stop()
        venue.ask("POST", "/v2/orders", single(venue.condor()[0].symbol, "buy", "0.05"))  # it looks up at a message
        thread.join(10)
        assert not thread.is_alive()


def test_the_sdks_own_stream_hears_a_condor(venue: Hall) -> None:
    events: list[str] = []
    ready, filled = threading.Event(), threading.Event()

    async def note(update: Any) -> None:
        ready.set()
        events.append(str(getattr(update.event, "value", update.event)))
        if events[-1] == "fill":
            assert [leg.status.value for leg in update.order.legs] == ["filled"] * 4
            filled.set()

    with sdk_stream(venue, note):
        for _ in range(200):  # until the stream listens: it has no way to say so
            _, sent = venue.ask("POST", "/v2/orders", single(venue.condor()[0].symbol, "buy", "0.05"))
            venue.ask("DELETE", f"/v2/orders/{sent['id']}")
            if ready.wait(0.05):
                break
        venue.ask("POST", "/v2/orders", mleg(legs(venue.condor())))
        assert filled.wait(10)
        assert events[-3:] == ["pending_new", "new", "fill"]
