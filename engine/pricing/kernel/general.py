"""Outside the region the series are made for: total volatilities above 0.9 and strikes far beyond any listed one.

One contract at a time, with branches: exact formulas first, speed second. The bracketed search always ends.
"""

from __future__ import annotations

import math

from engine.pricing.kernel.elementary import exp, log, mills
from engine.pricing.kernel.jit import compiled
from engine.pricing.kernel.tile import INV_SQRT_2PI, V_MAX, Z_MAX

_ROUNDS = 200
_CLOSE = 4e-16


@compiled
def upper_tail(a: float) -> float:
    """``N(-a)``, with all its digits however far out."""
    z = abs(a)
    tail = exp(-0.5 * z * z) * INV_SQRT_2PI * mills(z) if z < Z_MAX else 0.0
    return tail if a >= 0.0 else 1.0 - tail


@compiled
def normalised(x: float, v: float) -> tuple[float, float]:
    """``b`` for ``x >= 0`` and ``v > 0``, and how far it stays below its bound ``e^(-x/2)``; neither cancels."""
    z, half = x / v, 0.5 * v
    near, far = z - half, z + half
    discount = exp(-0.5 * x)
    far_tail = upper_tail(far)
    grown = far_tail * exp(0.5 * x)
    rest = discount * upper_tail(-near) + grown
    if near > 0.0:
        if near > Z_MAX:
            return 0.0, rest
        beyond = mills(far) if far < Z_MAX else 1.0 / far
        return exp(-0.5 * (z * z + half * half)) * INV_SQRT_2PI * (mills(near) - beyond), rest
    return discount * upper_tail(near) - grown, rest


@compiled
def total_volatility(x: float, b: float, rest: float) -> float:
    """The ``v`` of a normalised price, given as ``b`` and as its distance ``rest`` to the bound: Newton's steps on the
    logarithm of the smaller of the two, inside a bracket that is halved where they leave it."""
    lower = b < rest
    target = log(b if lower else rest)
    low, high = 1e-14, V_MAX
    v = max(math.sqrt(2.0 * x), 0.5)  # where b bends from convex to concave
    for _ in range(_ROUNDS):
        at, left = normalised(x, v)
        z, half = x / v, 0.5 * v
        density = exp(-0.5 * (z * z + half * half)) * INV_SQRT_2PI
        if lower:
            known = at > 1e-300
            miss = target - log(at) if known else 1.0  # positive: v is too small
            step = miss * at / density if known and density > 0.0 else math.inf
        else:
            known = left > 1e-300
            miss = log(left) - target if known else -1.0
            step = miss * left / density if known and density > 0.0 else math.inf
        if miss > 0.0:
            low = v
        else:
            high = v
        moved = v + step
        if not low < moved < high:
            moved = math.sqrt(low * high)
        if abs(moved - v) <= _CLOSE * v:
            return moved
        v = moved
    return v
