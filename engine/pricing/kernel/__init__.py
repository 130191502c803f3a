"""The compiled kernel: one pass over arrays of contracts. It is imported when the first contract is priced.

numba takes a third of a second to import, and a machine that has never run this version compiles for some seconds once
(later processes load what it kept on disk). Neither may happen before the screen's first paint: see
``engine.market.rehearsal``, which does both after it.
"""

from __future__ import annotations

import threading
from functools import cache
from importlib import import_module
from types import ModuleType

import numpy as np

from engine.pricing.kernel.tile import SIZE
from engine.pricing.kernel.types import Entry, Tile

_LINE = 64  # bytes of a cache line, and of an AVX-512 register
_own = threading.local()


@cache
def entry() -> Entry:
    """``engine.pricing.kernel.contracts.price_contracts``, imported and called once when first asked for."""
    from engine.pricing.kernel.contracts import price_contracts

    one = np.ones(1)
    price_contracts(False, True, one, one, one, one, 0.1 * one, one, one, np.empty(1), np.empty((1, 1)), scratch())
    return price_contracts


@cache
def chain_kernel() -> ModuleType:
    """``engine.pricing.kernel.chain``, imported when first asked for."""
    entry()
    return import_module("engine.pricing.kernel.chain")


def scratch() -> Tile:
    """The calling thread's own scratch: a hundred kilobytes that would cost more to get anew than a chain to price."""
    tile: Tile | None = getattr(_own, "tile", None)
    if tile is None:
        room = np.empty(SIZE + _LINE // 8)
        start = -room.ctypes.data % _LINE // 8
        tile = _own.tile = room[start : start + SIZE]
    return tile
