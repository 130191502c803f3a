"""What an account holds and what it has paid, as a fold over its executions."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from engine.events import LegFill
from engine.types import Instrument, Money, Underlying, product, sign


@dataclass(slots=True)
class Holding:
    """Signed contracts or shares, and what they cost: price units times their number, of the same sign."""

    quantity: int = 0
    cost: int = 0

    def add(self, quantity: int, price: int) -> None:
        """Take in an execution; what closes leaves at the average it came at."""
        if self.quantity * quantity >= 0:
            self.cost += quantity * price
        elif abs(quantity) >= abs(self.quantity):
            self.cost = (self.quantity + quantity) * price
        else:
            self.cost += round(self.cost * quantity / self.quantity)
        self.quantity += quantity


@dataclass(slots=True)
class Ledger:
    """One account's.

    Attributes:
        cash: what has come in since the start of the day, units of 1e-4 dollars, fees taken off.
        held: nothing that is flat.
    """

    cash: Money = 0
    held: dict[Instrument, Holding] = field(default_factory=dict)
    _fills: dict[str, LegFill] = field(default_factory=dict)
    _settled: list[tuple[Instrument, int, int, int]] = field(default_factory=list)

    def fill(self, legs: Iterable[LegFill]) -> None:
        """Take in executions."""
        for leg in legs:
            self._fills[leg.exec_id] = leg
            self._take(leg.contract, sign(leg.side) * leg.quantity, leg.price, product(leg.contract.root).multiplier)
            self.cash -= leg.fee

    def bust(self, legs: Iterable[LegFill]) -> None:
        """Take executions back, as if they had never been; what they have cost in fees too."""
        for leg in legs:
            self._fills.pop(leg.exec_id, None)
        fills, settled = list(self._fills.values()), self._settled
        self.cash, self.held, self._fills, self._settled = 0, {}, {}, []
        self.fill(fills)
        for each in settled:
            self.settle(*each)

    def settle(self, instrument: Instrument, quantity: int, price: int, multiplier: int) -> None:
        """An expiry: so many come at a price, negative ones go."""
        self._settled.append((instrument, quantity, price, multiplier))
        self._take(instrument, quantity, price, multiplier)

    def _take(self, instrument: Instrument, quantity: int, price: int, multiplier: int) -> None:
        holding = self.held.setdefault(instrument, Holding())
        holding.add(quantity, price)
        self.cash -= quantity * price * multiplier
        if not holding.quantity:
            del self.held[instrument]

    def quantity(self, instrument: Instrument) -> int:
        """Signed; 0 where nothing is held."""
        holding = self.held.get(instrument)
        return 0 if holding is None else holding.quantity


def multiplier(instrument: Instrument) -> int:
    """Shares a unit: 1 of a share."""
    return 1 if isinstance(instrument, Underlying) else product(instrument.root).multiplier
