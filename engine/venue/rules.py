"""Whether an account may place an order: its level, intents, cover, what is free to close, cutoffs, buying power."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from engine.exchange.cutoffs import Cutoffs
from engine.market import Market
from engine.types import Contract, Leg, Money, Package, Price, product, sign
from engine.venue.asked import Asked
from engine.venue.errors import forbidden, unprocessable
from engine.venue.margin import NO_BOUND, margin, together, uncovered
from engine.venue.orders import Order
from engine.venue.wire import money_text

_UNCOVERED = "account not eligible to trade uncovered option contracts"


@dataclass(frozen=True, slots=True)
class Rules:
    """What holds for an account.

    Attributes:
        level: 0: no options; 1: covered; 2: longs too; 3: spreads too.
        expiring_limit: contracts that expire today which it may hold and have open; 0: as many as it likes.
    """

    level: int = 3
    expiring_limit: int = 0


@dataclass(frozen=True, slots=True)
class Standing:
    """An account as an order meets it: signed contracts, open orders, and what is left to spend, money units."""

    held: Mapping[Contract, int]
    orders: tuple[Order, ...]
    available: Money

    def working(self, contract: Contract) -> tuple[int, int]:
        """What open orders would do to a contract: signed contracts opened, contracts closed."""
        opening = closing = 0
        for order in self.orders:
            for leg in order.legs:
                if leg.contract == contract and leg.effect == "open":
                    opening += leg.signed_ratio * order.left
                elif leg.contract == contract:
                    closing += leg.ratio * order.left
        return opening, closing


def intended(asked: Asked, standing: Standing) -> Package:
    """The order's legs, each with its effect: what was said, or what follows from the position.

    Raises ``Refused`` where what was said cannot be.
    """
    legs = []
    for leg in asked.legs:
        held = standing.held.get(leg.contract, 0)
        closes = held * sign(leg.side) < 0
        if leg.effect is not None and (leg.effect == "close") != closes:
            inferred, specified = f"{leg.side}_to_{'close' if closes else 'open'}", f"{leg.side}_to_{leg.effect}"
            raise unprocessable(f"position intent mismatch, inferred: {inferred}, specified: {specified}")
        legs.append(leg.leg("close" if closes else "open"))
    return Package(tuple(legs))


def check(
    package: Package,
    quantity: int,
    cost: Money,
    asked: Asked,
    standing: Standing,
    rules: Rules,
    cutoffs: Cutoffs,
    now: int,
    today: dt.date,
) -> None:
    """Raise ``Refused`` with Alpaca's code where the account may not place the order; ``cost`` as ``cost_of``."""
    several = asked.order_class == "mleg"
    _level(package, several, rules)
    for leg in package.legs:
        _free(leg, quantity, standing)
    if late := cutoffs.refusal(package, now):
        raise unprocessable(late)
    _expiring(package, quantity, standing, rules, today)
    _covered(package, quantity, several, standing)
    if package.opens and cost > standing.available:
        required = "unlimited" if cost >= NO_BOUND else money_text(cost)
        raise forbidden(
            f"insufficient options buying power (required: {required}, available: {money_text(standing.available)})"
        )


def cost_of(package: Package, quantity: int, limit: Price | None, market: Market) -> Money:
    """What the opening legs may lose and the net price of all, money units; a market order's price is the far side's.

    Nothing less than 0: what a package brings in beyond its risk buys nothing before it is filled.
    """
    opening = [leg for leg in package.legs if leg.effect == "open"]
    risk = margin(together({}, opening, quantity))
    if not opening or risk >= NO_BOUND:
        return risk
    price = far_side(package.legs, market) if limit is None else limit
    return max(0, risk + price * product(package.legs[0].contract.root).multiplier * quantity)


def far_side(legs: Iterable[Leg], market: Market) -> Price:
    """What legs cost at once: asks of what is bought, bids of what is sold; a side that is not there counts 0."""
    net = 0
    for leg in legs:
        quote = market.quote(leg.contract)
        net += leg.signed_ratio * ((quote.ask if leg.side == "buy" else quote.bid) or 0)
    return net


def _level(package: Package, several: bool, rules: Rules) -> None:
    if not rules.level:
        raise forbidden("account not authorized to trade options")
    if several and rules.level < 3:
        raise forbidden("account not eligible to trade spreads or uncovered contracts")
    if not several and rules.level < 2 and package.legs[0].position_intent == "buy_to_open":
        raise forbidden("account not eligible for level2 options trading")


def _free(leg: Leg, quantity: int, standing: Standing) -> None:
    held = standing.held.get(leg.contract, 0)
    opening, closing = standing.working(leg.contract)
    if leg.effect == "open" and opening * sign(leg.side) < 0:
        raise forbidden("potential wash trade detected. use complex orders")
    wanted, free = leg.ratio * quantity, max(0, abs(held) - closing)
    if leg.effect == "close" and wanted > free:
        symbol = leg.contract.symbol
        raise forbidden(
            f"insufficient qty available for order (requested: {wanted}, available: {free})",
            available=str(free),
            existing_qty=str(abs(held)),
            held_for_orders=str(closing),
            related_orders=[
                order.id for order in standing.orders if any(each.contract == leg.contract for each in order.legs)
            ],
            symbol=symbol,
        )


def _expiring(package: Package, quantity: int, standing: Standing, rules: Rules, today: dt.date) -> None:
    if not rules.expiring_limit:
        return
    asked = sum(leg.ratio for leg in package.legs if leg.effect == "open" and leg.contract.expiry == today) * quantity
    there = sum(abs(count) for contract, count in standing.held.items() if contract.expiry == today)
    for order in standing.orders:
        there += order.left * sum(
            leg.ratio for leg in order.legs if leg.effect == "open" and leg.contract.expiry == today
        )
    if asked and asked + there > rules.expiring_limit:
        raise forbidden(
            "exceeded account limit for contracts expiring today "
            f"(requested: {asked}, held+open: {there}, limit: {rules.expiring_limit})"
        )


def _covered(package: Package, quantity: int, several: bool, standing: Standing) -> None:
    """Every short is covered inside its own order, and none loses its cover by it. A put alone needs its cash."""
    opening = [leg for leg in package.legs if leg.effect == "open"]
    lonely_put = not several and [(leg.side, leg.contract.right) for leg in opening] == [("sell", "P")]
    if lonely_put:
        return
    if uncovered(together({}, opening, quantity)):
        raise forbidden(_UNCOVERED)
    before, after = uncovered(standing.held), uncovered(together(standing.held, package.legs, quantity))
    if any(count > before.get(which, 0) for which, count in after.items()):
        raise forbidden(_UNCOVERED)
