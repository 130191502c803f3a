"""One instrument's day as bars and prints; made of what has traded when somebody asks."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.clock import MINUTE
from engine.types import Price

Longs = NDArray[np.int64]


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

    def take(self, close: Price, high: Price, low: Price, volume: int, count: int, money: int, plain: int) -> None:
        """Prints that came later: the last, the extremes, and sums of their sizes, prices times sizes, and prices."""
        self.high = max(self.high, high)
        self.low = min(self.low, low)
        self.close = close
        self.volume += volume
        self.count += count
        self.money += money
        self.plain += plain

    def add(self, later: _Sum) -> None:
        self.take(later.close, later.high, later.low, later.volume, later.count, later.money, later.plain)

    def closing(self, at: Price) -> _Sum:
        """The same with another close: the official one, that of the listing exchange's auction."""
        made = _Sum(self.open)
        made.add(self)
        made.close, made.high, made.low = at, max(self.high, at), min(self.low, at)
        return made

    def bar(self, ts: int) -> Bar:
        mean = self.money / self.volume if self.volume else self.plain / self.count
        return Bar(ts, self.open, self.high, self.low, self.close, self.volume, self.count, mean)


class Prints(NamedTuple):
    """What was traded, in order: when, how many, and the prices of the print or of the bar behind it; all int64."""

    ts: Longs
    size: Longs
    open: Longs
    high: Longs
    low: Longs
    close: Longs


class Series:
    """One instrument's prints and minutes of today.

    Args:
        more: gives the prints since it was last asked.

    Attributes:
        closed: the official close, once it is known: the close of the day's bar.
    """

    __slots__ = ("_day", "_minutes", "_more", "_prints", "_quotes", "closed")

    def __init__(self, more: Callable[[], Prints | None]) -> None:
        self._more = more
        self._prints = array("q")
        self._quotes = array("q")
        self._minutes: dict[int, _Sum] = {}
        self._day: _Sum | None = None
        self.closed: Price | None = None

    def _read(self) -> None:
        new = self._more()
        if new is None:
            return
        self._prints.frombytes(np.column_stack((new.ts, new.close, new.size)).tobytes())
        minutes = (new.ts - 1) // MINUTE * MINUTE
        starts = np.concatenate(([0], np.flatnonzero(np.diff(minutes)) + 1))
        ends = np.append(starts[1:], len(minutes))
        parts = zip(
            minutes[starts].tolist(),
            new.open[starts].tolist(),
            new.close[ends - 1].tolist(),
            np.maximum.reduceat(new.high, starts).tolist(),
            np.minimum.reduceat(new.low, starts).tolist(),
            np.add.reduceat(new.size, starts).tolist(),
            (ends - starts).tolist(),
            np.add.reduceat(new.close * new.size, starts).tolist(),
            np.add.reduceat(new.close, starts).tolist(),
            strict=True,
        )
        for minute, first, *sums in parts:
            made = self._minutes.get(minute)
            if made is None:
                self._minutes[minute] = made = _Sum(first)
            made.take(*sums)
            if self._day is None:
                self._day = _Sum(first)
            self._day.take(*sums)

    @property
    def minutes(self) -> dict[int, _Sum]:
        """Bars by the start of their minute, the one under way included."""
        self._read()
        return self._minutes

    @property
    def day(self) -> _Sum | None:
        """The day so far."""
        self._read()
        if self._day is None or self.closed is None:
            return self._day
        return self._day.closing(self.closed)

    def quote(self, quote: StockQuote) -> None:
        """A quote, for a stock's history."""
        self._quotes.extend(quote)

    @property
    def prints(self) -> int:
        """How many prints there are."""
        self._read()
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
            yield (made if width or self.closed is None else made.closing(self.closed)).bar(start)
