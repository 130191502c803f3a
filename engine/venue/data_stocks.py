"""``/v2/stocks``: bars, trades and quotes of the day so far, the latest of each, and snapshots; of one or of several.

SPY and QQQ are stocks, as far as the market that is played has them. Where its source tells no quotes of a stock,
there are none here.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from aiohttp import web

from engine.venue.app import account_of
from engine.venue.data_book import LATE, DataBook
from engine.venue.data_pages import Answer, Item, Items, answered, bars, page, prints
from engine.venue.data_query import parse_choice, parse_frame, parse_span, parse_symbols
from engine.venue.data_series import Series
from engine.venue.data_wire import Fields, as_json, bar, stock_quote, stock_trade
from engine.venue.errors import Refused
from engine.venue.faults import Faults

STOCKS = "/v2/stocks"
_FEEDS = ("iex", "sip", "delayed_sip", "otc", "boats", "overnight")

Latest = Callable[[str], Fields | None]


def add_stock_routes(app: web.Application, book: DataBook, faults: Faults) -> None:
    """Add them."""
    stocks = _Stocks(book, faults)
    routes: dict[str, Answer] = {
        "/snapshots": stocks.snapshots,
        "/{symbol}/snapshot": stocks.snapshots,
    }
    for what in ("bars", "trades", "quotes"):
        routes[f"/{what}"] = routes[f"/{{symbol}}/{what}"] = stocks.history(what)
        routes[f"/{what}/latest"] = routes[f"/{{symbol}}/{what}/latest"] = stocks.latest(what)
    for path, answer in routes.items():
        app.router.add_get(STOCKS + path, answered(answer))


class _Stocks:
    def __init__(self, book: DataBook, faults: Faults) -> None:
        self._book = book
        self._faults = faults

    def _asked(self, request: web.Request, until: int | None = None) -> tuple[list[str], bool]:
        """The symbols, and whether the path names it. Raises ``Refused`` for SIP that is not in the plan: what is asked
        ``until`` fifteen minutes ago is in every plan."""
        feed = parse_choice(request.query, "feed", _FEEDS, "iex")
        is_old = until is not None and until <= self._book.now - LATE
        if (
            feed == "sip"
            and not is_old
            and self._faults.take("no_subscription", account_of(request), request.path, "data")
        ):
            raise Refused(403, None, "subscription does not permit querying recent SIP data")
        if "symbol" in request.match_info:
            return [request.match_info["symbol"].upper()], True
        return parse_symbols(request.query, options=False), False

    def history(self, what: str) -> Answer:
        async def answer(request: web.Request) -> web.Response:
            span = parse_span(request.query, self._book.opened)
            symbols, single = self._asked(request, span.end)
            told, token = page(symbols, self._items(what, request.query.get("timeframe", "")), span)
            found: Any = told.get(symbols[0], []) if single else told
            one = {"symbol": symbols[0]} if single else {}
            return web.json_response({what: found, "next_page_token": token} | one)

        return answer

    def _items(self, what: str, timeframe: str) -> Items:
        if what == "bars":
            parse_frame(timeframe)
            return lambda symbol: bars(self._book, self._series(symbol), timeframe)
        if what == "trades":
            now = self._book.now
            return lambda symbol: prints(self._series(symbol), now, lambda n, made: stock_trade(symbol, n, made))
        return self._quotes

    def _quotes(self, symbol: str) -> list[Item]:
        series = self._series(symbol)
        found = [] if series is None else [series.stock_quote(number) for number in range(series.quotes)]
        return [
            Item(number, each.ts, lambda each=each: stock_quote(symbol, each))  # type: ignore[misc]
            for number, each in enumerate(found)
        ]

    def latest(self, what: str) -> Answer:
        newest: Latest = {"bars": self._bar, "trades": self._trade, "quotes": self._quote}[what]

        async def answer(request: web.Request) -> web.Response:
            symbols, single = self._asked(request)
            found = {symbol: fields for symbol in symbols if (fields := newest(symbol)) is not None}
            if not single:
                return web.json_response({what: found})
            if not found:
                raise Refused(404, None, f"no {what[:-1]} found for {symbols[0]}")
            return web.json_response({"symbol": symbols[0], what[:-1]: found[symbols[0]]})

        return answer

    async def snapshots(self, request: web.Request) -> web.Response:
        symbols, single = self._asked(request)
        found = {symbol: told for symbol in symbols if (told := self._snapshot(symbol))}
        if not single:
            return web.json_response(found)
        if not found:
            raise Refused(404, None, f"no snapshot found for {symbols[0]}")
        return web.json_response({"symbol": symbols[0]} | found[symbols[0]])

    def _snapshot(self, symbol: str) -> Fields:
        idx = self._book.stock(symbol)
        day = None if idx is None else self._book.day_bar(idx)
        parts = {
            "latestTrade": self._trade(symbol),
            "latestQuote": self._quote(symbol),
            "minuteBar": self._bar(symbol),
            "dailyBar": None if day is None else as_json(bar(day)),
        }
        return {name: part for name, part in parts.items() if part is not None}

    def _series(self, symbol: str) -> Series | None:
        idx = self._book.stock(symbol)
        return None if idx is None else self._book.series(idx)

    def _bar(self, symbol: str) -> Fields | None:
        series = self._series(symbol)
        made = None if series is None else series.last_minute(self._book.now)
        return None if made is None else as_json(bar(made))

    def _trade(self, symbol: str) -> Fields | None:
        series = self._series(symbol)
        if series is None or not series.prints:
            return None
        number = series.prints - 1
        return as_json(stock_trade(symbol, number, series.print(number)))

    def _quote(self, symbol: str) -> Fields | None:
        series = self._series(symbol)
        if series is None or not series.quotes:
            return None
        return as_json(stock_quote(symbol, series.stock_quote(series.quotes - 1)))
