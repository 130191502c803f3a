"""What a trade is worth now, from quotes: at mid, and if it were closed at once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from engine.market import Market, Quote
from engine.portfolio.trades import Trade
from engine.pricing import Bounds, payoff_bounds
from engine.types import Contract, Money, Price, product


class TradeMark(NamedTuple):
    """P&L of a trade so far, fees taken off, those of closing too if it were closed now; None where a held leg has no
    good quote, and then ``why``.

    ``sane`` tells whether the day's loss may be judged by it: every quote is narrow, and the value is possible.
    """

    pnl_mid: Money | None
    pnl_now: Money | None
    sane: bool
    why: str
    oldest: int | None


def narrow(bid: Price, ask: Price, max_width: Price) -> bool:
    """Whether a usable quote is narrow: at most ``max_width``, or a tenth of its mid where that is more."""
    return ask - bid <= max_width or ask - bid <= (bid + ask) // 20


def exit_value(quote: Quote, quantity: int) -> Price:
    """What closing one contract of a position of that sign trades at: the bid of a long, the ask of a short."""
    value = quote.bid if quantity > 0 else quote.ask
    assert value is not None
    return value


def mark(trade: Trade, market: Market, now: int, max_age: int, max_width: Price, fee_each: Money = 0) -> TradeMark:
    """Mark a trade on fresh quotes only; ``fee_each`` is what closing one contract costs."""
    standing = trade.standing
    mid2 = at_once = width = 0
    sane = True
    oldest: int | None = None
    bad: list[str] = []
    for contract, quantity in standing.held.items():
        quote = market.quote(contract)
        bid, ask, ts = quote
        age = now - ts
        oldest = age if oldest is None or age > oldest else oldest
        if bid is None or ask is None or not 0 <= bid <= ask or not ask:
            bad.append(f"{contract.short_name} {quote.fault}")
            continue
        if age > max_age:
            bad.append(f"{contract.short_name} stale")
            continue
        mid2 += quantity * (bid + ask)
        at_once += quantity * (bid if quantity > 0 else ask)
        width += abs(quantity) * (ask - bid)
        sane = sane and narrow(bid, ask, max_width)
    if bad:
        return TradeMark(None, None, False, ", ".join(bad), oldest)
    multiplier = product(trade.root).multiplier
    sane = sane and standing.bounds.allow(mid2 // 2, width)
    now_closed = standing.cash + at_once * multiplier - fee_each * standing.gross
    return TradeMark(standing.cash + mid2 * multiplier // 2, now_closed, sane, "", oldest)


def worst_in_bar(
    holdings: Mapping[Contract, int], market: Market, now: int, max_age: int, since: int, bounds: Bounds | None = None
) -> Price | None:
    """What closing signed holdings may have cost inside the newest bars at the worst: shorts at their high, longs at
    their low, each leg in its own bar; no more than they can cost at expiry.

    Bars count that ended after ``since`` (ns UTC). None without one, or where a leg has no fresh price.
    """
    total, seen = 0, False
    for contract, quantity in holdings.items():
        quote, bar = market.quote(contract), market.bar(contract)
        if not quote.usable or now - quote.ts > max_age:
            return None
        price = exit_value(quote, quantity)
        if bar is not None and bar.ts > since:
            seen = True
            price = max(price, bar.high) if quantity < 0 else min(price, bar.low)
        total -= quantity * price
    lowest = (bounds or payoff_bounds(holdings)).lowest
    worst = total if lowest is None else min(total, -lowest)
    return worst if seen else None


class ClosingCost(NamedTuple):
    """What closing costs: the signed net price (a debit positive), and the sum of the legs' widths.

    ``possible`` tells whether the mid lies within what the holdings can be worth at expiry; else it is no price.
    """

    price: Price
    width: Price
    possible: bool


def cost_to_close(
    holdings: Mapping[Contract, int],
    market: Market,
    now: int,
    max_age: int,
    natural: bool = False,
    bounds: Bounds | None = None,
) -> ClosingCost | None:
    """The cost of closing signed holdings of one package, at mid (rounded up to a unit), or ``natural``: bid and ask.

    None where a leg has no fresh, usable quote. ``bounds``: of the holdings, from who knows them already.
    """
    mid2 = at_once = width = 0
    for contract, quantity in holdings.items():
        bid, ask, ts = market.quote(contract)
        if bid is None or ask is None or not 0 <= bid <= ask or not ask or now - ts > max_age:
            return None
        mid2 += quantity * (bid + ask)
        at_once += quantity * (bid if quantity > 0 else ask)
        width += abs(quantity) * (ask - bid)
    allowed = (bounds or payoff_bounds(holdings)).allow(mid2 // 2, width)
    return ClosingCost(-at_once if natural else -(mid2 // 2), width, allowed)
