"""Which VIX to size by when none is streamed: the higher of yesterday's close and what the chain implies."""

from __future__ import annotations

import datetime as dt
from typing import NamedTuple

import numpy as np

from engine.clock import MINUTE
from engine.market.chain import Chain
from engine.market.state import Market
from engine.types import SCALE

SESSION_MINUTES_A_YEAR = 252 * 390
FRESH = 5 * MINUTE
"""A streamed VIX older than this is not a VIX."""


class VixReading(NamedTuple):
    """Index points and where they are from, in words; ``value`` is None where nothing is known."""

    value: float | None
    source: str


def chain_implied(chain: Chain | None) -> float | None:
    """At-the-money implied vol of a same-day chain on the VIX's scale, in vol points.

    The chain's own IV is by calendar time, which gives the hours of a session no more weight than the night: it reads
    about twice the VIX. Here what is left of today is annualised by session minutes, 252 x 390 a year. It leaves the
    nights out and so reads a little low beside a calm VIX; it is of today only, and moves at once.
    """
    if chain is None or chain.atm is None or chain.years <= 0:
        return None
    iv = float(chain.iv[chain.layout.row_of[chain.atm]])
    if np.isnan(iv):
        return None
    session_years = (chain.close - chain.now) / MINUTE / SESSION_MINUTES_A_YEAR
    return float(100.0 * iv * np.sqrt(chain.years / session_years))


def read_vix(market: Market, day: dt.date, now: int, chain: Chain | None) -> VixReading:
    """The VIX as far as it can be known at ``now``."""
    value, ts = market.value("VIX")
    if value is not None and now - ts <= FRESH:
        return VixReading(value / SCALE, "streamed")
    prior = market.prior_close("VIX", day)
    implied = chain_implied(chain)
    known = [
        reading
        for reading in (
            VixReading(prior.close / SCALE if prior else None, "prior close"),
            VixReading(implied, "chain-implied"),
        )
        if reading.value is not None
    ]
    return max(known, key=lambda reading: reading.value or 0.0, default=VixReading(None, "unknown"))
