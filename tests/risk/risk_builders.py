"""A book in which the default condor is approved, and each thing that can be wrong with it."""

from __future__ import annotations

from typing import Any

from quoted_market import AGE, SESSION, TEN, Quotes, condor, quote

from engine.config import RiskTable, load
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
