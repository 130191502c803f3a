"""Fitting a smile to a chain's implied volatilities, robustly: a stale or blown quote must not bend it.

In units of one standard deviation at the money, where the parameters of every expiry are of order one: the best of a
grid of (m, s), each with its linear least squares in (a, b rho, b); then Levenberg-Marquardt on all five, with Huber's
weights, which let a quote pull no harder than one that is 1.5 errors away; then the same without the quotes that are
still far off. No randomness and no starting point from before: the same quotes give the same bytes.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike

from engine.pricing.columns import Floats, floats
from engine.pricing.smile import Smile

LEAST_POINTS = 6
"""Quotes below which nothing is fitted: five parameters through five points would say nothing of them."""

_HUBER = 1.5
_LEAST_ERROR = 1e-5  # of a volatility: finer than any quote
_ROUNDS = 60
_BLOWN = 5.0  # errors, or typical distances where the smile fits worse than its quotes are known
_MAD = 1.4826
_REJECTIONS = 3
_RHO_MOST = 0.999


def fit_smile(forward: float, t: float, strikes: ArrayLike, iv: ArrayLike, error: ArrayLike = np.nan) -> Smile | None:
    """The smile of one expiry.

    Args:
        forward: dollars.
        t: years.
        strikes: dollars, one shape with ``iv``, in any order.
        iv: annual volatilities, best from quotes out of the money; NaN where there is none.
        error: how well each is known, in volatility (``iv_error`` with half a quote's width); where NaN, the median of
            the known ones, and where none is known all count alike.

    Returns:
        None where fewer than six volatilities are known.
    """
    strike, vol = (np.ravel(column) for column in np.broadcast_arrays(floats(strikes), floats(iv)))
    spread = np.ravel(np.broadcast_to(floats(error), strike.shape))
    usable = np.isfinite(vol) & (vol > 0) & np.isfinite(strike) & (strike > 0)
    if usable.sum() < LEAST_POINTS or not (math.isfinite(forward) and forward > 0 and math.isfinite(t) and t > 0):
        return None
    order = np.argsort(strike[usable], kind="stable")
    strike, vol, spread = strike[usable][order], vol[usable][order], spread[usable][order]
    known = np.isfinite(spread) & (spread > 0)
    spread = np.where(known, spread, np.median(spread[known]) if known.any() else 0.01)
    spread = np.maximum(spread, _LEAST_ERROR)
    k = np.log(strike / forward)
    unit = float(np.median(vol[np.argsort(np.abs(k), kind="stable")[:5]]))
    deviation = unit * math.sqrt(t)
    x, y, weight = k / deviation, vol / unit, unit / spread
    found = _refine(x, y, weight, _start(x, y, weight))
    kept = weight
    for _ in range(_REJECTIONS):
        off = np.abs(_model(found, x) - y) * weight
        sound = off <= _BLOWN * max(1.0, _MAD * float(np.median(off)))
        if sound.sum() < LEAST_POINTS or np.array_equal(sound, kept > 0):
            break
        kept = np.where(sound, weight, 0.0)
        # Anew: what the blown quotes have bent may lie in another valley.
        found = _refine(x, y, kept, _start(x, y, kept))
    a, b, rho, m, s = _plain(found)
    off = np.abs(_model(found, x) - y) * weight
    if not np.isfinite(off).all():
        return None
    pull = np.where(kept > 0, _huber(off), 0.0)
    rms = math.sqrt(float(np.sum(pull * off * off) / np.sum(pull * weight * weight)))
    scale = deviation * deviation
    return Smile(
        forward=float(forward),
        t=float(t),
        a=a * scale,
        b=b * deviation,
        rho=rho,
        m=m * deviation,
        s=s * deviation,
        lowest=float(strike[0]),
        highest=float(strike[-1]),
        points=len(strike),
        outliers=int(np.sum(off > 3.0)),
        error=rms * unit,
    )


def _plain(p: Floats) -> tuple[float, float, float, float, float]:
    """a, b, rho, m, s of the free parameters a, ln b, atanh(rho/0.999), m, ln s."""
    return float(p[0]), math.exp(p[1]), _RHO_MOST * math.tanh(p[2]), float(p[3]), math.exp(p[4])


def _model(p: Floats, x: Floats) -> Floats:
    """Volatilities; NaN where the variance would not be positive."""
    a, b, rho, m, s = _plain(p)
    d = x - m
    with np.errstate(invalid="ignore"):
        return floats(np.sqrt(a + b * (rho * d + np.sqrt(d * d + s * s))))


def _start(x: Floats, y: Floats, weight: Floats) -> Floats:
    """The best of a grid of (m, s), judged by its sum of absolute distances, which outliers move less than squares."""
    centre, reach = float(np.median(x)), max(float(x[-1] - x[0]), 1.0)
    m = np.repeat(centre + reach * np.linspace(-0.4, 0.4, 9), 5)
    s = np.tile(reach * np.array([0.02, 0.06, 0.15, 0.35, 0.8]), 9)
    d = x - m[:, None]
    scaled = weight / (2.0 * y)  # of variances
    design = np.stack((np.ones_like(d), d, np.sqrt(d * d + s[:, None] ** 2)), axis=-1) * scaled[:, None]
    turned = design.transpose(0, 2, 1)
    normal = turned @ design
    ridge = 1e-12 * np.trace(normal, axis1=1, axis2=2)[:, None, None] * np.eye(3)
    solved = np.linalg.solve(normal + ridge, turned @ (y * y * scaled)[:, None])[..., 0]
    tilt = solved[:, 1]
    b = np.maximum(np.maximum(solved[:, 2], np.abs(tilt) / 0.98), 1e-4)
    starts = np.column_stack((solved[:, 0], np.log(b), np.arctanh(tilt / b / _RHO_MOST), m, np.log(s)))
    costs = [float(np.sum(np.abs(_model(p, x) - y) * weight)) for p in starts]
    if np.isnan(costs).all():
        return np.array([0.5, math.log(0.5), 0.0, centre, 0.0])
    return floats(starts[int(np.nanargmin(costs))])


def _huber(off: Floats) -> Floats:
    return floats(np.minimum(1.0, _HUBER / np.maximum(off, 1e-300)))


def _cost(off: Floats) -> float:
    """Huber's: squares to 1.5 errors, straight beyond; infinite where the model has no volatility."""
    cost = np.where(off <= _HUBER, 0.5 * off * off, _HUBER * (off - 0.5 * _HUBER))
    total = float(np.sum(cost))
    return total if math.isfinite(total) else math.inf


def _refine(x: Floats, y: Floats, weight: Floats, p: Floats) -> Floats:
    """Levenberg-Marquardt with Huber's weights."""
    damping = 1e-3
    cost = _cost(np.abs(_model(p, x) - y) * weight)
    for _ in range(_ROUNDS):
        miss = (_model(p, x) - y) * weight
        root = np.sqrt(_huber(np.abs(miss)))
        jacobian = _jacobian(p, x) * (weight * root)[:, None]
        normal, gradient = jacobian.T @ jacobian, jacobian.T @ (miss * root)
        diagonal = np.diag(normal) + 1e-12
        step = -np.linalg.solve(normal + np.diag(damping * diagonal), gradient)
        step = np.clip(step, -1.0, 1.0)
        moved = p + step
        moved[1:] = np.clip(moved[1:], [-14.0, -4.0, -20.0, -8.0], [6.0, 4.0, 20.0, 6.0])
        new = _cost(np.abs(_model(moved, x) - y) * weight)
        if new < cost:
            settled = cost - new <= 1e-12 * cost
            p, cost, damping = moved, new, max(damping * 0.2, 1e-12)
            if settled:
                break
        else:
            damping *= 5.0
            if damping > 1e12:
                break
    return p


def _jacobian(p: Floats, x: Floats) -> Floats:
    """Of the volatilities by the free parameters."""
    _, b, rho, m, s = _plain(p)
    d = x - m
    root = np.sqrt(d * d + s * s)
    by_a = np.ones_like(x)
    by_b = b * (rho * d + root)
    by_rho = b * d * _RHO_MOST * (1.0 - (rho / _RHO_MOST) ** 2)
    by_m = -b * (rho + d / root)
    by_s = b * s * s / root
    return floats(np.column_stack((by_a, by_b, by_rho, by_m, by_s)) / (2.0 * _model(p, x))[:, None])
