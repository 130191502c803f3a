"""Everything compiled of a market, used once before the market opens, so that no later minute waits for a compiler."""

from __future__ import annotations

import datetime as dt

import numpy as np

from engine.clock import MINUTE
from engine.events import ChainBatch, Listing
from engine.market.chain import Chain
from engine.market.layout import lay_out
from engine.market.state import Market
from engine.types import Contract, Right, Underlying, to_units

_DAY = dt.date(2024, 1, 2)
_RIGHTS: tuple[Right, Right] = ("C", "P")


def rehearse() -> None:
    """Take over one batch of two contracts and price them. Nothing of it is kept.

    What is on disk is loaded, half a second after a start. What is not is compiled: some seconds, once on a machine.
    """
    market = Market({})
    contracts = tuple(Contract("SPXW", _DAY, to_units(5000), right) for right in _RIGHTS)
    market.list_instruments(Listing(ts_known=0, first=0, instruments=(*contracts, Underlying("SPX"))))
    bid, ask = np.full(2, to_units(10), np.int32), np.full(2, to_units(10.1), np.int32)
    market.apply(ChainBatch(ts_known=0, ts_event=0, idx=np.arange(2, dtype=np.int32), bid=bid, ask=ask))
    value = np.array([to_units(5000)], np.int32)
    market.apply(ChainBatch(ts_known=0, ts_event=0, idx=np.array([2], np.int32), price=value))
    chain = Chain(market, lay_out(market, "SPXW", _DAY), 0, 60 * MINUTE, MINUTE)
    assert np.isfinite(chain.calls.delta).all()
    assert np.isfinite(chain.full_greeks.vanna).all()
