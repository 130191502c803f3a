"""The VIX family as its own options would give it: a strip's variance at a constant maturity.

VIX and VIX9D look 30 and 9 calendar days ahead and annualise by the calendar. VIX1D looks one session ahead: as Cboe
does, the variance of today's expiry and of the next is weighted by the trading minutes left to each, so that it is of
today at the open and of tomorrow at the close, and annualised by 252 sessions.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from engine.calendar import Session
from engine.clock import MINUTE
from engine.feed.simulator.smile import SmileModel, swap_variance
from engine.feed.simulator.variance import DAY_NS, FULL_SESSION, TRADING_DAYS, Ahead

Floats = NDArray[np.float64]

FAMILY = ("VIX", "VIX9D", "VIX1D")
_DAYS = {"VIX": 30, "VIX9D": 9}


def family(
    smile: SmileModel,
    times: NDArray[np.int64],
    today: Session,
    following: Session,
    remaining: Floats,
    ahead: Ahead,
    level: Floats,
) -> dict[str, Floats]:
    """Index points at ``times``, by symbol.

    ``remaining`` is the variance priced until today's close, ``level`` multiplies what is ``ahead`` of it.
    """
    found: dict[str, Floats] = {}
    for symbol, days in _DAYS.items():
        total = remaining + level * ahead.until(times + days * DAY_NS)
        found[symbol] = 100 * np.sqrt(swap_variance(smile, total) * 365 / days)
    near = np.maximum(today.close - times, 0) / MINUTE
    far = near + (following.close - following.open) / MINUTE
    target = FULL_SESSION / MINUTE
    weight = np.clip((target - near) / (far - near), 0.0, 1.0)
    next_variance = remaining + level * ahead.variance[1]
    blended = (1 - weight) * swap_variance(smile, remaining) + weight * swap_variance(smile, next_variance)
    found["VIX1D"] = 100 * np.sqrt(blended * TRADING_DAYS)
    return found
