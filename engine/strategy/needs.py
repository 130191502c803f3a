"""What a strategy needs of an account and of a day, told before the open."""

from __future__ import annotations

from typing import NamedTuple

from engine.calendar import TimeOfDay
from engine.config import Table
from engine.types import Price

SPREADS = 3
"""The options level at Alpaca from which on spreads can be traded."""


class Needs(NamedTuple):
    """Of one strategy on one root.

    Attributes:
        level: of options trading, 0 to 3. width: of a package at its widest side, price units: what it can lose at
            most, before its credit. entries: when it opens. exit: when it closes all; ``None``: not before settlement.
    """

    level: int
    width: Price
    entries: tuple[TimeOfDay, ...]
    exit: TimeOfDay | None


def needs_of(settings: Table) -> Needs | None:
    """What a strategy with these settings needs; ``None`` where it does not say."""
    found = getattr(settings, "needs", None)
    return found if isinstance(found, Needs) else None
