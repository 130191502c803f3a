"""The distribution at expiry that a smile implies (Breeden and Litzenberger, 1978), under the pricing measure.

It is what the market charges, risk premium included, and no forecast.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike

from engine.pricing.arbitrage import butterfly_function
from engine.pricing.black76 import greeks
from engine.pricing.columns import Floats, floats
from engine.pricing.smile import Smile


def risk_neutral_density(smile: Smile, strikes: ArrayLike) -> Floats:
    """Risk-neutral probability density at prices, a dollar: the second derivative of the undiscounted call by strike.

    Negative where the smile has a butterfly arbitrage: it is shown, not hidden. NaN where a price is not positive.
    """
    strike = floats(strikes)
    k = smile.log_moneyness(strike)
    w = smile.total_variance(k)
    with np.errstate(all="ignore"):
        d2 = -k / np.sqrt(w) - 0.5 * np.sqrt(w)
        return floats(butterfly_function(smile, k) * np.exp(-0.5 * d2 * d2) / (strike * np.sqrt(2.0 * math.pi * w)))


def probability_above(smile: Smile, strikes: ArrayLike) -> Floats:
    """Risk-neutral probability to expire above a price: minus the slope of the undiscounted call by strike.

    ``N(d2)`` at the strike's own volatility, less vega times the smile's slope there: where puts are dearer than calls
    the probability is above N(d2).
    """
    strike = floats(strikes)
    k, vol = smile.log_moneyness(strike), smile.vol(strike)
    call = greeks(1.0, smile.forward, strike, smile.t, vol)
    with np.errstate(all="ignore"):
        flat = (smile.forward * call.delta - call.price) / strike
        by_strike = smile.slopes(k)[0] / (2.0 * vol * smile.t * strike)
        return floats(flat - call.vega * by_strike)
