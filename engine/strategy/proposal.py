"""What a strategy would enter now, for a person who asks."""

from __future__ import annotations

from typing import NamedTuple

from engine.types import Package, Price


class Proposal(NamedTuple):
    """A structure at this instant.

    Attributes:
        package: None where none can be chosen. limit: its signed net price, a debit positive; None where unknown.
        why: why the strategy would not enter it now, in words; empty where it would.
    """

    label: str
    package: Package | None
    quantity: int
    limit: Price | None
    why: str = ""
