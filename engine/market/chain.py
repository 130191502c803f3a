"""One expiry of one root: its strikes, its quotes, and what pricing makes of them at an instant."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine import pricing
from engine.calendar import DividendAhead, NotKnown, date_of, dividend_ahead
from engine.market.layout import ChainLayout
from engine.market.side import Side
from engine.market.smile import fit_chain, tick_error
from engine.market.state import Market
from engine.types import SCALE, Price, Right, lazy, product

Float = NDArray[np.float64]


class Quotes(NamedTuple):
    """All contracts of a chain, the calls and then the puts; see ``Side`` for the columns. ``parity`` is the forward
    by parity as if all were European."""

    bid: Float
    ask: Float
    age: NDArray[np.int64]
    fresh: NDArray[np.bool_]
    mid: Float
    parity: float


class Chain:
    """One expiry at one instant. Everything is computed when first read, from the market's arrays alone.

    Who reads first, and what, changes no bit of any number. Quotes, forward and spot price nothing; the first Greek
    that is read solves for the volatilities and gives the Greeks of calls and puts in one pass of the kernel.

    Attributes:
        layout: its strikes and contracts. now: the instant, ns UTC. close: when trading of this expiry ends, ns UTC.
    """

    def __init__(self, market: Market, layout: ChainLayout, now: int, close: int, max_age: int) -> None:
        self._market = market
        self.layout = layout
        self.now = now
        self.close = close
        self._max_age = max_age

    @property
    def root(self) -> str:
        """Option root."""
        return self.layout.root

    @property
    def expiry(self) -> dt.date:
        """Expiration date."""
        return self.layout.expiry

    @property
    def strikes(self) -> Float:
        """Strikes in dollars."""
        return self.layout.dollars

    @lazy
    def years(self) -> float:
        """Time to the product's close, act/365."""
        return pricing.years_to(self.now, self.close)

    # Quotes

    @lazy
    def quotes(self) -> Quotes:
        """What the market has of every contract."""
        dollars, age, fresh, parity = self._read
        return Quotes(dollars[0], dollars[1], age, fresh, dollars[2], parity)

    @lazy
    def _read(self) -> tuple[Float, NDArray[np.int64], NDArray[np.bool_], float]:
        dollars, age, fresh = self._room()
        parity = pricing.chain_kernel().read_chain(*self._columns(), dollars, age, fresh)
        return dollars, age, fresh, parity

    def _room(self) -> tuple[Float, NDArray[np.int64], NDArray[np.bool_]]:
        count = 2 * len(self.layout.strikes)
        return np.empty((3, count)), np.empty(count, np.int64), np.empty(count, np.bool_)

    def _columns(self) -> tuple[Any, ...]:
        market = self._market
        where = self.layout.both
        return where, market.bid, market.ask, market.quote_ts, self.now, self._max_age, self.layout.dollars

    # Made anew for each reader: kept, it and the chain would hold one another, and wait for the garbage collector.
    @property
    def calls(self) -> Side:
        """The calls."""
        return Side(self, "C")

    @property
    def puts(self) -> Side:
        """The puts."""
        return Side(self, "P")

    def side(self, right: Right) -> Side:
        """The calls or the puts."""
        return self.calls if right == "C" else self.puts

    # Where the underlying is

    @lazy
    def forward(self) -> float:
        """The forward by put-call parity of fresh quotes near the money, dollars; NaN where there is no pair.

        Before a dividend it is net of it, and what early exercise adds to the calls is taken off first.
        """
        if self._early is None:
            return self._read[3]
        calls, puts = self.calls, self.puts
        both = calls.fresh & puts.fresh
        if not both.any():
            return math.nan
        cash, ex_t = self._early
        return pricing.american_parity_forward(
            self.strikes[both],
            calls.bid[both],
            calls.ask[both],
            puts.bid[both],
            puts.ask[both],
            self.years,
            cash,
            ex_t,
        )

    @lazy
    def index_value(self) -> tuple[Price | None, int]:
        """The underlying's newest value, however old, and its age in ns."""
        value, ts = self._market.value(self.layout.underlying)
        return value, self.now - ts

    @lazy
    def spot(self) -> Price | None:
        """Where the underlying is, for choosing strikes, price units: a fresh index value, else the parity forward;
        None where neither is known."""
        value, age = self.index_value
        if value is not None and age <= self._max_age:
            return value
        return None if math.isnan(self.forward) else round(self.forward * SCALE) + self._in_spot

    @property
    def _in_spot(self) -> Price:
        """The dividend that is still in the spot and no longer in the forward."""
        return 0 if self.dividend is None else self.dividend.amount

    @lazy
    def atm(self) -> Price | None:
        """The listed strike nearest spot; a tie goes down."""
        return None if self.spot is None else self.nearest_strike(self.spot)

    def nearest_strike(self, target: Price, right: Right | None = None, outward: int = 0) -> Price | None:
        """See ``ChainLayout.nearest``."""
        return self.layout.nearest(target, right, outward)

    @lazy
    def expected_move(self) -> float:
        """What the straddle at the forward costs, in points; NaN where it cannot be known."""
        return pricing.expected_move(self.pricing_forward, self.strikes, self.calls.mid, self.puts.mid)

    # Early exercise

    @lazy
    def dividend(self) -> DividendAhead | None:
        """The cash dividend that exercise before it would bring; None where there is none or none is known.

        Of American options only, with an ex-day after today and up to expiry, until the exercise cutoff before it.
        """
        if self.layout.european:
            return None
        try:
            ahead = dividend_ahead(product(self.root).underlying, date_of(self.now), self.expiry)
        except NotKnown:
            return None
        return ahead if ahead is not None and self.now <= ahead.exercise_by < self.close else None

    @lazy
    def _early(self) -> tuple[float, float] | None:
        """Dividend in dollars and years until its exercise cutoff, where calls may be exercised early.

        Rates are taken as 0 on this chain, as the forward by parity says all it needs; then no put is ever exercised
        early, and a call only for a dividend. Everything else is European, exactly.
        """
        paid = None if self.layout.european else self.dividend
        return None if paid is None else (paid.amount / SCALE, pricing.years_to(self.now, paid.exercise_by))

    @property
    def exercised_early(self) -> bool:
        """Whether early exercise is worth anything: then the chain is priced as American."""
        return self._early is not None

    # Prices

    @lazy
    def pricing_forward(self) -> float:
        """What everything is priced on, dollars: the parity forward, else the spot net of a dividend ahead."""
        if not math.isnan(self.forward):
            return self.forward
        return math.nan if self.spot is None else (self.spot - self._in_spot) / SCALE

    @lazy
    def _otm(self) -> tuple[Float, Float]:
        if "_priced" in self.__dict__:
            return self._priced[0], self._priced[1]
        sign, mid = np.empty(len(self.strikes)), np.empty(len(self.strikes))
        quotes, kernel = self.quotes, pricing.chain_kernel()
        kernel.out_of_the_money(self.strikes, self.pricing_forward, quotes.fresh, quotes.mid, sign, mid)
        return sign, mid

    @property
    def otm_sign(self) -> Float:
        """Which quote a strike is priced by: +1 the call, -1 the put. The one out of the money, or the other where
        that one is not fresh."""
        return self._otm[0]

    @property
    def otm_mid(self) -> Float:
        """The mid a strike is priced by; NaN where neither quote is fresh."""
        return self._otm[1]

    @lazy
    def iv(self) -> Float:
        """Implied vol a strike, annual; American where early exercise is worth more than
        ``pricing.american.NEGLIGIBLE``."""
        if "_priced" in self.__dict__ and self._early is None:
            volatility: Float = self._priced[2]
            return volatility
        forward = self.pricing_forward
        if self._early is None:
            return pricing.implied_vol(self.otm_sign, forward, self.strikes, self.years, self.otm_mid)
        cash, ex_t = self._early
        return pricing.american.implied_vol(
            self.otm_sign, forward + cash, self.strikes, self.years, self.otm_mid, dividend=cash, ex_t=ex_t
        )

    @lazy
    def greeks(self) -> pricing.Greeks:
        """Price and Greeks of the contracts that ``otm_sign`` names, raw. European: of a chain that is priced as
        American, see ``early_greeks``."""
        if self._early is not None:
            return pricing.greeks(self.otm_sign, self.pricing_forward, self.strikes, self.years, self.iv)
        return pricing.Greeks(*self._priced[3:])

    @lazy
    def _priced(self) -> Float:
        """(9, n): which quote is used, its mid, its volatility, and the columns of ``Greeks``, European."""
        return self._price(9)

    def _price(self, rows: int) -> Float:
        """As many rows of that, and of ``FullGreeks`` after it, in one call: to the same bits as one after the other,
        whatever was read before."""
        dollars, age, fresh = self._room()
        priced = np.empty((rows, len(self.layout.strikes)))
        value, old = self.index_value
        fallback = math.nan if value is None or old > self._max_age else value / SCALE
        price_chain, scratch = pricing.chain_kernel().price_chain, pricing.scratch()
        parity = price_chain(*self._columns(), dollars, age, fresh, fallback, self.years, pricing.ONE, priced, scratch)
        self.__dict__.setdefault("_read", (dollars, age, fresh, parity))
        return priced

    def held_greeks(self, rows: NDArray[np.int64], signs: Sequence[float]) -> list[tuple[float, float, float, float]]:
        """Delta, gamma, theta and vega of some contracts, by row of their strike and right (+1 call, -1 put), as their
        ``Side`` has them: for who reads no others."""
        if self._early is not None:
            calls, puts = self.calls, self.puts
            sides = [(calls if sign > 0 else puts, row) for row, sign in zip(rows.tolist(), signs, strict=True)]
            return [(of.delta.item(n), of.gamma.item(n), of.theta.item(n), of.vega.item(n)) for of, n in sides]
        used, _, _, _, delta, gamma, theta, vega, _ = self._priced.take(rows, 1).tolist()
        return [
            (delta[n] if used[n] == sign else delta[n] + sign, gamma[n], theta[n] / 365.0, vega[n] / 100.0)
            for n, sign in enumerate(signs)
        ]

    @lazy
    def full_greeks(self) -> pricing.FullGreeks:
        """``greeks`` to the third order. European; NaN where calls may be exercised early, as no such ones are made."""
        if self._early is not None:
            return pricing.full_greeks(
                self.otm_sign, self.pricing_forward, self.strikes, self.years, np.full(len(self.strikes), math.nan)
            )
        table = self._price(17)
        self.__dict__.setdefault("_priced", table[:9])
        return pricing.FullGreeks(*table[3:])

    def early_greeks(self, sign: float) -> pricing.american.Greeks:
        """American Greeks of the calls (+1) or the puts (-1); only where ``exercised_early``."""
        return self._early_calls if sign > 0 else self._early_puts

    @lazy
    def _early_calls(self) -> pricing.american.Greeks:
        return self._american(1.0)

    @lazy
    def _early_puts(self) -> pricing.american.Greeks:
        return self._american(-1.0)

    def _american(self, sign: float) -> pricing.american.Greeks:
        assert self._early is not None
        cash, ex_t = self._early
        return pricing.american.greeks(
            sign, self.pricing_forward + cash, self.strikes, self.years, self.iv, dividend=cash, ex_t=ex_t
        )

    @lazy
    def expires_above(self) -> Float:
        """Risk-neutral probability to expire above each strike, by its own volatility."""
        chance = pricing.probability_in_the_money(
            self.otm_sign, self.pricing_forward, self.strikes, self.years, self.iv
        )
        return np.where(self.otm_sign > 0, chance, 1.0 - chance)

    @lazy
    def touched(self) -> Float:
        """Risk-neutral probability that the forward trades at each strike before expiry, by its own volatility."""
        return pricing.probability_of_touch(self.pricing_forward, self.strikes, self.years, self.iv)

    @lazy
    def smile(self) -> pricing.Smile | None:
        """See ``fit_chain``; fitted once an instant at most."""
        return fit_chain(self)

    @lazy
    def tick_error(self) -> float:
        """See ``engine.market.smile.tick_error``."""
        return tick_error(self)
