"""Market data as events: listings, batches of quotes and values, daily closes, the state of the feed."""

from __future__ import annotations

import datetime as dt
from typing import ClassVar, Literal

import numpy as np
from numpy.typing import NDArray

from engine.events.base import RANK_LISTING, RANK_MARKET, Event
from engine.types import Instrument, Price

Int32 = NDArray[np.int32]
Int64 = NDArray[np.int64]


class Listing(Event, frozen=True, kw_only=True, tag="listing", eq=False):
    """Instruments become known. The i-th has index ``first + i`` in every later batch of the session."""

    rank: ClassVar[int] = RANK_LISTING

    first: int
    instruments: tuple[Instrument, ...]


class ChainBatch(Event, frozen=True, kw_only=True, tag="batch", eq=False):
    """New values of some instruments at one instant: a minute of a chain, or one live frame.

    All columns have the length of ``idx``; an absent column (``None``) says nothing about its field. ``MISSING`` inside
    a column of quotes (bid, ask and their sizes) says that the field is now unknown: a side was taken away. But a row
    of a trade, with neither bid nor ask, is no quote and leaves the last one as it is. Inside any other column
    ``MISSING`` says that there is nothing new: the last trade remains the last. A bid of 0 is a bid of 0.

    Attributes:
        idx: index of each instrument, as given by ``Listing``; no index twice.
        bid, ask, price: units of 1e-4 dollars (index points). ``price`` is a trade, a mid or an index value.
        open, high, low: of the bar that ends with ``price``, where the source has bars; units of 1e-4 dollars.
        bid_size, ask_size, open_interest: contracts (shares of a fund).
        volume: contracts (shares) of the day so far; it never falls within a day.
        buy_volume: the part of ``volume`` that buyers started by taking an ask, where the source tells.
        quote_ts: when each quote was true, ns UTC; ``None`` means ``ts_event`` for all.
        more: another batch of the same instant follows (of another root); nothing is decided before it.
    """

    rank: ClassVar[int] = RANK_MARKET

    idx: Int32
    bid: Int32 | None = None
    ask: Int32 | None = None
    bid_size: Int32 | None = None
    ask_size: Int32 | None = None
    price: Int32 | None = None
    open: Int32 | None = None
    high: Int32 | None = None
    low: Int32 | None = None
    volume: Int32 | None = None
    buy_volume: Int32 | None = None
    open_interest: Int32 | None = None
    quote_ts: Int64 | None = None
    more: bool = False


class DailyClose(Event, frozen=True, kw_only=True, tag="daily_close", eq=False):
    """An official daily close: of a past day (VIX before the open) or of today (the settlement value)."""

    rank: ClassVar[int] = RANK_MARKET

    symbol: str
    day: dt.date
    close: Price


class FeedStatus(Event, frozen=True, kw_only=True, tag="feed_status", eq=False):
    """The feed says of itself whether it lives."""

    rank: ClassVar[int] = RANK_MARKET

    state: Literal["ok", "stale", "down"]
    text: str = ""
