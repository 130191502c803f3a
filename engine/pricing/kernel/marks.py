"""Whether any contract of a tile is marked."""

from __future__ import annotations

from engine.pricing.kernel.jit import compiled
from engine.pricing.kernel.tile import LANES
from engine.pricing.kernel.types import Tile


@compiled
def any_marked(tile: Tile, blocks: int, row: int) -> bool:
    """Whether a row of 0 and 1 holds a 1."""
    count = 0
    for i in range(blocks * LANES):
        count += 1 if tile[row + i] > 0.0 else 0
    return count > 0
