"""Controls of the market an entry goes into: fresh quotes that are not too wide, and a limit that fits them."""

from __future__ import annotations

from engine.config import RiskTable
from engine.market import Quote
from engine.portfolio import exit_value
from engine.risk.measure import Finding, Measure
from engine.risk.request import Book, OpenRequest
from engine.types import Leg, Price


def stale_legs(request: OpenRequest, book: Book, _limits: RiskTable) -> Finding:
    """Every leg has a fresh, uncrossed quote."""
    bad, oldest = [], 0
    for leg, quote in _quoted(request, book):
        age = book.now - quote.ts
        oldest = max(oldest, age)
        if not quote.usable:
            bad.append(f"{leg.contract.short_name} {quote.fault}")
        elif age > book.max_quote_age:
            why = "while the feed is not live" if book.max_quote_age < 0 else f"{age / 1e9:.3g} s old"
            bad.append(f"{leg.contract.short_name} {why}")
    return ", ".join(bad) if bad else Measure(oldest, book.max_quote_age, "time")


def leg_width(request: OpenRequest, book: Book, limits: RiskTable) -> Finding:
    """The widest leg, bid to ask."""
    widths = {leg.contract.short_name: _width(quote) for leg, quote in _quoted(request, book)}
    widest = max(widths, key=lambda name: widths[name])
    return Measure(widths[widest], limits.max_leg_width_units, "price", f"for {widest}")


def package_width(request: OpenRequest, book: Book, limits: RiskTable) -> Finding:
    """The sum of the legs' widths: what the package loses when it is turned round at once."""
    width = sum(leg.ratio * _width(quote) for leg, quote in _quoted(request, book))
    return Measure(width, limits.max_package_width_units, "price")


def worse_than_natural(request: OpenRequest, book: Book, limits: RiskTable) -> Finding:
    """How much more the limit pays (or less it takes) than the price at which the package trades at once."""
    natural = sum(leg.signed_ratio * exit_value(quote, -leg.signed_ratio) for leg, quote in _quoted(request, book))
    return Measure(max(0, request.limit - natural), limits.collar_worse_units, "price", f"beyond {_net(natural)}")


def better_than_mid(request: OpenRequest, book: Book, limits: RiskTable) -> Finding:
    """How much less the limit pays (or more it takes) than the mid."""
    mid = sum(leg.signed_ratio * quote.mid2 for leg, quote in _quoted(request, book)) // 2
    return Measure(max(0, mid - request.limit), limits.collar_better_units, "price", f"inside the mid, {_net(mid)}")


def _quoted(request: OpenRequest, book: Book) -> list[tuple[Leg, Quote]]:
    return [(leg, book.market.quote(leg.contract)) for leg in request.package.legs]


def _width(quote: Quote) -> Price:
    assert quote.bid is not None
    assert quote.ask is not None
    return quote.ask - quote.bid


def _net(price: Price) -> str:
    return f"{abs(price) / 10_000:.2f} {'credit' if price < 0 else 'debit'}"
