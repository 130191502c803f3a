"""What of signed holdings one closing order takes."""

from __future__ import annotations

from collections.abc import Mapping
from math import gcd

from engine.types import Contract, Leg, Package, product


def to_close(held: int, stays: int) -> int:
    """Signed contracts to close of those held, so that no more than ``stays`` are left; 0 where no more are held."""
    if held * stays <= 0:
        return held
    return held - stays if abs(held) > abs(stays) else 0


def closing_package(held: Mapping[Contract, int]) -> tuple[Package, int]:
    """The package that closes signed holdings, and how many of it: ratios without a common divisor."""
    quantity = gcd(*(abs(count) for count in held.values()))
    legs = tuple(
        Leg(contract, "sell" if count > 0 else "buy", "close", abs(count) // quantity)
        for contract, count in held.items()
    )
    return Package(legs), quantity


def first_part(held: dict[Contract, int], max_legs: int) -> dict[Contract, int]:
    """As much of signed holdings as a broker closes in one order; all of them where it can.

    A right at a time, with what is short first, so that neither what leaves nor what stays is short without its cover;
    of a right that has too many legs the shorts alone come first.
    """
    if len(held) <= max_legs and not _too_many_expiries(held):
        return held
    groups: dict[object, dict[Contract, int]] = {}
    for contract, quantity in held.items():
        day = contract.expiry if product(contract.root).style == "european" else None
        groups.setdefault((contract.right, day), {})[contract] = quantity
    group = next((g for g in groups.values() if min(g.values()) < 0), None) or next(iter(groups.values()))
    if len(group) > max_legs:
        shorts = {contract: quantity for contract, quantity in group.items() if quantity < 0}
        group = dict(list((shorts or group).items())[:max_legs])
    return group


def _too_many_expiries(held: dict[Contract, int]) -> bool:
    """Whether legs expire on several days, of options that a broker closes together only where they do not."""
    european = any(product(contract.root).style == "european" for contract in held)
    return european and len({contract.expiry for contract in held}) > 1
