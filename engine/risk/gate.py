"""The gate: every opening order passes here or does not leave. Losses are worst cases, working orders included."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import NamedTuple

from engine.calendar import Session, clock_text
from engine.config import RiskTable
from engine.market import Market, VixReading
from engine.orders import OrderTable
from engine.portfolio import Portfolio, worst_loss
from engine.risk.codes import CODES
from engine.risk.sizing import fits, vix_scale
from engine.risk.state import TradingStates
from engine.types import Contract, Money, Package, Price, dollars_text, product, sign


class Decision(NamedTuple):
    """The gate's answer. ``quantity`` is what may be sent, 0 where denied; ``worst_case`` is for that quantity."""

    code: str
    text: str
    quantity: int
    worst_case: Money

    @property
    def approved(self) -> bool:
        """Whether an order may leave."""
        return self.code == "OK"


class OpenRequest(NamedTuple):
    """What somebody wants to open."""

    strategy: str
    root: str
    package: Package
    quantity: int
    limit: Price


@dataclass(slots=True)
class Book:
    """What the gate looks at: the state of the session at this instant."""

    now: int
    session: Session
    market: Market
    orders: OrderTable
    portfolio: Portfolio
    states: TradingStates
    vix: VixReading
    equity: Money
    fee_each: Money
    max_quote_age: int


class Gate:
    """Checks opening packages against the limits of ``[risk]``, cheapest checks first."""

    def __init__(self, limits: RiskTable) -> None:
        self.limits = limits

    def check(self, request: OpenRequest, book: Book) -> Decision:
        """Approve, with a size, or deny with the first code that applies."""
        refused = self._refuse(request, book)
        if refused is not None:
            return refused
        each = worst_loss(request.package, request.limit, request.root, book.fee_each)
        if each is None:
            return _deny("UNDEFINED_RISK", "its loss has no bound, or its legs expire on different days")
        return self._size(request, book, each)

    def _refuse(self, request: OpenRequest, book: Book) -> Decision | None:
        if "DAILY_LOSS" in book.states.breakers:
            return _deny("DAILY_LOSS", book.states.breakers["DAILY_LOSS"].text)
        if book.states.state != "ACTIVE":
            return _deny("NOT_ACTIVE", book.states.text)
        problem = package_problem(request)
        if problem:
            return _deny("BAD_PACKAGE", problem)
        uncovered = uncovered_short(request.package)
        if uncovered:
            return _deny("UNDEFINED_RISK", uncovered)
        late = closed(request, book)
        if late:
            return _deny("CLOSED", late)
        if request.limit % product(request.root).package_tick:
            return _deny("TICK", f"limit {dollars_text(request.limit)}")
        stale = stale_legs(request.package, book)
        if stale:
            return _deny("STALE_QUOTE", stale)
        collision = colliding_leg(request.package, book.portfolio, book.orders)
        if collision:
            return _deny("LEG_COLLISION", collision)
        busy = len({trade.trade_id for trade in book.portfolio if not trade.over})
        if busy >= self.limits.max_open:
            return _deny("MAX_OPEN", f"{busy} of {self.limits.max_open}")
        return None

    def _size(self, request: OpenRequest, book: Book, each: Money) -> Decision:
        scale = vix_scale(book.vix, self.limits.vix_scale)
        vix = f"VIX {book.vix.value:.1f} ({book.vix.source})" if book.vix.value is not None else "VIX unknown"
        if scale == 0:
            return _deny("VIX_HIGH", vix, each)
        per_trade = self.trade_limit(book.equity)
        by_trade = fits(per_trade, each, request.quantity)
        if request.quantity and not by_trade:
            return _deny("PER_TRADE", f"{_dollars(each)} a package, {_dollars(per_trade)} a trade", each)
        used = used_by(request.strategy, book.portfolio)
        room = self.strategy_limit(book.equity) - used
        by_strategy = fits(room, each, request.quantity)
        if request.quantity and not by_strategy:
            left = f"{_dollars(used)} of {_dollars(self.strategy_limit(book.equity))} used"
            return _deny("PER_STRATEGY", f"{_dollars(each)} a package, {left}", each)
        quantity = int(min(by_trade, by_strategy) * scale)
        if quantity < 1:
            return _deny("SIZE_ZERO", f"asked {request.quantity}, {vix} scales by {scale:g}", each)
        why = [
            *(["the limit of a trade"] if by_trade < request.quantity else []),
            *(["the strategy's room"] if by_strategy < min(request.quantity, by_trade) else []),
            *([vix] if scale < 1 else []),
        ]
        text = f"sized down from {request.quantity} by {', '.join(why)}" if quantity < request.quantity else ""
        return Decision("OK", text, quantity, each * quantity)

    def trade_limit(self, equity: Money) -> Money:
        """The most one trade may lose."""
        return round(equity * self.limits.per_trade)

    def strategy_limit(self, equity: Money) -> Money:
        """The most one strategy's open trades and working orders may lose together."""
        return round(equity * self.limits.per_strategy)


def used_by(strategy: str, portfolio: Portfolio) -> Money:
    """What one strategy's trades that are open or working can still end up losing."""
    return sum(trade.worst_outcome for trade in portfolio if trade.strategy == strategy and not trade.over)


def package_problem(request: OpenRequest) -> str:
    """Why the legs are not an opening order of the root that was asked for, or empty."""
    problem = request.package.problem()
    if problem is not None:
        return problem
    root = request.package.legs[0].contract.root
    return "" if root == request.root else f"its legs are of {root}, not of {request.root}"


def stale_legs(package: Package, book: Book) -> str:
    """The legs without a fresh, uncrossed quote, or empty."""
    bad = []
    for leg in package.legs:
        quote = book.market.quote(leg.contract)
        if not quote.usable or book.now - quote.ts > book.max_quote_age:
            bad.append(leg.contract.short_name)
    return ", ".join(bad)


def uncovered_short(package: Package) -> str:
    """Why a short leg is not covered within the package, or empty: each right needs as many longs as shorts."""
    for right, word in (("C", "call"), ("P", "put")):
        legs = [leg for leg in package.legs if leg.contract.right == right and leg.effect == "open"]
        if sum(leg.signed_ratio for leg in legs) < 0:
            return f"more {word}s sold than bought"
    return ""


def closed(request: OpenRequest, book: Book) -> str:
    """Why now is outside the hours for opening this package, or empty."""
    expiry: dt.date = min(leg.contract.expiry for leg in request.package.legs)
    if expiry < book.session.day:
        return f"{expiry} has expired"
    end = book.session.product_close(request.root)
    if not book.session.open <= book.now < end:
        return f"{request.root} trades from {clock_text(book.session.open)} to {clock_text(end)}"
    return ""


def colliding_leg(package: Package, portfolio: Portfolio, orders: OrderTable) -> str:
    """Which opening leg opposes a holding or a working opening order, in words, or empty."""
    for leg in package.legs:
        if leg.effect == "open" and opposes(leg.contract, sign(leg.side), portfolio, orders):
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


def _deny(code: str, text: str, worst_case: Money = 0) -> Decision:
    return Decision(code, f"{CODES[code]}: {text}" if text else CODES[code], 0, worst_case)


def _dollars(units: Money) -> str:
    return f"${dollars_text(units, 0)}"
