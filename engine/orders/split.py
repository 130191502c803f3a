"""How a package that a broker does not take whole falls into orders, each of which covers its own shorts."""

from __future__ import annotations

from collections.abc import Callable
from itertools import combinations
from math import gcd

from engine.types import Leg, Package


class NoSplit(ValueError):
    """The package cannot be split into orders that a broker takes and that cover themselves."""


def covered(legs: tuple[Leg, ...]) -> bool:
    """Whether every right has at least as many longs as shorts, and no short outlives its long."""
    for right in ("C", "P"):
        own = [leg for leg in legs if leg.contract.right == right]
        if sum(leg.signed_ratio for leg in own) < 0:
            return False
        longest = max((leg.contract.expiry for leg in own if leg.side == "buy"), default=None)
        if any(leg.side == "sell" and (longest is None or leg.contract.expiry > longest) for leg in own):
            return False
    return True


def split(
    package: Package, max_legs: int, one_expiry: bool = False, fits: Callable[[tuple[Leg, ...]], bool] = covered
) -> tuple[Package, ...]:
    """The fewest orders of at most ``max_legs`` legs, each self-covered; the package itself where it fits.

    Legs keep their ratios to the whole: a part may have a common divisor, which a broker would refuse, and is then not
    taken as a part. Of several ways the first in the order of the legs is chosen.

    Args:
        one_expiry: whether all legs of an order must expire together, as European index options must at Alpaca.
        fits: whether legs can stand alone.

    Raises ``NoSplit``.
    """
    if max_legs < 1 or (len(package.legs) <= max_legs and not (one_expiry and _expiries(package.legs) > 1)):
        return (package,)
    parts = _parts(package.legs, max_legs, one_expiry, fits)
    if parts is None:
        raise NoSplit(f"{len(package.legs)} legs cannot be split into orders of {max_legs} that cover their shorts")
    return tuple(Package(part) for part in parts)


def _expiries(legs: tuple[Leg, ...]) -> int:
    return len({leg.contract.expiry for leg in legs})


def _parts(
    legs: tuple[Leg, ...], max_legs: int, one_expiry: bool, fits: Callable[[tuple[Leg, ...]], bool]
) -> list[tuple[Leg, ...]] | None:
    if not legs:
        return []
    best: list[tuple[Leg, ...]] | None = None
    head, rest = legs[0], legs[1:]
    for size in range(min(max_legs, len(legs)), 0, -1):
        for others in combinations(rest, size - 1):
            part = (head, *others)
            if gcd(*(leg.ratio for leg in part)) != 1 or (one_expiry and _expiries(part) > 1) or not fits(part):
                continue
            found = _parts(tuple(leg for leg in rest if leg not in others), max_legs, one_expiry, fits)
            if found is not None and (best is None or len(found) + 1 < len(best)):
                best = [part, *found]
        if best is not None and len(best) <= -(-len(legs) // max_legs):
            break
    return best
