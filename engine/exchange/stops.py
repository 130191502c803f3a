"""When a resting stop is reached, and at which prices it then trades inside a bar."""

from __future__ import annotations

from engine.exchange.fills import Priced
from engine.exchange.resting import Resting
from engine.market import Market
from engine.pricing import payoff_bounds
from engine.types import Leg, Price, sign

IN_BAR = "stop inside the minute, filled at the worst of its bar"


def problem(order: Resting) -> str:
    """Why a broker would not take the order as a stop, or empty: a stop is of one leg, and of its price."""
    if order.stop is None or order.in_bar:
        return ""
    if len(order.package.legs) != 1:
        return "a stop order is of one leg only"
    return "" if order.stop > 0 else "a stop needs a price above 0"


def reached(order: Resting, market: Market, now: int, max_age: int) -> bool:
    """Whether the market has come to the stop: the ask at or above that of a purchase, the bid at or below that of a
    sale, on a fresh quote that is no older than the order."""
    (leg,) = order.package.legs
    quote = market.quote(leg.contract)
    if not quote.usable or now - quote.ts > max_age or order.stop is None:
        return False
    price = quote.ask if leg.side == "buy" else quote.bid
    return price is not None and sign(leg.side) * (price - order.stop) >= 0


def reached_in_bar(order: Resting, market: Market) -> bool:
    """Whether the newest bar, begun after the order came, touched the stop: high of a purchase, low of a sale."""
    (leg,) = order.package.legs
    bar = market.bar(leg.contract)
    if bar is None or order.stop is None or bar.ts <= order.arrives:
        return False
    return sign(leg.side) * ((bar.high if leg.side == "buy" else bar.low) - order.stop) >= 0


def worst_of_bar(order: Resting, priced: Priced, market: Market) -> Priced:
    """Every leg at its bar's adverse extreme: what is bought at the high, what is sold at the low.

    The legs' extremes need not have come together: nothing worse was possible, and nothing better is known. The net is
    no better than the stop, and no worse than the most the legs can be worth at expiry; what is missing to that is laid
    on the first leg that is bought.
    """
    legs = order.package.legs
    prices = [_adverse(leg, price, market) for leg, price in zip(legs, priced.prices, strict=True)]
    net, trigger = order.package.net(tuple(prices)), _trigger(order)
    most = payoff_bounds({leg.contract: leg.signed_ratio for leg in legs}).highest
    wanted = max(net, trigger) if most is None else max(min(net, most), trigger)
    bought = next((n for n, leg in enumerate(legs) if leg.side == "buy"), None)
    if bought is not None:
        prices[bought] = max(0, prices[bought] - (net - wanted) // legs[bought].ratio)
    return Priced(tuple(prices), priced.quotes, order.package.net(tuple(prices)), IN_BAR)


def _trigger(order: Resting) -> Price:
    """The stop as a signed net price of the package, a debit positive: what a single sale brings is negative."""
    assert order.stop is not None
    legs = order.package.legs
    return -order.stop if len(legs) == 1 and legs[0].side == "sell" else order.stop


def _adverse(leg: Leg, price: Price, market: Market) -> Price:
    bar = market.bar(leg.contract)
    if bar is None:
        return price
    return max(price, bar.high) if leg.side == "buy" else min(price, bar.low)
