"""Markets, contracts and packages for tests, made of the real events. Dollars here, units of 1e-4 inside."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

import numpy as np

from engine.calendar import from_new_york, session
from engine.clock import MINUTE, SECOND
from engine.events import ChainBatch, Listing
from engine.market import Market
from engine.types import MISSING, Contract, Instrument, Leg, Package, PriceMeaning, Right, Underlying, to_units

DAY = dt.date(2024, 8, 7)
SESSION = session(DAY)
TEN = from_new_york(DAY, dt.time(10))
AGE = 90 * SECOND

Dollars = float | None
Quotes = Mapping[Contract, tuple[Dollars, Dollars]]

__all__ = [
    "AGE",
    "DAY",
    "MINUTE",
    "SECOND",
    "SESSION",
    "TEN",
    "at",
    "condor",
    "option",
    "quote",
    "show",
    "tell",
    "tell_mids",
]


def at(hour: int, minute: int = 0, second: int = 0) -> int:
    """An instant of ``DAY``, New York."""
    return from_new_york(DAY, dt.time(hour, minute, second))


def option(strike: float, right: Right, expiry: dt.date = DAY, root: str = "SPXW") -> Contract:
    return Contract(root, expiry, to_units(strike), right)


def condor(
    long_put: float = 5280,
    short_put: float = 5300,
    short_call: float = 5400,
    long_call: float = 5420,
    ratio: int = 1,
    root: str = "SPXW",
) -> Package:
    """Short iron condor, to be opened."""
    return Package(
        (
            Leg(option(long_put, "P", root=root), "buy", "open", ratio),
            Leg(option(short_put, "P", root=root), "sell", "open", ratio),
            Leg(option(short_call, "C", root=root), "sell", "open", ratio),
            Leg(option(long_call, "C", root=root), "buy", "open", ratio),
        )
    )


def quote(
    quotes: Quotes,
    ts: int = TEN,
    values: Mapping[str, float] | None = None,
    meanings: dict[str, PriceMeaning] | None = None,
) -> Market:
    """A market in which these contracts and values are listed and quoted at ``ts``."""
    market = Market(meanings or {})
    show(market, quotes, ts)
    for symbol, value in (values or {}).items():
        tell(market, symbol, value, ts)
    return market


def show(market: Market, quotes: Quotes, ts: int) -> None:
    """New quotes; what is not listed yet is listed. None is a missing bid or ask."""
    idx = _listed(market, list(quotes))
    bid = np.array([_units(bid) for bid, _ in quotes.values()], np.int32)
    ask = np.array([_units(ask) for _, ask in quotes.values()], np.int32)
    market.apply(ChainBatch(ts_known=ts, ts_event=ts, idx=idx, bid=bid, ask=ask))


def tell(market: Market, symbol: str, value: Dollars, ts: int) -> None:
    """A new value of an index or a share."""
    idx = _listed(market, [Underlying(symbol)])
    market.apply(ChainBatch(ts_known=ts, ts_event=ts, idx=idx, price=np.array([_units(value)], np.int32)))


def tell_mids(market: Market, mids: Mapping[Contract, Dollars], ts: int) -> None:
    """One price a contract, as a source of mids or trade bars gives it."""
    idx = _listed(market, list(mids))
    price = np.array([_units(mid) for mid in mids.values()], np.int32)
    market.apply(ChainBatch(ts_known=ts, ts_event=ts, idx=idx, price=price))


def _listed(market: Market, wanted: list[Instrument]) -> np.ndarray:
    new = tuple(instrument for instrument in wanted if instrument not in market.index)
    if new:
        market.list_instruments(Listing(ts_known=0, first=len(market.instruments), instruments=new))
    return np.array([market.index[instrument] for instrument in wanted], np.int32)


def _units(value: Dollars) -> int:
    return MISSING if value is None else to_units(value)


def closing(package: Package) -> Package:
    """The package that closes what another opens."""
    return Package(
        tuple(Leg(leg.contract, "sell" if leg.side == "buy" else "buy", "close", leg.ratio) for leg in package.legs)
    )
