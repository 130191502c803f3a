"""The project's previous kernel (NumPy and SciPy, commit 33ac65d), kept to measure against; price and 5 Greeks."""

from __future__ import annotations

import math
from functools import cache

import numpy as np
import scipy
import workload
from scipy.special import erfcx, ndtr

V_MAX = 60.0
SQRT_2PI = math.sqrt(2 * math.pi)
_ROOT_HALF = math.sqrt(0.5)
_NOISE = 8 * np.finfo(np.float64).eps


def _log_moneyness(low, high):
    return -np.log1p((high - low) / low)


def _scaled_difference(h, half):
    return erfcx((-h - half) * _ROOT_HALF) - erfcx((half - h) * _ROOT_HALF)


def _price(sign, forward, strike, t, sigma):
    low, high = np.minimum(forward, strike), np.maximum(forward, strike)
    x, v = _log_moneyness(low, high), np.minimum(sigma * np.sqrt(t), V_MAX)
    h, half = x / v, 0.5 * v
    b = 0.5 * np.exp(-0.5 * (h * h + half * half)) * _scaled_difference(h, half)
    value = np.minimum(np.sqrt(low) * np.sqrt(high) * b, low)
    value = np.where((v == 0) | (h < -39.0), np.where(np.isnan(x), np.nan, 0.0), value)
    total = np.maximum(sign * (forward - strike), 0.0) + value
    known = (forward > 0) & (strike > 0) & (t >= 0) & (sigma >= 0) & np.isfinite(total)
    return np.where(known, total, np.nan)


def greeks(sign, forward, strike, t, sigma):
    """Price, delta, gamma, theta, vega, rho."""
    worth = _price(sign, forward, strike, t, sigma)
    root_t = np.sqrt(t)
    v = np.minimum(sigma * root_t, V_MAX)
    defined = (v > 0) & np.isfinite(worth)
    d1 = np.copysign(np.log1p(np.abs(forward - strike) / np.minimum(forward, strike)), forward - strike) / v + 0.5 * v
    density = np.where(defined, np.exp(-0.5 * d1 * d1) / SQRT_2PI, np.nan)
    vega = forward * density * root_t
    return (
        worth,
        np.where(defined, sign * ndtr(sign * d1), np.nan),
        density / (forward * v),
        -0.5 * vega * sigma / t,
        vega,
        np.where(defined, -t * worth, np.nan),
    )


def _householder(x, v, target):
    h, half = x / v, 0.5 * v
    bracket = _scaled_difference(h, half)
    slope = (2.0 / SQRT_2PI) / bracket
    newton = (target - np.log(0.5 * bracket) + 0.5 * (h * h + half * half)) / slope
    hh = h * h / v
    bend = hh - 0.5 * half
    h2 = bend - slope
    h3 = bend * bend - 3.0 * hh / v - 0.25 + slope * (2.0 * slope - 3.0 * bend)
    step = newton * (1.0 + 0.5 * h2 * newton) / (1.0 + newton * (h2 + h3 * newton / 6.0))
    return np.clip(step, -0.75 * v, 3.0 * v)


@cache
def _bachelier_table():
    d = np.geomspace(40.0, 1e-3, 512)
    log_y = np.log(1.0 / SQRT_2PI - 0.5 * d * erfcx(d * math.sqrt(0.5))) - 0.5 * d * d - np.log(d)
    return log_y, np.log(d)


def _first_guess(x, b):
    distance = -2.0 * np.sinh(0.5 * x)
    log_y, log_d = _bachelier_table()
    y = b / distance
    wing = -x / np.exp(np.interp(np.log(y), log_y, log_d))
    near = SQRT_2PI * (b + 0.5 * distance)
    v = np.where(y > 300.0, near, wing)
    return np.minimum(v * (1.0 + v * v / 24.0), 8.0)


def implied_vol(sign, forward, strike, t, price):
    """Without the bisection of what has not settled, which this workload never needs."""
    low, high = np.minimum(forward, strike), np.maximum(forward, strike)
    intrinsic = np.maximum(sign * (forward - strike), 0.0)
    value = price - intrinsic
    noise = np.where(intrinsic > 0, _NOISE * high, 0.0)
    known = (value > noise) & (low - value > noise + _NOISE * low) & (price > 0) & (t > 0) & np.isfinite(high)
    x = _log_moneyness(low, high)
    b = value / (np.sqrt(low) * np.sqrt(high))
    target = np.log(b)
    v = _first_guess(x, b)
    for _ in range(3):
        v = v + _householder(x, v, target)
    sigma = v / np.sqrt(t)
    return np.where(known & np.isfinite(sigma), sigma, np.nan)


def main() -> None:
    """Time it."""
    work = workload.load()
    sign, strike, years, price = (work[f"chain_{name}"] for name in ("sign", "strike", "years", "price"))
    many = [work[f"crowd_{name}"] for name in ("sign", "strike", "years", "price")]

    def whole_chain() -> tuple[np.ndarray, ...]:
        return greeks(sign, workload.FORWARD, strike, years, implied_vol(sign, workload.FORWARD, strike, years, price))

    def volatilities() -> np.ndarray:
        return implied_vol(many[0], workload.FORWARD, *many[1:])

    with np.errstate(all="ignore"):
        values = dict(zip(("price", "delta", "gamma", "theta", "vega", "rho"), whole_chain(), strict=True))
        workload.report(work, "5", whole_chain, values, volatilities, volatilities(), f"SciPy {scipy.__version__}")


main()
