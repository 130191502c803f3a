"""Executions told at their average: those that are booked stay, the new ones carry what the average has moved by."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

from engine.events import LegFill
from engine.orders.table import BUST, Order
from engine.types import Contract


def exact_in_sum(order: Order, legs: Sequence[LegFill]) -> tuple[LegFill, ...]:
    """What a broker tells of an order (all of its executions so far, one contract each), so that what is booked comes
    to what it says was paid.

    Such a broker has no price of an execution, only the leg's average, which moves when more is filled at another
    price: two contracts at 1.00 and 1.10 are told as one at 1.00, then as two at 1.05.
    """
    return exact_beside(order.executions, legs)


def exact_beside(booked: Mapping[str, LegFill], legs: Sequence[LegFill]) -> tuple[LegFill, ...]:
    """The same, given what of the order is booked, by the execution ids under which the broker tells it."""
    moved: dict[Contract, int] = {}
    fresh: dict[Contract, int] = {}
    for leg in legs:
        was = booked.get(leg.exec_id)
        if was is None:
            fresh[leg.contract] = fresh.get(leg.contract, 0) + 1
        elif leg.exec_id + BUST not in booked:
            moved[leg.contract] = moved.get(leg.contract, 0) + (leg.price - was.price) * leg.quantity
    if not any(moved.get(contract) for contract in fresh) or any(leg.quantity != 1 for leg in legs):
        return tuple(legs)
    found = []
    for leg in legs:
        share = 0
        if leg.exec_id not in booked and moved.get(leg.contract):
            share = -(-moved[leg.contract] // fresh[leg.contract])
            moved[leg.contract] -= share
            fresh[leg.contract] -= 1
        found.append(msgspec.structs.replace(leg, price=leg.price + share) if share else leg)
    return tuple(found)
