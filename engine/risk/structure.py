"""Controls of a package by itself: legs one exchange takes, that say what they do, and no short without its cover."""

from __future__ import annotations

from typing import get_args

from engine.config import RiskTable
from engine.pricing import payoff_bounds
from engine.risk.measure import Finding, Measure
from engine.risk.request import Book, OpenRequest
from engine.types import Effect, Package, Price, Side, product


def package_problem(request: OpenRequest, _book: Book, _limits: RiskTable) -> Finding:
    """The legs are an order of the root that was asked for."""
    problem = request.package.problem()
    if problem is not None:
        return problem
    root = request.package.legs[0].contract.root
    return "" if root == request.root else f"its legs are of {root}, not of {request.root}"


def uncovered(request: OpenRequest, _book: Book, _limits: RiskTable) -> Finding:
    """Every short leg that opens is covered within the package, and the whole loss has a bound."""
    bounds = payoff_bounds({leg.contract: leg.signed_ratio for leg in opening_part(request.package).legs})
    unbound = "its loss has no bound, or its legs expire on different days" if bounds.lowest is None else ""
    return uncovered_short(request.package) or unbound


def opening_part(package: Package) -> Package:
    """The legs that open: what a package adds to the risk. What it closes was judged when it was opened."""
    return Package(tuple(leg for leg in package.legs if leg.effect == "open"))


def uncovered_short(package: Package) -> str:
    """Why a short leg is not covered within the package, or empty: each right needs as many longs as shorts."""
    for right, word in (("C", "call"), ("P", "put")):
        legs = [leg for leg in package.legs if leg.contract.right == right and leg.effect == "open"]
        if sum(leg.signed_ratio for leg in legs) < 0:
            return f"more {word}s sold than bought"
    return ""


def position_intent(request: OpenRequest, book: Book, _limits: RiskTable) -> Finding:
    """Every leg says what it does to the position, and it is so: one opens at least, none closes what is not held."""
    for leg in request.package.legs:
        if leg.side not in get_args(Side) or leg.effect not in get_args(Effect):
            return f"{leg.contract.short_name} has the intent {leg.position_intent!r}"
        held = book.portfolio.net(leg.contract)
        if leg.effect == "close" and -held * leg.signed_ratio < leg.ratio * leg.ratio * request.quantity:
            return f"{leg.position_intent} {leg.contract.short_name}, of which {held} are held"
    return "" if request.package.opens else "no leg opens anything"


def cover_width(request: OpenRequest, _book: Book, limits: RiskTable) -> Finding:
    """The most that the legs of one right can lose a share, against a part of the nearest short strike."""
    widest: Measure | None = None
    for right in ("C", "P"):
        legs = [leg for leg in request.package.legs if leg.contract.right == right and leg.effect == "open"]
        shorts = [leg.contract.strike for leg in legs if leg.side == "sell"]
        lowest = payoff_bounds({leg.contract: leg.signed_ratio for leg in legs}).lowest if shorts else None
        if lowest is None:
            continue
        found = Measure(max(0, -lowest), round(min(shorts) * limits.cover_within), "price", "from a short to its cover")
        if widest is None or found.used * widest.limit > widest.used * found.limit:
            widest = found
    return "" if widest is None else widest


def off_tick(request: OpenRequest, _book: Book, _limits: RiskTable) -> Finding:
    """The limit is on the tick: the package's, or the one leg's own."""
    tick = order_tick(request)
    return f"limit {_shown(request.limit)} with a tick of {_shown(tick)}" if request.limit % tick else ""


def order_tick(request: OpenRequest) -> Price:
    """The smallest step of the order's limit."""
    terms = product(request.root)
    return terms.package_tick if len(request.package.legs) > 1 else terms.tick(request.limit)


def _shown(price: Price) -> str:
    return f"{price / 10_000:,.4f}".rstrip("0").rstrip(".")
