"""The market as arrays: the newest quote of everything listed, each with its own time."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable
from functools import cache
from typing import NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray

from engine.clock import MINUTE
from engine.events import ChainBatch, DailyClose, FeedStatus, Listing
from engine.market.details import Bar, Details
from engine.market.quote import NEVER, Quote
from engine.types import MISSING, Contract, Instrument, Price, PriceMeaning, Underlying

Int32 = NDArray[np.int32]
Int64 = NDArray[np.int64]

_PRICES = ("bid", "ask", "price")
_NOTHING = np.zeros(0, np.int32)
_NO_TIMES = np.zeros(0, np.int64)


NO_PRICE = -(2**62)
"""In ``Parts.terms``: no bound, no limit."""


class Parts(NamedTuple):
    """Parts of a book as ``Market.look`` takes them; see ``engine.market.compiled.look_at_parts`` for the columns."""

    first: Int64
    where: Int64
    quantity: Int64
    terms: Int64
    found: Int64


@cache
def _look() -> Callable[..., bool]:
    from engine.market.compiled import look_at_parts

    return look_at_parts


@cache
def _take() -> Callable[..., None]:
    """``engine.market.compiled.take``, imported when the first batch comes: that imports numba."""
    from engine.market.compiled import take

    return take


def _together(batch: ChainBatch) -> ChainBatch:
    """The batch with its columns copied where their values lie apart, as those of a table do; itself where none do."""
    columns = {name: column for name in batch.__struct_fields__ if (column := getattr(batch, name)) is not None}
    apart = {
        name: np.ascontiguousarray(column)
        for name, column in columns.items()
        if isinstance(column, np.ndarray) and not column.flags.c_contiguous
    }
    return msgspec.structs.replace(batch, **apart) if apart else batch


class Market:
    """The newest value of every instrument listed so far.

    ``meanings`` says what a price of each root's source stands for. Where a source has one price and no quote (a mid,
    a trade bar), that price is taken as a locked bid and ask, and ``meaning`` tells the reader so.

    Attributes:
        last_batch_ts: when the newest data were known, ns UTC.
        earlier: bars that were known only minutes after they were over, as they came: the day before a late start.
        gaps: the last three times between two instants that brought data, ns; the first is endless.
    """

    def __init__(self, meanings: dict[str, PriceMeaning]) -> None:
        self._meanings = meanings
        self.instruments: list[Instrument] = []
        self.index: dict[Instrument, int] = {}
        self.version = 0
        self.listing_version = 0
        self.last_batch_ts = NEVER
        self.earlier: list[ChainBatch] = []
        self.gaps = (0, 0, 0)
        self.feed = FeedStatus(ts_known=0, state="ok")
        self.closes: dict[str, DailyClose] = {}
        self._details = Details()
        self._quotes: dict[Contract, Quote] = {}
        self._underlyings: dict[str, int] = {}
        self._bid = self._ask = self._price = np.zeros(0, np.int32)
        self._quote_ts = self._price_ts = np.zeros(0, np.int64)
        self._is_locked = np.zeros(0, np.bool_)
        self._capacity = 0
        self._grow(256)
        self._size = 0

    def _grow(self, capacity: int) -> None:
        more = capacity - self._capacity
        for name in _PRICES:
            column: Int32 = getattr(self, "_" + name)
            setattr(self, "_" + name, np.concatenate([column, np.full(more, MISSING, np.int32)]))
        for name in ("_quote_ts", "_price_ts"):
            times: Int64 = getattr(self, name)
            setattr(self, name, np.concatenate([times, np.full(more, NEVER, np.int64)]))
        self._is_locked = np.concatenate([self._is_locked, np.zeros(more, np.bool_)])
        self._capacity = capacity

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
            if isinstance(instrument, Underlying):
                self._underlyings[instrument.symbol] = position
            if isinstance(instrument, Contract) and self.meaning(instrument.root) != "quote":
                self._is_locked[position] = True
        self._size = end
        self.listing_version += 1
        self.version += 1

    def apply(self, batch: ChainBatch) -> None:
        """Take over the values of a batch; each quote keeps its own time."""
        try:
            _take()(
                batch.idx,
                batch.ts_event,
                _NO_TIMES if batch.quote_ts is None else batch.quote_ts,
                _NOTHING if batch.bid is None else batch.bid,
                _NOTHING if batch.ask is None else batch.ask,
                _NOTHING if batch.price is None else batch.price,
                _NOTHING if batch.volume is None else batch.volume,
                _NOTHING if batch.open_interest is None else batch.open_interest,
                self._bid,
                self._ask,
                self._price,
                self._quote_ts,
                self._price_ts,
                self._is_locked,
            )
        except TypeError:
            together = _together(batch)
            if together is batch:
                raise
            Market.apply(self, together)  # itself: a subclass has been asked already
            return
        self._details.follow(batch, self._capacity)
        if batch.high is not None and batch.ts_known - batch.ts_event >= MINUTE:
            self.earlier.append(batch)
        if batch.ts_known > self.last_batch_ts:
            self.gaps = (*self.gaps[1:], batch.ts_known - self.last_batch_ts)
            self.last_batch_ts = batch.ts_known
        self.version += 1
        self._quotes = {}

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

    def look(self, parts: Parts, now: int, max_age: int) -> bool:
        """Value parts of a book, into ``parts.found``; see ``engine.market.compiled.look_at_parts``."""
        quotes = (self._bid, self._ask, self._quote_ts)
        return bool(_look()(parts.first, parts.where, parts.quantity, parts.terms, *quotes, now, max_age, parts.found))

    def quote(self, contract: Contract) -> Quote:
        """The newest quote of a contract; a contract never listed has no quote."""
        known = self._quotes.get(contract)
        if known is not None:
            return known
        position = self.index.get(contract)
        if position is None:
            return Quote(None, None, NEVER)
        bid, ask = self._bid.item(position), self._ask.item(position)
        found = Quote(None if bid == MISSING else bid, None if ask == MISSING else ask, self._quote_ts.item(position))
        self._quotes[contract] = found
        return found

    def value(self, symbol: str) -> tuple[Price | None, int]:
        """The newest value of an underlying or index, and when it was true."""
        position = self._underlyings.get(symbol)
        if position is None:
            return None, NEVER
        price = self._price.item(position)
        return (None, NEVER) if price == MISSING else (price, self._price_ts.item(position))

    def detail(self, position: int) -> dict[str, int | None]:
        """Everything known of one instrument, for a screen: quote, last price, sizes, volume, open interest."""
        quoted = {name: int(getattr(self, "_" + name)[position]) for name in _PRICES}
        known = {name: None if value == MISSING else value for name, value in quoted.items()}
        return known | self._details.of(position, self._capacity)

    def sizes(self, contract: Contract) -> tuple[int | None, int | None]:
        """What the newest quote shows at bid and ask, contracts; None where the source tells no sizes."""
        position = self.index.get(contract)
        return (None, None) if position is None else self._details.sizes(position)

    def bar(self, contract: Contract) -> Bar | None:
        """The bar behind the newest price of a contract whose source has bars; None where that price is of no bar."""
        position = self.index.get(contract)
        found = None if position is None else self._details.bar(position)
        return found if found is not None and found.ts == self.quote(contract).ts else None

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
