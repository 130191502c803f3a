"""Between callers' arrays and the kernel's: broadcasting in, shaped columns out."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from engine.pricing.kernel import entry, scratch

Floats = NDArray[np.float64]

NOTHING = np.zeros(1)
"""Stands for an input that the model does not have."""

ONE = np.ones(1)
"""The discount factor where there is no discounting."""


# C-contiguous, aligned, writable. By number: asking ``flags`` for them by name warns of arrays numpy has broadcast.
_PLAIN = 0x0001 | 0x0100 | 0x0400


def floats(value: ArrayLike) -> Floats:
    """As a float64 array, without a copy where it is one."""
    return np.asarray(value, dtype=np.float64)


def run(spot: bool, solving: bool, count: int, inputs: tuple[ArrayLike, ...]) -> tuple[Floats, list[Floats]]:
    """The kernel over broadcast inputs: volatilities, and the first ``count`` columns of ``FullGreeks``.

    Args:
        spot: Black-Scholes-Merton on a spot; else Black-76 on a forward.
        solving: the fifth input is prices, whose volatilities are wanted; else it is the volatilities.
        count: columns wanted: 0, 1 (price), 6 (``Greeks``) or 14 (``FullGreeks``).
        inputs: right sign, underlying, strike, years, price or volatility, then discount factor (forward), or rate and
            yield (spot).

    Raises:
        ValueError: the inputs do not broadcast.
    """
    shape: tuple[int, ...] = ()
    given: list[Floats] = []
    for value in inputs:
        # The commonest is a float: a forward, a time, a discount factor for the whole chain.
        column = np.array((value,)) if isinstance(value, float) else np.asarray(value, dtype=np.float64)
        given.append(column)
        if column.ndim and column.shape != shape and not isinstance(value, float):
            shape = column.shape if not shape else np.broadcast_shapes(shape, column.shape)
    flat = [_flat(column, shape) for column in given]
    if len(flat) < 7:
        flat.append(NOTHING)
    size = 1
    for extent in shape:
        size *= extent
    volatility = np.empty(size)
    table = np.empty((count, size))
    if size:
        sign, under, strike, years, target, first, second = flat
        entry()(spot, solving, sign, under, strike, years, target, first, second, volatility, table, scratch())
    if len(shape) == 1:
        return volatility, list(table)
    return volatility.reshape(shape), [row.reshape(shape) for row in table]


def _flat(value: Floats, shape: tuple[int, ...]) -> Floats:
    """As the kernel takes it: contiguous, writable (it is not written to), one-dimensional, whole or of one element."""
    if value.ndim == 1 and (value.shape == shape or value.size == 1) and value.flags.num & _PLAIN == _PLAIN:
        return value
    if value.size != 1 and value.shape != shape:
        value = np.broadcast_to(value, shape)
    value = value.reshape(-1)
    return value if value.flags.num & _PLAIN == _PLAIN else value.copy()
