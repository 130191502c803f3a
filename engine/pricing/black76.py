"""Price and first-order Greeks of European options on a forward (Black, "The pricing of commodity contracts", 1976).

American options that can never be worth exercising early are priced here too: see ``american`` for the others.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from engine.pricing._kernel import SQRT_2PI, V_MAX, Floats, floats, otm_value
from engine.pricing.implied import implied_vol


class Greeks(NamedTuple):
    """Raw derivatives a share, arrays of one shape; NaN where undefined.

    Attributes:
        price: the model's price.
        delta: by the FORWARD: ``df N(d1)`` for a call, ``-df N(-d1)`` for a put. With a spot at a fixed carry,
            multiply by forward/spot.
        gamma: second derivative by the forward.
        theta: minus the derivative by time to expiry, a year, forward and rate held: mostly negative. A day's is
            1/365 of it.
        vega: by volatility, for 1.00 of it; a vol point is 1/100 of it.
        rho: by the rate ``-ln(df)/t``, for 1.00 of it, forward held: ``-t price``.
    """

    price: Floats
    delta: Floats
    gamma: Floats
    theta: Floats
    vega: Floats
    rho: Floats


def price(
    right_sign: ArrayLike, forward: ArrayLike, strike: ArrayLike, t: ArrayLike, sigma: ArrayLike, df: ArrayLike = 1.0
) -> Floats:
    """Black-76 price, dollars a share.

    The side out of the money is computed and the intrinsic value added, so the time value keeps its digits.
    At ``t`` or ``sigma`` 0 it is the (discounted) intrinsic value. NaN where ``forward``, ``strike`` or ``df`` is not
    positive, where ``t`` or ``sigma`` is negative, or anything is not finite.
    """
    with np.errstate(all="ignore"):
        return _price(floats(right_sign), floats(forward), floats(strike), floats(t), floats(sigma), floats(df))


def greeks(
    right_sign: ArrayLike, forward: ArrayLike, strike: ArrayLike, t: ArrayLike, sigma: ArrayLike, df: ArrayLike = 1.0
) -> Greeks:
    """Price and Greeks at given volatilities; see ``Greeks`` for units and signs.

    The derivatives are NaN where ``t`` or ``sigma`` is not positive: at expiry they do not exist at the strike.
    """
    with np.errstate(all="ignore"):
        return _greeks(floats(right_sign), floats(forward), floats(strike), floats(t), floats(sigma), floats(df))


def evaluate(
    right_sign: ArrayLike, forward: ArrayLike, strike: ArrayLike, t: ArrayLike, price: ArrayLike, df: ArrayLike = 1.0
) -> tuple[Floats, Greeks]:
    """Implied volatility of each price, and the Greeks at it: what a chain shows, in one call.

    Both are NaN where the volatility is undefined (see ``implied_vol``); then ``Greeks.price`` is NaN as well.
    """
    iv = implied_vol(right_sign, forward, strike, t, price, df)
    return iv, greeks(right_sign, forward, strike, t, iv, df)


def _price(sign: Floats, forward: Floats, strike: Floats, t: Floats, sigma: Floats, df: Floats) -> Floats:
    v = sigma * np.sqrt(t)
    value = otm_value(np.minimum(forward, strike), np.maximum(forward, strike), v)
    total = df * (np.maximum(sign * (forward - strike), 0.0) + value)
    known = (forward > 0) & (strike > 0) & (df > 0) & (t >= 0) & (sigma >= 0) & np.isfinite(total)
    return np.where(known, total, np.nan)


def _greeks(sign: Floats, forward: Floats, strike: Floats, t: Floats, sigma: Floats, df: Floats) -> Greeks:
    from scipy.special import ndtr

    worth = _price(sign, forward, strike, t, sigma, df)
    root_t = np.sqrt(t)
    v = np.minimum(sigma * root_t, V_MAX)
    defined = (v > 0) & np.isfinite(worth)
    d1 = np.copysign(np.log1p(np.abs(forward - strike) / np.minimum(forward, strike)), forward - strike) / v + 0.5 * v
    density = np.where(defined, df * np.exp(-0.5 * d1 * d1) / SQRT_2PI, np.nan)
    vega = forward * density * root_t
    return Greeks(
        price=worth,
        delta=np.where(defined, sign * df * ndtr(sign * d1), np.nan),
        gamma=floats(density / (forward * v)),
        theta=floats(-0.5 * vega * sigma / t - np.log(df) / t * worth),
        vega=floats(vega),
        rho=np.where(defined, -t * worth, np.nan),
    )
