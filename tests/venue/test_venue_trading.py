"""A trader's day at the local exchange, by the real SDK: account, contracts, a condor opened and closed, orders."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

import pytest
from venue_hall import Hall, hall, legs, mleg, single


@pytest.fixture
def venue() -> Iterator[Hall]:
    with hall() as found:
        yield found


def test_the_account_has_spreads_cash_and_buying_power(venue: Hall) -> None:
    account = venue.client().get_account()
    assert account.options_trading_level == 3
    assert (account.cash, account.equity, account.options_buying_power) == ("100000", "100000", "100000")
    assert account.account_number.startswith("PALOCAL")


def test_wrong_keys_are_unauthorized_without_a_code(venue: Hall) -> None:
    import requests

    for headers in ({}, {"APCA-API-KEY-ID": "PKNONE", "APCA-API-SECRET-KEY": "none-none"}):
        answer = requests.get(f"{venue.url}/v2/account", headers=headers, timeout=60)
        assert answer.status_code == 401
        assert answer.json() == {"message": "unauthorized."}
        assert answer.headers["X-Request-ID"]


def test_a_secret_of_another_account_opens_neither() -> None:
    with hall(accounts=("one", "two")) as venue:
        one, two = venue.access.keys["one"], venue.access.keys["two"]
        assert venue.access.account(one.key_id, two.secret) is None
        assert venue.client("one").get_account().id != venue.client("two").get_account().id


def test_the_clock_is_the_markets(venue: Hall) -> None:
    clock = venue.client().get_clock()
    assert clock.is_open
    assert f"{clock.timestamp:%Y-%m-%d %H:%M}" == f"{venue.day.day} 10:00"
    venue.at(16, 0)
    closed = venue.client().get_clock()
    assert not closed.is_open
    assert closed.next_open.date() > venue.day.day


def test_the_calendar_knows_half_days(venue: Hall) -> None:
    import datetime as dt

    from alpaca.trading.requests import GetCalendarRequest

    asked = GetCalendarRequest(start=dt.date(2025, 11, 26), end=dt.date(2025, 11, 28))
    days = venue.client().get_calendar(asked)
    assert [f"{day.close:%m-%d %H:%M}" for day in days] == ["11-26 16:00", "11-28 13:00"]


def test_contracts_come_in_pages_and_by_filter(venue: Hall) -> None:
    from alpaca.trading.enums import ContractType
    from alpaca.trading.requests import GetOptionContractsRequest

    client, middle = venue.client(), venue.spot()
    asked = GetOptionContractsRequest(
        underlying_symbols=["SPX"],
        expiration_date=venue.day.day,
        type=ContractType.PUT,
        strike_price_gte=str(middle - 50),
        strike_price_lte=str(middle),
        limit=4,
    )
    found, pages = [], 0
    while True:
        page = client.get_option_contracts(asked)
        found += page.option_contracts
        pages += 1
        if page.next_page_token is None:
            break
        asked.page_token = page.next_page_token
    assert [each.strike_price for each in found] == [float(strike) for strike in range(middle - 50, middle + 5, 5)]
    assert pages == 3
    assert client.get_option_contract(found[0].symbol) == found[0]
    assert client.get_option_contract(found[0].id) == found[0]


def test_a_condor_is_opened_held_and_closed(venue: Hall) -> None:
    from alpaca.trading.enums import OrderClass, OrderSide, OrderStatus, PositionIntent, TimeInForce
    from alpaca.trading.requests import LimitOrderRequest, OptionLegRequest

    client, condor = venue.client(), venue.condor()
    sides = [OrderSide.BUY, OrderSide.SELL, OrderSide.SELL, OrderSide.BUY]
    asked = LimitOrderRequest(
        qty=2,
        limit_price=-3.0,
        order_class=OrderClass.MLEG,
        time_in_force=TimeInForce.DAY,
        client_order_id="condor-1",
        legs=[
            OptionLegRequest(
                symbol=contract.symbol, ratio_qty=1, side=side, position_intent=PositionIntent(f"{side.value}_to_open")
            )
            for contract, side in zip(condor, sides, strict=True)
        ],
    )
    sent = client.submit_order(asked)
    assert (sent.status, sent.symbol, sent.side) == (OrderStatus.PENDING_NEW, None, None)
    order = client.get_order_by_client_id("condor-1")
    assert order.id == sent.id
    assert order.status == OrderStatus.FILLED
    net = sum(Decimal(leg.filled_avg_price) * (1 if leg.side == OrderSide.BUY else -1) for leg in order.legs)
    assert Decimal(order.filled_avg_price) == net < -3
    held = {position.symbol: position for position in client.get_all_positions()}
    assert {symbol: position.qty for symbol, position in held.items()} == {
        contract.symbol: "2" if side == OrderSide.BUY else "-2" for contract, side in zip(condor, sides, strict=True)
    }
    account = client.get_account()
    fees = Decimal("0.65") * 8
    assert Decimal(account.cash) == 100_000 - net * 200 - fees
    assert Decimal(account.maintenance_margin) == 4000
    assert Decimal(account.options_buying_power) == Decimal(account.cash) - 4000
    worth = sum(Decimal(position.market_value) for position in held.values())
    assert Decimal(account.equity) == Decimal(account.cash) + worth

    status, closing = venue.ask("POST", "/v2/orders", mleg(legs(condor, close=True), qty=2))
    assert status == 200
    assert client.get_order_by_id(closing["id"]).status == OrderStatus.FILLED
    assert client.get_all_positions() == []
    assert client.get_account().maintenance_margin == "0"
    done = client.get("/account/activities", {"activity_types": "FILL"})
    assert len(done) == 8


def test_a_resting_order_is_cancelled_and_204_says_only_that_it_was_asked(venue: Hall) -> None:
    client, condor = venue.client(), venue.condor()
    _, sent = venue.ask("POST", "/v2/orders", mleg(legs(condor), -19.0))
    assert client.get_order_by_id(sent["id"]).status == "new"
    free = Decimal(client.get_account().options_buying_power)
    assert free == 100_000 - 100  # a width of 20 less 19 to be received
    assert venue.ask("DELETE", f"/v2/orders/{sent['id']}") == (204, None)
    assert client.get_order_by_id(sent["id"]).status == "canceled"
    assert Decimal(client.get_account().options_buying_power) == 100_000
    status, why = venue.ask("DELETE", f"/v2/orders/{sent['id']}")
    assert (status, why["code"]) == (422, 42210000)


def test_with_latency_a_cancel_arrives_later() -> None:
    with hall("fills.latency_ms=500") as venue:
        client = venue.client()
        _, sent = venue.ask("POST", "/v2/orders", mleg(legs(venue.condor()), -19.0))
        assert client.get_order_by_id(sent["id"]).status == "pending_new"
        venue.at(10, 0, 1)
        assert client.get_order_by_id(sent["id"]).status == "new"
        client.cancel_order_by_id(sent["id"])
        assert client.get_order_by_id(sent["id"]).status == "pending_cancel"
        venue.at(10, 0, 2)
        assert client.get_order_by_id(sent["id"]).status == "canceled"


def test_replacing_a_single_leg_makes_a_new_order(venue: Hall) -> None:
    from alpaca.trading.requests import ReplaceOrderRequest

    client, contract = venue.client(), venue.contract("P", venue.spot() - 25)
    _, sent = venue.ask("POST", "/v2/orders", single(contract.symbol, "buy", "0.10", qty=2))
    new = client.replace_order_by_id(sent["id"], ReplaceOrderRequest(limit_price=0.2, client_order_id="second"))
    old = client.get_order_by_id(sent["id"])
    assert (old.status, old.replaced_by) == ("replaced", new.id)
    assert (str(new.replaces), new.limit_price, new.client_order_id) == (sent["id"], "0.2", "second")
    now = client.get_order_by_id(new.id)
    assert (now.status, now.qty) == ("new", "2")
    assert [str(order.id) for order in client.get_orders()] == [str(new.id)]
    again = venue.ask("PATCH", f"/v2/orders/{sent['id']}", {"limit_price": "0.3"})
    assert again == (422, {"code": 42210000, "message": "order already replaced"})
    same = venue.ask("PATCH", f"/v2/orders/{new.id}", {"limit_price": "0.20"})
    assert same == (422, {"code": 42210000, "message": "order parameters are not changed"})


def test_replacing_a_package_is_disabled(venue: Hall) -> None:
    _, sent = venue.ask("POST", "/v2/orders", mleg(legs(venue.condor()), -19.0))
    answer = venue.ask("PATCH", f"/v2/orders/{sent['id']}", {"limit_price": "-18"})
    assert answer == (403, {"code": 40310000, "message": "replace mleg order is disabled"})


def test_a_stop_holds_its_contracts_and_closes_when_it_is_reached(venue: Hall) -> None:
    client, put = venue.client(), venue.contract("P", venue.spot() - 10)
    venue.ask("POST", "/v2/orders", single(put.symbol, "buy"))
    bid = venue.run(lambda: venue.venue.market.quote(put).bid)
    stop = single(put.symbol, "sell", type="stop", stop_price=f"{(bid - 5000) / 10_000:.2f}")
    status, sent = venue.ask("POST", "/v2/orders", stop)
    assert (status, sent["position_intent"]) == (200, "sell_to_close")
    assert client.get_open_position(put.symbol).qty_available == "0"
    status, why = venue.ask("POST", "/v2/orders", single(put.symbol, "sell"))
    assert (status, why["code"], why["held_for_orders"]) == (403, 40310000, "1")
    for minute in range(1, 60):
        venue.at(10, minute)
        if client.get_order_by_id(sent["id"]).status == "filled":
            break
    venue.at(11, 30)
    found = client.get_order_by_id(sent["id"])
    quoted = venue.run(lambda: venue.venue.market.quote(put).bid)
    assert (found.status == "filled") or quoted > bid - 5000


def test_positions_close_one_by_one_and_all_together_shorts_first(venue: Hall) -> None:
    client, condor = venue.client(), venue.condor()
    venue.ask("POST", "/v2/orders", mleg(legs(condor), qty=2))
    client.close_position(condor[1].symbol)
    assert condor[1].symbol not in {each.symbol for each in client.get_all_positions()}
    status, rows = venue.ask("DELETE", "/v2/positions?cancel_orders=true")
    assert status == 207
    assert [row["status"] for row in rows] == [200, 200, 200]
    assert rows[0]["body"]["position_intent"] == "buy_to_close"
    assert client.get_all_positions() == []


def test_orders_are_listed_by_status_time_and_direction(venue: Hall) -> None:
    from alpaca.common.enums import Sort
    from alpaca.trading.enums import QueryOrderStatus
    from alpaca.trading.requests import GetOrdersRequest

    client, put = venue.client(), venue.contract("P", venue.spot() - 60)
    venue.ask("POST", "/v2/orders", single(put.symbol, "buy", "0.05", client_order_id="a"))
    venue.at(10, 1)
    venue.ask("POST", "/v2/orders", mleg(legs(venue.condor()), client_order_id="b"))
    venue.at(10, 2)
    venue.ask("POST", "/v2/orders", single(put.symbol, "buy", "0.10", client_order_id="c"))

    def ids(**asked: object) -> list[str]:
        return [order.client_order_id for order in client.get_orders(GetOrdersRequest(nested=True, **asked))]

    every = {"status": QueryOrderStatus.ALL}
    assert ids() == ["c", "a"]
    assert ids(status=QueryOrderStatus.CLOSED) == ["b"]
    assert ids(**every) == ["c", "b", "a"]
    assert ids(**every, direction=Sort.ASC, limit=2) == ["a", "b"]
    (b,) = client.get_orders(GetOrdersRequest(nested=True, status=QueryOrderStatus.CLOSED))
    assert ids(**every, after=b.submitted_at) == ["c"]
    assert ids(**every, until=b.submitted_at) == ["a"]
    assert ids(**every, symbols=[put.symbol]) == ["c", "a"]
    flat = venue.ask("GET", "/v2/orders?status=closed")[1]
    assert [(each["symbol"] == "", each["legs"]) for each in flat] == [(True, None)] + [(False, None)] * 4


def test_an_order_of_before_the_open_waits_for_it() -> None:
    with hall(start=-5) as venue:
        client = venue.client()
        assert not client.get_clock().is_open
        (contract,) = venue.ask("GET", "/v2/options/contracts?underlying_symbols=SPX&limit=1")[1]["option_contracts"]
        status, why = venue.ask("POST", "/v2/orders", single(contract["symbol"], "buy"))
        assert (status, why["message"]) == (422, "options market orders are only allowed during market hours")
        _, early = venue.ask("POST", "/v2/orders", single(contract["symbol"], "buy", "0.05"))
        _, gone = venue.ask("POST", "/v2/orders", single(contract["symbol"], "buy", "0.05"))
        assert early["status"] == "accepted"
        client.cancel_order_by_id(gone["id"])
        venue.at(9, 31)
        assert client.get_order_by_id(early["id"]).status == "new"
        assert client.get_order_by_id(gone["id"]).status == "canceled"


def test_what_expires_is_gone_at_the_close_and_told_among_activities_the_next_day(venue: Hall) -> None:
    client = venue.client()
    venue.ask("POST", "/v2/orders", mleg(legs(venue.condor(offset=5, wing=50))))
    venue.at(15, 59)
    assert len(client.get_all_positions()) == 4
    before = Decimal(client.get_account().cash)
    venue.at(16, 35)
    assert client.get_all_positions() == []
    assert Decimal(client.get_account().cash) != before
    assert client.get("/account/activities", {"category": "non_trade_activity"}) == []
    venue.run(lambda: (venue.clock.set(venue.clock.now() + 12 * 3600 * 10**9), venue.venue.advance()))
    told = client.get("/account/activities", {"category": "non_trade_activity"})
    assert {row["activity_type"] for row in told} <= {"OPEXP", "OPASN", "OPEXC"}
    assert len(told) == 4
    assert sum(Decimal(row["net_amount"]) for row in told) == Decimal(client.get_account().cash) - before
