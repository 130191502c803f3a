"""What options are worth at expiry, and the worst of it over every value of the underlying."""

from __future__ import annotations

from collections.abc import Mapping

from engine.types import Contract, Money, Package, Price, product


def intrinsic(contract: Contract, value: Price) -> Price:
    """What a contract is worth at expiry when its underlying stands at ``value``."""
    distance = value - contract.strike if contract.right == "C" else contract.strike - value
    return max(distance, 0)


def lowest_payoff(held: Mapping[Contract, int]) -> Price | None:
    """The least that signed contracts can be worth together at expiry, price units; None where it has no bound.

    Payoffs of different expiries are not summed here, and give None. The payoff is piecewise linear, so its minimum is
    at a strike, at zero, or unbounded where the slope above the last strike is negative.
    """
    if len({contract.expiry for contract in held}) > 1:
        return None
    if sum(quantity for contract, quantity in held.items() if contract.right == "C") < 0:
        return None
    points = [0, *(contract.strike for contract in held)]
    return min(sum(quantity * intrinsic(contract, at) for contract, quantity in held.items()) for at in points)


def worst_loss(package: Package, price: Price, root: str, fee_each: Money = 0) -> Money | None:
    """The most one package can lose at expiry when opened at the signed net ``price``; None where it has no bound.

    Money, positive; the fees of opening are in. Legs must share their expiry, else None.
    """
    lowest = lowest_payoff({leg.contract: leg.signed_ratio for leg in package.legs})
    if lowest is None:
        return None
    contracts = sum(leg.ratio for leg in package.legs)
    return max(0, (price - lowest) * product(root).multiplier + contracts * fee_each)
