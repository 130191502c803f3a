"""Implied volatility across strikes, as total variance over normalised moneyness.

With ``x = ln(K/F) / sqrt(W)``, W being the total at-the-money variance to expiry, the total variance of a strike is
``W g(x)`` with Gatheral's SVI shape ``g(x) = 1 + t(W) x + b (sqrt(x^2 + s^2) - s)``. Its tilt

    t(W) = -skew sqrt(W) / (sqrt(W) + skew_scale)

fades with W, but slower than sqrt(W) itself, so the skew a point of strike steepens toward the close. The wings are
linear in x, so far strikes die exponentially, and W shrinking to 0 leaves the intrinsic value. One shape serves every
expiry: total variance at a strike only grows with W, which keeps the expiries free of calendar arbitrage.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class SmileModel:
    """The smile's shape; the defaults come near SPXW's median same-day smile of 2023-11 to 2024-12.

    Attributes:
        skew: the tilt of g for far expiries, per standard deviation.
        skew_scale: the total volatility at which half of it is left.
        curvature: b, the slope of both wings far out. bend: s, how far out they become straight.
    """

    skew: float = 0.36
    skew_scale: float = 0.006
    curvature: float = 1.08
    bend: float = 5.0


def total_vol(model: SmileModel, log_moneyness: Floats, atm_variance: Floats) -> Floats:
    """Square root of the total variance at ``ln(K/F)``; arrays that broadcast. 0 where ``atm_variance`` is 0."""
    s, b = model.bend, model.curvature
    # W g(x), multiplied out so that nothing is divided by W.
    root = np.sqrt(atm_variance)
    tilt = -model.skew * atm_variance / (root + model.skew_scale)
    curve = np.sqrt(log_moneyness * log_moneyness + s * s * atm_variance) - s * root
    return np.sqrt(atm_variance + tilt * log_moneyness + b * root * curve)


@cache
def _swap_table(model: SmileModel) -> tuple[Floats, Floats]:
    """sqrt(W) and the variance a swap pays at it, over W."""
    roots = np.concatenate([[0.0], np.geomspace(2e-4, 0.5, 160)])
    z = np.linspace(-7.0, 7.0, 561)
    density = np.exp(-0.5 * z * z)
    density /= density.sum()
    ratios = np.empty(len(roots))
    for n, root in enumerate(roots):
        scale = max(float(root), 1e-5)
        x = np.linspace(-14.0, 14.0, 2801)
        vol = total_vol(model, x * scale, np.full(1, scale * scale))
        # Gatheral: the fair variance is w at N(d2), averaged over a normal d2.
        d2 = -x * scale / vol - 0.5 * vol
        ratios[n] = np.dot(density, np.interp(-z, -d2, vol * vol)) / (scale * scale)
    return roots, ratios


def swap_variance(model: SmileModel, atm_variance: Floats) -> Floats:
    """What a whole strip of options says the variance is (a VIX's way), from the variance at the money."""
    roots, ratios = _swap_table(model)
    return atm_variance * np.interp(np.sqrt(atm_variance), roots, ratios)
