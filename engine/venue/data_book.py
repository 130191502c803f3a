"""The market of now beside what has traded so far, by symbol: what every data endpoint reads."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from engine.calendar import session
from engine.clock import MINUTE
from engine.events import AnyEvent
from engine.market import Chains
from engine.types import MISSING, Contract, Instrument, Underlying, product
from engine.venue.data_history import STOCKS, History, NewQuote, Trades
from engine.venue.data_series import Bar, Longs, Print, Series
from engine.venue.data_wire import Fields, option_quote, widened
from engine.venue.venue import Venue

LATE = 15 * MINUTE
"""How late the indicative feed tells trades."""

_FRESH = 5 * MINUTE

Look = Callable[[AnyEvent, Trades | None, list[NewQuote]], None]


class DataBook:
    """Follows a venue from its start.

    Args:
        opened: New York's midnight, ns UTC.
        indicative_width: how many times as wide as OPRA's the quotes of options are on the indicative feed, from 1.

    Attributes:
        symbols: of each instrument, by index.
        looks: called with each event, the prints and the stock quotes it brought, after all are in the book.
    """

    def __init__(self, venue: Venue, opened: int, indicative_width: float = 1.0) -> None:
        self.venue = venue
        self.indicative_width = indicative_width
        self.opened = opened
        self.history = History(venue.market, opened)
        self.looks: list[Look] = []
        self.symbols: list[str] = []
        self._symbols: dict[str, int] = {}
        self._chains = Chains(venue.market)
        venue.happened.append(self._happened)

    @property
    def now(self) -> int:
        """How far the market has come, ns UTC."""
        return self.venue.now

    def _happened(self, event: AnyEvent) -> None:
        prints, quotes = self.history.happened(event)
        instruments = self.venue.market.instruments
        for idx in range(len(self.symbols), len(instruments)):
            self.symbols.append(instruments[idx].symbol)
            self._symbols[self.symbols[idx]] = idx
        for look in self.looks:
            look(event, prints, quotes)

    def index(self, symbol: str) -> int | None:
        """The index of an option or an underlying, by its symbol."""
        return self._symbols.get(symbol)

    def instrument(self, idx: int) -> Instrument:
        """What stands at an index."""
        return self.venue.market.instruments[idx]

    def option(self, symbol: str) -> int | None:
        """The index of an option, if it is listed."""
        idx = self.index(symbol)
        return idx if idx is not None and isinstance(self.instrument(idx), Contract) else None

    def stock(self, symbol: str) -> int | None:
        """The index of a stock, if this market has it. An index such as SPX is none."""
        idx = self.index(symbol) if symbol in STOCKS else None
        return idx if idx is not None and isinstance(self.instrument(idx), Underlying) else None

    def values(self, symbol: str) -> list[tuple[int, int]]:
        """The values of an index so far; empty for what is none."""
        idx = self.index(symbol)
        return [] if idx is None else self.history.values(idx)

    def stocks(self) -> list[tuple[int, str]]:
        """The stocks of this market: index and symbol."""
        return [(idx, symbol) for symbol in sorted(STOCKS) if (idx := self.stock(symbol)) is not None]

    def series(self, idx: int) -> Series | None:
        """What has traded of it."""
        return self.history.series(idx)

    def last_print(self, idx: int, delayed: bool) -> Print | None:
        """The newest print; on a delayed feed the newest that is old enough."""
        series = self.series(idx)
        return None if series is None else series.last_print(self.now - (LATE if delayed else 0))

    def day_bar(self, idx: int) -> Bar | None:
        """The bar of the day so far, the minute under way included."""
        series = self.series(idx)
        day = None if series is None else series.day
        return None if day is None else day.bar(self.opened)

    def option_sides(self, idx: NDArray[np.int32], indicative: bool) -> tuple[Longs, Longs]:
        """Bids and asks of options as a feed has them, units of 1e-4 dollars."""
        market = self.venue.market
        return widened(market.bid[idx], market.ask[idx], self.indicative_width if indicative else 1.0)

    def option_quote(self, idx: int, indicative: bool = False) -> Fields | None:
        """The newest quote of an option; None where there never was one today."""
        market = self.venue.market
        bid, ask, ts = market.bid.item(idx), market.ask.item(idx), market.quote_ts.item(idx)
        if (bid == MISSING and ask == MISSING) or ts <= self.opened:
            return None
        found = market.detail(idx)
        bids, asks = self.option_sides(np.array([idx], np.int32), indicative)
        return option_quote(ts, bids.item(0), asks.item(0), found["bid_size"] or 0, found["ask_size"] or 0)

    def contracts(self, underlying: str) -> list[tuple[int, Contract]]:
        """The options on an underlying, or of a root, in the order of their symbols."""
        found = [
            (idx, each)
            for idx, each in enumerate(self.venue.market.instruments)
            if isinstance(each, Contract) and underlying in (each.root, product(each.root).underlying)
        ]
        return sorted(found, key=lambda pair: pair[1].symbol)

    def volatility(self, contract: Contract) -> tuple[float | None, Fields | None]:
        """What Alpaca would work out of an option: its volatility and its Greeks.

        None of either for options on an index, and no Greeks on the day of expiry.
        """
        terms = product(contract.root)
        if terms.settlement == "cash":
            return None, None
        close = session(contract.expiry).product_close(contract.root)
        chain = self._chains.at(contract.root, contract.expiry, self.now, close, _FRESH)
        row = None if chain is None else chain.layout.row_of.get(contract.strike)
        if chain is None or row is None or self.now >= close:
            return None, None
        vol = float(chain.iv[row])
        if vol != vol:  # noqa: PLR0124  # not a number
            return None, None
        if contract.expiry == self.venue.day.day:
            return vol, None
        side = chain.side(contract.right)
        delta, mid = float(side.delta[row]), float(side.mid[row])
        rho = chain.years * (chain.pricing_forward * delta - mid) / 100.0
        greeks = {
            "delta": delta,
            "gamma": float(side.gamma[row]),
            "theta": float(side.theta[row]),
            "vega": float(side.vega[row]),
            "rho": rho,
        }
        return vol, (None if any(value != value for value in greeks.values()) else greeks)  # noqa: PLR0124
