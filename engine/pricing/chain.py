"""What a chain says as a whole: the forward by put-call parity, and the expected move."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from engine.pricing.columns import Floats, floats

_PAIRS = 5
_FINEST = 0.01  # dollars: a locked quote, or a mid without a width, is known to a cent at best


def parity_forward(
    strikes: ArrayLike,
    call_bid: ArrayLike,
    call_ask: ArrayLike,
    put_bid: ArrayLike,
    put_ask: ArrayLike,
    df: float = 1.0,
) -> float:
    """The forward that put-call parity implies, ``K + (C - P)/df`` on mids, dollars; NaN where no pair is quoted.

    All arrays have one shape, a call and a put a strike, dollars, in any order of strikes. The five pairs with the
    smallest \\|C - P\\| are taken, the lowest and the highest estimate dropped where there are three or more (one stale
    quote must not move the forward), and the rest averaged with weights 1/(call's width + put's width).

    A pair counts where all four prices are finite, no bid is negative, no quote is crossed and both asks are positive.
    A bid of 0 below an ask is a quote; locked quotes and mids given as bid and ask alike are fine.
    """
    strike, cb, ca, pb, pa = (floats(column) for column in (strikes, call_bid, call_ask, put_bid, put_ask))
    with np.errstate(all="ignore"):
        usable = (cb >= 0) & (pb >= 0) & (ca >= cb) & (pa >= pb) & (ca > 0) & (pa > 0)
        usable &= np.isfinite(ca) & np.isfinite(pa) & np.isfinite(strike)
    return _of_pairs(strike[usable], cb[usable], ca[usable], pb[usable], pa[usable], df)


def _of_pairs(
    strike: Floats, call_bid: Floats, call_ask: Floats, put_bid: Floats, put_ask: Floats, df: float = 1.0
) -> float:
    """``parity_forward`` of pairs that all count."""
    if not strike.size or not df > 0:
        return float("nan")
    gap = 0.5 * ((call_bid + call_ask) - (put_bid + put_ask))
    nearest = np.argsort(np.abs(gap), kind="stable")[:_PAIRS]
    # Five numbers: plain Python is quicker from here on, to the same bits.
    pairs = []
    for row in nearest.tolist():
        width = call_ask.item(row) - call_bid.item(row) + put_ask.item(row) - put_bid.item(row)
        pairs.append((strike.item(row) + gap.item(row) / df, 1.0 / max(width, _FINEST)))
    if len(pairs) >= 3:
        pairs = sorted(pairs, key=lambda pair: pair[0])[1:-1]
    total = weights = 0.0
    for estimate, weight in pairs:  # not sum(): from Python 3.12 on it compensates, and the bits would differ
        total += estimate * weight
        weights += weight
    return total / weights


def expected_move(forward: float, strikes: ArrayLike, call_mid: ArrayLike, put_mid: ArrayLike) -> float:
    """The move the market pays for until expiry: the price of the at-the-money straddle, dollars, one-sided (+-).

    Straddles (call mid + put mid) of the two strikes around ``forward`` are interpolated linearly at it. The straddle
    is the mean absolute move under the pricing measure, about 0.8 of a standard deviation (sqrt(2/pi)); no further
    factor (such as the 0.85 some platforms apply) is put on it. Interpolation overstates it a little, near the close
    by up to half the distance of two strikes.

    NaN where the forward is not finite or does not lie between two strikes at which both mids are finite.
    """
    strike, straddle = floats(strikes), floats(call_mid) + floats(put_mid)
    usable = np.isfinite(strike) & np.isfinite(straddle)
    if not np.isfinite(forward) or not usable.any():
        return float("nan")
    order = np.argsort(strike[usable], kind="stable")
    strike, straddle = strike[usable][order], straddle[usable][order]
    return float(np.interp(forward, strike, straddle, left=np.nan, right=np.nan))
