"""A broker that tells averages: what is booked of an order comes to what it says was paid, whenever it was asked."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from orders_builders import filled, sent

from engine.alpaca.parse_orders import broker_order, read_order
from engine.events import BrokerReport
from engine.orders import Order, OrderTable, exact_in_sum
from engine.types import Leg, Package, parse_symbol

SYMBOL = "SPXW260115C05910000"
OWN = "main-20260115-0-1"


def at_alpaca(prices: list[int], wanted: int) -> dict[str, Any]:
    """An order of a single contract as Alpaca shows it after executions at these prices, cents."""
    average = Decimal(sum(prices)) / 100 / len(prices) if prices else None
    return {
        "id": "b1",
        "client_order_id": OWN,
        "symbol": SYMBOL,
        "side": "buy",
        "qty": str(wanted),
        "filled_qty": str(len(prices)),
        "filled_avg_price": None if average is None else str(average),
        "status": "filled" if len(prices) == wanted else "partially_filled",
    }


def heard(table: OrderTable, prices: list[int], wanted: int) -> None:
    order = read_order(at_alpaca(prices, wanted), [])
    assert order is not None
    told = broker_order(order, [])
    assert told is not None
    legs = exact_in_sum(only(table), told.executions)
    if legs:
        table.fold(BrokerReport(ts_known=1, client_order_id=OWN, kind="fill", legs=legs))


def only(table: OrderTable) -> Order:
    (order,) = table
    return order


@given(st.lists(st.tuples(st.integers(1, 2000), st.booleans()), min_size=1, max_size=12))
def test_what_is_booked_is_what_was_paid(fills: list[tuple[int, bool]]) -> None:
    contract = parse_symbol(SYMBOL)
    package = Package((Leg(contract, "buy", "open"),))  # type: ignore[arg-type]
    table = OrderTable()
    table.add(Order(OWN, 1, 1, "x", "SPXW", "strategy", "open", package, len(fills), None, 0))
    for state in ("pending", "sent"):
        only(table).move(state)  # type: ignore[arg-type]
    prices = [price for price, _ in fills]
    for number, (_, asked) in enumerate(fills, 1):
        if asked or number == len(fills):
            heard(table, prices[:number], len(fills))
            booked = sum(each.price for each in only(table).executions.values())
            assert abs(booked - sum(prices[:number]) * 100) <= 1, "Alpaca's average has so many digits"
    assert only(table).status == "filled"


def test_prices_of_executions_stay_what_they_are() -> None:
    table = sent(quantity=2)
    table.fold(filled(1))
    told = filled(1).legs + filled(2).legs
    assert exact_in_sum(only(table), told) == told
