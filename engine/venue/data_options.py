"""``/v1beta1/options``: latest quotes and trades, snapshots, the chain, bars and trades of the day so far.

There is no history of option quotes, here as at Alpaca.
"""

from __future__ import annotations

import datetime as dt

from aiohttp import web

from engine.types import Contract, to_units
from engine.venue.app import account_of
from engine.venue.data_book import DataBook
from engine.venue.data_pages import Items, answered, bars, page, prints
from engine.venue.data_query import (
    MOST_SNAPSHOTS,
    BadQuery,
    make_token,
    parse_choice,
    parse_frame,
    parse_instant,
    parse_limit,
    parse_span,
    parse_symbols,
    parse_token,
)
from engine.venue.data_series import Series
from engine.venue.data_wire import OPTION_EXCHANGE, Fields, as_json, bar, option_trade
from engine.venue.errors import Refused
from engine.venue.faults import Faults

OPTIONS = "/v1beta1/options"
_MOST_SYMBOLS = 100
_CONDITIONS = {"trade": {"I": "Single Leg Auction Non ISO"}, "quote": {"A": "Eligible for automatic execution"}}


def add_option_routes(app: web.Application, book: DataBook, faults: Faults) -> None:
    """Add them."""
    options = _Options(book, faults)
    for path, answer in {
        "/quotes/latest": options.latest_quotes,
        "/trades/latest": options.latest_trades,
        "/snapshots": options.snapshots,
        "/snapshots/{underlying}": options.chain,
        "/bars": options.bars,
        "/trades": options.trades,
        "/meta/exchanges": options.exchanges,
        "/meta/conditions/{ticktype}": options.conditions,
    }.items():
        app.router.add_get(OPTIONS + path, answered(answer))


class _Options:
    def __init__(self, book: DataBook, faults: Faults) -> None:
        self._book = book
        self._faults = faults

    def _delayed(self, request: web.Request) -> bool:
        """Whether the feed asked for is the indicative one. Raises ``Refused`` for OPRA where it is not in the plan."""
        about = (account_of(request), request.path, "data")
        asked = request.query.get("feed")
        feed = parse_choice(request.query, "feed", ("opra", "indicative"), "opra")
        if feed == "opra" and self._faults.take("no_subscription", *about):
            if asked:
                raise Refused(403, None, "OPRA agreement is not signed")
            return True  # what is not asked for is the best there is in the plan
        return feed == "indicative"

    async def latest_quotes(self, request: web.Request) -> web.Response:
        delayed = self._delayed(request)
        found = {symbol: self._quote(symbol, delayed) for symbol in self._symbols(request)}
        told = {symbol: as_json(fields) for symbol, fields in found.items() if fields is not None}
        return web.json_response({"quotes": told})

    async def latest_trades(self, request: web.Request) -> web.Response:
        delayed = self._delayed(request)
        found = {symbol: self._trade(symbol, delayed) for symbol in self._symbols(request)}
        told = {symbol: as_json(fields) for symbol, fields in found.items() if fields is not None}
        return web.json_response({"trades": told})

    async def snapshots(self, request: web.Request) -> web.Response:
        return self._snapshot_page(request, self._symbols(request))

    async def chain(self, request: web.Request) -> web.Response:
        wanted = _Filter(request)
        found = self._book.contracts(request.match_info["underlying"].upper())
        return self._snapshot_page(request, [each.symbol for _, each in found if wanted.takes(each)])

    def _snapshot_page(self, request: web.Request, symbols: list[str]) -> web.Response:
        delayed, token = self._delayed(request), parse_token(request.query)
        limit = parse_limit(request.query, 100, MOST_SNAPSHOTS)
        since = request.query.get("updated_since")
        after = parse_instant(since, "updated_since") if since else None
        told: dict[str, Fields] = {}
        for symbol in symbols:
            if token is not None and symbol <= token[0]:
                continue
            fields, newest = self._snapshot(symbol, delayed)
            if fields is None or (after is not None and newest <= after):
                continue
            if len(told) == limit:
                return web.json_response({"snapshots": told, "next_page_token": make_token(list(told)[-1], 0)})
            told[symbol] = fields
        return web.json_response({"snapshots": told, "next_page_token": None})

    def _snapshot(self, symbol: str, delayed: bool) -> tuple[Fields | None, int]:
        """What is known of a contract, None where nothing is; and when the newest of it was true."""
        idx = self._book.option(symbol)
        if idx is None:
            return None, 0
        quote, trade = self._quote(symbol, delayed), self._trade(symbol, delayed)
        if quote is None and trade is None:
            return None, 0
        contract = self._book.instrument(idx)
        assert isinstance(contract, Contract)
        volatility, greeks = self._book.volatility(contract)
        series = self._book.series(idx)
        minute = None if series is None else series.last_minute(self._book.now)
        day = self._book.day_bar(idx)
        parts = {
            "latestQuote": None if quote is None else as_json(quote),
            "latestTrade": None if trade is None else as_json(trade),
            "minuteBar": None if minute is None else as_json(bar(minute)),
            "dailyBar": None if day is None else as_json(bar(day)),
            "impliedVolatility": volatility,
            "greeks": greeks,
        }
        told = {name: part for name, part in parts.items() if part is not None}
        return told, max(each["t"] for each in (quote, trade) if each is not None)

    async def bars(self, request: web.Request) -> web.Response:
        timeframe = request.query.get("timeframe", "")
        parse_frame(timeframe)
        return self._page(request, "bars", lambda symbol: bars(self._book, self._series(symbol), timeframe))

    async def trades(self, request: web.Request) -> web.Response:
        now = self._book.now
        return self._page(
            request,
            "trades",
            lambda symbol: prints(self._series(symbol), now, lambda _, made: option_trade(made)),
        )

    def _page(self, request: web.Request, what: str, items: Items) -> web.Response:
        span = parse_span(request.query, self._book.opened)
        told, token = page(self._symbols(request), items, span)
        return web.json_response({what: told, "next_page_token": token})

    async def exchanges(self, _request: web.Request) -> web.Response:
        return web.json_response({OPTION_EXCHANGE: "SIMULATED: stands for all option exchanges"})

    async def conditions(self, request: web.Request) -> web.Response:
        kind = request.match_info["ticktype"]
        if kind not in _CONDITIONS:
            raise BadQuery(f"invalid ticktype: {kind}")
        return web.json_response(_CONDITIONS[kind])

    def _symbols(self, request: web.Request) -> list[str]:
        symbols = parse_symbols(request.query, options=True)
        if len(symbols) > _MOST_SYMBOLS:
            raise BadQuery(f"too many symbols: {len(symbols)}; the maximum is {_MOST_SYMBOLS}")
        return symbols

    def _series(self, symbol: str) -> Series | None:
        idx = self._book.option(symbol)
        return None if idx is None else self._book.series(idx)

    def _quote(self, symbol: str, delayed: bool) -> Fields | None:
        idx = self._book.option(symbol)
        return None if idx is None else self._book.option_quote(idx, delayed)

    def _trade(self, symbol: str, delayed: bool) -> Fields | None:
        idx = self._book.option(symbol)
        made = None if idx is None else self._book.last_print(idx, delayed)
        return None if made is None else option_trade(made)


class _Filter:
    """Which contracts of a chain are asked for."""

    def __init__(self, request: web.Request) -> None:
        query = request.query
        right = parse_choice(query, "type", ("call", "put", ""), "")
        self._right = right[:1].upper()
        self._root = query.get("root_symbol", "").upper()
        self._strikes = [_strike(query.get(f"strike_price_{end}")) for end in ("gte", "lte")]
        names = ("expiration_date", "expiration_date_gte", "expiration_date_lte")
        self._on, self._from, self._to = (_date(query.get(name), name) for name in names)

    def takes(self, contract: Contract) -> bool:
        low, high = self._strikes
        return (
            (not self._right or contract.right == self._right)
            and (not self._root or contract.root == self._root)
            and (low is None or contract.strike >= low)
            and (high is None or contract.strike <= high)
            and (self._on is None or contract.expiry == self._on)
            and (self._from is None or contract.expiry >= self._from)
            and (self._to is None or contract.expiry <= self._to)
        )


def _strike(text: str | None) -> int | None:
    try:
        return to_units(text) if text else None
    except ValueError:
        raise BadQuery(f"invalid strike price: {text}") from None


def _date(text: str | None, name: str) -> dt.date | None:
    try:
        return dt.date.fromisoformat(text) if text else None
    except ValueError:
        raise BadQuery(f"invalid {name}: {text}") from None
