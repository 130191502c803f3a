"""How many packages: rounded down, and smaller at a high VIX."""

from __future__ import annotations

from engine.market import VixReading
from engine.types import Money

HALF_ABOVE = 25.0
NONE_ABOVE = 35.0


def vix_scale(reading: VixReading, enabled: bool) -> float:
    """1 up to a VIX of 25, a half up to 35, 0 above. Unknown counts as high: a half."""
    if not enabled:
        return 1.0
    if reading.value is None:
        return 0.5
    if reading.value > NONE_ABOVE:
        return 0.0
    return 0.5 if reading.value > HALF_ABOVE else 1.0


def fits(room: Money, loss_each: Money, wanted: int) -> int:
    """How many of ``wanted`` packages fit into ``room`` at ``loss_each``; a package without loss always fits."""
    if loss_each <= 0:
        return wanted
    return max(0, min(wanted, room // loss_each))
