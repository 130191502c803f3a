"""Implied volatility: the inverse of the normalised Black function, for whole chains at once.

A first guess from the Bachelier model, then a fixed number of Householder steps of third order on ln b, whose
derivatives come with the value (Jäckel, "Let's Be Rational", 2015). Fixed, so that an element's result never depends
on its neighbours. What has not settled by then (a total volatility above about 2, which no listed option has, but a
bad print may) is bisected.
"""

from __future__ import annotations

import math
from functools import cache

import numpy as np
from numpy.typing import ArrayLike

from engine.pricing._kernel import SQRT_2PI, V_MAX, Floats, floats, log_moneyness, scaled_difference

_STEPS = 3
_SETTLED = 1e-6  # the last step, relative; the error after it is the fourth power of that times a small constant
_NOISE = 8 * np.finfo(np.float64).eps
_BISECTIONS = 64


def implied_vol(
    right_sign: ArrayLike, forward: ArrayLike, strike: ArrayLike, t: ArrayLike, price: ArrayLike, df: ArrayLike = 1.0
) -> Floats:
    """Annualised Black-76 volatility at which the model gives ``price``.

    Accurate to 1e-9 and usually to 1e-12 wherever the price carries that much: time value is what carries it, so use
    the quote that is out of the money.

    NaN, never a number, where there is none: a price that is zero, negative, not finite, at or below the discounted
    intrinsic value, or at or above the bound (``df forward`` for a call, ``df strike`` for a put); ``t``, ``forward``,
    ``strike`` or ``df`` not positive or not finite. "At" means within rounding error, 8 units in the last place of
    forward or strike: what is left of a time value or of the distance to the bound there carries no volatility.
    """
    with np.errstate(all="ignore"):
        return _implied_vol(floats(right_sign), floats(forward), floats(strike), floats(t), floats(price), floats(df))


def _implied_vol(sign: Floats, forward: Floats, strike: Floats, t: Floats, price: Floats, df: Floats) -> Floats:
    low, high = np.minimum(forward, strike), np.maximum(forward, strike)
    intrinsic = np.maximum(sign * (forward - strike), 0.0)
    value = price / df - intrinsic
    noise = np.where(intrinsic > 0, _NOISE * high, 0.0)
    known = (
        (value > noise)
        & (low - value > noise + _NOISE * low)
        & (price > 0)
        & (t > 0)
        & (df > 0)
        & (low > 0)
        & np.isfinite(t)
        & np.isfinite(df)
        & np.isfinite(high)
    )
    x = log_moneyness(low, high)
    b = value / (np.sqrt(low) * np.sqrt(high))
    target = np.log(b)
    v = _first_guess(x, b)
    step = v
    for _ in range(_STEPS):
        step = _householder(x, v, target)
        v = v + step
    settled = (np.abs(step) <= _SETTLED * v) & (v < 2.0)
    lost = known & ~settled
    if lost.any():
        v = np.array(np.broadcast_to(v, lost.shape))
        v[lost] = _bisect(
            np.broadcast_to(x, lost.shape)[lost],
            np.broadcast_to(b, lost.shape)[lost],
            np.broadcast_to((low - value) / (np.sqrt(low) * np.sqrt(high)), lost.shape)[lost],
        )
    sigma = v / np.sqrt(t)
    return np.where(known & np.isfinite(sigma), sigma, np.nan)


def _householder(x: Floats, v: Floats, target: Floats) -> Floats:
    """One third-order step from ``v`` toward ``ln b = target``."""
    h, half = x / v, 0.5 * v
    bracket = scaled_difference(h, half)
    slope = (2.0 / SQRT_2PI) / bracket  # b'/b, the derivative of ln b
    newton = (target - np.log(0.5 * bracket) + 0.5 * (h * h + half * half)) / slope
    hh = h * h / v
    bend = hh - 0.5 * half  # b''/b'
    h2 = bend - slope
    h3 = bend * bend - 3.0 * hh / v - 0.25 + slope * (2.0 * slope - 3.0 * bend)
    step = newton * (1.0 + 0.5 * h2 * newton) / (1.0 + newton * (h2 + h3 * newton / 6.0))
    # Far from the root the cubic may point anywhere: a step never leaves the octaves around v.
    return np.clip(step, -0.75 * v, 3.0 * v)


@cache
def _bachelier_table() -> tuple[Floats, Floats]:
    """ln y ascending and ln d, where ``y = (n(d) - d N(-d)) / d``: an option's Bachelier price over its distance from
    the money, given that distance in standard deviations ``d``."""
    from scipy.special import erfcx

    d = np.geomspace(40.0, 1e-3, 512)
    log_y = np.log(1.0 / SQRT_2PI - 0.5 * d * erfcx(d * math.sqrt(0.5))) - 0.5 * d * d - np.log(d)
    return log_y, np.log(d)


def _first_guess(x: Floats, b: Floats) -> Floats:
    """Bachelier's volatility, carried over to Black by Hagan's leading terms."""
    distance = -2.0 * np.sinh(0.5 * x)
    log_y, log_d = _bachelier_table()
    y = b / distance
    wing = -x / np.exp(np.interp(np.log(y), log_y, log_d))
    near = SQRT_2PI * (b + 0.5 * distance)
    v = np.where(y > 300.0, near, wing)
    return np.minimum(v * (1.0 + v * v / 24.0), 8.0)


def _bisect(x: Floats, b: Floats, rest: Floats) -> Floats:
    """Total volatility by bisection; ``rest`` is how far ``b`` stays below its bound e^(x/2), without cancellation."""
    from scipy.special import log_ndtr

    lower_half = b < rest
    target = np.log(np.where(lower_half, b, rest))
    low, high = np.full(x.shape, math.log(1e-14)), np.full(x.shape, math.log(V_MAX))
    for _ in range(_BISECTIONS):
        middle = 0.5 * (low + high)
        v = np.exp(middle)
        h, half = x / v, 0.5 * v
        log_b = np.log(0.5 * scaled_difference(h, half)) - 0.5 * (h * h + half * half)
        log_rest = np.logaddexp(0.5 * x + log_ndtr(-h - half), -0.5 * x + log_ndtr(h - half))
        # Far out of the money erfcx rounds the bracket to 0 and the log to -inf: v is too small, as it should say.
        too_low = np.where(lower_half, ~(log_b >= target), log_rest > target)
        low, high = np.where(too_low, middle, low), np.where(too_low, high, middle)
    return floats(np.exp(0.5 * (low + high)))
