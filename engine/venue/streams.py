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
from engine.types import SCALE
from engine.venue.app import ACCESS
from engine.venue.data_book import LATE, DataBook
from engine.venue.data_history import New, NewQuote, Trades
from engine.venue.data_wire import bar, option_trade, stock_quote, stock_trade
from engine.venue.faults import Faults
from engine.venue.streams_connection import Connection, Taken
from engine.venue.streams_wire import (
    FEEDS,
    MOST_IN_FRAME,
    Feed,
    Message,
    OptionQuote,
    Told,
    option_quote_head,
    option_quote_tail,
)

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
    most_in_frame: int = MOST_IN_FRAME,
) -> None:
    """The four endpoints; see ``Connection`` for the two times and how many messages a frame has."""
    streams = _Streams(book)
    taken: Taken = {}

    def served(feed: Feed) -> None:
        async def answer(request: web.Request) -> web.StreamResponse:
            socket = web.WebSocketResponse(timeout=_CLOSE_SECONDS)
            await socket.prepare(request)
            about = (feed, app[ACCESS], faults, taken, auth_seconds, slow_seconds, most_in_frame)
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
    trades: Trades


class _Streams:
    """Follows the book; see ``DataBook.looks``."""

    def __init__(self, book: DataBook) -> None:
        self.connections: list[Connection] = []
        self._book = book
        self._over = 0  # every bar whose minute was over then has been told
        self._changed: set[tuple[int, int]] = set()  # stock and minute of bars told before a late print
        self._late: deque[_Late] = deque()
        self._known: dict[tuple[str, bool | None], tuple[object, NDArray[np.bool_] | None]] = {}
        self._heads: list[bytes] = []  # of an option's quotes, by index
        book.looks.append(self._happened)

    def until(self, now: int) -> None:
        """Tell what is due by ``now`` of itself."""
        if not self._over or now // MINUTE > self._over // MINUTE or self._changed:
            self._tell_bars(now)
        while self._late and self._late[0].due <= now:
            self._tell(self._trades(self._late.popleft().trades, True), options=True, delayed=True)

    def _happened(self, event: AnyEvent, trades: Trades | None, quotes: list[NewQuote]) -> None:
        if not isinstance(event, ChainBatch):
            return
        self.until(event.ts_known - 1)
        of_stocks = [] if trades is None else list(trades.of(self._stocks()))
        for idx, _, made in of_stocks:
            minute = (made.ts - 1) // MINUTE * MINUTE
            if minute + MINUTE <= self._over:
                self._changed.add((idx, minute))
        if trades is not None:
            self._late.append(_Late(event.ts_known + LATE, trades))
        if self.connections:
            self._tell(self._stock_quotes(quotes), options=False)
            self._tell_option_quotes(event)
            if trades is not None:
                self._tell(self._trades(trades, False), options=True, delayed=False)
            self._tell(self._stock_trades(of_stocks), options=False)

    def _stocks(self) -> NDArray[np.bool_]:
        """By index: whether it is a stock."""
        found = np.zeros(len(self._book.symbols), np.bool_)
        found[[idx for idx, _ in self._book.stocks()]] = True
        return found

    def _trades(self, trades: Trades, delayed: bool) -> list[Message]:
        """The trades of options among them that somebody may want."""
        wanted = self._wanted("trades", delayed)
        if wanted is None:
            return []
        symbols = self._book.symbols
        found = trades.of(wanted)
        return [Message("t", "trades", symbols[idx], option_trade(made)) for idx, _, made in found]

    def _stock_quotes(self, quotes: list[NewQuote]) -> list[Message]:
        named = [(self._book.symbols[idx], quote) for idx, quote in quotes]
        return [Message("q", "quotes", symbol, stock_quote(symbol, quote)) for symbol, quote in named]

    def _stock_trades(self, prints: list[New]) -> list[Message]:
        named = [(self._book.symbols[idx], number, made) for idx, number, made in prints]
        return [Message("t", "trades", symbol, stock_trade(symbol, number, made)) for symbol, number, made in named]

    def _tell(self, messages: Iterable[Told], options: bool, delayed: bool | None = None) -> None:
        told = list(messages)
        for connection in self.connections if told else ():
            feed = connection.feed
            if feed.options is options and (delayed is None or feed.delayed is delayed):
                connection.tell([each for each in told if connection.wants(each.channel, each.symbol)])

    def _tell_option_quotes(self, batch: ChainBatch) -> None:
        """Written once for everybody, or where the indicative feed's are wider once for each feed."""
        if self._book.indicative_width == 1:
            self._tell(self._option_quotes(batch, None), options=True)
            return
        for indicative in (False, True):
            self._tell(self._option_quotes(batch, indicative), options=True, delayed=indicative)

    def _option_quotes(self, batch: ChainBatch, indicative: bool | None) -> list[OptionQuote]:
        """The quotes in a batch that somebody wants. A mid or a trade bar is a locked quote, as it is to orders."""
        wanted = self._wanted("quotes", indicative)
        if wanted is None:
            return []
        idx, market = batch.idx, self._book.venue.market
        times = batch.ts_event if batch.quote_ts is None else batch.quote_ts
        # A row of a trade alone has not moved the quote's time.
        rows = np.flatnonzero(wanted[idx] & (market.quote_ts[idx] == times))
        of = idx[rows]
        # A side that is not known is 0 with size 0.
        prices = [np.maximum(each, 0) / SCALE for each in self._book.option_sides(of, indicative is True)]
        sizes = [
            np.zeros(len(rows), np.int32) if each is None else np.maximum(each[rows], 0)
            for each in (batch.bid_size, batch.ask_size)
        ]
        columns = [market.quote_ts[of], *prices, *sizes]
        symbols, heads = self._book.symbols, self._heads
        for each in self._book.symbols[len(heads) :]:
            heads.append(option_quote_head(each))
        return [
            OptionQuote(symbols[at], heads[at] + option_quote_tail(*values))
            for at, *values in zip(of.tolist(), *(column.tolist() for column in columns), strict=True)
        ]

    def _wanted(self, channel: str, delayed: bool | None = None) -> NDArray[np.bool_] | None:
        """By index: whether anybody wants that of an option. Made again when it may have changed; None: nobody does.

        ``delayed``: only who is told late, or only who is not.
        """
        clients = [each for each in self.connections if each.feed.options and delayed in (None, each.feed.delayed)]
        key = (len(self._book.symbols), [(id(each), each.version) for each in clients])
        known = self._known.get((channel, delayed))
        if known is None or known[0] != key:
            known = self._known[channel, delayed] = (key, self._asked_for(clients, channel))
        return known[1]

    def _asked_for(self, clients: list[Connection], channel: str) -> NDArray[np.bool_] | None:
        asked = dict.fromkeys(symbol for client in clients for symbol in client.subscribed[channel])
        if not asked:
            return None
        book = self._book
        wanted = np.zeros(len(book.symbols), np.bool_)
        found = (book.option(symbol) for symbol in (book.symbols if "*" in asked else asked))
        wanted[[idx for idx in found if idx is not None]] = True
        return wanted

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
