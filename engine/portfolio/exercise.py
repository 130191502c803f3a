"""Expiry into shares: what is exercised and assigned, and what that leaves behind overnight."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from engine.pricing import intrinsic
from engine.types import CENT, Contract, Money, Price, dollars_text, product

PIN_PER_MILLE = 1
"""A strike so near the close, in thousandths of it, is pinned: whether it is exercised is its holder's choice."""


class Shares(NamedTuple):
    """Shares that exercise and assignment left with a trade.

    Attributes:
        symbol: of the shares. quantity: signed.
        cash: what they cost at the strikes, received positive: the cost basis is ``-cash / quantity``.
        value: at which they are valued, price units: the close of the underlying.
    """

    symbol: str
    quantity: int
    cash: Money
    value: Price

    @property
    def basis(self) -> Price:
        """Cost a share, price units; against us where it does not come out even. Only where shares are held."""
        return -(self.cash // self.quantity)

    @property
    def result(self) -> Money:
        """Profit at ``value`` against what they cost; not realised, and the next open decides."""
        return self.cash + self.quantity * self.value

    @property
    def text(self) -> str:
        """In a few words."""
        return f"{self.quantity:+d} {self.symbol} shares at {dollars_text(self.basis)} overnight"


def delivered(contract: Contract, quantity: int, value: Price) -> int:
    """Signed shares that ``quantity`` contracts (signed) bring at expiry: in the money by a cent or more they are
    exercised without being asked, and assigned; else nothing."""
    if intrinsic(contract, value) < CENT:
        return 0
    shares = quantity * product(contract.root).multiplier
    return shares if contract.right == "C" else -shares


def strike_cash(contract: Contract, shares: int) -> Money:
    """What so many shares, delivered at the strike, cost; received positive."""
    return -shares * contract.strike


def pin_risk(settled: Mapping[Contract, int], value: Price, until: str) -> str:
    """What may still come otherwise after the close, in words, or empty: of signed holdings that expired at ``value``.

    ``until``: the time by which holders decide, New York.
    """
    near = [contract for contract, quantity in settled.items() if quantity and _pinned(contract, value)]
    words = []
    shorts = [contract for contract in near if settled[contract] < 0]
    longs = [contract for contract in near if settled[contract] > 0]
    if shorts:
        words.append(f"{_names(shorts)} pinned: holders may exercise it or not until {until}, whatever the close")
    if longs:
        words.append(f"{_names(longs)} pinned: exercised or not by the close unless the broker is told by {until}")
    return "; ".join(words)


def bare(settled: Mapping[Contract, int], value: Price) -> str:
    """Wings that expire unexercised beside an assigned short of their right, in words, or empty."""
    assigned = {
        contract.right for contract, quantity in settled.items() if quantity < 0 and delivered(contract, 1, value)
    }
    wings = [
        contract
        for contract, quantity in settled.items()
        if quantity > 0 and contract.right in assigned and not delivered(contract, 1, value)
    ]
    return f"{_names(wings)} expires unexercised and covers nothing overnight" if wings else ""


def _pinned(contract: Contract, value: Price) -> bool:
    return abs(contract.strike - value) * 1000 <= PIN_PER_MILLE * value


def _names(contracts: Iterable[Contract]) -> str:
    return ", ".join(contract.short_name for contract in contracts)
