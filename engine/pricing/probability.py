"""Chances under the pricing measure at one volatility: to expire in the money, and to touch a level before."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from engine.pricing.black76 import greeks
from engine.pricing.columns import Floats, floats


def probability_in_the_money(
    right_sign: ArrayLike, forward: ArrayLike, strike: ArrayLike, t: ArrayLike, sigma: ArrayLike
) -> Floats:
    """``N(d2)`` for a call, ``N(-d2)`` for a put: risk-neutral, the smile's slope left out (``probability_above`` has
    it). NaN where the Greeks are."""
    at = greeks(right_sign, forward, strike, t, sigma)
    with np.errstate(all="ignore"):
        return floats(floats(right_sign) * (floats(forward) * at.delta - at.price) / floats(strike))


def probability_of_touch(forward: ArrayLike, level: ArrayLike, t: ArrayLike, sigma: ArrayLike) -> Floats:
    """Risk-neutral probability that the forward trades at ``level`` before ``t`` is over, watched without a pause.

    By the reflection principle, exact for one constant volatility: above the forward ``N(d2) + forward/level N(d1)``,
    below it the same of the put. About twice the chance to expire beyond it. 1 at the forward; NaN where the Greeks
    are.
    """
    ahead, barrier = floats(forward), floats(level)
    sign = np.where(barrier >= ahead, 1.0, -1.0)
    at = greeks(sign, ahead, barrier, t, sigma)
    with np.errstate(all="ignore"):
        beyond = sign * (ahead * at.delta - at.price) / barrier
        return np.minimum(beyond + np.abs(at.delta) * (ahead / barrier), 1.0)
