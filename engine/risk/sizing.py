"""How many packages: rounded down, smaller at a high VIX, and within what trade, strategy and book may lose."""

from __future__ import annotations

from engine.config import RiskTable
from engine.market import VixReading
from engine.portfolio import Portfolio
from engine.types import Money

HALF = 0.5


def vix_scale(reading: VixReading, limits: RiskTable) -> float:
    """1 up to ``vix_half_above``, a half up to ``vix_none_above``, 0 beyond. Unknown counts as high: a half."""
    if not limits.vix_scale:
        return 1.0
    if reading.value is None:
        return HALF
    if reading.value > limits.vix_none_above:
        return 0.0
    return HALF if reading.value > limits.vix_half_above else 1.0


def scaled(quantity: int, reading: VixReading, limits: RiskTable) -> int:
    """``quantity`` at this VIX, rounded down; where no VIX is known, one package at most."""
    found = int(quantity * vix_scale(reading, limits))
    return min(found, 1) if limits.vix_scale and reading.value is None else found


def fits(room: Money, loss_each: Money, wanted: int) -> int:
    """How many of ``wanted`` packages fit into ``room`` at ``loss_each``; a package without loss always fits."""
    if loss_each <= 0:
        return wanted
    return max(0, min(wanted, room // loss_each))


def used_by(strategy: str, portfolio: Portfolio) -> Money:
    """What one strategy's trades that are open or working can still end up losing."""
    return sum(trade.worst_outcome for trade in portfolio if trade.strategy == strategy and not trade.over)


def used_by_all(portfolio: Portfolio) -> Money:
    """The same for the whole book."""
    return sum(trade.worst_outcome for trade in portfolio if not trade.over)
