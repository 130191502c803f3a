"""Price and Greeks of a tile at the volatilities in ``SIGMA``.

With ``A = df F n(d1)`` (the density row) every Greek is A times a polynomial; the price is A times a difference of
Mills' ratios, delta A times one of them. Black-76 is the case in which the underlying is the forward and its yield the
rate, but for rho. theta, charm, veta and color are MINUS the derivatives in time to expiry.
"""

from __future__ import annotations

import numpy as np

from engine.pricing.kernel.around import around
from engine.pricing.kernel.elementary import exp
from engine.pricing.kernel.general import normalised, upper_tail
from engine.pricing.kernel.instructions import fma
from engine.pricing.kernel.jit import compiled
from engine.pricing.kernel.marks import any_marked
from engine.pricing.kernel.tile import (
    COLUMNS,
    D1,
    D2,
    DEFINED,
    DENSITY,
    DF,
    DF_UNDER,
    EVEN,
    FORWARD,
    GAP,
    GENERAL,
    HALF,
    INV_SQRT_2PI,
    INVERSE,
    KNOWN,
    LANES,
    ODD,
    OTM,
    RATE,
    ROOT,
    SIGMA,
    SIGN,
    STRIKE,
    TAIL,
    UNDER,
    V_MAX,
    V_TUNED,
    X_TUNED,
    YEARS,
    YIELD,
    Z_MAX,
    V,
    W,
    X,
    Z,
)
from engine.pricing.kernel.types import Tile

_LEAST_V = 1e-150
_INF = np.inf
_NAN = np.nan

_PRICE, _DELTA, _GAMMA, _THETA, _VEGA, _RHO = (COLUMNS + row * W for row in range(6))
_VANNA, _CHARM, _VOMMA, _VETA = (COLUMNS + row * W for row in range(6, 10))
_SPEED, _ZOMMA, _COLOR, _ULTIMA = (COLUMNS + row * W for row in range(10, 14))


@compiled
def worth(tile: Tile, blocks: int) -> None:
    """The price column, and the rows from which the Greeks follow."""
    _tuned(tile, blocks)
    if any_marked(tile, blocks, GENERAL):
        for i in range(blocks * LANES):
            if tile[GENERAL + i] > 0.0:
                _with_care(tile, i)
    for i in range(blocks * LANES):
        intrinsic = tile[SIGN + i] * tile[GAP + i]
        intrinsic = intrinsic if intrinsic > 0.0 else 0.0
        low = min(tile[FORWARD + i], tile[STRIKE + i])
        otm = tile[OTM + i]
        price = tile[DF + i] * (intrinsic + (otm if otm < low else low))
        sigma = tile[SIGMA + i]
        known = (tile[KNOWN + i] > 0.0) & (sigma >= 0.0) & (sigma < _INF) & (price < _INF)
        tile[_PRICE + i] = price if known else _NAN
        tile[DEFINED + i] = 1.0 if known & (tile[INVERSE + i] < 1.0 / _LEAST_V) else 0.0


@compiled
def _tuned(tile: Tile, blocks: int) -> None:
    """By the series, and ``GENERAL`` 1 for the contracts outside its region."""
    for i in range(blocks * LANES):
        x, v = tile[X + i], tile[SIGMA + i] * np.sqrt(tile[YEARS + i])
        v = v if v < V_MAX else V_MAX
        inverse = 1.0 / v
        half = 0.5 * v
        signed = x * inverse
        signed = signed if signed > -Z_MAX else -Z_MAX
        signed = signed if signed < Z_MAX else Z_MAX
        tile[V + i] = v
        tile[HALF + i] = half
        tile[Z + i] = abs(signed)
        tile[INVERSE + i] = inverse
        tile[D1 + i] = signed + half
        tile[D2 + i] = signed - half
        general = ((v > V_TUNED) | ((abs(x) > X_TUNED) & (v > 0.0))) & (tile[KNOWN + i] > 0.0)
        tile[GENERAL + i] = 1.0 if general else 0.0
    around(tile, blocks)
    for i in range(blocks * LANES):
        z, half = tile[Z + i], tile[HALF + i]
        density = tile[ROOT + i] * (exp(-0.5 * fma(half, half, z * z)) * INV_SQRT_2PI)
        apart = half * tile[ODD + i]
        tail = tile[EVEN + i] + apart if tile[X + i] < 0.0 else tile[EVEN + i] - apart
        tile[OTM + i] = 0.0 if tile[V + i] == 0.0 else density * (2.0 * apart)
        tile[DENSITY + i] = tile[DF + i] * density
        tile[TAIL + i] = tile[DF + i] * density * tail


@compiled
def _with_care(tile: Tile, i: int) -> None:
    """One contract outside the region of the series."""
    x, v = tile[X + i], tile[SIGMA + i] * np.sqrt(tile[YEARS + i])
    v = min(v, V_MAX)
    forward = tile[DF + i] * tile[FORWARD + i]
    b, _ = normalised(abs(x), v)
    d1 = x / v + 0.5 * v
    tile[OTM + i] = tile[ROOT + i] * b
    tile[DENSITY + i] = forward * exp(-0.5 * d1 * d1) * INV_SQRT_2PI
    tile[TAIL + i] = forward * upper_tail(-d1 if x < 0.0 else d1)
    tile[D1 + i] = d1
    tile[D2 + i] = x / v - 0.5 * v
    tile[INVERSE + i] = 1.0 / v


@compiled
def _kept(value: float, defined: float) -> float:
    """NaN, and always the same NaN, where it is undefined or not finite."""
    return value if (defined > 0.0) & (abs(value) < _INF) else _NAN


@compiled
def first_order(tile: Tile, blocks: int, on_spot: float) -> None:
    """delta, gamma, theta, vega, rho."""
    for i in range(blocks * LANES):
        sign, under, years, defined = tile[SIGN + i], tile[UNDER + i], tile[YEARS + i], tile[DEFINED + i]
        density, tail, x, sigma = tile[DENSITY + i], tile[TAIL + i], tile[X + i], tile[SIGMA + i]
        root_t = np.sqrt(years)
        price = tile[_PRICE + i]
        outside = sign * x < 0.0
        inside_tail = tile[DF_UNDER + i] * under - tail
        delta_under = sign * (tail if outside | ((x == 0.0) & (sign < 0.0)) else inside_tail)
        per_under = 1.0 / under
        vega = density * root_t
        decay = -0.5 * density * sigma / root_t
        theta = decay + (tile[YIELD + i] - tile[RATE + i]) * delta_under + tile[RATE + i] * price
        tile[_DELTA + i] = _kept(delta_under * per_under, defined)
        tile[_GAMMA + i] = _kept(density * per_under * per_under * tile[INVERSE + i], defined)
        tile[_THETA + i] = _kept(theta, defined)
        tile[_VEGA + i] = _kept(vega, defined)
        tile[_RHO + i] = _kept(years * (on_spot * delta_under - price), defined)


@compiled
def higher_order(tile: Tile, blocks: int) -> None:
    """vanna, charm, vomma, veta; speed, zomma, color, ultima. After ``first_order``."""
    for i in range(blocks * LANES):
        defined, d1, d2, inverse = tile[DEFINED + i], tile[D1 + i], tile[D2 + i], tile[INVERSE + i]
        paid, gamma, vega, delta = tile[YIELD + i], tile[_GAMMA + i], tile[_VEGA + i], tile[_DELTA + i]
        per_under, per_sigma = 1.0 / tile[UNDER + i], 1.0 / tile[SIGMA + i]
        half_per_t = 0.5 / tile[YEARS + i]
        density = tile[DENSITY + i] * per_under
        product = d1 * d2
        drift = (tile[RATE + i] - paid) * inverse - d2 * half_per_t  # of d1, in time to expiry
        vomma = vega * product * per_sigma
        tile[_VANNA + i] = _kept(-density * d2 * per_sigma, defined)
        tile[_CHARM + i] = _kept(paid * delta - density * drift, defined)
        tile[_VOMMA + i] = _kept(vomma, defined)
        tile[_VETA + i] = _kept(vega * (paid - half_per_t + d1 * drift), defined)
        tile[_SPEED + i] = _kept(-gamma * per_under * fma(d1, inverse, 1.0), defined)
        tile[_ZOMMA + i] = _kept(gamma * fma(d1, d2, -1.0) * per_sigma, defined)
        tile[_COLOR + i] = _kept(gamma * (paid + half_per_t + d1 * drift), defined)
        tile[_ULTIMA + i] = _kept(
            vega * per_sigma * per_sigma * (product * (product - 1.0) - d1 * d1 - d2 * d2), defined
        )
