"""Orders that were sent, and what a broker says of them."""

from __future__ import annotations

from quoted_market import condor

from engine.events import BrokerReport, LegFill, ReportKind
from engine.orders import Order, OrderTable


def sent(quantity: int = 3, order_id: str = "main-20240807-0-1", table: OrderTable | None = None) -> OrderTable:
    """A table with one more order, just sent."""
    table = table if table is not None else OrderTable()
    order = Order(order_id, 1, 1, "iron_condor", "SPXW", "strategy", "open", condor(), quantity, -13_000, 0)
    table.add(order)
    order.move("pending")
    order.move("sent")
    return table


def said(kind: ReportKind, order_id: str = "main-20240807-0-1") -> BrokerReport:
    return BrokerReport(ts_known=1, client_order_id=order_id, kind=kind)


def filled(execution: int, quantity: int = 1, order_id: str = "main-20240807-0-1") -> BrokerReport:
    """A fill of the whole package, its legs with execution ids of their own."""
    legs = tuple(
        LegFill(f"{order_id}.{execution}.{n}", leg.contract, leg.side, leg.ratio * quantity, 5000)
        for n, leg in enumerate(condor().legs)
    )
    return BrokerReport(ts_known=1, client_order_id=order_id, kind="fill", quantity=quantity, legs=legs)
