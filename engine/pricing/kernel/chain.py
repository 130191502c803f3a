"""A chain read in one go, and priced: quotes in dollars, which of them count, the parity forward. Compiled; importing
this imports numba: go through ``engine.pricing.chain_kernel``.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from engine.pricing.kernel.contracts import price_contracts, sources_digest
from engine.pricing.kernel.jit import cached, compiled
from engine.pricing.kernel.types import Floats, Tile
from engine.types import MISSING, SCALE

Int32 = NDArray[np.int32]
Int64 = NDArray[np.int64]
Bools = NDArray[np.bool_]

PAIRS = 5
FINEST = 0.01  # dollars; see ``engine.pricing.chain``
NEVER_SEEN = 2**63 - 1


@compiled
def _read(
    where: Int64,
    bids: Int32,
    asks: Int32,
    quote_ts: Int64,
    now: int,
    max_age: int,
    strikes: Floats,
    dollars: Floats,
    age: Int64,
    fresh: Bools,
) -> float:
    """See ``read_chain``."""
    count = strikes.size
    for i in range(2 * count):
        at = where[i]
        bid = bids[at] if at >= 0 else MISSING
        ask = asks[at] if at >= 0 else MISSING
        old = now - quote_ts[at] if at >= 0 else NEVER_SEEN
        # MISSING is below every price: a side that is not there fails one of these.
        good = bid >= 0 and ask >= bid and ask > 0 and old <= max_age
        low = bid / SCALE if bid != MISSING else np.nan
        high = ask / SCALE if ask != MISSING else np.nan
        dollars[0, i], dollars[1, i] = low, high
        dollars[2, i] = 0.5 * (low + high) if good else np.nan
        age[i], fresh[i] = old, good

    # The pairs nearest the money: the same bits as ``engine.pricing.parity_forward``.
    near = np.empty(PAIRS, np.int64)
    gaps = np.empty(PAIRS)
    found = 0
    for i in range(count):
        if not (fresh[i] and fresh[count + i]):
            continue
        gap = 0.5 * ((dollars[0, i] + dollars[1, i]) - (dollars[0, count + i] + dollars[1, count + i]))
        place = found
        while place > 0 and abs(gap) < abs(gaps[place - 1]):
            place -= 1
        if place == PAIRS:
            continue
        found = min(found + 1, PAIRS)
        for j in range(found - 1, place, -1):
            near[j], gaps[j] = near[j - 1], gaps[j - 1]
        near[place], gaps[place] = i, gap
    if found == 0:
        return np.nan
    estimates = np.empty(PAIRS)
    weights = np.empty(PAIRS)
    for k in range(found):
        i = near[k]
        width = dollars[1, i] - dollars[0, i] + dollars[1, count + i] - dollars[0, count + i]
        estimate = strikes[i] + gaps[k]
        place = k
        while place > 0 and estimate < estimates[place - 1]:
            estimates[place], weights[place] = estimates[place - 1], weights[place - 1]
            place -= 1
        estimates[place], weights[place] = estimate, 1.0 / max(width, FINEST)
    first, last = (1, found - 1) if found >= 3 else (0, found)
    total = weight = 0.0
    for k in range(first, last):
        total += estimates[k] * weights[k]
        weight += weights[k]
    return total / weight


@compiled
def _choose(strikes: Floats, forward: float, fresh: Bools, mid: Floats, sign: Floats, price: Floats) -> None:
    """See ``out_of_the_money``."""
    count = strikes.size
    for i in range(count):
        call = strikes[i] >= forward
        if call and not fresh[i]:
            call = not fresh[count + i]
        elif not call and not fresh[count + i]:
            call = fresh[i]
        sign[i] = 1.0 if call else -1.0
        price[i] = mid[i] if call else mid[count + i]


def _make(digest: int) -> tuple[Callable[..., float], Callable[..., None], Callable[..., float]]:
    @cached
    def read_chain(
        where: Int64,
        bids: Int32,
        asks: Int32,
        quote_ts: Int64,
        now: int,
        max_age: int,
        strikes: Floats,
        dollars: Floats,
        age: Int64,
        fresh: Bools,
    ) -> float:
        """Read the quotes of a chain of n strikes; the forward by parity of its fresh pairs, dollars, NaN without one.

        Args:
            where: (2n,) position of each call, then of each put, in ``bids``, ``asks`` (units of 1e-4 dollars) and
                ``quote_ts`` (ns UTC); negative where one is not listed.
            now, max_age: the instant, ns UTC, and the age up to which a quote counts, ns.
            strikes: (n,) dollars.
            dollars: (3, 2n) to be written: bids and asks, however old, and the mids of fresh quotes; NaN where unknown.
            age, fresh: (2n,) to be written: ns; and whether a quote is usable and young enough.
        """
        if digest == 0:  # part of the key under which the compiled code is kept
            return np.nan
        return _read(where, bids, asks, quote_ts, now, max_age, strikes, dollars, age, fresh)

    @cached
    def out_of_the_money(
        strikes: Floats, forward: float, fresh: Bools, mid: Floats, sign: Floats, price: Floats
    ) -> None:
        """Which quote a strike is priced by: the one out of the money, or the other where that one is not fresh.

        Args:
            strikes: (n,) dollars. fresh, mid: (2n,) of the calls, then of the puts.
            sign, price: (n,) to be written: +1 the call, -1 the put, and its mid.
        """
        if digest == 0:
            return
        _choose(strikes, forward, fresh, mid, sign, price)

    @cached
    def price_chain(
        where: Int64,
        bids: Int32,
        asks: Int32,
        quote_ts: Int64,
        now: int,
        max_age: int,
        strikes: Floats,
        dollars: Floats,
        age: Int64,
        fresh: Bools,
        fallback: float,
        years: float,
        one: Floats,
        priced: Floats,
        tile: Tile,
    ) -> float:
        """``read_chain``, ``out_of_the_money`` and ``price_contracts`` one after the other, the same bits, in one call.

        Args:
            fallback: what to price on where there is no forward by parity, dollars; NaN where nothing is known.
            years: to expiry. one: (1,) discount factor.
            priced: (9, n) to be written: sign, mid, implied volatility, and the six columns of ``Greeks``; or (17, n)
                for the fourteen of ``FullGreeks``.
        """
        if digest == 0:
            return np.nan
        parity = _read(where, bids, asks, quote_ts, now, max_age, strikes, dollars, age, fresh)
        under, time = np.empty(1), np.full(1, years)
        spot = strikes.size < 0  # false; written out it would be another type, and everything compiled again for that
        under[0] = fallback if np.isnan(parity) else parity
        _choose(strikes, under[0], fresh, dollars[2], priced[0], priced[1])
        price_contracts(
            spot, not spot, priced[0], under, strikes, time, priced[1], one, one, priced[2], priced[3:], tile
        )
        return parity

    return read_chain, out_of_the_money, price_chain


read_chain, out_of_the_money, price_chain = _make(sources_digest())
