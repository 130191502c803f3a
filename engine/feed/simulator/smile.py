"""Implied volatility across strikes, as total variance over normalised moneyness.

With ``k = ln(K/F) / sqrt(W)``, W being the total at-the-money variance to expiry, the total variance of a strike is
``W g(k)`` with Gatheral's SVI shape ``g(k) = 1 + b (r k + sqrt(k^2 + s^2) - s)``. In these units the smile keeps its
form as time runs out; its wings are linear in k, so far strikes die exponentially and W shrinking to 0 leaves the
intrinsic value.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class SmileModel:
    """``put_wing`` and ``call_wing``: slopes of g far out, below and above the forward; ``bend``: s, how sharply the
    smile turns between them, in standard deviations. The defaults come near SPXW's median same-day smile of 2023-11 to
    2024-12, where g(-2), g(-1), g(1), g(2) were 1.66, 1.22, 0.93, 1.17."""

    put_wing: float = 0.75
    call_wing: float = 0.49
    bend: float = 3.0


def total_vol(model: SmileModel, log_moneyness: Floats, atm_variance: Floats) -> Floats:
    """Square root of the total variance at ``ln(K/F)``; arrays that broadcast. 0 where ``atm_variance`` is 0."""
    b = 0.5 * (model.put_wing + model.call_wing)
    tilt = 0.5 * (model.call_wing - model.put_wing)
    s = model.bend
    # W g(k), multiplied out so that nothing is divided by W.
    root = np.sqrt(atm_variance)
    curve = np.sqrt(log_moneyness * log_moneyness + s * s * atm_variance) - s * root
    return np.sqrt(atm_variance + root * (tilt * log_moneyness + b * curve))
