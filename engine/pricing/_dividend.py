"""Early exercise around one cash dividend, on a spot whose part net of the dividend's present value is lognormal.

A call is exercised, if ever, at the last instant that still brings the dividend ``D`` (Roll, 1977; Geske, 1979;
Whaley, 1981): where the spot net of it, ``s``, makes the put of what remains of the option cheaper than what exercise
brings, ``P(s) < D - K (1 - e^(-r left))``. The premium is the expectation of that difference: one integral of a smooth
function over the density of ``s``, from the boundary upward.

A put waits for the drop: it is exercised after the dividend, as without one, and before it only while the interest on
the strike until then still exceeds it. See ``_boundary`` for the premium of a put; the premium earned before is the
same integral, over a boundary that is found backward in time.

Arrays of one dimension, an option an element; nothing depends on an element's neighbours.
"""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray

from engine.pricing._boundary import Boundary, Premium, normal, put_premium
from engine.pricing.columns import Floats

_POINTS = 48
_TAIL = 9.0  # standard deviations beyond which nothing is left in float64
_STEPS = 64
_SETTLED = 1e-9  # the next step is its square, and the premium does not move with the boundary to first order
_BACKWARD = 32


@cache
def _rule() -> tuple[Floats, Floats]:
    """Points and weights on [0, 1]."""
    at, weight = np.polynomial.legendre.leggauss(_POINTS)
    return 0.5 * (1.0 + at), 0.5 * weight


def european_put(spot: Floats, strike: Floats, t: Floats, sigma: Floats, r: Floats) -> tuple[Floats, Floats]:
    """Price and delta without a yield."""
    from scipy.special import ndtr

    spread = sigma * np.sqrt(t)
    d1 = (np.log(spot / strike) + r * t) / spread + 0.5 * spread
    below = ndtr(-d1)
    return strike * np.exp(-r * t) * ndtr(spread - d1) - spot * below, -below


def call_boundary(strike: Floats, left: Floats, sigma: Floats, dividend: Floats, r: Floats) -> Floats:
    """The critical spot NET of the dividend, ``left`` years before expiry; inf where no spot is high enough.

    Solves ``P(s) = D - K (1 - e^(-r left))`` on logarithms, by Newton's steps within a bracket that each step narrows.
    """
    gain = dividend + strike * np.expm1(-r * left)
    exercised = gain > 0
    target = np.where(exercised, gain, strike)
    sure = strike * np.exp(-r * left)
    spread = sigma * np.sqrt(left)
    # At s = sure - gain the put's intrinsic value alone is the gain; at 40 deviations above the strike nothing is left.
    low = np.log(np.maximum(sure - target, 1e-300 * strike))
    high = np.maximum(np.log(sure), low) + 40.0 * spread + spread * spread
    x = np.maximum(low, np.log(sure) - 2.0 * spread)
    done = ~exercised
    for _ in range(_STEPS):
        s = np.exp(x)
        put, delta = european_put(s, strike, left, sigma, r)
        over = put > target
        low, high = np.where(over, x, low), np.where(over, high, x)
        step = (np.log(target) - np.log(put)) * put / (delta * s)
        # The logarithm of a put bends down: a step from the left goes too far, one from the right does not.
        new = x + np.minimum(step, spread)
        settled = np.abs(step) <= _SETTLED
        new = np.where(settled | ((new > low) & (new < high)), new, 0.5 * (low + high))
        x, done = np.where(done, x, new), done | settled
        if done.all():
            break
    return np.where(exercised, np.exp(x), np.inf)


def call_premium(
    net: Floats, strike: Floats, t: Floats, sigma: Floats, r: Floats, dividend: Floats, ex_t: Floats
) -> tuple[Premium, NDArray[np.bool_]]:
    """What exercise at ``ex_t`` adds to the European call on ``net``, the spot less the dividend's present value.

    And whether that instant is now and exercise is best.
    """
    from scipy.special import ndtr

    left = t - ex_t
    critical = call_boundary(strike, left, sigma, dividend, r)
    gain = dividend + strike * np.expm1(-r * left)
    wait = np.sqrt(ex_t)
    deviation = sigma * wait
    start = (np.log(critical / net) - r * ex_t) / deviation + 0.5 * deviation
    # From here up the put is worth nothing, or nothing of the density is left.
    worthless = (np.log(strike / critical) + _TAIL * sigma * np.sqrt(left)) / deviation
    low = np.maximum(start, -_TAIL)
    high = np.maximum(np.minimum(start + worthless, _TAIL), low)
    at, weight = _rule()
    x = low[:, None] + (high - low)[:, None] * at
    factor = np.exp((r * ex_t)[:, None] + deviation[:, None] * (x - 0.5 * deviation[:, None]))
    put, put_delta = european_put(net[:, None] * factor, strike[:, None], left[:, None], sigma[:, None], r[:, None])
    mass = normal(x) * weight * (high - low)[:, None]
    discount = np.exp(-r * ex_t)
    value = discount * ((mass * (gain[:, None] - put)).sum(axis=1) + gain * ndtr(-high))
    delta = discount * (mass * -put_delta * factor).sum(axis=1)
    put_gamma = normal(_d1(net[:, None] * factor, strike[:, None], left[:, None], sigma[:, None], r[:, None]))
    put_gamma /= net[:, None] * factor * (sigma * np.sqrt(left))[:, None]
    # As the spot rises, more of the density passes the boundary, where the slope jumps from 0.
    edge = normal(start) * -european_put(critical, strike, left, sigma, r)[1] * critical / (net * net * deviation)
    gamma = discount * (edge - (mass * put_gamma * factor * factor).sum(axis=1))
    never = ~np.isfinite(critical)
    at_once = ex_t == 0
    over = at_once & (net > critical)
    if at_once.any():
        put, put_delta = european_put(net, strike, left, sigma, r)
        own_gamma = normal(_d1(net, strike, left, sigma, r)) / (net * sigma * np.sqrt(left))
        value = np.where(at_once, np.where(over, gain - put, 0.0), value)
        delta = np.where(at_once, np.where(over, -put_delta, 0.0), delta)
        gamma = np.where(at_once, np.where(over, -own_gamma, 0.0), gamma)
    return Premium(*(np.where(never, 0.0, each) for each in (value, delta, gamma))), over


def _d1(spot: Floats, strike: Floats, t: Floats, sigma: Floats, r: Floats) -> Floats:
    return np.asarray((np.log(spot / strike) + (r + 0.5 * sigma * sigma) * t) / (sigma * np.sqrt(t)), np.float64)


def put_pause(strike: Floats, dividend: Floats, r: Floats) -> Floats:
    """For how many years before the dividend no put is exercised: the strike's interest is less. Needs ``r > 0``."""
    return np.log1p(dividend / strike) / r


def put_premium_before(
    net: Floats,
    strike: Floats,
    sigma: Floats,
    r: Floats,
    dividend: Floats,
    ex_t: Floats,
    left: Floats,
    after: Boundary,
) -> tuple[Premium, Floats]:
    """The premium of exercise before the pause, and the critical net spot now. Needs ``ex_t`` longer than the pause.

    Backward in time, each point of the boundary is where exercise, ``K - PV(D) - s``, equals what is kept: the European
    put, the premium after the dividend, and the premium over the boundary found so far (trapezoids, closer together
    toward the pause, where the boundary rises from 0).
    """
    pause = put_pause(strike, dividend, r)
    span = ex_t - pause
    times = np.sin(0.5 * np.pi * np.arange(_BACKWARD + 1) / _BACKWARD) ** 2 * span[:, None]
    log_b = np.full(times.shape, -np.inf)
    zero = np.zeros_like(r)
    for i in range(1, _BACKWARD + 1):
        ahead = pause + times[:, i]
        brings = strike - dividend * np.exp(-r * ahead)
        x = np.log(brings)
        for _ in range(_STEPS):
            s = np.exp(x)
            put, put_delta = european_put(s, strike, ahead + left, sigma, r)
            later = put_premium(s, strike, ahead, left, sigma, r, zero, after)
            log_b[:, i] = x
            sooner = _over(s, strike, sigma, r, times[:, : i + 1], log_b[:, : i + 1], at_boundary=True)
            excess = brings - s - (put + later.value + sooner.value)
            # The exercise value less what is kept is concave and falls: from the right Newton's steps only approach.
            step = excess / (1.0 + np.minimum(put_delta + later.delta + sooner.delta, 0.0)) / s
            x = x + np.clip(step, -0.5, 0.0)
            if (np.abs(step) < 1e-10).all():
                break
        log_b[:, i] = x
    return _over(net, strike, sigma, r, times, log_b, at_boundary=False), np.exp(log_b[:, -1])


def _over(
    spot: Floats, strike: Floats, sigma: Floats, r: Floats, times: Floats, log_b: Floats, at_boundary: bool
) -> Premium:
    """The premium over boundary points at ``times`` before the pause, seen from the last of them."""
    from scipy.special import ndtr

    ahead = times[:, -1:] - times
    # The integrand is a smooth function of the root of the time ahead: straight between the points in that.
    root = np.sqrt(ahead)
    near, far = root[:, 1:], root[:, :-1]
    weight = np.zeros_like(times)
    weight[:, 1:] += (far - near) * (far + 2.0 * near) / 3.0
    weight[:, :-1] += (far - near) * (2.0 * far + near) / 3.0
    spread = sigma[:, None] * root
    spread[:, -1] = 1.0
    d2 = (np.log(spot)[:, None] - log_b + (r - 0.5 * sigma * sigma)[:, None] * ahead) / spread
    d2[:, -1] = 0.0 if at_boundary else np.inf
    earned = (r * strike)[:, None] * np.exp(-r[:, None] * ahead) * weight
    density = normal(d2) / spread
    density[:, -1] = 0.0
    bent = np.where(density > 0, density * (np.where(density > 0, d2, 0.0) / spread + 1.0), 0.0)
    return Premium(
        (earned * ndtr(-d2)).sum(axis=1),
        -(earned * density).sum(axis=1) / spot,
        (earned * bent).sum(axis=1) / (spot * spot),
    )
