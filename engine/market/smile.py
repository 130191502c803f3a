"""The smile of a chain at an instant, and what its ticks leave open."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from engine import pricing
from engine.types import SCALE, product

if TYPE_CHECKING:
    from engine.market.chain import Chain, Float


def fit_chain(chain: Chain) -> pricing.Smile | None:
    """The smile through the strikes' volatilities, each counting as much as its quote's width tells it.

    A quote is known to half its width, and to half a tick at best. None where fewer than six strikes are priced. It
    takes some milliseconds: thousands of times what the volatilities took.
    """
    half = np.where(chain.otm_sign > 0, chain.calls.ask - chain.calls.bid, chain.puts.ask - chain.puts.bid) / 2
    error = _iv_error(chain, np.maximum(half, ticks(chain) / 2))
    return pricing.fit_smile(chain.pricing_forward, chain.years, chain.strikes, chain.iv, error)


def ticks(chain: Chain) -> Float:
    """The tick of the quote each strike is priced by, dollars; the finer one where there is none."""
    terms, mid = product(chain.root), chain.otm_mid
    above = mid >= terms.tick_break / SCALE
    return np.where(above, terms.tick_above, terms.tick_below) / SCALE


def tick_error(chain: Chain) -> float:
    """Plus or minus how much volatility half a tick of price is at the money, annual; NaN where nothing is priced."""
    if chain.atm is None:
        return float("nan")
    row = chain.layout.row_of[chain.atm]
    return float(_iv_error(chain, ticks(chain) / 2)[row])


def _iv_error(chain: Chain, error: Float) -> Float:
    return pricing.iv_error(chain.otm_sign, chain.pricing_forward, chain.strikes, chain.years, chain.otm_mid, error)
