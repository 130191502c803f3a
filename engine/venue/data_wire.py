"""Market data as Alpaca writes it: one letter a field, prices in dollars. ``t`` is left in nanoseconds UTC.

Nobody knows on which venue a simulated print happened: exchange codes are one letter that stands for the whole market.
"""

from __future__ import annotations

from typing import Any

import msgpack  # type: ignore[import-untyped]
import numpy as np
from numpy.typing import NDArray

from engine.clock import SECOND
from engine.types import SCALE
from engine.venue.data_query import rfc3339
from engine.venue.data_series import Bar, Longs, Print, StockQuote

OPTION_EXCHANGE = "C"
STOCK_EXCHANGE = "V"
TAPES = {"SPY": "B", "QQQ": "C"}

Fields = dict[str, Any]


def widened(bid: NDArray[np.int32], ask: NDArray[np.int32], width: float) -> tuple[Longs, Longs]:
    """Quotes ``width`` times as wide around their mids, in whole cents away from them; a bid ends at 0.

    A side that is not there stays as it is, and so does the other.
    """
    low, high = bid.astype(np.int64), ask.astype(np.int64)
    more = np.where((bid >= 0) & (ask >= bid), (high - low) * (width - 1) / 2, 0)
    cent = SCALE // 100
    wider = more > 0
    return (
        np.where(wider, np.maximum(np.floor((low - more) / cent) * cent, 0).astype(np.int64), low),
        np.where(wider, (np.ceil((high + more) / cent) * cent).astype(np.int64), high),
    )


def option_quote(ts: int, bid: int, ask: int, bid_size: int, ask_size: int) -> Fields:
    """An option's quote; a side that is not known is 0 with size 0, as ``MISSING`` is below 0."""
    return {
        "t": ts,
        "bx": OPTION_EXCHANGE,
        "bp": max(0, bid) / SCALE,
        "bs": max(0, bid_size),
        "ax": OPTION_EXCHANGE,
        "ap": max(0, ask) / SCALE,
        "as": max(0, ask_size),
        "c": "A",
    }


def option_trade(made: Print) -> Fields:
    """An option's trade."""
    return {"t": made.ts, "x": OPTION_EXCHANGE, "p": made.price / SCALE, "s": made.size, "c": "I"}


def stock_quote(symbol: str, quote: StockQuote) -> Fields:
    """A stock's quote."""
    return {
        "t": quote.ts,
        "bx": STOCK_EXCHANGE,
        "bp": quote.bid / SCALE,
        "bs": quote.bid_size,
        "ax": STOCK_EXCHANGE,
        "ap": quote.ask / SCALE,
        "as": quote.ask_size,
        "c": ["R"],
        "z": TAPES.get(symbol, "B"),
    }


def stock_trade(symbol: str, number: int, made: Print) -> Fields:
    """A stock's trade; its id is the number of the print, from 1."""
    return {
        "t": made.ts,
        "i": number + 1,
        "x": STOCK_EXCHANGE,
        "p": made.price / SCALE,
        "s": made.size,
        "c": ["@"],
        "z": TAPES.get(symbol, "B"),
    }


def bar(made: Bar) -> Fields:
    """A bar of an option or a stock."""
    return {
        "t": made.ts,
        "o": made.open / SCALE,
        "h": made.high / SCALE,
        "l": made.low / SCALE,
        "c": made.close / SCALE,
        "v": made.volume,
        "n": made.trades,
        "vw": round(made.mean / SCALE, 6),
    }


def as_json(fields: Fields) -> Fields:
    """With ``t`` as text."""
    return fields | {"t": rfc3339(fields["t"])}


def as_msgpack(fields: Fields) -> Fields:
    """With ``t`` as msgpack's own timestamp."""
    seconds, rest = divmod(fields["t"], SECOND)
    return fields | {"t": msgpack.Timestamp(seconds, rest)}
