"""Price, implied volatility and Greeks of European options on a spot with a continuous yield (Black, Scholes, Merton).

The same kernel as ``engine.pricing.black76``, with derivatives by the spot at a fixed rate and yield. ``rate`` and
``dividend_yield`` are continuous, annual: 0.05 is 5%. Everything else is as there.
"""

from __future__ import annotations

from numpy.typing import ArrayLike

from engine.pricing.columns import Floats, run
from engine.pricing.derivatives import FullGreeks


def price(
    right_sign: ArrayLike,
    spot: ArrayLike,
    strike: ArrayLike,
    t: ArrayLike,
    sigma: ArrayLike,
    rate: ArrayLike = 0.0,
    dividend_yield: ArrayLike = 0.0,
) -> Floats:
    """Price, dollars a share; the discounted intrinsic value of the forward at ``t`` or ``sigma`` 0. NaN where an
    argument makes no sense, as in ``black76.price``."""
    return run(True, False, 1, (right_sign, spot, strike, t, sigma, rate, dividend_yield))[1][0]


def implied_vol(
    right_sign: ArrayLike,
    spot: ArrayLike,
    strike: ArrayLike,
    t: ArrayLike,
    price: ArrayLike,
    rate: ArrayLike = 0.0,
    dividend_yield: ArrayLike = 0.0,
) -> Floats:
    """Annualised volatility at which the model gives ``price``; NaN where there is none, as in
    ``black76.implied_vol``."""
    return run(True, True, 0, (right_sign, spot, strike, t, price, rate, dividend_yield))[0]


def greeks(
    right_sign: ArrayLike,
    spot: ArrayLike,
    strike: ArrayLike,
    t: ArrayLike,
    sigma: ArrayLike,
    rate: ArrayLike = 0.0,
    dividend_yield: ArrayLike = 0.0,
) -> FullGreeks:
    """Price and Greeks to the third order, by the spot; see ``FullGreeks`` for units and signs."""
    return FullGreeks(*run(True, False, 14, (right_sign, spot, strike, t, sigma, rate, dividend_yield))[1])


def evaluate(
    right_sign: ArrayLike,
    spot: ArrayLike,
    strike: ArrayLike,
    t: ArrayLike,
    price: ArrayLike,
    rate: ArrayLike = 0.0,
    dividend_yield: ArrayLike = 0.0,
) -> tuple[Floats, FullGreeks]:
    """Implied volatility of each price, and the Greeks at it, in one call."""
    iv, columns = run(True, True, 14, (right_sign, spot, strike, t, price, rate, dividend_yield))
    return iv, FullGreeks(*columns)
