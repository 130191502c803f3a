"""Orders at the exchange, and what is on its way to them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, NamedTuple

from engine.types import Contract, Package, Price


@dataclass(slots=True)
class Resting:
    """An order at the exchange. It can trade from ``arrives`` on.

    Attributes:
        limit: signed net price, a debit positive; None: market.
        stop: what its contract must trade at, at ask (bid of a sale), before it trades as a market order.
        in_bar: the stop was seen inside the newest bar, which is over: it fills there, at the worst.
        filled: packages so far.
        elected: whether the stop has been reached.
        leaving: whether a cancellation is on its way.
    """

    client_order_id: str
    package: Package
    quantity: int
    limit: Price | None
    arrives: int
    stop: Price | None = None
    in_bar: bool = False
    filled: int = 0
    accepted: bool = False
    elected: bool = False
    leaving: bool = False

    @property
    def left(self) -> int:
        """Packages still to fill."""
        return self.quantity - self.filled


class Instruction(NamedTuple):
    """A cancellation or a new limit on its way; it arrives at ``at``."""

    at: int
    client_order_id: str
    kind: Literal["cancel", "replace"]
    limit: Price | None = None
    text: str = ""


class AtWork(NamedTuple):
    """What accepted orders would still do to a contract: signed contracts opened, contracts closed."""

    opening: int
    closing: int


def at_work(orders: Iterable[Resting], contract: Contract) -> AtWork:
    """Of the accepted orders among ``orders``."""
    opening = closing = 0
    for order in orders:
        for leg in order.package.legs if order.accepted else ():
            if leg.contract == contract and leg.effect == "open":
                opening += leg.signed_ratio * order.left
            elif leg.contract == contract:
                closing += leg.ratio * order.left
    return AtWork(opening, closing)
