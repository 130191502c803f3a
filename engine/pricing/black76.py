"""Price and Greeks of European options on a forward (Black, "The pricing of commodity contracts", 1976).

American options that can never be worth exercising early are priced here too: see ``american`` for the others.
"""

from __future__ import annotations

from numpy.typing import ArrayLike

from engine.pricing.columns import Floats, run
from engine.pricing.derivatives import FullGreeks, Greeks


def price(
    right_sign: ArrayLike, forward: ArrayLike, strike: ArrayLike, t: ArrayLike, sigma: ArrayLike, df: ArrayLike = 1.0
) -> Floats:
    """Black-76 price, dollars a share.

    The side out of the money is computed and the intrinsic value added, so the time value keeps its digits.
    At ``t`` or ``sigma`` 0 it is the (discounted) intrinsic value. NaN where ``forward``, ``strike`` or ``df`` is not
    positive, where ``t`` or ``sigma`` is negative, ``right_sign`` neither 1 nor -1, or anything is not finite.
    """
    return run(False, False, 1, (right_sign, forward, strike, t, sigma, df))[1][0]


def greeks(
    right_sign: ArrayLike, forward: ArrayLike, strike: ArrayLike, t: ArrayLike, sigma: ArrayLike, df: ArrayLike = 1.0
) -> Greeks:
    """Price and Greeks at given volatilities; see ``Greeks`` for units and signs.

    The derivatives are NaN where ``t`` or ``sigma`` is not positive: at expiry they do not exist at the strike.
    """
    return Greeks(*run(False, False, 6, (right_sign, forward, strike, t, sigma, df))[1])


def full_greeks(
    right_sign: ArrayLike, forward: ArrayLike, strike: ArrayLike, t: ArrayLike, sigma: ArrayLike, df: ArrayLike = 1.0
) -> FullGreeks:
    """``greeks`` to the third order."""
    return FullGreeks(*run(False, False, 14, (right_sign, forward, strike, t, sigma, df))[1])


def implied_vol(
    right_sign: ArrayLike, forward: ArrayLike, strike: ArrayLike, t: ArrayLike, price: ArrayLike, df: ArrayLike = 1.0
) -> Floats:
    """Annualised Black-76 volatility at which the model gives ``price``.

    Accurate to 1e-9 and usually to 1e-14 wherever the price carries that much: time value is what carries it, so use
    the quote that is out of the money.

    NaN, never a number, where there is none: a price that is zero, negative, not finite, at or below the discounted
    intrinsic value, or at or above the bound (``df forward`` for a call, ``df strike`` for a put); ``t``, ``forward``,
    ``strike`` or ``df`` not positive or not finite. "At" means within rounding error, 8 units in the last place of
    forward or strike: what is left of a time value or of the distance to the bound there carries no volatility.
    """
    return run(False, True, 0, (right_sign, forward, strike, t, price, df))[0]


def evaluate(
    right_sign: ArrayLike, forward: ArrayLike, strike: ArrayLike, t: ArrayLike, price: ArrayLike, df: ArrayLike = 1.0
) -> tuple[Floats, Greeks]:
    """Implied volatility of each price, and the Greeks at it: what a chain shows, in one call.

    The same bits as ``implied_vol`` and ``greeks`` give one after the other. Both are NaN where the volatility is
    undefined (see ``implied_vol``); then ``Greeks.price`` is NaN as well.
    """
    iv, columns = run(False, True, 6, (right_sign, forward, strike, t, price, df))
    return iv, Greeks(*columns)


def evaluate_full(
    right_sign: ArrayLike, forward: ArrayLike, strike: ArrayLike, t: ArrayLike, price: ArrayLike, df: ArrayLike = 1.0
) -> tuple[Floats, FullGreeks]:
    """``evaluate`` to the third order."""
    iv, columns = run(False, True, 14, (right_sign, forward, strike, t, price, df))
    return iv, FullGreeks(*columns)
