"""The data streams: what the market brings, handed to every client that has subscribed to it."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import AsyncIterator, Iterable
from contextlib import suppress
from typing import NamedTuple

import numpy as np
from aiohttp import web
from numpy.typing import NDArray

from engine.clock import MINUTE
from engine.events import AnyEvent, ChainBatch
from engine.types import MISSING
from engine.venue.app import ACCESS
from engine.venue.data_book import LATE, DataBook
from engine.venue.data_history import New, NewQuote
from engine.venue.data_wire import bar, option_quote, option_trade, stock_quote, stock_trade
from engine.venue.faults import Faults
from engine.venue.streams_connection import Connection, Taken
from engine.venue.streams_wire import FEEDS, Feed, Message

log = logging.getLogger(__name__)

AUTH_SECONDS = 10.0
SLOW_SECONDS = 10.0
_LOOK_SECONDS = 0.004
_CLOSE_SECONDS = 1.0


def add_stream_routes(
    app: web.Application,
    book: DataBook,
    faults: Faults,
    auth_seconds: float = AUTH_SECONDS,
    slow_seconds: float = SLOW_SECONDS,
) -> None:
    """The four endpoints; see ``Connection`` for the two times."""
    streams = _Streams(book)
    taken: Taken = {}

    def served(feed: Feed) -> None:
        async def answer(request: web.Request) -> web.StreamResponse:
            socket = web.WebSocketResponse(timeout=_CLOSE_SECONDS)
            await socket.prepare(request)
            about = (feed, app[ACCESS], faults, taken, auth_seconds, slow_seconds)
            connection = Connection(request, socket, *about)
            streams.connections.append(connection)
            try:
                await connection.run()
            finally:
                streams.connections.remove(connection)
            return socket

        app.router.add_get(feed.path, answer)

    for feed in FEEDS:
        served(feed)

    async def looking(_app: web.Application) -> AsyncIterator[None]:
        looks = asyncio.create_task(_look(streams, book))
        yield
        looks.cancel()
        with suppress(asyncio.CancelledError):
            await looks

    async def close(_app: web.Application) -> None:
        await asyncio.gather(*(connection.close() for connection in list(streams.connections)))

    app.cleanup_ctx.append(looking)
    app.on_shutdown.append(close)


async def _look(streams: _Streams, book: DataBook) -> None:
    """A bar is due when its minute is over, though nothing happens; so is a late trade."""
    while True:
        await asyncio.sleep(_LOOK_SECONDS)
        try:
            streams.until(book.now)
        except Exception:  # the next minute's bars may be better
            log.exception("bars and late trades of the streams")


class _Late(NamedTuple):
    due: int
    prints: list[New]


class _Streams:
    """Follows the book; see ``DataBook.looks``."""

    def __init__(self, book: DataBook) -> None:
        self.connections: list[Connection] = []
        self._book = book
        self._over = 0  # every bar whose minute was over then has been told
        self._changed: set[tuple[int, int]] = set()  # stock and minute of bars told before a late print
        self._late: deque[_Late] = deque()
        self._wanted: tuple[object, NDArray[np.bool_]] = ((), np.zeros(0, np.bool_))
        book.looks.append(self._happened)

    def until(self, now: int) -> None:
        """Tell what is due by ``now`` of itself."""
        if not self._over or now // MINUTE > self._over // MINUTE or self._changed:
            self._tell_bars(now)
        while self._late and self._late[0].due <= now:
            self._tell(self._trades(self._late.popleft().prints), options=True, delayed=True)

    def _happened(self, event: AnyEvent, prints: list[New], quotes: list[NewQuote]) -> None:
        if not isinstance(event, ChainBatch):
            return
        self.until(event.ts_known - 1)
        funds = {idx for idx, _ in self._book.stocks()}
        for idx, _, made in prints if funds else ():
            minute = (made.ts - 1) // MINUTE * MINUTE
            if idx in funds and minute + MINUTE <= self._over:
                self._changed.add((idx, minute))
        if prints:
            self._late.append(_Late(event.ts_known + LATE, prints))
        if self.connections:
            self._tell(self._stock_quotes(quotes), options=False)
            self._tell(self._option_quotes(event), options=True)
            self._tell(self._trades(prints), options=True, delayed=False)
            self._tell(self._stock_trades([each for each in prints if each.idx in funds]), options=False)

    def _trades(self, prints: list[New]) -> list[Message]:
        """The trades of options among them that somebody may want."""
        wanted = [each.subscribed["trades"] for each in self.connections if each.feed.options]
        wanted = [symbols for symbols in wanted if symbols]
        if not wanted:
            return []
        every = any("*" in symbols for symbols in wanted)
        found: list[Message] = []
        for idx, _, made in prints:
            symbol = self._book.symbols[idx]
            if (every or any(symbol in symbols for symbols in wanted)) and self._book.option(symbol) is not None:
                found.append(Message("t", "trades", symbol, option_trade(made)))
        return found

    def _stock_quotes(self, quotes: list[NewQuote]) -> list[Message]:
        named = [(self._book.symbols[idx], quote) for idx, quote in quotes]
        return [Message("q", "quotes", symbol, stock_quote(symbol, quote)) for symbol, quote in named]

    def _stock_trades(self, prints: list[New]) -> list[Message]:
        named = [(self._book.symbols[idx], number, made) for idx, number, made in prints]
        return [Message("t", "trades", symbol, stock_trade(symbol, number, made)) for symbol, number, made in named]

    def _tell(self, messages: Iterable[Message], options: bool, delayed: bool | None = None) -> None:
        told = list(messages)
        for connection in self.connections if told else ():
            feed = connection.feed
            if feed.options is options and (delayed is None or feed.delayed is delayed):
                connection.tell([each for each in told if connection.wants(each.channel, each.symbol)])

    def _option_quotes(self, batch: ChainBatch) -> list[Message]:
        """The quotes in a batch that somebody wants. A mid or a trade bar is a locked quote, as it is to orders."""
        wanted = self._wanted_quotes()
        idx, market = batch.idx, self._book.venue.market
        times = batch.ts_event if batch.quote_ts is None else batch.quote_ts
        # A row of a trade alone has not moved the quote's time.
        rows = np.flatnonzero(wanted[idx] & (market.quote_ts[idx] == times))
        found: list[Message] = []
        for row in rows.tolist():
            at = idx.item(row)
            bid, ask, ts = market.bid.item(at), market.ask.item(at), market.quote_ts.item(at)
            sizes = [MISSING if of is None else of.item(row) for of in (batch.bid_size, batch.ask_size)]
            symbol = self._book.symbols[at]
            found.append(Message("q", "quotes", symbol, option_quote(ts, bid, ask, sizes[0], sizes[1])))
        return found

    def _wanted_quotes(self) -> NDArray[np.bool_]:
        """By index: whether anybody wants an option's quotes. Made again when that may have changed."""
        clients = [each for each in self.connections if each.feed.options]
        key = (len(self._book.venue.market.instruments), [(id(each), each.version) for each in clients])
        if self._wanted[0] != key:
            wanted = np.zeros(key[0], np.bool_)
            for client in clients:
                found = (self._book.option(symbol) for symbol in client.subscribed["quotes"])
                wanted[[idx for idx in found if idx is not None]] = True
            self._wanted = (key, wanted)
        return self._wanted[1]

    def _tell_bars(self, now: int) -> None:
        """Bars of stocks whose minutes are over, the day's bar after each, and bars that a late print has changed."""
        over, changed, self._changed = self._over, self._changed, set()
        self._over = now
        if not self.connections:
            return
        for idx, symbol in self._book.stocks():
            series = self._book.series(idx)
            told: list[Message] = []
            for made in () if series is None else series.minute_bars(now):
                assert series is not None
                if made.ts + MINUTE > over:
                    told.append(Message("b", "bars", symbol, bar(made)))
                    # The day up to that minute: a print of the next one may be in the book already.
                    day = next(series.bars(0, self._book.opened, made.ts + MINUTE))
                    told.append(Message("d", "dailyBars", symbol, bar(day)))
                elif (idx, made.ts) in changed:
                    told.append(Message("u", "updatedBars", symbol, bar(made)))
            self._tell(told, options=False)
