"""A book in which the default condor is approved, and each thing that can be wrong with it."""

from __future__ import annotations

from typing import Any

from quoted_market import AGE, SESSION, TEN, Quotes, condor, quote

from engine.config import RiskTable, load
from engine.events import LegFill, NoticeRecord, OrderEventRecord, OrderRecord, OrderStatus
from engine.market import VixReading
from engine.orders import Order, OrderTable
from engine.portfolio import Portfolio, Trade, worst_loss
from engine.risk import Book, Gate, OpenRequest, TradingStates
from engine.types import Money, Package, to_units

QUOTES: Quotes = {
    leg.contract: quoted
    for leg, quoted in zip(condor().legs, [(0.25, 0.35), (0.90, 1.00), (0.85, 0.95), (0.20, 0.30)], strict=True)
}
CREDIT = to_units(-1.30)
FEE = to_units(0.65)
EACH = worst_loss(condor(), CREDIT, "SPXW", FEE) or 0
CALM = VixReading(15.0, "streamed")


UNCOLLARED: dict[str, Any] = {"collar_worse": 1000, "collar_better": 1000}
"""For scenarios whose prices are not what they are about."""


def limits(**changes: Any) -> RiskTable:
    return load().risk.model_copy(update=changes)


def gate(**changes: Any) -> Gate:
    return Gate(limits(**changes))


def request(
    package: Package | None = None, quantity: int = 1, limit: int = CREDIT, strategy: str = "iron_condor"
) -> OpenRequest:
    return OpenRequest(strategy, "SPXW", package or condor(), quantity, limit)


def book(**changes: Any) -> Book:
    fields: dict[str, Any] = {
        "now": TEN,
        "session": SESSION,
        "market": quote(QUOTES),
        "orders": OrderTable(),
        "portfolio": Portfolio(),
        "states": TradingStates(),
        "vix": CALM,
        "equity": to_units(1_000_000),
        "fee_each": FEE,
        "max_quote_age": AGE,
    }
    return Book(**(fields | changes))


def trades(*worst_cases: Money, strategy: str = "iron_condor", status: str = "working") -> Portfolio:
    """A portfolio of trades that have not filled yet."""
    portfolio = Portfolio()
    for n, worst_case in enumerate(worst_cases, 1):
        trade = Trade(n, strategy, "SPXW", "k", "l", SESSION.day, condor(), 1, worst_case, status=status)  # type: ignore[arg-type]
        portfolio.add(trade)
    return portfolio


def working(package: Package) -> OrderTable:
    """One order at work."""
    table = OrderTable()
    order = Order("a", 1, 1, "iron_condor", "SPXW", "strategy", "open", package, 1, CREDIT, TEN)
    table.add(order)
    order.move("pending")
    order.move("sent")
    return table


def filled_trades(count: int, package: Package | None = None, strategy: str = "iron_condor") -> Portfolio:
    """Trades that were opened and are over."""
    portfolio = Portfolio()
    for n in range(1, count + 1):
        kept = package or condor()
        trade = Trade(n, strategy, "SPXW", "k", "l", SESSION.day, kept, 1, 0, status="closed", filled=1)
        portfolio.add(trade)
    return portfolio


def fill_of(order: Order, quantity: int) -> None:
    """Fill so many packages of an order."""
    order.take(
        LegFill(f"{order.client_order_id}.{n}", leg.contract, leg.side, leg.ratio * quantity, 100)
        for n, leg in enumerate(order.package.legs)
    )


def order_sent(name: str, ts: int, kind: str = "open", limit: int | None = CREDIT) -> OrderRecord:
    """An order's record."""
    return OrderRecord(
        seq=0, ts=ts, account="main", client_order_id=name, intent_id=1, trade_id=1, strategy="iron_condor",
        root="SPXW", actor="strategy", kind=kind, quantity=1, limit=limit, legs=condor().legs,  # type: ignore[arg-type]
    )  # fmt: skip


def order_told(name: str, status: OrderStatus, ts: int, limit: int | None = CREDIT) -> OrderEventRecord:
    """What became of an order."""
    return OrderEventRecord(
        seq=0, ts=ts, account="main", client_order_id=name, status=status, filled=0, limit=limit, text=""
    )


def alarm(source: str, ts: int, level: str = "alarm") -> NoticeRecord:
    """A notice."""
    return NoticeRecord(seq=0, ts=ts, account="main", level=level, source=source, text="said")  # type: ignore[arg-type]
