"""Controls of what is dealt beside the order: holdings it opposes, how many trades, the same order again, messages."""

from __future__ import annotations

from engine.clock import MINUTE, SECOND
from engine.config import RiskTable
from engine.orders import Order, OrderTable
from engine.portfolio import Portfolio
from engine.risk.measure import Finding, Measure
from engine.risk.messages import Messages
from engine.risk.request import Book, OpenRequest
from engine.types import Contract, Package, sign

LegKey = tuple[tuple[str, str, int], ...]


def colliding_leg(request: OpenRequest, book: Book, _limits: RiskTable) -> Finding:
    """No opening leg opposes a holding or a working opening order."""
    for leg in request.package.legs:
        if leg.effect == "open" and opposes(leg.contract, sign(leg.side), book.portfolio, book.orders):
            return f"{leg.side} {leg.contract.short_name} opposes what is held or working"
    return ""


def opposes(contract: Contract, direction: int, portfolio: Portfolio, orders: OrderTable) -> bool:
    """Whether opening ``contract`` in that direction would oppose the account's net holding or a working entry."""
    held = portfolio.net(contract)
    if held * direction < 0:
        return True
    return any(
        leg.contract == contract and leg.effect == "open" and leg.signed_ratio * direction < 0
        for order in orders.working()
        for leg in order.package.legs
    )


def open_trades(_request: OpenRequest, book: Book, limits: RiskTable) -> Finding:
    """Trades open or working, with this one."""
    return Measure(busy_trades(book.portfolio) + 1, limits.max_open, "count")


def busy_trades(portfolio: Portfolio) -> int:
    """How many trades are open or working."""
    return sum(not trade.over for trade in portfolio)


def duplicate(request: OpenRequest, book: Book, limits: RiskTable) -> Finding:
    """The strategy has not sent an order for the same legs and sides within the window."""
    key = request.strategy, legs_of(request.package)
    last = max((order.created for order in _entries(book.orders) if _wanted(order, book) == key), default=None)
    if last is None or book.now - last >= limits.duplicate_ns:
        return ""
    return f"{(book.now - last) / SECOND:.3g} of {limits.duplicate_seconds:g} s ago"


def _wanted(order: Order, book: Book) -> tuple[str, LegKey]:
    """Who wanted what with an order: the trade's package, of which the order may be a part."""
    trade = book.portfolio.get(order.trade_id)
    return order.strategy, legs_of(order.package if trade is None else trade.package)


def repeated(request: OpenRequest, book: Book, limits: RiskTable) -> Finding:
    """How often the strategy has opened the same package today, with this time."""
    done = _times_opened(book.portfolio).get((request.strategy, legs_of(request.package)), 0)
    return Measure(done + 1, limits.max_repeats, "count", "times")


def most_repeated(portfolio: Portfolio) -> int:
    """How often the package that one strategy opened most often was opened today."""
    return max(_times_opened(portfolio).values(), default=0)


def _times_opened(portfolio: Portfolio) -> dict[tuple[str, LegKey], int]:
    times: dict[tuple[str, LegKey], int] = {}
    for trade in portfolio:
        if trade.filled:
            key = trade.strategy, legs_of(trade.package)
            times[key] = times.get(key, 0) + 1
    return times


def contracts_opened(orders: OrderTable) -> int:
    """Contracts, of all legs, that entries of the day have opened or still may."""
    return sum(
        contracts(order.package) * order.quantity if order.working else sum(order.executed().values())
        for order in _entries(orders)
    )


def contracts(package: Package) -> int:
    """Contracts of all legs of one package."""
    return sum(leg.ratio for leg in package.legs)


def legs_of(package: Package) -> LegKey:
    """What makes two packages the same: contracts, sides and ratios, in whatever order."""
    return tuple(sorted((leg.contract.symbol, leg.position_intent, leg.ratio) for leg in package.legs))


def _entries(orders: OrderTable) -> list[Order]:
    return [order for order in orders if order.kind == "open"]


def messages_a_second(messages: Messages, book: Book, limits: RiskTable) -> Measure:
    """Messages of the last second, with this one."""
    return Measure(messages.within(book.now, SECOND) + 1, limits.messages_per_second, "count")


def messages_a_minute(messages: Messages, book: Book, limits: RiskTable) -> Measure:
    """Messages of the last minute, with this one."""
    return Measure(messages.within(book.now, MINUTE) + 1, limits.messages_per_minute, "count")
