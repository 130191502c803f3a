"""What has traded so far, kept as the market plays it: prints, minutes, quotes of stocks, values of indices.

A batch tells what happened up to its instant. So a print at 09:31:00 belongs to the minute that began at 09:30, whose
bar is whole at that instant.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.clock import MINUTE
from engine.events import AnyEvent, ChainBatch, Listing
from engine.market import Market
from engine.types import MISSING, PRODUCTS, Contract, Instrument, Price, Underlying

STOCKS = frozenset(terms.underlying for terms in PRODUCTS.values() if terms.settlement == "physical")
"""Underlyings that Alpaca has as stocks; the others are indices, for which it has no stream and no quotes."""

Ints = NDArray[np.int32]


class Print(NamedTuple):
    """A trade: when, its price in units of 1e-4 dollars, and how many; 0 where the source tells no volume."""

    ts: int
    price: Price
    size: int


class Bar(NamedTuple):
    """A bar: when it began, prices in units of 1e-4 dollars, volume, how many prints, its mean price by volume."""

    ts: int
    open: Price
    high: Price
    low: Price
    close: Price
    volume: int
    trades: int
    mean: float


class StockQuote(NamedTuple):
    """A quote of a stock; a side that is not there is 0 with size 0."""

    ts: int
    bid: Price
    ask: Price
    bid_size: int
    ask_size: int


class _Sum:
    """A bar under way."""

    __slots__ = ("close", "count", "high", "low", "money", "open", "plain", "volume")

    def __init__(self, first: Price) -> None:
        self.open = self.high = self.low = self.close = first
        self.volume = self.count = self.money = self.plain = 0

    def take(self, price: Price, high: Price, low: Price, size: int, count: int = 1) -> None:
        if high > self.high:  # noqa: PLR1730  # max() takes twice as long, and a day has a million of these
            self.high = high
        if low < self.low:  # noqa: PLR1730
            self.low = low
        self.close = price
        self.volume += size
        self.count += count
        self.money += price * size
        self.plain += price * count

    def add(self, later: _Sum) -> None:
        self.take(later.close, later.high, later.low, 0, 0)
        self.volume += later.volume
        self.count += later.count
        self.money += later.money
        self.plain += later.plain

    def bar(self, ts: int) -> Bar:
        mean = self.money / self.volume if self.volume else self.plain / self.count
        return Bar(ts, self.open, self.high, self.low, self.close, self.volume, self.count, mean)


class Series:
    """One instrument's prints and minutes of today."""

    __slots__ = ("_prints", "_quotes", "day", "minutes", "sold")

    def __init__(self) -> None:
        self._prints = array("q")
        self._quotes = array("q")
        self.minutes: dict[int, _Sum] = {}
        self.day: _Sum | None = None
        self.sold: int | None = None

    def take(self, ts: int, size: int, open_: Price, high: Price, low: Price, close: Price) -> None:
        """A print, or the bar behind it; with no such bar all four prices are the print's."""
        self._prints.extend((ts, close, size))
        minute = (ts - 1) // MINUTE * MINUTE
        made = self.minutes.get(minute)
        if made is None:
            self.minutes[minute] = made = _Sum(open_)
        made.take(close, high, low, size)
        if self.day is None:
            self.day = _Sum(open_)
        self.day.take(close, high, low, size)

    def quote(self, quote: StockQuote) -> None:
        """A quote, for a stock's history."""
        self._quotes.extend(quote)

    @property
    def prints(self) -> int:
        """How many prints there are."""
        return len(self._prints) // 3

    def print(self, number: int) -> Print:
        """The print of that number, from 0."""
        return Print(*self._prints[3 * number : 3 * number + 3])

    def last_print(self, until: int) -> Print | None:
        """The newest print not after ``until``."""
        for number in range(self.prints - 1, -1, -1):
            if self._prints[3 * number] <= until:
                return self.print(number)
        return None

    @property
    def quotes(self) -> int:
        """How many quotes of a stock there are."""
        return len(self._quotes) // 5

    def stock_quote(self, number: int) -> StockQuote:
        """The quote of that number, from 0."""
        return StockQuote(*self._quotes[5 * number : 5 * number + 5])

    def minute_bars(self, until: int) -> Iterator[Bar]:
        """The bars of the minutes that were over at ``until``, in order."""
        for start in sorted(self.minutes):
            if start + MINUTE <= until:
                yield self.minutes[start].bar(start)

    def last_minute(self, until: int) -> Bar | None:
        """The newest of them."""
        over = [start for start in self.minutes if start + MINUTE <= until]
        return self.minutes[max(over)].bar(max(over)) if over else None

    def bars(self, width: int, opened: int, until: int) -> Iterator[Bar]:
        """Bars of ``width`` ns from ``opened`` on (0: one bar, of the day), of minutes that were over at ``until``."""
        start, made = 0, None
        for minute in sorted(self.minutes):
            if minute + MINUTE > until:
                break
            begins = opened + ((minute - opened) // width * width if width else 0)
            if made is not None and begins != start:
                yield made.bar(start)
                made = None
            if made is None:
                start, made = begins, _Sum(self.minutes[minute].open)
            made.add(self.minutes[minute])
        if made is not None:
            yield made.bar(start)


class New(NamedTuple):
    """A print that a batch brought: which instrument's, its number in the series, and what it was."""

    idx: int
    number: int
    print: Print


class NewQuote(NamedTuple):
    """A quote of a stock that a batch brought."""

    idx: int
    quote: StockQuote


class History:
    """Follows a market: ``happened`` is to be called with each of its events after the market has taken it.

    Args:
        market: whose instruments and meanings of prices these are. opened: New York's midnight, ns UTC: what is older
            is of another day and is left out.
    """

    def __init__(self, market: Market, opened: int) -> None:
        self.opened = opened
        self._market = market
        self._series: list[Series | None] = []
        self._traded = np.zeros(0, np.bool_)
        self._stocks: list[int] = []
        self._values: dict[int, array[int]] = {}

    def values(self, idx: int) -> list[tuple[int, Price]]:
        """The values of an index so far: when, and in units of 1e-4 points."""
        found = self._values.get(idx, array("q"))
        return list(zip(found[::2], found[1::2], strict=True))

    def series(self, idx: int) -> Series | None:
        """What is known of one instrument; None for one that has no trades: an index, or a source of mids."""
        return self._series[idx] if idx < len(self._series) else None

    def happened(self, event: AnyEvent) -> tuple[list[New], list[NewQuote]]:
        """Take an event over; the prints and the quotes of stocks it brought, in the order of its rows."""
        if isinstance(event, Listing):
            self._series += [Series() if self._trades(each) else None for each in event.instruments]
            self._traded = np.array([series is not None for series in self._series])
            stocks = (isinstance(each, Underlying) and each.symbol in STOCKS for each in self._market.instruments)
            self._stocks = [idx for idx, is_stock in enumerate(stocks) if is_stock]
            named = enumerate(event.instruments, event.first)
            self._values |= {
                idx: array("q") for idx, each in named if isinstance(each, Underlying) and each.symbol not in STOCKS
            }
        elif isinstance(event, ChainBatch):
            return self._take(event), self._take_quotes(event)
        return [], []

    def _trades(self, instrument: Instrument) -> bool:
        if isinstance(instrument, Contract):
            return self._market.meaning(instrument.root) != "mid"
        return instrument.symbol in STOCKS

    def _take(self, batch: ChainBatch) -> list[New]:
        if batch.price is None:
            return []
        priced = batch.price != MISSING
        self._take_values(batch, priced)
        rows = np.flatnonzero(priced & self._traded[batch.idx])
        times = np.full(len(rows), batch.ts_event, np.int64) if batch.quote_ts is None else batch.quote_ts[rows]
        price = batch.price[rows].tolist()
        columns = (_column(batch.open, rows), _column(batch.high, rows), _column(batch.low, rows))
        found = zip(batch.idx[rows].tolist(), times.tolist(), price, *columns, _column(batch.volume, rows), strict=True)
        made: list[New] = []
        for idx, ts, close, open_, high, low, volume in found:
            series = self._series[idx]
            assert series is not None
            size = 0
            if volume != MISSING:
                size, series.sold = volume - (series.sold or 0), volume
                if size <= 0:
                    continue  # the last trade told again
            elif series.sold is not None:
                continue  # a source that tells volumes tells none of this: it is no trade
            if ts <= self.opened:
                continue
            first = close if open_ == MISSING else open_
            prices = (first, close if high == MISSING else high, close if low == MISSING else low)
            series.take(ts, size, *prices, close)
            made.append(New(idx, series.prints - 1, Print(ts, close, size)))
        return made

    def _take_values(self, batch: ChainBatch, priced: NDArray[np.bool_]) -> None:
        assert batch.price is not None
        for row in np.flatnonzero(priced & np.isin(batch.idx, list(self._values))).tolist():
            ts = batch.ts_event if batch.quote_ts is None else batch.quote_ts.item(row)
            if ts > self.opened:
                self._values[batch.idx.item(row)].extend((ts, batch.price.item(row)))

    def _take_quotes(self, batch: ChainBatch) -> list[NewQuote]:
        if batch.bid is None or batch.ask is None or not self._stocks:
            return []
        made: list[NewQuote] = []
        for row in np.flatnonzero(np.isin(batch.idx, self._stocks)).tolist():
            bid, ask = batch.bid.item(row), batch.ask.item(row)
            ts = batch.ts_event if batch.quote_ts is None else batch.quote_ts.item(row)
            if (bid == MISSING and ask == MISSING) or ts <= self.opened:
                continue
            sizes = [0 if of is None else max(0, of.item(row)) for of in (batch.bid_size, batch.ask_size)]
            idx, quote = batch.idx.item(row), StockQuote(ts, max(0, bid), max(0, ask), sizes[0], sizes[1])
            series = self._series[idx]
            assert series is not None
            series.quote(quote)
            made.append(NewQuote(idx, quote))
        return made


def _column(values: Ints | None, rows: NDArray[np.intp]) -> list[int]:
    return [MISSING] * len(rows) if values is None else values[rows].tolist()
