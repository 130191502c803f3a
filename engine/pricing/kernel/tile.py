"""The kernel's scratch: a few dozen rows of as many contracts as are worked on at once.

Work goes in blocks of 8, the lanes of an AVX-512 register: every loop runs over ``blocks * LANES`` contracts, and the
last block is padded with harmless ones. So the compiler needs no loop for a remainder: every contract, wherever it
stands and however many there are, runs through the same vector instructions. And because rows lie at fixed distances it
sees that they do not overlap, which it must know to vectorise.
"""

from __future__ import annotations

W = 256
"""Contracts a tile at most: a chain of 200 in one go, its rows within the first two caches."""

LANES = 8
"""Contracts a block."""

# Input.
SIGN, UNDER, STRIKE, YEARS, GIVEN, FIRST, SECOND = (row * W for row in range(7))
# The forward, its distance to the strike, ln(forward/strike), sqrt(forward strike), both discounts, the two rates.
FORWARD, GAP, X, ROOT, DF, DF_UNDER, RATE, YIELD = (row * W for row in range(7, 15))
# Of implied volatility: 1 where there may be one; ln of the normalised price; total volatility; 1 until it has settled.
KNOWN, VALUE, TARGET, V, ACTIVE = (row * W for row in range(15, 20))
# Output: volatility; then the value out of the money, and what every Greek is made of.
SIGMA, OTM, DENSITY, TAIL, DEFINED, GENERAL = (row * W for row in range(20, 26))
INVERSE, D1, D2 = (row * W for row in range(26, 29))
Z, HALF, MILLS, EVEN, ODD, B = (row * W for row in range(29, 35))
COLUMNS = 35 * W
"""Start of the output columns, in the order of ``engine.pricing.derivatives.FullGreeks``."""

SIZE = (35 + 14) * W

V_TUNED = 0.9
"""Total volatility up to which the series of ``mills_around`` is used."""

X_TUNED = 3.0
"""\\|ln(forward/strike)\\| up to which it is."""

Z_MAX = 40.0
"""Standard deviations from which on a density is 0 in float64."""

LEAST, MOST = 1e-150, 1e150
"""Forwards and strikes beyond are taken as undefined, so that products and roots of them never overflow."""

V_MAX = 60.0
"""Total volatility from which on a price equals its bound in float64."""

INV_SQRT_2PI = 0.3989422804014327
