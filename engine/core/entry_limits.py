"""What an entry's orders may cost: from the mid to the far side, part by part, never more than was approved."""

from __future__ import annotations

from collections.abc import Iterable

from engine.core.state import SessionState
from engine.orders import Order, to_tick
from engine.types import Package, Price, product


class EntryLimits:
    """Signed net limits of opening orders, a debit positive, by the newest quotes."""

    def __init__(self, state: SessionState) -> None:
        self._state = state

    def natural(self, package: Package) -> Price | None:
        """The signed net price at which it trades at once; None where a leg has no quote to trade on."""
        total = 0
        for leg in package.legs:
            quote = self._state.market.quote(leg.contract)
            price = quote.ask if leg.side == "buy" else quote.bid
            if not quote.usable or price is None or self._state.now - quote.ts > self._state.max_age:
                return None
            total += leg.signed_ratio * price
        return total

    def of_part(self, whole: Price, parts: tuple[Package, ...], n: int, paid: Price) -> Price:
        """What a part may cost: the whole's limit less what was paid and what the parts to come cost now."""
        if len(parts) == 1:
            return whole
        later = [self.natural(part) for part in parts[n + 1 :]]
        left = whole - paid - sum(cost for cost in later if cost is not None)
        tick = _tick(parts[n], left)
        return left // tick * tick

    def start(self, package: Package, limit: Price) -> Price:
        """The first limit of an entry's order: its last one, or the mid where entries walk."""
        return limit if self._state.config.entries.start == "limit" else self.at_step(package, limit, 0)

    def at_step(self, package: Package, limit: Price, step: int) -> Price:
        """The limit of a step: so many fractions of the way from mid to natural price, never beyond ``limit``."""
        natural = self.natural(package)
        if natural is None:
            return limit
        mid2 = sum(leg.signed_ratio * self._state.market.quote(leg.contract).mid2 for leg in package.legs)
        way = min(1.0, step * self._state.config.entries.fraction)
        wanted = -(-mid2 // 2) + round(way * (natural - mid2 / 2))
        return min(limit, to_tick(wanted, _tick(package, wanted)))


def _tick(package: Package, price: Price) -> Price:
    """The package's tick, or that of its one leg."""
    terms = product(package.legs[0].contract.root)
    return terms.package_tick if len(package.legs) > 1 else terms.tick(abs(price))


def paid_each(orders: Iterable[Order]) -> Price:
    """What one package cost over all the orders of a part, rounded up: a debit positive."""
    cash = many = 0
    for order in orders:
        sides = {leg.contract for leg in order.package.legs}
        cash += sum(
            each.price * each.quantity * (1 if each.side == "buy" else -1)
            for each in order.executions.values()
            if each.contract in sides
        )
        many += order.filled
    return -(-cash // max(many, 1))
