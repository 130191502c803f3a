"""The chance to be met between mid and the far side, drawn once an order from the seed and its id.

    met(w, s) = (1 - exp(-w / T)) * W / (W + s)

``w``: how long the order has stood at the exchange, ``s``: how wide the package's market is now (the sum of its legs'
widths times their ratios), ``T`` and ``W`` from ``[fills]``. Of the orders that are met, ``at_mid`` are met at the mid,
the others evenly between it and the far side. One that is not met trades at the far side, where its limit allows.

Nothing is fitted to any market: it is a bracket between ``mid``, which nobody gets, and ``cross``.
"""

from __future__ import annotations

import hashlib
import math
from typing import NamedTuple

from engine.clock import SECOND
from engine.types import Price

UNIT = 2**32


class Draw(NamedTuple):
    """Two even draws out of ``range(UNIT)``: how soon an order is met, and how near the mid."""

    soon: int
    near: int


def draw(seed: int, client_order_id: str) -> Draw:
    """The draws of one order: of its id and the seed alone, the same in any process and any order of asking."""
    digest = hashlib.blake2b(f"{seed}:{client_order_id}".encode(), digest_size=8).digest()
    return Draw(int.from_bytes(digest[:4], "big"), int.from_bytes(digest[4:], "big"))


def met_inside(drawn: Draw, waited: int, width: Price, seconds: float, half_width: Price) -> bool:
    """Whether somebody has met the order inside by now; ``waited`` in ns, ``width`` of the package's market.

    Never before it has waited, and once true it stays so while the market is no wider.
    """
    chance = -math.expm1(-waited / SECOND / seconds) * half_width / (half_width + width)
    return drawn.soon < chance * UNIT


def concession(drawn: Draw, at_mid: float) -> int:
    """How far from mid toward the far side it is met, in parts of ``UNIT``: from 0, the mid, to 1."""
    free = round(at_mid * UNIT)
    return 0 if drawn.near < free else (drawn.near - free) * UNIT // (UNIT - free)
