"""What positions and orders may lose: the greatest loss of their summed payoffs at each expiration, and their cover."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping

import msgspec

from engine.pricing import payoff_bounds
from engine.types import Contract, Leg, Money, product

NO_BOUND: Money = 2**62


def margin(held: Mapping[Contract, int]) -> Money:
    """What signed contracts may lose at expiration, units of 1e-4 dollars, positive; ``NO_BOUND`` where that has none.

    Those of one root are summed at each expiration, later ones at what they are worth if exercised then; the largest
    loss is taken. A put that is sold alone is secured by its strike.
    """
    roots: dict[str, dict[Contract, int]] = defaultdict(dict)
    for contract, quantity in held.items():
        if quantity:
            roots[contract.root][contract] = quantity
    return min(NO_BOUND, sum(_of_root(root, contracts) for root, contracts in roots.items()))


def _of_root(root: str, held: Mapping[Contract, int]) -> Money:
    worst = 0
    for day in {contract.expiry for contract in held}:
        alive: dict[Contract, int] = defaultdict(int)
        for contract, quantity in held.items():
            if contract.expiry >= day:
                alive[msgspec.structs.replace(contract, expiry=day)] += quantity
        lowest = payoff_bounds(alive).lowest
        if lowest is None:
            return NO_BOUND
        worst = max(worst, -lowest * product(root).multiplier)
    return worst


def uncovered(held: Mapping[Contract, int]) -> dict[tuple[str, str], int]:
    """Short contracts without a long of the same right that lives as long, by root and right; nothing that is 0."""
    found: dict[tuple[str, str], int] = {}
    for root, right in {(contract.root, contract.right) for contract in held}:
        free = lacking = 0
        # From the last expiration backward: what lives longer covers what ends sooner.
        same = [each for each in held.items() if (each[0].root, each[0].right) == (root, right)]
        for _, quantity in sorted(same, key=lambda each: (each[0].expiry, each[1]), reverse=True):
            if quantity >= 0:
                free += quantity
            else:
                covered = min(free, -quantity)
                free, lacking = free - covered, lacking - quantity - covered
        if lacking:
            found[root, right] = lacking
    return found


def together(held: Mapping[Contract, int], legs: Iterable[Leg], quantity: int) -> dict[Contract, int]:
    """Holdings with so many packages of ``legs`` added."""
    after = dict(held)
    for leg in legs:
        after[leg.contract] = after.get(leg.contract, 0) + leg.signed_ratio * quantity
    return after
