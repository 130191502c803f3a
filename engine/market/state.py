"""The market as arrays: the newest quote of everything listed, each with its own time."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.events import ChainBatch, DailyClose, FeedStatus, Listing
from engine.types import MISSING, Contract, Instrument, Price, PriceMeaning, Underlying

Int32 = NDArray[np.int32]
Int64 = NDArray[np.int64]

NEVER = -(2**62)
"""The time of a quote that never came."""

_PRICES = ("bid", "ask", "price")
_SIDES = ("bid", "ask", "bid_size", "ask_size")
_LASTING = ("price", "open", "high", "low", "volume", "buy_volume", "open_interest")
_FIELDS = (*_SIDES, *_LASTING)


class Quote(NamedTuple):
    """One contract's quote; a missing bid or ask is None, a bid of 0 is a bid."""

    bid: Price | None
    ask: Price | None
    ts: int

    @property
    def usable(self) -> bool:
        """Both sides known, an ask above 0, not crossed. A locked quote and a bid of 0 are usable."""
        return self.bid is not None and self.ask is not None and 0 <= self.bid <= self.ask and self.ask > 0

    @property
    def fault(self) -> str:
        """What is wrong with a quote that is not usable, in words; empty for a usable one."""
        if self.usable:
            return ""
        if self.bid is None and self.ask is None:
            return "has no quote"
        if self.bid is None:
            return "has no bid, not even 0"
        return "has no ask" if not self.ask else "crossed"

    @property
    def mid2(self) -> int:
        """Twice the mid, exact; only for a usable quote."""
        assert self.bid is not None
        assert self.ask is not None
        return self.bid + self.ask

    @property
    def width(self) -> Price:
        """Ask less bid; only for a usable quote."""
        assert self.bid is not None
        assert self.ask is not None
        return self.ask - self.bid


class Market:
    """The newest value of every instrument listed so far.

    ``meanings`` says what a price of each root's source stands for. Where a source has one price and no quote (a mid,
    a trade bar), that price is taken as a locked bid and ask, and ``meaning`` tells the reader so.
    """

    def __init__(self, meanings: dict[str, PriceMeaning]) -> None:
        self._meanings = meanings
        self.instruments: list[Instrument] = []
        self.index: dict[Instrument, int] = {}
        self.version = 0
        self.listing_version = 0
        self.last_batch_ts = NEVER
        self.feed = FeedStatus(ts_known=0, state="ok")
        self.closes: dict[str, DailyClose] = {}
        self._grow(256)
        self._size = 0

    def _grow(self, capacity: int) -> None:
        for name in _FIELDS:
            column = np.full(capacity, MISSING, np.int32)
            old: Int32 | None = getattr(self, "_" + name, None)
            if old is not None:
                column[: len(old)] = old
            setattr(self, "_" + name, column)
        for name in ("_quote_ts", "_price_ts"):
            times = np.full(capacity, NEVER, np.int64)
            before: Int64 | None = getattr(self, name, None)
            if before is not None:
                times[: len(before)] = before
            setattr(self, name, times)
        locked = np.zeros(capacity, np.bool_)
        kept: NDArray[np.bool_] | None = getattr(self, "_is_locked", None)
        if kept is not None:
            locked[: len(kept)] = kept
        self._is_locked = locked
        self._capacity = capacity

    _bid: Int32
    _ask: Int32
    _bid_size: Int32
    _ask_size: Int32
    _price: Int32
    _open: Int32
    _high: Int32
    _low: Int32
    _volume: Int32
    _buy_volume: Int32
    _open_interest: Int32
    _quote_ts: Int64
    _price_ts: Int64

    @property
    def bid(self) -> Int32:
        """Bids by index, ``MISSING`` where unknown. Read only, like every column here."""
        return self._bid

    @property
    def ask(self) -> Int32:
        """Asks by index."""
        return self._ask

    @property
    def quote_ts(self) -> Int64:
        """When each quote was true, ns UTC; ``NEVER`` where there is none."""
        return self._quote_ts

    def meaning(self, root: str) -> PriceMeaning:
        """What a price of this root stands for."""
        return self._meanings.get(root, "quote")

    def list_instruments(self, event: Listing) -> None:
        """Make room for newly listed instruments."""
        if event.first != self._size:
            raise ValueError(f"a listing begins at {event.first}, but {self._size} instruments are known")
        end = event.first + len(event.instruments)
        if end > self._capacity:
            self._grow(max(end, 2 * self._capacity))
        for offset, instrument in enumerate(event.instruments):
            position = event.first + offset
            self.instruments.append(instrument)
            self.index[instrument] = position
            self._is_locked[position] = isinstance(instrument, Contract) and self.meaning(instrument.root) != "quote"
        self._size = end
        self.listing_version += 1
        self.version += 1

    def apply(self, batch: ChainBatch) -> None:
        """Take over the values of a batch; each quote keeps its own time."""
        idx = batch.idx
        times = batch.quote_ts if batch.quote_ts is not None else batch.ts_event
        self._apply_quotes(batch, times)
        for name in _LASTING:
            column: Int32 | None = getattr(batch, name)
            if column is not None:
                new = column != MISSING
                getattr(self, "_" + name)[idx[new]] = column[new]
        if batch.price is not None:
            known = batch.price != MISSING
            self._price_ts[idx[known]] = times[known] if isinstance(times, np.ndarray) else times
            locked = known & self._is_locked[idx]
            if locked.any():
                rows = idx[locked]
                self._bid[rows] = self._ask[rows] = batch.price[locked]
                self._quote_ts[rows] = times[locked] if isinstance(times, np.ndarray) else times
        self.last_batch_ts = max(self.last_batch_ts, batch.ts_known)
        self.version += 1

    def _apply_quotes(self, batch: ChainBatch, times: Int64 | int) -> None:
        """The sides of the rows that are of quotes: not those of a trade or an index value with neither bid nor ask."""
        rows: slice | NDArray[np.bool_] = slice(None)
        if batch.bid is not None and batch.ask is not None:
            without = (batch.bid == MISSING) & (batch.ask == MISSING)
            others = [other for other in (batch.price, batch.volume, batch.open_interest) if other is not None]
            if others and without.any():
                rows = ~without | np.logical_and.reduce([other == MISSING for other in others])
        idx = batch.idx[rows]
        for name in _SIDES:
            column: Int32 | None = getattr(batch, name)
            if column is not None:
                getattr(self, "_" + name)[idx] = column[rows]
        if batch.bid is not None or batch.ask is not None:
            self._quote_ts[idx] = times[rows] if isinstance(times, np.ndarray) else times

    def feed_told(self, event: FeedStatus) -> None:
        """Remember what the feed says of itself."""
        self.feed = event
        self.version += 1

    def close_arrived(self, event: DailyClose) -> None:
        """Remember the newest official close of a symbol."""
        known = self.closes.get(event.symbol)
        if known is None or known.day <= event.day:
            self.closes[event.symbol] = event
            self.version += 1

    def quote(self, contract: Contract) -> Quote:
        """The newest quote of a contract; a contract never listed has no quote."""
        position = self.index.get(contract)
        if position is None:
            return Quote(None, None, NEVER)
        bid, ask = int(self._bid[position]), int(self._ask[position])
        return Quote(None if bid == MISSING else bid, None if ask == MISSING else ask, int(self._quote_ts[position]))

    def value(self, symbol: str) -> tuple[Price | None, int]:
        """The newest value of an underlying or index, and when it was true."""
        position = self.index.get(Underlying(symbol))
        if position is None or self._price[position] == MISSING:
            return None, NEVER
        return int(self._price[position]), int(self._price_ts[position])

    def detail(self, position: int) -> dict[str, int | None]:
        """Sizes, volume and open interest of one instrument, for a screen."""
        found = {name: int(getattr(self, "_" + name)[position]) for name in _FIELDS}
        return {name: None if value == MISSING else value for name, value in found.items()}

    def contracts(self, root: str) -> Iterable[Contract]:
        """Every contract of ``root`` listed so far, in order of listing."""
        return (c for c in self.instruments if isinstance(c, Contract) and c.root == root)

    def expiries(self, root: str) -> tuple[dt.date, ...]:
        """Expiration dates of ``root`` listed so far, ascending."""
        return tuple(sorted({contract.expiry for contract in self.contracts(root)}))

    def prior_close(self, symbol: str, day: dt.date) -> DailyClose | None:
        """The newest official close of ``symbol`` of a day before ``day``, if it is known."""
        known = self.closes.get(symbol)
        return known if known is not None and known.day < day else None
