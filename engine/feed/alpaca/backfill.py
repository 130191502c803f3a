"""What has happened today before a stream was there, by REST: chains, bars of funds, closes and values of indices.

It is asked on every start, a late one too, and after each reconnect: a stream repeats nothing. What is read here is
only read; ``feed.py`` hands it on as known at the instant it came.
"""

from __future__ import annotations

import datetime as dt
from typing import Any, NamedTuple

from alpaca.data.enums import Adjustment, DataFeed, OptionsFeed
from alpaca.data.requests import OptionChainRequest, StockBarsRequest, StockSnapshotRequest
from alpaca.data.timeframe import TimeFrame

from engine.calendar import Session, date_of, previous_session
from engine.clock import MINUTE, SECOND
from engine.config.alpaca import AlpacaTable
from engine.feed.alpaca.asking import Asking
from engine.feed.alpaca.conflate import Bar, Quote
from engine.feed.alpaca.history_rows import bars, instant
from engine.types import Contract, Price, parse_symbol, product, to_units

_PAGES = 20


class Seen(NamedTuple):
    """A contract or a fund as a snapshot shows it; None where it does not tell.

    Attributes:
        quote, trade: the newest of today; of the trade its time (ns UTC) and price (dollars). volume: of today.
        closed: of a fund: the close of the session before, price units.
    """

    quote: Quote | None
    trade: tuple[int, float] | None
    volume: int | None
    closed: Price | None = None


NOTHING = Seen(None, None, None)


class Snapshots(NamedTuple):
    """Of one chain, by contract; ``bad`` were not believed."""

    seen: dict[Contract, Seen]
    bad: int


def chain_of(asking: Asking, table: AlpacaTable, root: str, day: Session) -> Snapshots:
    """The chain of ``root`` that expires today, as it is now. Raises ``HistoryError``."""
    request = OptionChainRequest(
        underlying_symbol=product(root).underlying,
        root_symbol=root,
        feed=OptionsFeed(table.option_feed),
        expiration_date_gte=day.day,
        expiration_date_lte=day.day,
    )
    found = asking.ask(asking.options.get_option_chain, request)
    seen: dict[Contract, Seen] = {}
    bad = 0
    for symbol, raw in found.items():
        try:
            contract = parse_symbol(symbol)
        except ValueError:
            contract = None
        if not isinstance(contract, Contract) or not isinstance(raw, dict):
            bad += 1
        elif (contract.root, contract.expiry) == (root, day.day):
            seen[contract] = read_snapshot(raw, day)
    return Snapshots(seen, bad)


def fund_of(asking: Asking, table: AlpacaTable, symbol: str, day: Session) -> Seen:
    """A fund as it is now. Raises ``HistoryError``."""
    request = StockSnapshotRequest(symbol_or_symbols=[symbol], feed=DataFeed(table.stock_feed))
    found = asking.ask(asking.stocks.get_stock_snapshot, request)
    raw = found.get(symbol)
    return read_snapshot(raw if isinstance(raw, dict) else {}, day)


def bars_of(asking: Asking, table: AlpacaTable, symbol: str, day: Session, now: int) -> list[Bar]:
    """The minutes of a fund that are over, from the open on. Raises ``HistoryError``."""
    if now < day.open + MINUTE:
        return []
    request = StockBarsRequest(
        symbol_or_symbols=[symbol],
        timeframe=TimeFrame.Minute,
        start=_utc(day.open),
        end=_utc(now),
        feed=DataFeed(table.stock_feed),
        adjustment=Adjustment.RAW,
    )
    found = asking.ask(asking.stocks.get_stock_bars, request)
    rows = found.get(symbol)
    made: list[Bar] = []
    volume = 0
    for one in bars(rows if isinstance(rows, list) else ()).rows:
        end = one.start + MINUTE
        if day.open <= one.start and end <= now and (not made or end > made[-1].end):
            volume += one.volume
            made.append(Bar(end, one.open, one.high, one.low, one.close, volume))
    return made


def index_minutes(asking: Asking, symbol: str, day: Session, now: int) -> list[Bar]:
    """The minutes of an index that are over, from the open on, as bars of its values. Raises ``HistoryError``."""
    made: dict[int, list[Price]] = {}
    params = {"symbols": symbol, "start": _text(day.open), "end": _text(now), "limit": "10000", "sort": "asc"}
    for _ in range(_PAGES if now >= day.open + MINUTE else 0):
        answer = asking.ask(asking.options.get, "/indices/values", params)
        rows = dict(_items(answer.get("values"))).get(symbol)
        for raw in rows if isinstance(rows, list) else ():
            read = _value(raw)
            if read is not None and day.open < read[0] <= now:
                # A value at the stroke of a minute ends the one before, as the tape's does.
                made.setdefault(-(-read[0] // MINUTE) * MINUTE, []).append(to_units(read[1]))
        token = answer.get("next_page_token")
        if not token:
            break
        params = {**params, "page_token": str(token)}
    return [
        Bar(end, values[0], max(values), min(values), values[-1], None)
        for end, values in sorted(made.items())
        if end <= now
    ]


def values_of(asking: Asking, symbols: list[str]) -> dict[str, tuple[int, float]]:
    """The newest value of each index that the plan has: its time (ns UTC) and value. Raises ``HistoryError``."""
    found = asking.ask(asking.options.get, "/indices/latest/values", {"symbols": ",".join(symbols)}).get("values")
    return {symbol: read for symbol, raw in _items(found) if symbol in symbols and (read := _value(raw)) is not None}


def index_close(asking: Asking, symbol: str, day: Session) -> Price | None:
    """The last value of the session before ``day``, which is the close or seconds from it; None where there is none.

    Raises ``HistoryError``.
    """
    before = previous_session(day.day)
    params = {
        "symbols": symbol,
        "start": _text(before.open),
        "end": _text(before.close + 20 * MINUTE),  # VIX is told until 16:15
        "limit": "1",
        "sort": "desc",
    }
    found = asking.ask(asking.options.get, "/indices/values", params).get("values")
    rows = found.get(symbol) if isinstance(found, dict) else None
    read = _value(rows[0]) if isinstance(rows, list) and rows else None
    if read is None or date_of(read[0]) != before.day:
        return None
    return to_units(read[1])


def read_snapshot(raw: dict[str, Any], day: Session) -> Seen:
    """Read one snapshot, as far as it is of today. Never raises."""
    daily, before = raw.get("dailyBar"), raw.get("prevDailyBar")
    when, volume = _bar(daily, "v")
    closed_on, closed = _bar(before, "c")
    is_today = when is not None and date_of(when) == day.day
    is_yesterday = closed_on is not None and date_of(closed_on) == previous_session(day.day).day
    return Seen(
        quote=_quote(raw.get("latestQuote"), day),
        trade=_trade(raw.get("latestTrade"), day),
        volume=int(volume) if is_today and volume is not None and 0 <= volume < 2**31 else None,
        closed=to_units(closed) if is_yesterday and closed is not None and 0 < closed < 200_000 else None,
    )


def _quote(raw: Any, day: Session) -> Quote | None:
    try:
        quote = (instant(raw["t"]), raw["bp"] + 0.0, raw["ap"] + 0.0, int(raw["bs"]), int(raw["as"]))
    except (KeyError, TypeError, ValueError, OverflowError):
        return None
    return quote if date_of(quote[0]) == day.day and min(quote) >= 0 and max(quote[3:]) < 2**31 else None


def _trade(raw: Any, day: Session) -> tuple[int, float] | None:
    try:
        trade = (instant(raw["t"]), raw["p"] + 0.0)
    except (KeyError, TypeError, ValueError, OverflowError):
        return None
    return trade if date_of(trade[0]) == day.day else None


def _bar(raw: Any, field: str) -> tuple[int | None, float | None]:
    try:
        return instant(raw["t"]), raw[field] + 0.0
    except (KeyError, TypeError, ValueError, OverflowError):
        return None, None


def _value(raw: Any) -> tuple[int, float] | None:
    try:
        when, value = instant(raw["t"]), raw["v"] + 0.0
    except (KeyError, TypeError, ValueError, OverflowError):
        return None
    return (when, value) if 0 < value < 200_000 else None


def _items(found: Any) -> list[tuple[str, Any]]:
    return list(found.items()) if isinstance(found, dict) else []


def _utc(ns: int) -> dt.datetime:
    return dt.datetime.fromtimestamp(ns // SECOND, dt.UTC)


def _text(ns: int) -> str:
    return _utc(ns).isoformat().replace("+00:00", "Z")
