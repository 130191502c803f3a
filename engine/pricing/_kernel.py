"""The normalised Black function: one option out of the money, one total volatility.

Notation (Jäckel, "Let's Be Rational", 2015): ``x = -|ln(F/K)|``, ``v = sigma sqrt(t)``, ``h = x/v``, ``half = v/2`` and

    b(x, v) = e^(x/2) N(h + half) - e^(-x/2) N(h - half),

the undiscounted price of the option that is out of the money, over sqrt(F K). Written with the scaled complementary
error function both terms share their exponential, so that the difference keeps its digits far out of the money:

    b = 1/2 e^(-(h^2 + half^2)/2) (erfcx(-(h + half)/sqrt 2) - erfcx(-(h - half)/sqrt 2)).
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]

V_MAX = 60.0
"""From here on b equals its bound e^(x/2) in float64, and further growth would only overflow erfcx."""

SQRT_2PI = math.sqrt(2 * math.pi)
_ROOT_HALF = math.sqrt(0.5)


def floats(value: ArrayLike) -> Floats:
    """As a float64 array, without a copy where it is one."""
    return np.asarray(value, dtype=np.float64)


def log_moneyness(low: Floats, high: Floats) -> Floats:
    """``x = -ln(high/low)`` for ``low <= high``; log1p keeps the digits of strikes close to the forward."""
    return -np.log1p((high - low) / low)


def scaled_difference(h: Floats, half: Floats) -> Floats:
    """The bracket of the formula above: b times ``2 e^((h^2 + half^2)/2)``. Positive; needs ``half <= V_MAX/2``."""
    # scipy.special takes half a second to import: it must not happen before the screen's first paint.
    from scipy.special import erfcx

    return floats(erfcx((-h - half) * _ROOT_HALF) - erfcx((half - h) * _ROOT_HALF))


def otm_value(low: Floats, high: Floats, v: Floats) -> Floats:
    """Undiscounted price of the out-of-the-money option between ``low`` and ``high`` (forward and strike, sorted).

    0 where ``v`` is 0, at most ``low``; NaN where an input is.
    """
    x = log_moneyness(low, high)
    v = np.minimum(v, V_MAX)
    h, half = x / v, 0.5 * v
    b = 0.5 * np.exp(-0.5 * (h * h + half * half)) * scaled_difference(h, half)
    value = np.minimum(np.sqrt(low) * np.sqrt(high) * b, low)
    # Below v = |x|/38 the exponential is 0 while erfcx may be anything: the value is 0 there, and at v = 0.
    return np.where((v == 0) | (h < -39.0), np.where(np.isnan(x), np.nan, 0.0), value)
