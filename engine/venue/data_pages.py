"""Pages of bars, trades and quotes of several symbols: first all of one symbol, then the next, as Alpaca does."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Iterator
from typing import NamedTuple

from aiohttp import web

from engine.venue.data_book import DataBook
from engine.venue.data_query import BadQuery, Span, make_token, parse_frame
from engine.venue.data_series import Bar, Print, Series
from engine.venue.data_wire import Fields, as_json, bar

Answer = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Item(NamedTuple):
    """One thing of a page: what it is told apart by within its symbol, when it was, and what is told of it."""

    key: int
    ts: int
    fields: Callable[[], Fields]


Items = Callable[[str], Iterable[Item]]


def answered(answer: Answer) -> Answer:
    """A bad query is answered by 400 and what is wrong with it."""

    async def checked(request: web.Request) -> web.StreamResponse:
        try:
            return await answer(request)
        except BadQuery as error:
            return web.json_response({"message": str(error)}, status=400)

    return checked


def page(symbols: list[str], items: Items, span: Span) -> tuple[dict[str, list[Fields]], str | None]:
    """What a page shows of each symbol, and the token of the next page, None on the last."""
    found: dict[str, list[Fields]] = {}
    last, count = "", 0
    for symbol in symbols:
        if span.token is not None and symbol < span.token[0]:
            continue
        for item in _within(symbol, items(symbol), span):
            if count == span.limit:
                return found, last
            found.setdefault(symbol, []).append(as_json(item.fields()))
            last, count = make_token(symbol, item.key), count + 1
    return found, None


def _within(symbol: str, items: Iterable[Item], span: Span) -> Iterator[Item]:
    after = span.token[1] if span.token is not None and span.token[0] == symbol else None
    for item in reversed(list(items)) if span.descending else items:
        if after is not None and (item.key >= after if span.descending else item.key <= after):
            continue
        if span.start <= item.ts <= span.end:
            yield item


def prints(series: Series | None, until: int, fields: Callable[[int, Print], Fields]) -> Iterator[Item]:
    """A series' prints not after ``until``; ``fields`` of a print and its number."""
    for number in range(0 if series is None else series.prints):
        assert series is not None
        made = series.print(number)
        if made.ts <= until:
            yield Item(number, made.ts, lambda number=number, made=made: fields(number, made))  # type: ignore[misc]


def bars(book: DataBook, series: Series | None, timeframe: str) -> Iterator[Item]:
    """A series' bars of minutes that are over."""
    if series is not None:
        for made in series.bars(parse_frame(timeframe), book.opened, book.now):
            yield bar_item(made)


def bar_item(made: Bar) -> Item:
    """A bar, told apart by its start."""
    return Item(made.ts, made.ts, lambda: bar(made))
