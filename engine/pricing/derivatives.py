"""The Greeks by name, and their signs and units: the same for both models."""

from __future__ import annotations

from typing import NamedTuple

from engine.pricing.columns import Floats


class Greeks(NamedTuple):
    """Raw derivatives a share, arrays of one shape; NaN where undefined.

    "The underlying" is the forward in ``engine.pricing.black76`` and the spot in ``engine.pricing.bsm``.

    Attributes:
        price: the model's price.
        delta: by the underlying. On a forward ``df N(d1)`` for a call, ``-df N(-d1)`` for a put; with a spot at a fixed
            carry, multiply by forward/spot.
        gamma: second derivative by the underlying.
        theta: MINUS the derivative by time to expiry, a year, underlying and rates held: mostly negative. A day's is
            1/365 of it.
        vega: by volatility, for 1.00 of it; a vol point is 1/100 of it.
        rho: by the rate, for 1.00 of it. On a forward the forward is held: ``-t price``. On a spot the spot and its
            yield are.
    """

    price: Floats
    delta: Floats
    gamma: Floats
    theta: Floats
    vega: Floats
    rho: Floats


class FullGreeks(NamedTuple):
    """``Greeks`` and everything to the third order, raw: per 1.00 of volatility, a year, a dollar of the underlying.

    Attributes:
        price, delta, gamma, theta, vega, rho: as in ``Greeks``.
        vanna: of delta by volatility (of vega by the underlying).
        charm: MINUS the derivative of delta by time to expiry: how delta moves as the day goes by, a year.
        vomma: of vega by volatility.
        veta: MINUS the derivative of vega by time to expiry.
        speed: of gamma by the underlying.
        zomma: of gamma by volatility.
        color: MINUS the derivative of gamma by time to expiry.
        ultima: of vomma by volatility.
    """

    price: Floats
    delta: Floats
    gamma: Floats
    theta: Floats
    vega: Floats
    rho: Floats
    vanna: Floats
    charm: Floats
    vomma: Floats
    veta: Floats
    speed: Floats
    zomma: Floats
    color: Floats
    ultima: Floats
