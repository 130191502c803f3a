"""How well a price tells its volatility: the range that an error of the price leaves open.

The quotes limit an implied volatility, not the solver. A minute before the close half a cent is 2.3 vol points on a
400-dollar fund.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from engine.pricing.black76 import implied_vol
from engine.pricing.columns import Floats, floats


def iv_range(
    right_sign: ArrayLike,
    forward: ArrayLike,
    strike: ArrayLike,
    t: ArrayLike,
    price: ArrayLike,
    error: ArrayLike,
    df: ArrayLike = 1.0,
) -> tuple[Floats, Floats]:
    """Implied volatility of ``price - error`` and of ``price + error``, dollars: half a tick, or half a quote's width.

    The lower is 0 where the lower price is at or below the intrinsic value: nothing excludes no volatility at all. Both
    are NaN where the price itself implies none; the upper also where the upper price reaches the bound.
    """
    worth, off = floats(price), floats(error)
    iv = implied_vol(right_sign, forward, strike, t, worth, df)
    low = implied_vol(right_sign, forward, strike, t, worth - off, df)
    high = implied_vol(right_sign, forward, strike, t, worth + off, df)
    known = np.isfinite(iv) & (off >= 0)
    return np.where(known, np.where(np.isfinite(low), low, 0.0), np.nan), np.where(known, high, np.nan)


def iv_error(
    right_sign: ArrayLike,
    forward: ArrayLike,
    strike: ArrayLike,
    t: ArrayLike,
    price: ArrayLike,
    error: ArrayLike,
    df: ArrayLike = 1.0,
) -> Floats:
    """Half of ``iv_range``: plus or minus so much volatility; NaN where either end is."""
    low, high = iv_range(right_sign, forward, strike, t, price, error, df)
    return floats(0.5 * (high - low))
