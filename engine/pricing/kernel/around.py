"""Mills' ratio M around a point, by Taylor's series: what prices, deltas and the steps toward a volatility are made of.

``M(z - h) - M(z + h)`` taken directly would cancel as 1/h, and h is 1e-5 a minute before the close. The derivatives
follow from M by ``M(k+1) = z M(k) + k M(k-1)``; divided by k! they need one constant each. To the 15th derivative the
series holds 13 digits for ``h <= 0.45`` and every z.

Loops are kept this short on purpose: each has about as many constants as the processor has vector registers.
"""

from __future__ import annotations

from engine.pricing.kernel.elementary import mills
from engine.pricing.kernel.instructions import fma
from engine.pricing.kernel.jit import compiled
from engine.pricing.kernel.tile import EVEN, HALF, LANES, MILLS, ODD, Z
from engine.pricing.kernel.types import Tile


@compiled
def around(tile: Tile, blocks: int) -> None:
    """``EVEN`` and ``ODD``: ``(M(Z - HALF) + M(Z + HALF))/2`` and ``(M(Z - HALF) - M(Z + HALF))/(2 HALF)``."""
    for i in range(blocks * LANES):
        tile[MILLS + i] = mills(tile[Z + i])
    for i in range(blocks * LANES):
        z, u = tile[Z + i], tile[HALF + i] * tile[HALF + i]
        a0 = tile[MILLS + i]
        a1 = fma(z, a0, -1.0)
        a2 = fma(z, a1, a0) * 0.5
        a3 = fma(z, a2, a1) * (1.0 / 3.0)
        a4 = fma(z, a3, a2) * 0.25
        a5 = fma(z, a4, a3) * 0.2
        a6 = fma(z, a5, a4) * (1.0 / 6.0)
        a7 = fma(z, a6, a5) * (1.0 / 7.0)
        a8 = fma(z, a7, a6) * 0.125
        a9 = fma(z, a8, a7) * (1.0 / 9.0)
        a10 = fma(z, a9, a8) * 0.1
        a11 = fma(z, a10, a9) * (1.0 / 11.0)
        a12 = fma(z, a11, a10) * (1.0 / 12.0)
        a13 = fma(z, a12, a11) * (1.0 / 13.0)
        a14 = fma(z, a13, a12) * (1.0 / 14.0)
        a15 = fma(z, a14, a13) * (1.0 / 15.0)
        odd = fma(fma(fma(a15, u, a13), u, a11), u, a9)
        odd = fma(fma(fma(fma(odd, u, a7), u, a5), u, a3), u, a1)
        even = fma(fma(fma(a14, u, a12), u, a10), u, a8)
        even = fma(fma(fma(fma(even, u, a6), u, a4), u, a2), u, a0)
        tile[EVEN + i] = even
        tile[ODD + i] = -odd
