"""A simulated exchange on the day of the tests, and orders at it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
from quoted_market import SESSION, TEN, Quotes, condor, option

from engine.config import load
from engine.events import BrokerReport, ChainBatch, Listing
from engine.exchange import SimulatedExchange
from engine.market import Market
from engine.types import Contract, Effect, Leg, Package, Side, to_units

LP, SP, SC, LC = (leg.contract for leg in condor().legs)
QUOTES: Quotes = {LP: (0.25, 0.35), SP: (0.90, 1.00), SC: (0.85, 0.95), LC: (0.20, 0.30)}
PUT = option(5300, "P")


def exchange(*settings: str, holding: dict[Contract, int] | None = None) -> SimulatedExchange:
    """As configured; without a broker's cutoffs unless they are set."""
    config = load(settings=("cutoffs.schedule=[]", *settings))
    made = SimulatedExchange(config.fills, config.fees, SESSION, config.cutoffs)
    for contract, quantity in (holding or {}).items():
        made.hold(contract, quantity)
    return made


def show_sizes(market: Market, quotes: Mapping[Contract, tuple[float, int, float, int]], ts: int) -> None:
    """New quotes with their sizes: bid, bid size, ask, ask size."""
    idx = _listed(market, quotes)
    columns = [np.array(column, np.int32) for column in zip(*quotes.values(), strict=True)]
    bid, ask = (np.array([to_units(q[n]) for q in quotes.values()], np.int32) for n in (0, 2))
    market.apply(
        ChainBatch(ts_known=ts, ts_event=ts, idx=idx, bid=bid, ask=ask, bid_size=columns[1], ask_size=columns[3])
    )


def show_bars(market: Market, bars: Mapping[Contract, tuple[float, float, float]], ts: int) -> None:
    """New bars that end at ``ts``: low, high, close."""
    idx = _listed(market, bars)
    low, high, close = (np.array([to_units(bar[n]) for bar in bars.values()], np.int32) for n in range(3))
    market.apply(ChainBatch(ts_known=ts, ts_event=ts, idx=idx, price=close, open=close, high=high, low=low))


def _listed(market: Market, wanted: Iterable[Contract]) -> np.ndarray:
    new = tuple(contract for contract in wanted if contract not in market.index)
    if new:
        market.list_instruments(Listing(ts_known=0, first=len(market.instruments), instruments=new))
    return np.array([market.index[contract] for contract in wanted], np.int32)


def single(side: Side, effect: Effect = "open", contract: Contract = PUT) -> Package:
    return Package((Leg(contract, side, effect),))


def kinds(reports: Sequence[BrokerReport]) -> list[str]:
    return [report.kind for report in reports]


def submit(
    at: SimulatedExchange,
    package: Package,
    limit: int | None = None,
    quantity: int = 1,
    now: int = TEN,
    name: str = "a",
) -> None:
    at.submit(name, package, quantity, limit, now)


def fills(reports: Sequence[BrokerReport]) -> list[BrokerReport]:
    return [report for report in reports if report.kind == "fill"]
