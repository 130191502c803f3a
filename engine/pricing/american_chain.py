"""The forward that an American chain implies before a dividend."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from engine.pricing import american
from engine.pricing.black76 import implied_vol
from engine.pricing.chain import parity_forward
from engine.pricing.columns import Floats, floats

_NEAR = 16
_ROUNDS = 40
_SETTLED = 1e-9  # dollars


def american_parity_forward(
    strikes: ArrayLike,
    call_bid: ArrayLike,
    call_ask: ArrayLike,
    put_bid: ArrayLike,
    put_ask: ArrayLike,
    t: float,
    dividend: float,
    ex_t: float,
) -> float:
    """The forward by put-call parity, net of a dividend paid before expiry, at a rate of 0; dollars, NaN for none.

    Parity holds between European prices. Calls that will be exercised for the dividend cost more than that, by up to
    the dividend, and would lift the forward by as much; so their early exercise premium, at the volatility of the put
    of the same strike (no put is exercised early at a rate of 0), is taken off before the five pairs are chosen, and
    again with the forward found, until it stands. The columns are those of ``parity_forward``.
    """
    strike, cb, ca, pb, pa = (floats(column) for column in (strikes, call_bid, call_ask, put_bid, put_ask))
    forward = parity_forward(strike, cb, ca, pb, pa)
    if not np.isfinite(forward):
        return float("nan")
    near = np.argsort(np.abs(strike - forward), kind="stable")[:_NEAR]
    strike, cb, ca, pb, pa = strike[near], cb[near], ca[near], pb[near], pa[near]
    share, last = 0.5, None
    for _ in range(_ROUNDS):
        premium = _premium(forward, strike, 0.5 * (pb + pa), t, dividend, ex_t)
        found = parity_forward(strike, cb - premium, ca - premium, pb, pa)
        if not np.isfinite(found):
            return float("nan")
        gap = found - forward
        if abs(gap) <= _SETTLED:
            break
        # A higher forward leaves less premium to take off, up to as much less: the answer is at least half the gap
        # away, and secants tell where.
        if last is not None and last[1] != gap:
            share = min(max((forward - last[0]) / (last[1] - gap), 0.4), 1.0)
        last = (forward, gap)
        forward += share * gap
    return forward


def _premium(forward: float, strike: Floats, put: Floats, t: float, dividend: float, ex_t: float) -> Floats:
    sigma = implied_vol(-1.0, forward, strike, t, put)
    return american.early_exercise_premium(1.0, forward + dividend, strike, t, sigma, dividend=dividend, ex_t=ex_t)
