"""From what a caller gives to what both directions need: forward, distance to the strike, log moneyness, discounts."""

from __future__ import annotations

import numpy as np

from engine.pricing.kernel.elementary import exp, expm1, log, log_ratio
from engine.pricing.kernel.jit import compiled
from engine.pricing.kernel.tile import (
    DF,
    DF_UNDER,
    FIRST,
    FORWARD,
    GAP,
    KNOWN,
    LANES,
    LEAST,
    MOST,
    RATE,
    ROOT,
    SECOND,
    SIGN,
    STRIKE,
    UNDER,
    YEARS,
    YIELD,
    X,
)
from engine.pricing.kernel.types import Tile

_INF = np.inf


@compiled
def on_forward(tile: Tile, blocks: int) -> None:
    """Black-76: ``UNDER`` is the forward, ``FIRST`` the discount factor. Its yield is its rate."""
    for i in range(blocks * LANES):
        forward, strike, df = tile[UNDER + i], tile[STRIKE + i], tile[FIRST + i]
        rate = -log(df) / tile[YEARS + i]
        rate = 0.0 if df == 1.0 else rate
        tile[FORWARD + i] = forward
        tile[GAP + i] = forward - strike
        tile[DF + i] = df
        tile[DF_UNDER + i] = df
        tile[RATE + i] = rate
        tile[YIELD + i] = rate


@compiled
def on_spot(tile: Tile, blocks: int) -> None:
    """Black-Scholes-Merton: ``UNDER`` is the spot, ``FIRST`` the rate, ``SECOND`` the yield, both continuous.

    The distance of forward and strike is built from that of spot and strike, so that it keeps its digits.
    """
    for i in range(blocks * LANES):
        spot, strike, years = tile[UNDER + i], tile[STRIKE + i], tile[YEARS + i]
        rate, paid = tile[FIRST + i], tile[SECOND + i]
        growth = spot * expm1((rate - paid) * years)
        tile[FORWARD + i] = spot + growth
        tile[GAP + i] = (spot - strike) + growth
        tile[DF + i] = exp(-rate * years)
        tile[DF_UNDER + i] = exp(-paid * years)
        tile[RATE + i] = rate
        tile[YIELD + i] = paid


@compiled
def moneyness(tile: Tile, blocks: int) -> None:
    """``X``, ``ROOT``, and ``KNOWN``: 1 where all but volatility or price makes sense."""
    for i in range(blocks * LANES):
        forward, strike, years, df = tile[FORWARD + i], tile[STRIKE + i], tile[YEARS + i], tile[DF + i]
        tile[X + i] = log_ratio(forward, strike, tile[GAP + i])
        tile[ROOT + i] = np.sqrt(forward * strike)
        known = (forward > LEAST) & (forward < MOST) & (strike > LEAST) & (strike < MOST) & (years >= 0.0)
        known = known & (years < _INF) & (df > 0.0) & (df < _INF) & (abs(tile[SIGN + i]) == 1.0)
        tile[KNOWN + i] = 1.0 if known else 0.0
