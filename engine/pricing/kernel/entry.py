"""The kernel's one entry point. Importing this imports numba: go through ``engine.pricing.kernel``."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path

import numpy as np

from engine.pricing.kernel import implied, prepare, value
from engine.pricing.kernel.jit import cached, compiled
from engine.pricing.kernel.tile import COLUMNS, FIRST, GIVEN, LANES, SECOND, SIGMA, SIGN, SIZE, STRIKE, UNDER, YEARS, W
from engine.pricing.kernel.types import Floats, Tile

Entry = Callable[[bool, bool, Floats, Floats, Floats, Floats, Floats, Floats, Floats, Floats, Floats], None]

_solve, _worth = implied.solve, value.worth
_first_order, _higher_order = value.first_order, value.higher_order
_on_forward, _on_spot, _moneyness = prepare.on_forward, prepare.on_spot, prepare.moneyness


def sources_digest() -> int:
    """A number that changes with any file of the kernel: numba itself looks at the entry point's file only."""
    digest = hashlib.sha256()
    for path in sorted(Path(__file__).parent.glob("*.py")):
        digest.update(path.read_bytes())
    return int.from_bytes(digest.digest()[:7], "big")


@compiled
def _load(column: Floats, start: int, count: int, width: int, tile: Tile, row: int, harmless: float) -> None:
    """A column's next contracts into a row of the tile; one element stands for all."""
    if column.size == 1:
        for i in range(width):
            tile[row + i] = column[0]
        return
    for i in range(count):
        tile[row + i] = column[start + i]
    for i in range(count, width):
        tile[row + i] = harmless


def _make(digest: int) -> Entry:
    @cached
    def price_contracts(
        spot: bool,
        solving: bool,
        sign: Floats,
        under: Floats,
        strike: Floats,
        years: Floats,
        given: Floats,
        first: Floats,
        second: Floats,
        volatility: Floats,
        columns: Floats,
    ) -> None:
        if digest == 0:  # part of the key under which the compiled code is kept
            return
        size = volatility.size
        tile = np.empty(SIZE)
        on_spot = 1.0 if spot else 0.0
        for start in range(0, size, W):
            count = min(W, size - start)
            width = (count + LANES - 1) // LANES * LANES
            _load(sign, start, count, width, tile, SIGN, 1.0)
            _load(under, start, count, width, tile, UNDER, 1.0)
            _load(strike, start, count, width, tile, STRIKE, 1.0)
            _load(years, start, count, width, tile, YEARS, 1.0)
            _load(given, start, count, width, tile, GIVEN if solving else SIGMA, 0.1)
            _load(first, start, count, width, tile, FIRST, 1.0)
            _load(second, start, count, width, tile, SECOND, 0.0)
            if spot:
                _on_spot(tile, width)
            else:
                _on_forward(tile, width)
            _moneyness(tile, width)
            if solving:
                _solve(tile, width)
            for i in range(count):
                volatility[start + i] = tile[SIGMA + i]
            if columns.shape[0] == 0:
                continue
            _worth(tile, width)
            if columns.shape[0] > 1:
                _first_order(tile, width, on_spot)
            if columns.shape[0] > 6:
                _higher_order(tile, width)
            for row in range(columns.shape[0]):
                for i in range(count):
                    columns[row, start + i] = tile[COLUMNS + row * W + i]

    return price_contracts


price_contracts = _make(sources_digest())
