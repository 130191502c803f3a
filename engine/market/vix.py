"""Which VIX to size by when none is streamed: the higher of yesterday's close and what the chain implies."""

from __future__ import annotations

import datetime as dt
from typing import NamedTuple

import numpy as np

from engine.clock import MINUTE
from engine.market.chain import Chain
from engine.market.state import Market
from engine.types import SCALE

FRESH = 5 * MINUTE
"""A streamed VIX older than this is not a VIX."""


class VixReading(NamedTuple):
    """Index points and where they are from, in words; ``value`` is None where nothing is known."""

    value: float | None
    source: str


def chain_implied(chain: Chain | None) -> float | None:
    """At-the-money implied vol of a chain in vol points: not the VIX (it is of today only), but its neighbour."""
    if chain is None or chain.atm is None:
        return None
    iv = float(chain.iv[chain.layout.row_of[chain.atm]])
    return None if np.isnan(iv) else 100.0 * iv


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
