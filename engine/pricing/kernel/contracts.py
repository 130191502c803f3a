"""The kernel's one entry point. Importing this imports numba: go through ``engine.pricing.kernel``."""

from __future__ import annotations

import hashlib
from pathlib import Path

from engine.pricing.kernel import implied, prepare, value
from engine.pricing.kernel.jit import cached, compiled
from engine.pricing.kernel.tile import COLUMNS, FIRST, GIVEN, LANES, SECOND, SIGMA, SIGN, STRIKE, UNDER, YEARS, W
from engine.pricing.kernel.types import Entry, Floats, Tile

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
def _load(column: Floats, start: int, count: int, blocks: int, tile: Tile, row: int, harmless: float) -> None:
    """A column's next contracts into a row of the tile; one element stands for all."""
    if column.size == 1:
        for i in range(blocks * LANES):
            tile[row + i] = column[0]
        return
    for i in range(count):
        tile[row + i] = column[start + i]
    for i in range(count, blocks * LANES):
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
        tile: Tile,
    ) -> None:
        if digest == 0:  # part of the key under which the compiled code is kept
            return
        size = volatility.size
        on_spot = 1.0 if spot else 0.0
        for start in range(0, size, W):
            count = min(W, size - start)
            blocks = (count + LANES - 1) // LANES
            _load(sign, start, count, blocks, tile, SIGN, 1.0)
            _load(under, start, count, blocks, tile, UNDER, 1.0)
            _load(strike, start, count, blocks, tile, STRIKE, 1.0)
            _load(years, start, count, blocks, tile, YEARS, 1.0)
            _load(given, start, count, blocks, tile, GIVEN if solving else SIGMA, 0.1)
            _load(first, start, count, blocks, tile, FIRST, 1.0)
            _load(second, start, count, blocks, tile, SECOND, 0.0)
            if spot:
                _on_spot(tile, blocks)
            else:
                _on_forward(tile, blocks)
            _moneyness(tile, blocks)
            if solving:
                _solve(tile, blocks)
            for i in range(count):
                volatility[start + i] = tile[SIGMA + i]
            if columns.shape[0] == 0:
                continue
            _worth(tile, blocks)
            if columns.shape[0] > 1:
                _first_order(tile, blocks, on_spot)
            if columns.shape[0] > 6:
                _higher_order(tile, blocks)
            for row in range(columns.shape[0]):
                for i in range(count):
                    columns[row, start + i] = tile[COLUMNS + row * W + i]

    return price_contracts


price_contracts = _make(sources_digest())
