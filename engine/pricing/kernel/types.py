"""Types of the kernel's arguments."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

Tile = NDArray[np.float64]
"""The scratch of ``engine.pricing.kernel.tile``, one-dimensional, ``tile.SIZE`` long."""

Entry = Callable[[bool, bool, Floats, Floats, Floats, Floats, Floats, Floats, Floats, Floats, Floats, Tile], None]
"""``price_contracts``: on a spot, solving; right sign, underlying, strike, years, price or volatility, discount factor
or rate, yield (each of one length, or of one element); volatility and columns to write; the scratch."""
