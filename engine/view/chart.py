"""The chart as a view: where the underlying was, minute by minute, and what of the book lies on it."""

from __future__ import annotations

import datetime as dt

import msgspec

from engine.types import Price, Right


class ChartMark(msgspec.Struct, frozen=True):
    """Something that changed a trade: ``kind`` is entry, exit or stop; ``price`` is where the underlying was."""

    ts: int
    kind: str
    trade_id: int
    price: Price | None


class ChartStrike(msgspec.Struct, frozen=True):
    """A short strike: ``quantity`` contracts short, net of all trades, positive."""

    strike: Price
    right: Right
    quantity: int


class ChartStop(msgspec.Struct, frozen=True):
    """Where the underlying would have to be for a stop to fire at once, every volatility as it is now."""

    price: Price
    trade_id: int
    label: str


class Cone(msgspec.Struct, frozen=True):
    """An expected move as it was at ``start``: ``move`` dollars either way by ``end``, growing with the square root of
    time. ``centre``: where the underlying was."""

    start: int
    end: int
    centre: Price
    move: float


class ChartView(msgspec.Struct, frozen=True, kw_only=True):
    """The day of one root's underlying. Prices are units of 1e-4 dollars, times ns UTC.

    Attributes:
        symbol: of the underlying. expiry: of the chain that tells the expected move and the stops.
        times, prices: the newest value known at each minute; the last is now. A gap is a stretch without a minute.
        average: as long; of the prices so far, weighted by volume where that is known.
        average_kind: VWAP, TWAP or empty; average_why: why it is no VWAP.
        high, low: of ``prices``.
        cone: from now to the close; opening: as of the first minute at which it was known.
        since: the first of ``times``; later than the open where nothing was known before.
    """

    root: str
    symbol: str
    expiry: dt.date | None
    open: int
    close: int
    now: int
    times: tuple[int, ...] = ()
    prices: tuple[Price, ...] = ()
    average: tuple[Price | None, ...] = ()
    average_kind: str = ""
    average_why: str = ""
    spot: Price | None = None
    high: Price | None = None
    low: Price | None = None
    marks: tuple[ChartMark, ...] = ()
    strikes: tuple[ChartStrike, ...] = ()
    stops: tuple[ChartStop, ...] = ()
    cone: Cone | None = None
    opening: Cone | None = None
    since: int | None = None
