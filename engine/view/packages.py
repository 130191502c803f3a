"""What a package of legs costs, is worth at expiry and is exposed to now. Pure but for what is read of the market."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import NamedTuple

from engine.core import SessionState
from engine.pricing import intrinsic
from engine.types import Contract, Package, Price, product


class Prices(NamedTuple):
    """Signed net prices, a debit positive; None where a leg has no usable quote. ``oldest``: age, ns."""

    natural: Price | None
    mid: Price | None
    oldest: int | None


def prices(package: Package, state: SessionState, now: int) -> Prices:
    """What the package trades at now, and halfway; ages count to ``now``."""
    natural, mid2, oldest, usable = 0, 0, None, True
    for leg in package.legs:
        quote = state.market.quote(leg.contract)
        if not quote.usable or quote.bid is None or quote.ask is None:
            usable = False
            continue
        natural += leg.signed_ratio * (quote.ask if leg.side == "buy" else quote.bid)
        mid2 += leg.signed_ratio * quote.mid2
        oldest = now - quote.ts if oldest is None else max(oldest, now - quote.ts)
    return Prices(natural, -(-mid2 // 2), oldest) if usable else Prices(None, None, oldest)


def tick_of(package: Package, price: Price) -> Price:
    """The smallest step of a net price."""
    terms = product(package.legs[0].contract.root)
    return terms.package_tick if len(package.legs) > 1 else terms.tick(price)


def greeks(package: Package, state: SessionState) -> tuple[float, float, float, float] | None:
    """Dollar delta and gamma a point, theta a day and vega a vol point of one package; None where a leg is not
    priced."""
    total = [0.0, 0.0, 0.0, 0.0]
    for leg in package.legs:
        contract = leg.contract
        chain = state.chain(contract.root, contract.expiry)
        legs = None if chain is None else chain.layout.legs(((contract, leg.signed_ratio),))
        if chain is None or legs is None:
            return None
        found = chain.held_greeks(legs.rows, legs.signs)[0]
        shares = leg.signed_ratio * product(contract.root).multiplier
        total = [sum_ + shares * each for sum_, each in zip(total, found, strict=True)]
    if any(math.isnan(each) for each in total):
        return None
    return total[0], total[1], total[2], total[3]


def breakevens(held: Mapping[Contract, int], price: Price) -> tuple[Price, ...]:
    """Where the underlying must close for a package bought at the signed net ``price`` to bring nothing, ascending.

    Fees aside. None for legs of several expiries, of which nobody knows what the later ones will be worth.
    """
    if len({contract.expiry for contract in held}) > 1:
        return ()
    strikes = sorted({contract.strike for contract in held})
    points = [0, *strikes, 2 * strikes[-1] + abs(price)] if strikes else []
    values = [sum(each * intrinsic(contract, at) for contract, each in held.items()) - price for at in points]
    found: list[Price] = []
    for (low, below), (high, above) in zip(
        zip(points, values, strict=True), zip(points[1:], values[1:], strict=True), strict=False
    ):
        if (below < 0) != (above < 0):
            found.append(low + round((high - low) * below / (below - above)))
    return tuple(dict.fromkeys(found))
