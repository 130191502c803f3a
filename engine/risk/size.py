"""Controls of the sized order: contracts and notional. A size that nobody means is denied, not made smaller."""

from __future__ import annotations

from engine.config import RiskTable
from engine.risk.dealings import contracts, contracts_opened
from engine.risk.measure import Finding, Measure
from engine.risk.request import Book, OpenRequest
from engine.types import product


def order_contracts(request: OpenRequest, _book: Book, limits: RiskTable) -> Finding:
    """Contracts of the order, all legs."""
    return Measure(contracts(request.package) * request.quantity, limits.max_contracts, "count")


def day_contracts(request: OpenRequest, book: Book, limits: RiskTable) -> Finding:
    """Contracts opened today, or working to be opened, with this order."""
    wanted = contracts(request.package) * request.quantity
    return Measure(contracts_opened(book.orders) + wanted, limits.max_contracts_day, "count")


def notional(request: OpenRequest, _book: Book, limits: RiskTable) -> Finding:
    """Strike times multiplier of every contract of the order, long and short."""
    each = sum(leg.ratio * leg.contract.strike for leg in request.package.legs) * product(request.root).multiplier
    return Measure(each * request.quantity, limits.max_notional_units, "money")
