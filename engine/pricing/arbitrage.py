"""Whether a smile's prices leave no free money at one expiry."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from engine.pricing.columns import Floats, floats
from engine.pricing.smile import Smile

_POINTS = 801
_BEYOND = 3.0  # standard deviations at the money on either side, at least
_NOTHING = 1e-9
_STEEPEST = 2.0  # Lee: a wing of total variance steeper than 2 would give prices that do not fall to zero


class Arbitrage(NamedTuple):
    """What was found.

    Attributes:
        free: no butterfly has a negative price, and no wing is too steep.
        least: the least of Durrleman's function g, of which the risk-neutral density is a positive multiple; negative
            where a butterfly would be paid to be held.
        strike: where it is least, dollars.
        wing: the steeper wing's slope of total variance; above 2 is too steep.
    """

    free: bool
    least: float
    strike: float
    wing: float


def butterfly_function(smile: Smile, k: ArrayLike) -> Floats:
    """Durrleman's ``g(k) = (1 - k w'/(2w))^2 - w'^2/4 (1/w + 1/4) + w''/2``, which must not be negative."""
    k, w = floats(k), smile.total_variance(k)
    first, second = smile.slopes(k)
    with np.errstate(all="ignore"):
        g = (1.0 - 0.5 * k * first / w) ** 2 - 0.25 * first * first * (1.0 / w + 0.25) + 0.5 * second
    return np.where(w > 0, g, -np.inf)


def check_arbitrage(smile: Smile) -> Arbitrage:
    """Checked over the fitted strikes and three standard deviations either side, whichever reaches further."""
    reach = _BEYOND * smile.atm_vol * smile.t**0.5
    low, high = smile.log_moneyness([smile.lowest, smile.highest])
    k = np.linspace(min(float(low), -reach), max(float(high), reach), _POINTS)
    g = butterfly_function(smile, k)
    at = int(np.argmin(g))
    wing = smile.b * (1.0 + abs(smile.rho))
    free = bool(g[at] >= -_NOTHING) and wing <= _STEEPEST
    return Arbitrage(free, float(g[at]), smile.forward * float(np.exp(k[at])), wing)
