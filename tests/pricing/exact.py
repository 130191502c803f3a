"""Black-Scholes-Merton in 60 digits by mpmath: the oracle of the kernel's accuracy.

Every function takes float64 inputs as the exact numbers they are. Black-76 is the case of a yield equal to the rate,
with the forward as the spot (``rho`` apart).
"""

from __future__ import annotations

import math

import mpmath as mp

NAMES = (
    "delta",
    "gamma",
    "theta",
    "vega",
    "rho",
    "vanna",
    "charm",
    "vomma",
    "veta",
    "speed",
    "zomma",
    "color",
    "ultima",
)

SCALES = {  # of each Greek: its size at the money, up to a small factor
    "delta": lambda s, t, v: 1.0,
    "gamma": lambda s, t, v: 1 / (s * v * math.sqrt(t)),
    "theta": lambda s, t, v: s * v / math.sqrt(t),
    "vega": lambda s, t, v: s * math.sqrt(t),
    "rho": lambda s, t, v: s * t,
    "vanna": lambda s, t, v: 1 / v,
    "charm": lambda s, t, v: 1 / t,
    "vomma": lambda s, t, v: s * math.sqrt(t) / v,
    "veta": lambda s, t, v: s / math.sqrt(t),
    "speed": lambda s, t, v: 1 / (s * v * math.sqrt(t)) ** 2,
    "zomma": lambda s, t, v: 1 / (s * v * v * math.sqrt(t)),
    "color": lambda s, t, v: 1 / (s * v * t * math.sqrt(t)),
    "ultima": lambda s, t, v: s * math.sqrt(t) / v**2,
}

mp.mp.dps = 60


def _pdf(z: mp.mpf) -> mp.mpf:
    return mp.exp(-z * z / 2) / mp.sqrt(2 * mp.pi)


def _cdf(z: mp.mpf) -> mp.mpf:
    """By the complement on either side, so that neither tail cancels."""
    return mp.erfc(-z / mp.sqrt(2)) / 2


def price(sign: int, s: mp.mpf, k: mp.mpf, t: mp.mpf, v: mp.mpf, r: mp.mpf, q: mp.mpf) -> mp.mpf:
    """The model's price; arguments may be mpf, so that it can be differentiated numerically."""
    w = v * mp.sqrt(t)
    d1 = (mp.log(s / k) + (r - q) * t) / w + w / 2
    d2 = d1 - w
    return sign * (s * mp.exp(-q * t) * _cdf(sign * d1) - k * mp.exp(-r * t) * _cdf(sign * d2))


def greeks(sign: int, s: float, k: float, t: float, v: float, r: float, q: float) -> dict[str, mp.mpf]:
    """Closed forms, raw; theta, charm, veta and color MINUS the derivative in time to expiry."""
    s, k, t, v, r, q = (mp.mpf(a) for a in (s, k, t, v, r, q))
    root = mp.sqrt(t)
    w = v * root
    d1 = (mp.log(s / k) + (r - q) * t) / w + w / 2
    d2 = d1 - w
    eq = mp.exp(-q * t)
    n = _pdf(d1)
    delta = sign * eq * _cdf(sign * d1)
    strike_side = sign * k * mp.exp(-r * t) * _cdf(sign * d2)
    gamma = eq * n / (s * w)
    vega = s * eq * n * root
    drift = (r - q) / w - d2 / (2 * t)
    return {
        "delta": delta,
        "gamma": gamma,
        "theta": -s * eq * n * v / (2 * root) + q * s * delta - r * strike_side,
        "vega": vega,
        "rho": t * strike_side,
        "vanna": -eq * n * d2 / v,
        "charm": q * delta - eq * n * drift,
        "vomma": vega * d1 * d2 / v,
        "veta": vega * (q - 1 / (2 * t) + d1 * drift),
        "speed": -gamma / s * (1 + d1 / w),
        "zomma": gamma * (d1 * d2 - 1) / v,
        "color": gamma * (q + 1 / (2 * t) + d1 * drift),
        "ultima": vega / v**2 * (d1 * d2 * (d1 * d2 - 1) - d1**2 - d2**2),
    }


def derivatives(sign: int, s: float, k: float, t: float, v: float, r: float, q: float) -> dict[str, mp.mpf]:
    """The same by differentiating the price numerically in high precision: no formula of a Greek is in it."""
    orders = {  # in s, t, v, r
        "delta": (1, 0, 0, 0),
        "gamma": (2, 0, 0, 0),
        "theta": (0, 1, 0, 0),
        "vega": (0, 0, 1, 0),
        "rho": (0, 0, 0, 1),
        "vanna": (1, 0, 1, 0),
        "charm": (1, 1, 0, 0),
        "vomma": (0, 0, 2, 0),
        "veta": (0, 1, 1, 0),
        "speed": (3, 0, 0, 0),
        "zomma": (2, 0, 1, 0),
        "color": (2, 1, 0, 0),
        "ultima": (0, 0, 3, 0),
    }
    k, q = mp.mpf(k), mp.mpf(q)
    point = tuple(mp.mpf(a) for a in (s, t, v, r))
    found = {}
    for name, order in orders.items():
        slope = mp.diff(lambda s, t, v, r: price(sign, s, k, t, v, r, q), point, order)
        found[name] = -slope if order[1] else slope
    return found


def implied_vol(sign: int, s: float, k: float, t: float, worth: float, r: float, q: float, start: float) -> mp.mpf:
    """The volatility of the exact value of a float price, by Newton from a start that is near.

    The price is monotone in it, so the root is the one.
    """
    s, k, t, r, q = (mp.mpf(a) for a in (s, k, t, r, q))
    v = mp.mpf(start)
    for _ in range(80):
        w = v * mp.sqrt(t)
        d1 = (mp.log(s / k) + (r - q) * t) / w + w / 2
        slope = s * mp.exp(-q * t) * _pdf(d1) * mp.sqrt(t)
        step = (mp.mpf(worth) - price(sign, s, k, t, v, r, q)) / slope
        v += max(min(step, v / 2), -v / 2)
        if abs(step) < v * mp.mpf(10) ** -30:
            return v
    raise AssertionError(f"the oracle did not converge: {sign} {s} {k} {t} {worth} from {start}")
