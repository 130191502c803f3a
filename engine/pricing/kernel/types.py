"""Types of the kernel's arguments."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

Tile = NDArray[np.float64]
"""The scratch of ``engine.pricing.kernel.tile``, one-dimensional, ``tile.SIZE`` long."""
