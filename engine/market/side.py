"""The calls or the puts of a chain, each column computed when it is first read."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from engine import pricing
from engine.types import Right, lazy

if TYPE_CHECKING:
    from engine.market.chain import Chain

Float = NDArray[np.float64]


class Side:
    """Calls or puts of a chain as float arrays, one element a strike, dollars a share; NaN where unknown.

    Greeks come from the strike's out-of-the-money quote, so that the noise of a deep option does not reach them. At one
    strike, without interest, a call and a put differ in delta by 1 and in price by the distance to the forward, and in
    no other Greek: both are of one pass. Where calls may be exercised early, each side is priced on its own.
    """

    def __init__(self, chain: Chain, right: Right) -> None:
        self._chain = chain
        self._call = right == "C"
        self._sign = 1.0 if self._call else -1.0
        count = len(chain.layout.strikes)
        self._part = slice(0, count) if self._call else slice(count, 2 * count)

    @lazy
    def bid(self) -> Float:
        """Bids, however old."""
        return self._chain.quotes.bid[self._part]

    @lazy
    def ask(self) -> Float:
        """Asks, however old."""
        return self._chain.quotes.ask[self._part]

    @lazy
    def age(self) -> NDArray[np.int64]:
        """Ages of the quotes, ns; the largest number where there never was one."""
        return self._chain.quotes.age[self._part]

    @lazy
    def fresh(self) -> NDArray[np.bool_]:
        """Which quotes are usable and young enough; only they are priced."""
        return self._chain.quotes.fresh[self._part]

    @lazy
    def mid(self) -> Float:
        """Mids of fresh quotes."""
        return self._chain.quotes.mid[self._part]

    @lazy
    def _own(self) -> pricing.Greeks | pricing.american.Greeks:
        """Of a side that is priced on its own."""
        return self._chain.early_greeks(self._sign)

    @lazy
    def delta(self) -> Float:
        """By the forward, a share."""
        chain = self._chain
        if chain.exercised_early:
            return self._own.delta
        given = chain.greeks.delta
        return np.where(chain.otm_sign == self._sign, given, given + self._sign)

    @property
    def gamma(self) -> Float:
        """Change of delta a point."""
        return self._own.gamma if self._chain.exercised_early else self._chain.greeks.gamma

    @lazy
    def theta(self) -> Float:
        """Dollars a day."""
        return (self._own.theta if self._chain.exercised_early else self._chain.greeks.theta) / 365.0

    @lazy
    def vega(self) -> Float:
        """Dollars a vol point."""
        return (self._own.vega if self._chain.exercised_early else self._chain.greeks.vega) / 100.0

    @lazy
    def in_the_money(self) -> Float:
        """Risk-neutral probability to expire in the money, by the strike's own volatility."""
        return self._chain.expires_above if self._call else 1.0 - self._chain.expires_above

    @lazy
    def touch(self) -> Float:
        """Risk-neutral probability that the forward trades at the strike before expiry, by its own volatility; the
        same for calls and puts."""
        return self._chain.touched
