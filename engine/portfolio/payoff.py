"""The worst that a package can come to."""

from __future__ import annotations

from collections.abc import Mapping

from engine.pricing import payoff_bounds
from engine.types import Contract, Money, Package, Price, product


def worst_loss(package: Package, price: Price, root: str, fee_each: Money = 0) -> Money | None:
    """The most one package can lose at expiry when opened at the signed net ``price``; None where it has no bound.

    Money, positive; the fees of opening are in. Legs must share their expiry, else None.
    """
    lowest = payoff_bounds({leg.contract: leg.signed_ratio for leg in package.legs}).lowest
    if lowest is None:
        return None
    contracts = sum(leg.ratio for leg in package.legs)
    return max(0, (price - lowest) * product(root).multiplier + contracts * fee_each)


def at_strikes(held: Mapping[Contract, int]) -> Price:
    """What signed holdings count for where their loss has no bound: the strikes of the shorts, positive."""
    return -sum(quantity * contract.strike for contract, quantity in held.items() if quantity < 0)
