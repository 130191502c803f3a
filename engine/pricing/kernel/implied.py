"""Implied volatility of a tile: a rational first guess, then Householder steps of third order on ln b.

``b(x, v)`` is the undiscounted price of the option out of the money over sqrt(forward strike), ``x`` minus the absolute
log moneyness, ``v = sigma sqrt(t)`` (Jäckel, "Let's Be Rational", 2015). With ``z = -x/v``, ``h = v/2`` and Mills' M,

    b = n(0) e^(-(z^2 + h^2)/2) (M(z - h) - M(z + h)),

and the bracket is also b over its derivative, so that the derivatives of ln b come with the value.
"""

from __future__ import annotations

import numpy as np

from engine.pricing.kernel.around import around
from engine.pricing.kernel.elementary import log
from engine.pricing.kernel.general import total_volatility
from engine.pricing.kernel.instructions import fma
from engine.pricing.kernel.jit import compiled
from engine.pricing.kernel.marks import any_marked
from engine.pricing.kernel.tile import (
    ACTIVE,
    DF,
    FORWARD,
    GAP,
    GIVEN,
    HALF,
    KNOWN,
    LANES,
    ODD,
    ROOT,
    SIGMA,
    SIGN,
    STRIKE,
    TARGET,
    V_TUNED,
    VALUE,
    X_TUNED,
    YEARS,
    Z_MAX,
    B,
    V,
    X,
    Z,
)
from engine.pricing.kernel.types import Tile

_NOISE = 8 * 2.0**-52
_LEAST_B = 1e-290  # a price so small carries no volatility, and its logarithm would need subnormal numbers
_LOG_INV_SQRT_2PI = -0.9189385332046727
_SETTLED = 1e-5  # the last step, relative; what remains after it is the fourth power of that times a small constant
_MORE_STEPS = 4
_INF = np.inf
_NAN = np.nan


@compiled
def solve(tile: Tile, blocks: int) -> None:
    """``SIGMA`` from the price in ``GIVEN``; NaN where there is none."""
    _normalise(tile, blocks)
    _first_guess(tile, blocks)
    _step(tile, blocks, -1.0)
    _step(tile, blocks, _SETTLED)
    # Most tiles are done. A step more where it is needed leaves the others' numbers alone.
    for _ in range(_MORE_STEPS):
        if not any_marked(tile, blocks, ACTIVE):
            break
        _step(tile, blocks, _SETTLED)
    _finish(tile, blocks)


@compiled
def _normalise(tile: Tile, blocks: int) -> None:
    """The price's time value, what it is of sqrt(F K), and ``KNOWN`` only where it can have a volatility."""
    for i in range(blocks * LANES):
        forward, strike, given = tile[FORWARD + i], tile[STRIKE + i], tile[GIVEN + i]
        low, high = min(forward, strike), max(forward, strike)
        inside = tile[SIGN + i] * tile[GAP + i]
        inside = inside if inside > 0.0 else 0.0
        value = given / tile[DF + i] - inside
        b = value / tile[ROOT + i]
        noise = _NOISE * high if inside > 0.0 else 0.0
        known = (tile[KNOWN + i] > 0.0) & (tile[YEARS + i] > 0.0) & (given > 0.0) & (given < _INF)
        known = known & (value > noise) & (low - value > noise + _NOISE * low) & (b > _LEAST_B)
        tile[VALUE + i] = value
        tile[B + i] = b
        tile[KNOWN + i] = 1.0 if known else 0.0
        tile[ACTIVE + i] = 1.0 if known else 0.0


@compiled
def _first_guess(tile: Tile, blocks: int) -> None:
    """Bachelier's volatility to 0.3%, as a rational in w = sqrt(ln(1 + |F - K|/value))."""
    for i in range(blocks * LANES):
        tile[TARGET + i] = log(tile[B + i]) - _LOG_INV_SQRT_2PI
    for i in range(blocks * LANES):
        u = 1.0 + abs(tile[GAP + i]) / tile[VALUE + i]
        s = log(u)
        w = np.sqrt(s)
        # (u - 1)/ln(u) tends to 1 at the money; with u itself in both, rounding it does no harm.
        ratio = (u - 1.0) / s
        ratio = ratio if u > 1.0 else 1.0
        p = fma(fma(0.05868280729905151, w, 0.05562649990482482), w, 0.4002111699278191)
        q = fma(0.0406291703195567, w, 0.07199756533725789)
        q = fma(fma(q, w, 0.1792040014156532), w, 1.0)
        v = tile[B + i] * ratio * (q / p) / fma(tile[X + i] * tile[X + i], 1.0 / 24.0, 1.0)
        tile[V + i] = v * fma(v * v, 1.0 / 24.0, 1.0)


@compiled
def _step(tile: Tile, blocks: int, settled: float) -> None:
    """One step of third order where ``ACTIVE``; no longer active where it was shorter than ``settled`` times v."""
    for i in range(blocks * LANES):
        v = tile[V + i]
        z = abs(tile[X + i]) / v
        tile[Z + i] = z if z < Z_MAX else Z_MAX
        tile[HALF + i] = 0.5 * v
    around(tile, blocks)
    for i in range(blocks * LANES):
        v, z, half, active = tile[V + i], tile[Z + i], tile[HALF + i], tile[ACTIVE + i]
        inverse = 1.0 / v
        bracket = v * tile[ODD + i]  # b/b'
        zz = z * z
        newton = (tile[TARGET + i] - log(bracket) + 0.5 * fma(half, half, zz)) * bracket
        slope = 1.0 / bracket
        curl = zz * inverse
        bend = curl - 0.5 * half  # b''/b'
        h2 = bend - slope
        h3 = bend * bend - 3.0 * curl * inverse - 0.25 + slope * (2.0 * slope - 3.0 * bend)
        step = newton * fma(0.5 * h2, newton, 1.0) / fma(newton, fma(h3 * (1.0 / 6.0), newton, h2), 1.0)
        # Far from the root the cubic may point anywhere: a step never leaves the octaves around v.
        step = step if step > -0.75 * v else -0.75 * v
        step = step if step < 3.0 * v else 3.0 * v
        tile[V + i] = v + step if active > 0.0 else v
        tile[ACTIVE + i] = 1.0 if (active > 0.0) & (abs(step) > settled * v) else 0.0


@compiled
def _finish(tile: Tile, blocks: int) -> None:
    """From total to annual volatility; whatever the steps are not made for is solved with care, one by one."""
    for i in range(blocks * LANES):
        v = tile[V + i]
        tuned = (v > 0.0) & (v <= V_TUNED) & (abs(tile[X + i]) <= X_TUNED) & (tile[ACTIVE + i] == 0.0)
        tile[ACTIVE + i] = 0.0 if tuned | (tile[KNOWN + i] == 0.0) else 1.0
    if any_marked(tile, blocks, ACTIVE):
        for i in range(blocks * LANES):
            if tile[ACTIVE + i] > 0.0:
                low, root = min(tile[FORWARD + i], tile[STRIKE + i]), tile[ROOT + i]
                rest = (low - tile[VALUE + i]) / root
                tile[V + i] = total_volatility(abs(tile[X + i]), tile[VALUE + i] / root, rest)
    for i in range(blocks * LANES):
        sigma = tile[V + i] / np.sqrt(tile[YEARS + i])
        defined = (tile[KNOWN + i] > 0.0) & (sigma > 0.0) & (sigma < _INF)
        tile[SIGMA + i] = sigma if defined else _NAN
