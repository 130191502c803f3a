"""What a strategy waits for while it holds something, said in numbers, so that the engine can wait for it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from engine.pricing import Bounds
from engine.strategy.actions import Tally
from engine.types import Contract, Price


class Limit(NamedTuple):
    """A closing price that matters; see ``Context.cost`` for the price, and for when it is known and possible.

    Attributes:
        held: signed contracts. natural: at bid and ask, else at mid.
        bounds: within which they can be worth anything; a price outside is not possible. None: every price is.
        above: it matters at this price and above, and where it is not known or not possible.
        below: it matters, where it is known and possible, at this price and below.
    """

    held: Mapping[Contract, int]
    natural: bool
    bounds: Bounds | None
    above: Price | None = None
    below: Price | None = None


class Watch(NamedTuple):
    """Until one of the limits matters, ``decide`` would do nothing with news but ask for ``counts``."""

    limits: tuple[Limit, ...]
    counts: tuple[Tally, ...] = ()
