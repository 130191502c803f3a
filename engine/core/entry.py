"""A trade that is being opened: what was asked for, and the orders sent for it so far."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from engine.events import Actor
from engine.orders import Order
from engine.portfolio import Trade
from engine.types import Package, Price

PARTLY = "no more is opened than "
"""Begins the text of a trade whose entry ended before all of it was filled."""

IN_PARTS = "opened in parts: "
"""Begins the text of a trade that is opened by several orders; their number follows."""


class Denied(NamedTuple):
    """The gate said no."""

    code: str
    text: str


@dataclass(slots=True)
class Entry:
    """A trade that is being opened.

    Attributes:
        limit: the worst net price of the whole package. until: when it is given up, ns UTC.
        quantity: packages wanted.
        parts: what is sent one after the other; one of them, the package itself, where the broker takes it whole.
        orders: those sent so far, part by part: several of one where a limit is changed by sending anew.
        walked: how many steps the newest part has gone. replaced: the order that was cancelled to be sent anew.
        stays: whether a person has put the limit where it is, from where it walks no more.
    """

    trade: Trade
    limit: Price
    until: int
    actor: Actor
    reason: str
    quantity: int
    parts: tuple[Package, ...]
    orders: list[list[Order]]
    walked: int = 0
    replaced: Order | None = None
    stays: bool = False

    @property
    def newest(self) -> Order:
        """The order that was sent last."""
        return self.orders[-1][-1]

    @property
    def left(self) -> int:
        """Packages of the newest part that are not filled."""
        return self.quantity - sum(order.filled for order in self.orders[-1])

    @property
    def part_is_filled(self) -> bool:
        """Whether every leg of the newest part is filled as wanted."""
        done = [order.executed() for order in self.orders[-1]]
        legs = self.newest.package.legs
        return all(sum(each[leg.contract] for each in done) == leg.ratio * self.quantity for leg in legs)
