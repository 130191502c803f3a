"""Time to expiry: seconds to the product's actual close, over a year of 365 days."""

from __future__ import annotations

from typing import overload

import numpy as np
from numpy.typing import NDArray

from engine.clock import SECOND

YEAR_SECONDS = 365 * 86_400
"""Calendar/365, the convention that reproduces Cboe's published implied volatilities."""

_YEAR = YEAR_SECONDS * SECOND


@overload
def years_to(instant_ns: int, expiry_close_ns: int) -> float: ...


@overload
def years_to(instant_ns: int | NDArray[np.int64], expiry_close_ns: NDArray[np.int64]) -> NDArray[np.float64]: ...


@overload
def years_to(instant_ns: NDArray[np.int64], expiry_close_ns: int) -> NDArray[np.float64]: ...


def years_to(
    instant_ns: int | NDArray[np.int64], expiry_close_ns: int | NDArray[np.int64]
) -> float | NDArray[np.float64]:
    """Years (act/365) from an instant to the close of an expiry, both ns UTC.

    The close is ``Session.product_close(root)`` of the expiry day, so half-days and late closes count as they are.
    Negative once the close has passed; the pricing functions answer NaN there. Nothing is clamped.
    """
    # Subtracted as integers: a float64 holds nanoseconds since 1970 only to a quarter of a microsecond.
    return (expiry_close_ns - instant_ns) / _YEAR
