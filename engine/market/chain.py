"""One expiry of one root: its strikes, its quotes, and what pricing makes of them at an instant."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from engine import pricing
from engine.calendar import DividendAhead, NotKnown, date_of, dividend_ahead
from engine.market.state import Market
from engine.types import MISSING, SCALE, Contract, Price, Right, product

Float = NDArray[np.float64]


@dataclass(frozen=True)
class ChainLayout:
    """Which index each strike's call and put have in the market's columns; -1 where one is not listed."""

    root: str
    expiry: dt.date
    strikes: tuple[Price, ...]
    calls: NDArray[np.int64]
    puts: NDArray[np.int64]

    @cached_property
    def row_of(self) -> dict[Price, int]:
        """Row of each strike."""
        return {strike: row for row, strike in enumerate(self.strikes)}

    def contract(self, row: int, right: Right) -> Contract | None:
        """The contract at a row, if it is listed."""
        listed = (self.calls if right == "C" else self.puts)[row] >= 0
        return Contract(self.root, self.expiry, self.strikes[row], right) if listed else None


def lay_out(market: Market, root: str, expiry: dt.date) -> ChainLayout:
    """The chain of one expiry from what is listed so far."""
    sides: dict[Right, dict[Price, int]] = {"C": {}, "P": {}}
    for contract in market.contracts(root):
        if contract.expiry == expiry:
            sides[contract.right][contract.strike] = market.index[contract]
    strikes = tuple(sorted(sides["C"].keys() | sides["P"].keys()))
    calls = np.array([sides["C"].get(strike, -1) for strike in strikes], np.int64)
    puts = np.array([sides["P"].get(strike, -1) for strike in strikes], np.int64)
    return ChainLayout(root, expiry, strikes, calls, puts)


@dataclass(frozen=True)
class Side:
    """Calls or puts of a chain as float arrays, one element a strike, dollars a share; NaN where unknown.

    ``fresh`` marks quotes that are usable and young enough; only they are priced. Greeks come from the strike's
    out-of-the-money quote, so that the noise of a deep option does not reach them. Theta is a day, vega a vol point.
    """

    bid: Float
    ask: Float
    age: NDArray[np.int64]
    fresh: NDArray[np.bool_]
    delta: Float
    gamma: Float
    theta: Float
    vega: Float

    @property
    def mid(self) -> Float:
        """Mids of fresh quotes."""
        return np.where(self.fresh, (self.bid + self.ask) / 2, np.nan)


class Chain:
    """One expiry at one instant. Everything is computed when first read, from the market's arrays alone.

    Attributes:
        now: the instant, ns UTC. close: when trading of this expiry ends, ns UTC.
        spot: the index value where it is fresh, else the parity forward; None where neither is known. Price units.
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

    @cached_property
    def years(self) -> float:
        """Time to the product's close, act/365."""
        return pricing.years_to(self.now, self.close)

    @cached_property
    def strikes(self) -> Float:
        """Strikes in dollars."""
        return np.array(self.layout.strikes, np.float64) / SCALE

    @cached_property
    def dividend(self) -> DividendAhead | None:
        """The cash dividend that exercise before it would bring; None where there is none or none is known.

        Of American options only, with an ex-day after today and up to expiry, until the exercise cutoff before it.
        """
        terms = product(self.root)
        if terms.style == "european":
            return None
        try:
            ahead = dividend_ahead(terms.underlying, date_of(self.now), self.expiry)
        except NotKnown:
            return None
        return ahead if ahead is not None and self.now <= ahead.exercise_by < self.close else None

    @cached_property
    def _early(self) -> tuple[float, float] | None:
        """Dividend in dollars and years until its exercise cutoff, where calls may be exercised early.

        Rates are taken as 0 on this chain, as the forward by parity says all it needs; then no put is ever exercised
        early, and a call only for a dividend. Everything else is European, exactly.
        """
        paid = self.dividend
        return None if paid is None else (paid.amount / SCALE, pricing.years_to(self.now, paid.exercise_by))

    def _raw(self, right: Right) -> tuple[Float, Float, NDArray[np.int64], NDArray[np.bool_]]:
        where = self.layout.calls if right == "C" else self.layout.puts
        listed = where >= 0
        bid_units = np.where(listed, self._market.bid[where], MISSING)
        ask_units = np.where(listed, self._market.ask[where], MISSING)
        age = np.where(listed, self.now - self._market.quote_ts[where], np.iinfo(np.int64).max)
        known = (bid_units != MISSING) & (ask_units != MISSING)
        usable = known & (bid_units >= 0) & (ask_units > 0) & (bid_units <= ask_units)
        bid = np.where(bid_units == MISSING, np.nan, bid_units / SCALE)
        ask = np.where(ask_units == MISSING, np.nan, ask_units / SCALE)
        return bid, ask, age, usable & (age <= self._max_age)

    @cached_property
    def _raw_calls(self) -> tuple[Float, Float, NDArray[np.int64], NDArray[np.bool_]]:
        return self._raw("C")

    @cached_property
    def _raw_puts(self) -> tuple[Float, Float, NDArray[np.int64], NDArray[np.bool_]]:
        return self._raw("P")

    @cached_property
    def forward(self) -> float:
        """The forward by put-call parity of fresh quotes near the money, dollars; NaN where there is no pair.

        Before a dividend it is net of it, and what early exercise adds to the calls is taken off first.
        """
        if self.now - self._market.last_batch_ts > self._max_age:
            return float("nan")  # nothing can be fresh
        call_bid, call_ask, _, call_fresh = self._raw_calls
        put_bid, put_ask, _, put_fresh = self._raw_puts
        both = call_fresh & put_fresh
        if not both.any():
            return float("nan")
        columns = (self.strikes[both], call_bid[both], call_ask[both], put_bid[both], put_ask[both])
        if self._early is None:
            return pricing.parity_forward(*columns)
        return pricing.american_parity_forward(*columns, self.years, *self._early)

    @cached_property
    def index_value(self) -> tuple[Price | None, int]:
        """The underlying's newest value, however old, and its age in ns."""
        value, ts = self._market.value(product(self.root).underlying)
        return value, self.now - ts

    @cached_property
    def spot(self) -> Price | None:
        """Where the underlying is, for choosing strikes: a fresh index value, else the parity forward."""
        value, age = self.index_value
        if value is not None and age <= self._max_age:
            return value
        return None if np.isnan(self.forward) else round(self.forward * SCALE) + self._in_spot

    @property
    def _in_spot(self) -> Price:
        """The dividend that is still in the spot and no longer in the forward."""
        return 0 if self.dividend is None else self.dividend.amount

    @cached_property
    def _pricing_forward(self) -> float:
        if not np.isnan(self.forward):
            return self.forward
        return float("nan") if self.spot is None else (self.spot - self._in_spot) / SCALE

    @cached_property
    def iv(self) -> Float:
        """Implied vol a strike, annual, from the out-of-the-money quote (the other where that one is not fresh).

        American where early exercise is worth more than ``pricing.american.NEGLIGIBLE``.
        """
        call_bid, call_ask, _, call_fresh = self._raw_calls
        put_bid, put_ask, _, put_fresh = self._raw_puts
        forward = self._pricing_forward
        use_call = np.where(self.strikes >= forward, call_fresh | ~put_fresh, call_fresh & ~put_fresh)
        mid = np.where(use_call, (call_bid + call_ask) / 2, (put_bid + put_ask) / 2)
        mid = np.where(np.where(use_call, call_fresh, put_fresh), mid, np.nan)
        sign = np.where(use_call, 1.0, -1.0)
        if self._early is None:
            return pricing.implied_vol(sign, forward, self.strikes, self.years, mid)
        cash, ex_t = self._early
        return pricing.american.implied_vol(
            sign, forward + cash, self.strikes, self.years, mid, dividend=cash, ex_t=ex_t
        )

    def _side(self, right: Right) -> Side:
        bid, ask, age, fresh = self._raw_calls if right == "C" else self._raw_puts
        sign = 1.0 if right == "C" else -1.0
        greeks = self._greeks(sign)
        return Side(bid, ask, age, fresh, greeks.delta, greeks.gamma, greeks.theta / 365.0, greeks.vega / 100.0)

    def _greeks(self, sign: float) -> pricing.Greeks | pricing.american.Greeks:
        forward = self._pricing_forward
        if self._early is None:
            return pricing.greeks(sign, forward, self.strikes, self.years, self.iv)
        cash, ex_t = self._early
        return pricing.american.greeks(
            sign, forward + cash, self.strikes, self.years, self.iv, dividend=cash, ex_t=ex_t
        )

    @cached_property
    def calls(self) -> Side:
        """The calls."""
        return self._side("C")

    @cached_property
    def puts(self) -> Side:
        """The puts."""
        return self._side("P")

    def side(self, right: Right) -> Side:
        """The calls or the puts."""
        return self.calls if right == "C" else self.puts

    @cached_property
    def expected_move(self) -> float:
        """What the straddle at the forward costs, in points; NaN where it cannot be known."""
        call_bid, call_ask, _, call_fresh = self._raw_calls
        put_bid, put_ask, _, put_fresh = self._raw_puts
        call_mid = np.where(call_fresh, (call_bid + call_ask) / 2, np.nan)
        put_mid = np.where(put_fresh, (put_bid + put_ask) / 2, np.nan)
        return pricing.expected_move(self._pricing_forward, self.strikes, call_mid, put_mid)

    def nearest_strike(self, target: Price, right: Right | None = None, outward: int = 0) -> Price | None:
        """The listed strike nearest ``target``; a tie goes up where ``outward`` is +1, else down.

        With ``right``, only strikes at which that right is listed count.
        """
        where = {None: None, "C": self.layout.calls, "P": self.layout.puts}[right]
        listed = [strike for row, strike in enumerate(self.layout.strikes) if where is None or where[row] >= 0]
        return min(listed, key=lambda strike: (abs(strike - target), -outward * strike), default=None)

    @cached_property
    def atm(self) -> Price | None:
        """The listed strike nearest spot; a tie goes down."""
        return None if self.spot is None else self.nearest_strike(self.spot)
