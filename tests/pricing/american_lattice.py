"""American prices by another road: a binomial tree smoothed and extrapolated (Broadie and Detemple, 1996, "BBSR").

Cox, Ross and Rubinstein's tree with the European price one step before expiry, where the payoff's kink would make the
error zigzag, and Richardson's extrapolation over a doubling of the steps. The spot net of the dividend's present value
moves; what exercise brings before the dividend has it back in. The dividend must fall on a step.
"""

from __future__ import annotations

import numpy as np

from engine.pricing import price as black


def lattice(
    sign: float,
    spot: float,
    strike: float,
    t: float,
    sigma: float,
    rate: float = 0.0,
    yield_rate: float = 0.0,
    dividend: float = 0.0,
    ex_t: float = np.inf,
    steps: int = 1000,
) -> float:
    """The American price, dollars."""
    coarse, fine = (
        _tree(sign, spot, strike, t, sigma, rate, yield_rate, dividend, ex_t, n) for n in (steps, 2 * steps)
    )
    return 2.0 * fine - coarse


def _tree(
    sign: float,
    spot: float,
    strike: float,
    t: float,
    sigma: float,
    r: float,
    q: float,
    cash: float,
    ex_t: float,
    n: int,
) -> float:
    dt = t / n
    cash = cash if ex_t < t else 0.0
    net = spot - cash * np.exp(-r * ex_t) if cash else spot
    last = round(ex_t / dt) if cash else -1
    assert not cash or abs(last * dt - ex_t) < 1e-9 * t, "the dividend must fall on a step"
    up = np.exp(sigma * np.sqrt(dt))
    chance = (np.exp((r - q) * dt) - 1.0 / up) / (up - 1.0 / up)
    discount = np.exp(-r * dt)

    def exercise(step: int, spots: np.ndarray) -> np.ndarray:
        whole = spots + cash * np.exp(-r * (ex_t - step * dt)) if step <= last else spots
        return sign * (whole - strike)

    spots = net * up ** np.arange(n - 1, -n, -2.0)
    value = black(sign, spots * np.exp((r - q) * dt), strike, dt, sigma, discount)
    value = np.maximum(value, exercise(n - 1, spots))
    for step in range(n - 2, -1, -1):
        spots = spots[:-1] / up
        value = np.maximum(discount * (chance * value[:-1] + (1.0 - chance) * value[1:]), exercise(step, spots))
    return float(value[0])
