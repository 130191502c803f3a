"""The smile of one expiry: total variance against log moneyness, as Gatheral's SVI with five parameters.

    w(k) = a + b (rho (k - m) + sqrt((k - m)^2 + s^2)),   k = ln(K/F),   w = vol^2 t

(Gatheral and Jacquier, "Arbitrage-free SVI volatility surfaces", 2014). The wings are straight lines, as Lee's moment
formula wants them. ``engine.pricing.fit`` finds the parameters, ``engine.pricing.arbitrage`` judges them.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from engine.pricing.columns import Floats, floats


@dataclass(frozen=True)
class Smile:
    """A fitted smile.

    Attributes:
        forward: dollars. t: years.
        a, b, rho, m, s: the parameters, of total variance; ``b`` not negative, ``s`` positive, ``\\|rho\\|`` below 1.
        lowest, highest: the strikes between which it was fitted, dollars. Beyond, it is extrapolated.
        points: quotes it was fitted to. outliers: how many of them lie more than three of their errors aside.
        error: weighted root mean square distance of the quotes, in volatility (0.01 is a vol point).
    """

    forward: float
    t: float
    a: float
    b: float
    rho: float
    m: float
    s: float
    lowest: float
    highest: float
    points: int
    outliers: int
    error: float

    def log_moneyness(self, strikes: ArrayLike) -> Floats:
        """``k`` of strikes; NaN where a strike is not positive."""
        strike = floats(strikes)
        with np.errstate(all="ignore"):
            return np.where(strike > 0, np.log(strike / self.forward), np.nan)

    def total_variance(self, k: ArrayLike) -> Floats:
        """``w`` at log moneynesses."""
        x = floats(k) - self.m
        return floats(self.a + self.b * (self.rho * x + np.sqrt(x * x + self.s * self.s)))

    def slopes(self, k: ArrayLike) -> tuple[Floats, Floats]:
        """First and second derivative of ``w`` by ``k``."""
        x = floats(k) - self.m
        root = np.sqrt(x * x + self.s * self.s)
        return floats(self.b * (self.rho + x / root)), floats(self.b * self.s * self.s / root**3)

    def vol(self, strikes: ArrayLike) -> Floats:
        """Model implied volatility of strikes, annual."""
        with np.errstate(all="ignore"):
            return floats(np.sqrt(self.total_variance(self.log_moneyness(strikes)) / self.t))

    @property
    def atm_vol(self) -> float:
        """At the forward."""
        return math.sqrt(float(self.total_variance(0.0)) / self.t)

    @property
    def skew(self) -> float:
        """Change of volatility for a change of 1 in ln K, at the forward; times 0.01 it is that of a strike 1% up."""
        return float(self.slopes(0.0)[0]) / (2.0 * self.atm_vol * self.t)
