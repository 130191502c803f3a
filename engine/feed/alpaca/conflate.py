"""The newest of every instrument between two calls of ``take``, and how many messages that was.

Two threads meet here: the streams' puts frames in, the session's takes batches out. A quote or a trade that a newer one
has replaced before it was taken is counted and gone: a session acts on the present, and the present is never late.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from threading import Lock
from typing import Any, NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray

from engine.alpaca.parse_values import instant
from engine.events import AnyEvent, ChainBatch, DailyClose, Listing
from engine.feed.alpaca.day_volume import DayVolume
from engine.types import MISSING, SCALE, Instrument

Ints = NDArray[np.int32]
Times = NDArray[np.int64]

_DEAREST = 200_000.0
"""Dollars; a price from here on is none: it would not fit a column."""
_MOST = 2**31 - 1
_FIRST, _LAST = 10**18, 4 * 10**18
"""Instants between 2001 and 2096, ns UTC."""
_NOT_LAST = frozenset("BCGHMNPQRTUVWZ4579")
"""Conditions of a fund's trade whose price is not the market's of that instant: averages, late reports, crosses of
another time, official prices. Its shares count all the same."""

Quote = tuple[int, float, float, int, int]
"""When, bid, ask (dollars), bid size, ask size."""


class Bar(NamedTuple):
    """A bar of an underlying: when it ended (ns UTC), prices in units of 1e-4 dollars, shares of the day up to then;
    None of an index, which has none."""

    end: int
    open: int
    high: int
    low: int
    close: int
    volume: int | None


class Newest(NamedTuple):
    """Quotes by number: units of 1e-4 dollars or ``MISSING``, ns UTC (0: never quoted)."""

    bid: Ints
    ask: Ints
    times: Times


class Conflator:
    """Messages in, events out.

    Args:
        wake: called from the thread that puts something in, when there is something to take; it returns at once.

    Attributes:
        instruments: all that is listed, in the order of their numbers. index: those numbers, by symbol.
        counted: messages by what became of them.
    """

    def __init__(self, known: Sequence[Instrument], wake: Callable[[], None]) -> None:
        self.instruments: list[Instrument] = []
        self.index: dict[str, int] = {}
        self._lock = Lock()
        self._wake = wake
        self._told = False
        self._quotes: dict[int, Quote] = {}
        self._trades: dict[int, tuple[int, float, int]] = {}  # time (0: no new price), dollars, volume (-1: unknown)
        self._facts: list[AnyEvent] = []
        self._days: dict[int, DayVolume] = {}
        self._prices: dict[int, float] = {}
        self._priced: dict[int, int] = {}  # when the newest price of each was true, taken or not
        self._seq = 0
        self._bid = self._ask = np.zeros(0, np.int32)
        self._quoted = np.zeros(0, np.int64)
        self.counted = dict.fromkeys(
            ("messages", "quotes", "trades", "conflated", "unreadable", "not_listed", "other", "from_the_future"), 0
        )
        self._add(known)

    # What is put in, on the streams' thread

    def list_new(self, instruments: Iterable[Instrument]) -> None:
        """List what is not listed yet."""
        new = [each for each in dict.fromkeys(instruments) if each.symbol not in self.index]
        if not new:
            return
        first = len(self.instruments)
        with self._lock:
            self._add(new)
            self._facts.append(Listing(ts_known=0, first=first, instruments=tuple(new)))
        self._call()

    def hear(self, messages: list[Any]) -> tuple[int, list[Any]]:
        """A frame of a stream: how many quotes and trades were in it, and what else concerns the stream itself."""
        quotes: dict[int, Quote] = {}
        trades: dict[int, tuple[int, float, int]] = {}
        others: list[Any] = []
        index, counted = self.index, self.counted
        came = put = sold = 0
        for message in messages:
            try:
                kind = message["T"]
                if kind == "q":
                    came += 1
                    row = index.get(message["S"])
                    if row is None:
                        counted["not_listed"] += 1
                        continue
                    when, bid, ask = message["t"], message["bp"], message["ap"]
                    if when.__class__ is not int:
                        when = _instant(when)
                    # Comparisons that what is no number, or none that can be, does not pass.
                    if not (0 <= bid < _DEAREST and 0 <= ask < _DEAREST and _FIRST < when < _LAST):
                        raise ValueError
                    quotes[row] = (when, bid, ask, _size(message["bs"]), _size(message["as"]))
                    put += 1
                elif kind == "t":
                    came, sold = came + 1, sold + 1
                    row = index.get(message["S"])
                    if row is None:
                        counted["not_listed"] += 1
                    else:
                        put += self._trade(row, message, trades)
                elif kind in ("subscription", "error"):
                    others.append(message)
                else:
                    counted["other"] += 1
            except (KeyError, TypeError, ValueError, AttributeError):
                counted["unreadable"] += 1
        counted["messages"] += len(messages)
        counted["quotes"] += came - sold
        counted["trades"] += sold
        if put:
            self._put(quotes, trades, put)
        return came, others

    def _trade(self, row: int, message: Mapping[str, Any], trades: dict[int, tuple[int, float, int]]) -> bool:
        when, price, size = message["t"], message["p"], _size(message["s"])
        if when.__class__ is not int:
            when = _instant(when)
        if not (0 < price < _DEAREST and _FIRST < when < _LAST):
            raise ValueError
        conditions = message.get("c")
        is_last = conditions.__class__ is not list or _NOT_LAST.isdisjoint(map(str, conditions))
        is_last = is_last and when >= self._priced.get(row, 0)
        sold = self._day(row).trade(when, size)
        volume = -1 if sold is None else sold
        before = trades.get(row)
        if is_last:
            self._priced[row], self._prices[row] = when, price
            trades[row] = (when, price, volume)
        elif volume >= 0:
            trades[row] = (before[0], before[1], volume) if before else (0, 0.0, volume)
        else:
            return False
        return True

    def start_volume(self, row: int, volume: int, since: int) -> None:
        """What a snapshot says was traded today up to ``since``; what the streams have told is added or compared."""
        self._put({}, {row: (0, 0.0, self._day(row).snapshot(volume, since))}, 1, conflates=False)

    def snapshot_quote(self, row: int, quote: Quote) -> None:
        """A quote that was asked for; it replaces none that is newer."""
        when, bid, ask, *_ = quote
        if not (0 <= bid < _DEAREST and 0 <= ask < _DEAREST and _FIRST < when < _LAST):
            return
        with self._lock:
            waiting = self._quotes.get(row)
            newest = waiting[0] if waiting else int(self._quoted[row])
            if when <= newest:
                return
            self._quotes[row] = quote
        self._call()

    def snapshot_price(self, row: int, when: int, price: float) -> None:
        """A value or a last trade that was asked for; it replaces none that is newer."""
        if not (0 < price < _DEAREST and _FIRST < when < _LAST) or when <= self._priced.get(row, 0):
            return
        self._priced[row], self._prices[row] = when, price
        self._put({}, {row: (when, price, -1)}, 1, conflates=False)

    def bars(self, row: int, bars: Sequence[Bar]) -> int:
        """Bars of the day so far, one event each, as far as nothing newer is known; how many."""
        since = self._priced.get(row, 0)
        new = [bar for bar in bars if bar.end > since]
        for bar in new:
            volume = None
            if bar.volume is not None and self._day(row).bar(bar.volume):
                volume = _column(bar.volume)
            prices = [_column(value) for value in (bar.open, bar.high, bar.low, bar.close)]
            batch = ChainBatch(
                ts_known=0, ts_event=bar.end, idx=_column(row),
                open=prices[0], high=prices[1], low=prices[2], price=prices[3], volume=volume,
            )  # fmt: skip
            with self._lock:
                self._facts.append(batch)
        if new:
            self._priced[row], self._prices[row] = new[-1].end, new[-1].close / SCALE
            self._call()
        return len(new)

    def interest(self, found: Mapping[int, int]) -> None:
        """Open interest, by number."""
        if found:
            idx = _numbers(found)
            held = np.fromiter(found.values(), np.int32, len(found))
            self._fact(ChainBatch(ts_known=0, idx=idx, open_interest=held))

    def close(self, close: DailyClose) -> None:
        """An official close."""
        self._fact(close)

    def newest(self) -> Newest:
        """The newest quotes of all that is listed, taken or not."""
        with self._lock:
            found = Newest(self._bid.copy(), self._ask.copy(), self._quoted.copy())
            if self._quotes:
                idx, (when, bid, ask, *_) = _numbers(self._quotes), zip(*self._quotes.values(), strict=True)
                found.bid[idx], found.ask[idx], found.times[idx] = *_sides(bid, ask), np.array(when, np.int64)
        return found

    def price(self, row: int) -> float | None:
        """The newest price of a fund or an index, dollars."""
        return self._prices.get(row)

    # What is taken, on the session's thread

    def take(self, now: int) -> list[AnyEvent]:
        """What has come, as events known at ``now``; the last batch of them ends the instant."""
        with self._lock:
            facts, self._facts = self._facts, []
            quotes, self._quotes = self._quotes, {}
            trades, self._trades = self._trades, {}
            self._told = False
            made = self._quote_batch(quotes, now) if quotes else None
        events: list[AnyEvent] = list(facts)
        if made is not None:
            events.append(made)
        if trades:
            events.append(self._trade_batch(trades, now))
        last = max((n for n, event in enumerate(events) if isinstance(event, ChainBatch)), default=-1)
        return [self._stamped(event, now, more=n < last) for n, event in enumerate(events)]

    def next_seq(self) -> int:
        """Events of this feed at one instant are in the order of these."""
        self._seq += 1
        return self._seq

    def _stamped(self, event: AnyEvent, now: int, more: bool) -> AnyEvent:
        about: dict[str, Any] = {"ts_known": now, "ts_event": min(event.ts_event or now, now), "seq": self.next_seq()}
        if isinstance(event, ChainBatch):
            about["more"] = more
        return msgspec.structs.replace(event, **about)

    def _quote_batch(self, quotes: dict[int, Quote], now: int) -> ChainBatch:
        idx = _numbers(quotes)
        when, bid, ask, bid_size, ask_size = zip(*quotes.values(), strict=True)
        times = self._clipped(when, now)
        bids, asks = _sides(bid, ask)
        sizes = np.array(bid_size, np.int32), np.array(ask_size, np.int32)
        self._bid[idx], self._ask[idx], self._quoted[idx] = bids, asks, times
        return ChainBatch(
            ts_known=now, ts_event=int(times.max()), idx=idx, bid=bids, ask=asks,
            bid_size=sizes[0], ask_size=sizes[1], quote_ts=times,
        )  # fmt: skip

    def _trade_batch(self, trades: dict[int, tuple[int, float, int]], now: int) -> ChainBatch:
        idx = _numbers(trades)
        when, price, volume = zip(*trades.values(), strict=True)
        times = self._clipped(when, now)
        for row, told in zip(trades, when, strict=True):
            if told > now and self._priced[row] > now:  # else nothing would be newer until then
                self._priced[row] = now
        prices, volumes = _units(price), np.array(volume, np.int32)
        prices[times == 0] = MISSING
        volumes[volumes < 0] = MISSING
        times[times == 0] = now
        return ChainBatch(
            ts_known=now, ts_event=int(times.max()), idx=idx, price=prices, volume=volumes, quote_ts=times
        )  # fmt: skip

    def _clipped(self, when: Sequence[int], now: int) -> Times:
        times = np.array(when, np.int64)
        late = times > now
        if late.any():
            self.counted["from_the_future"] += int(np.count_nonzero(late))
            times[late] = now
        return times

    # Inside

    def _add(self, instruments: Iterable[Instrument]) -> None:
        for each in instruments:
            self.index[each.symbol] = len(self.instruments)
            self.instruments.append(each)
        more = len(self.instruments) - len(self._quoted)
        if more:
            empty = np.full(more, MISSING, np.int32)
            self._bid, self._ask = np.concatenate([self._bid, empty]), np.concatenate([self._ask, empty])
            self._quoted = np.concatenate([self._quoted, np.zeros(more, np.int64)])

    def _put(
        self,
        quotes: dict[int, Quote],
        trades: dict[int, tuple[int, float, int]],
        messages: int,
        conflates: bool = True,
    ) -> None:
        with self._lock:
            before = len(self._quotes) + len(self._trades)
            self._quotes.update(quotes)
            for row, new_one in trades.items():
                waiting = self._trades.get(row, new_one)
                # What this one does not tell, the one that waits may.
                priced = new_one if new_one[0] else waiting
                self._trades[row] = (priced[0], priced[1], max(new_one[2], waiting[2]))
            new = len(self._quotes) + len(self._trades) - before
            if conflates:
                self.counted["conflated"] += messages - new
        self._call()

    def _day(self, row: int) -> DayVolume:
        found = self._days.get(row)
        if found is None:
            found = self._days[row] = DayVolume()
        return found

    def _fact(self, event: AnyEvent) -> None:
        with self._lock:
            self._facts.append(event)
        self._call()

    def _call(self) -> None:
        if not self._told:
            self._told = True
            self._wake()


def _units(dollars: Sequence[float]) -> Ints:
    return np.rint(np.array(dollars, np.float64) * SCALE).astype(np.int32)


def _sides(bid: Sequence[float], ask: Sequence[float]) -> tuple[Ints, Ints]:
    """A side that is not there comes as 0: nobody bids, which is a bid of 0; nobody offers, which is no ask. Where
    there is neither, the quote is gone."""
    bids, asks = _units(bid), _units(ask)
    bids[(asks == 0) & (bids == 0)] = MISSING
    asks[asks == 0] = MISSING
    return bids, asks


def _numbers(rows: Mapping[int, Any]) -> Ints:
    return np.fromiter(rows, np.int32, len(rows))


def _column(value: int) -> Ints:
    return np.array([value], np.int32)


def _size(value: Any) -> int:
    """Contracts or shares; anything but a number from 0 up raises ``ValueError`` or ``TypeError``."""
    if not 0 <= value <= _MOST:
        raise ValueError
    return int(value)


def _instant(value: Any) -> int:
    """An instant that did not come as msgpack's own."""
    found = instant(value)
    if found is None:
        raise ValueError
    return found
