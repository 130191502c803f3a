"""A block of steps priced at once: fair values of every contract, and the quotes around them."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.calendar import Session, session
from engine.clock import SECOND
from engine.feed.simulator.listing import Level
from engine.feed.simulator.path import Path
from engine.feed.simulator.quoting import QuoteModel, bid_ask, half_spread, widening
from engine.feed.simulator.scenario import Scenario
from engine.feed.simulator.smile import SmileModel, total_vol
from engine.feed.simulator.variance import windowed
from engine.pricing import price, years_to
from engine.types import SCALE, Product

Floats = NDArray[np.float64]
Int32 = NDArray[np.int32]


class Fair(NamedTuple):
    """One expiry, rows by strikes: calls' and puts' values and the time value of both in units, distance from the
    money in standard deviations."""

    call: Floats
    put: Floats
    time_value: Floats
    distance: Floats


class Block(NamedTuple):
    """Rows by contracts, by expiry, right and strike: quotes in units, distance in standard deviations."""

    bid: Int32
    ask: Int32
    distance: Floats


@dataclass(frozen=True, slots=True)
class Pricer:
    """Prices one root's chain."""

    terms: Product
    strikes: NDArray[np.int64]
    expiries: tuple[dt.date, ...]
    carry: float
    smile: SmileModel
    quotes: QuoteModel
    kind: Scenario

    def block(self, path: Path, spot: NDArray[np.int64], level: Level, today: Session, at: slice) -> Block:
        """The quotes of the steps ``at``; ``spot`` in units, of the whole path."""
        times = path.times[at]
        share = (times - today.open) / (today.close - today.open)
        wider = windowed(self.kind.spreads, np.maximum(share - 1e-9, 0.0))
        blown = wider != 1
        since = (times - today.open) / SECOND
        spots = spot[at].astype(np.float64)[:, None]
        bids: list[Int32] = []
        asks: list[Int32] = []
        distances: list[Floats] = []
        for expiry in self.expiries:
            closes = session(expiry).product_close(self.terms.root)
            fair = self.fair(path, spot, level, expiry, at)
            grown, deep_grown = widening(self.quotes, since, np.maximum(closes - times, 0) / SECOND)
            for value in (fair.call, fair.put):
                base, deep = half_spread(self.quotes, self.terms, value, fair.time_value, fair.distance, spots)
                half = (base * grown[:, None] + deep * deep_grown[:, None]) * level.spread
                bid, ask = bid_ask(self.terms, value, half)
                if blown.any():  # it is what is shown, on ticks, that widens by the factor
                    half = 0.5 * wider[blown, None] * (ask[blown] - bid[blown])
                    bid[blown], ask[blown] = bid_ask(self.terms, value[blown], half)
                bids.append(bid)
                asks.append(ask)
                distances.append(fair.distance)
        return Block(np.concatenate(bids, axis=1), np.concatenate(asks, axis=1), np.concatenate(distances, axis=1))

    def fair(self, path: Path, spot: NDArray[np.int64], level: Level, expiry: dt.date, at: slice) -> Fair:
        """Values before ticks are taken."""
        strike = self.strikes.astype(np.float64) / SCALE
        years = np.asarray(years_to(path.times[at], session(expiry).product_close(self.terms.root)))
        variance = path.priced_until(session(expiry).close, at) * level.beta**2
        forward = np.round(spot[at] / SCALE * np.exp(self.carry * years), 4)[:, None]
        atm = np.square(np.round(np.sqrt(variance), 12))[:, None]
        moneyness = np.log(strike / forward)
        vol = total_vol(self.smile, moneyness, atm)
        # Over a time of 1 a volatility is a total volatility, which stays defined at the close itself.
        outside = price(np.where(strike >= forward, 1.0, -1.0), forward, strike, 1.0, vol)
        # To 1e-6 dollars, before ticks are taken: a value on a tick must not fall off it by rounding error.
        call = np.round(outside + np.maximum(forward - strike, 0), 6) * SCALE
        put = np.round(outside + np.maximum(strike - forward, 0), 6) * SCALE
        distance = np.abs(moneyness) / np.sqrt(np.maximum(atm, 1e-8))
        return Fair(call, put, outside * SCALE, distance)
