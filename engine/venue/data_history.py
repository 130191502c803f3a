"""What has traded so far, kept as the market plays it: prints, minutes, quotes of stocks, values of indices.

A batch tells what happened up to its instant. So a print at 09:31:00 belongs to the minute that began at 09:30, whose
bar is whole at that instant.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.events import AnyEvent, ChainBatch, DailyClose, Listing
from engine.market import Market
from engine.types import MISSING, PRODUCTS, Contract, Instrument, Price, Underlying
from engine.venue.data_series import Longs, Print, Prints, Series, StockQuote

STOCKS = frozenset(terms.underlying for terms in PRODUCTS.values() if terms.settlement == "physical")
"""Underlyings that Alpaca has as stocks; the others are indices, for which it has no stream and no quotes."""

Ints = NDArray[np.int32]

_TOGETHER = 64
"""So many batches are sorted by instrument together: one instrument's trades are found without looking at all."""


class New(NamedTuple):
    """A print that a batch brought: which instrument's, its number in the series, and what it was."""

    idx: int
    number: int
    print: Print


class Trades(NamedTuple):
    """The trades that a batch brought, in the order of its rows: whose, and their number in the series from 0."""

    idx: Longs
    number: Longs
    made: Prints

    def of(self, which: NDArray[np.bool_]) -> Iterator[New]:
        """Those of some instruments, which are true by index."""
        for row in np.flatnonzero(which[self.idx]).tolist():
            made = self.made
            one = Print(made.ts.item(row), made.close.item(row), made.size.item(row))
            yield New(self.idx.item(row), self.number.item(row), one)


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
        self._sold = np.zeros(0, np.int64)  # by index: the volume told last, MISSING before there was one
        self._counts = np.zeros(0, np.int64)  # by index: of prints
        self._kept = _Kept()
        self._stocks: list[int] = []
        self._values: dict[int, array[int]] = {}

    def values(self, idx: int) -> list[tuple[int, Price]]:
        """The values of an index so far: when, and in units of 1e-4 points."""
        found = self._values.get(idx, array("q"))
        return list(zip(found[::2], found[1::2], strict=True))

    def series(self, idx: int) -> Series | None:
        """What is known of one instrument; None for one that has no trades: an index, or a source of mids."""
        return self._series[idx] if idx < len(self._series) else None

    def happened(self, event: AnyEvent) -> tuple[Trades | None, list[NewQuote]]:
        """Take an event over; the prints and the quotes of stocks it brought, in the order of its rows."""
        if isinstance(event, Listing):
            self._list(event)
        elif isinstance(event, ChainBatch):
            trades = self._take(event)
            if trades is not None:
                self._kept.add(trades)
            return trades, self._take_quotes(event)
        elif isinstance(event, DailyClose) and event.ts_event > self.opened:
            self._close(event)
        return None, []

    def _close(self, event: DailyClose) -> None:
        """Today's official close: of a stock it is the close of the day's bar; of an index nothing tells it."""
        idx = self._market.index.get(Underlying(event.symbol))
        series = None if idx is None else self.series(idx)
        if series is not None:
            series.closed = event.close

    def _list(self, event: Listing) -> None:
        new = enumerate(event.instruments, len(self._series))
        self._series += [Series(self._kept.reader(idx)) if self._trades(each) else None for idx, each in new]
        self._traded = np.array([series is not None for series in self._series])
        more = len(self._series) - len(self._sold)
        self._sold = np.append(self._sold, np.full(more, MISSING, np.int64))
        self._counts = np.append(self._counts, np.zeros(more, np.int64))
        stocks = (isinstance(each, Underlying) and each.symbol in STOCKS for each in self._market.instruments)
        self._stocks = [idx for idx, is_stock in enumerate(stocks) if is_stock]
        named = enumerate(event.instruments, event.first)
        self._values |= {
            idx: array("q") for idx, each in named if isinstance(each, Underlying) and each.symbol not in STOCKS
        }

    def _trades(self, instrument: Instrument) -> bool:
        if isinstance(instrument, Contract):
            return self._market.meaning(instrument.root) != "mid"
        return instrument.symbol in STOCKS

    def _take(self, batch: ChainBatch) -> Trades | None:
        if batch.price is None:
            return None
        priced = batch.price != MISSING
        self._take_values(batch, priced)
        rows = np.flatnonzero(priced & self._traded[batch.idx])
        of = batch.idx[rows]
        if len(rows) > 1 and len(np.unique(of)) < len(rows):  # each row is counted from the one before
            return _joined([made for row in np.split(rows, len(rows)) if (made := self._rows(batch, row)) is not None])
        return self._rows(batch, rows)

    def _rows(self, batch: ChainBatch, rows: NDArray[np.intp]) -> Trades | None:
        """The trades among rows of different instruments.

        Where a source tells volumes, a row whose volume has not grown is the last trade told again; one without a
        volume is no trade of a source that has told one.
        """
        assert batch.price is not None
        of = batch.idx[rows]
        volume, sold = _column(batch.volume, rows), self._sold[of]
        told = volume != MISSING
        size = np.where(told, volume - np.where(sold == MISSING, 0, sold), 0)
        self._sold[of] = np.where(told, volume, sold)
        times = np.full(len(rows), batch.ts_event, np.int64) if batch.quote_ts is None else batch.quote_ts[rows]
        new = np.where(told, size > 0, sold == MISSING) & (times > self.opened)
        if not new.any():
            return None
        rows, which = rows[new], of[new].astype(np.int64)
        close = batch.price[rows].astype(np.int64)
        open_, high, low = (
            np.where(each == MISSING, close, each)
            for each in (_column(batch.open, rows), _column(batch.high, rows), _column(batch.low, rows))
        )
        number = self._counts[which]
        self._counts[which] += 1
        return Trades(which, number, Prints(times[new], size[new], open_, high, low, close))

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


class _Kept:
    """The trades of the day, to be read one instrument at a time."""

    def __init__(self) -> None:
        self._sorted: list[Trades] = []
        self._fresh: list[Trades] = []

    def add(self, trades: Trades) -> None:
        self._fresh.append(trades)
        if len(self._fresh) == _TOGETHER:
            whole = _joined(self._fresh)
            assert whole is not None
            order = np.argsort(whole.idx, kind="stable")
            self._sorted.append(_picked(whole, order))
            self._fresh = []

    def reader(self, idx: int) -> Callable[[], Prints | None]:
        """Gives an instrument's prints since it was last asked."""
        batches = count = 0

        def read() -> Prints | None:
            nonlocal batches, count
            found: list[Prints] = []
            for part in self._sorted[batches // _TOGETHER :]:
                first, last = np.searchsorted(part.idx, (idx, idx + 1)).tolist()
                if first < last:
                    first += max(0, count - part.number.item(first))
                if first < last:
                    found.append(Prints(*(column[first:last] for column in part.made)))
            before = _TOGETHER * len(self._sorted)
            for part in self._fresh[max(0, batches - before) :]:
                rows = np.flatnonzero(part.idx == idx)
                if len(rows):
                    found.append(Prints(*(column[rows] for column in part.made)))
            batches = before + len(self._fresh)
            if not found:
                return None
            whole = Prints(*(np.concatenate(columns) for columns in zip(*found, strict=True)))
            count += len(whole.ts)
            return whole

        return read


def _joined(parts: list[Trades]) -> Trades | None:
    if not parts:
        return None
    made = Prints(*(np.concatenate(columns) for columns in zip(*(part.made for part in parts), strict=True)))
    return Trades(np.concatenate([part.idx for part in parts]), np.concatenate([part.number for part in parts]), made)


def _picked(trades: Trades, rows: NDArray[np.intp]) -> Trades:
    return Trades(trades.idx[rows], trades.number[rows], Prints(*(column[rows] for column in trades.made)))


def _column(values: Ints | NDArray[np.int64] | None, rows: NDArray[np.intp]) -> Longs:
    return np.full(len(rows), MISSING, np.int64) if values is None else values[rows].astype(np.int64)
