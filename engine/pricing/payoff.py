"""What options are worth at expiry, and within which bounds holdings of one expiry can be worth anything at all."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import NamedTuple

from engine.types import Contract, Price


class Bounds(NamedTuple):
    """The least and the most; None where there is no bound."""

    lowest: Price | None
    highest: Price | None

    def allow(self, value: Price, width: Price) -> bool:
        """Whether ``value`` at mid is possible, give or take the quotes' noise.

        A spread marked above its width or below nothing is a blown quote; but a mid is known only to half the sum of
        its legs' widths (``width``), and one deep in the money stands at its bound.
        """
        noise = -(-width // 2)
        lowest, highest = self
        return (lowest is None or value >= lowest - noise) and (highest is None or value <= highest + noise)


def intrinsic(contract: Contract, value: Price) -> Price:
    """What a contract is worth at expiry when its underlying stands at ``value``."""
    distance = value - contract.strike if contract.right == "C" else contract.strike - value
    return max(distance, 0)


def payoff_bounds(held: Mapping[Contract, int]) -> Bounds:
    """Within which bounds signed contracts can be worth together at expiry, price units.

    Payoffs of different expiries are not summed here, and have no bounds. The payoff is piecewise linear, so its
    extremes are at a strike, at zero, or there is none where the slope above the last strike goes that way.
    """
    return _bounds(tuple(held.items()))


@lru_cache(maxsize=4096)
def _bounds(held: tuple[tuple[Contract, int], ...]) -> Bounds:
    """Kept, as what is held stays the same from quote to quote."""
    if len({contract.expiry for contract, _ in held}) > 1:
        return Bounds(None, None)
    slope_above = sum(quantity for contract, quantity in held if contract.right == "C")
    points = [0, *(contract.strike for contract, _ in held)]
    payoffs = [sum(quantity * intrinsic(contract, at) for contract, quantity in held) for at in points]
    return Bounds(None if slope_above < 0 else min(payoffs), None if slope_above > 0 else max(payoffs))


def possible(value: Price, held: Mapping[Contract, int], width: Price) -> bool:
    """Whether holdings can be worth ``value`` at mid: within their payoffs at expiry; see ``Bounds.allow``."""
    return payoff_bounds(held).allow(value, width)
