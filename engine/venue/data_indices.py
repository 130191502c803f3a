"""``/v1beta1/indices``: values of SPX, XSP and the VIX family, where the day has them. Some plans have none: 403."""

from __future__ import annotations

from aiohttp import web

from engine.types import SCALE
from engine.venue.app import account_of
from engine.venue.data_book import DataBook
from engine.venue.data_pages import Item, answered, page
from engine.venue.data_query import parse_span, parse_symbols
from engine.venue.data_wire import Fields, as_json
from engine.venue.errors import Refused
from engine.venue.faults import Faults

INDICES = "/v1beta1/indices"


def add_index_routes(app: web.Application, book: DataBook, faults: Faults) -> None:
    """Add them."""

    def asked(request: web.Request) -> list[str]:
        if faults.take("no_subscription", account_of(request), request.path, "data"):
            raise Refused(403, None, "subscription does not permit querying index data")
        return parse_symbols(request.query, options=False)

    async def latest(request: web.Request) -> web.Response:
        found = {symbol: values[-1] for symbol in asked(request) if (values := book.values(symbol))}
        return web.json_response({"values": {symbol: as_json(_value(*newest)) for symbol, newest in found.items()}})

    async def history(request: web.Request) -> web.Response:
        def items(symbol: str) -> list[Item]:
            values = enumerate(book.values(symbol))
            return [Item(number, each[0], lambda each=each: _value(*each)) for number, each in values]  # type: ignore[misc]

        symbols = asked(request)
        told, token = page(symbols, items, parse_span(request.query, book.opened))
        return web.json_response({"values": told, "next_page_token": token})

    app.router.add_get(f"{INDICES}/latest/values", answered(latest))
    app.router.add_get(f"{INDICES}/values", answered(history))


def _value(ts: int, value: int) -> Fields:
    return {"t": ts, "v": value / SCALE}
