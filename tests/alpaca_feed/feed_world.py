"""A whole local exchange on a thread of its own, its clock set by hand or running, and the feed in front of it."""

from __future__ import annotations

import asyncio
import datetime as dt
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from engine.alpaca.keys import Keys
from engine.calendar import Session, from_new_york, session
from engine.config import Config, load
from engine.config.alpaca import AlpacaTable
from engine.events import AnyEvent, ChainBatch, DailyClose, FeedStatus, Listing, SessionStart
from engine.feed.alpaca.feed import AlpacaFeed
from engine.feed.alpaca.stream_silence import Silence
from engine.market import Market
from engine.session.exchange import make_exchange, make_venue
from engine.session.source import demo_source
from engine.types import Contract, Instrument
from engine.venue.access import Access
from engine.venue.app import serving
from engine.venue.clock import VenueClock
from engine.venue.faults import Faults, faults_of


class Exchange:
    """The exchange, served; ``at`` moves its clock."""

    def __init__(self, config: Config, start: str, speed: float, access: Access | None = None, port: int = 0) -> None:
        source = demo_source(config)
        self.config = config
        self.day = session(source.day)
        self.clock = VenueClock(self.instant(start), speed)
        self.venue = make_venue(config, source, self.clock, ("one",))
        self.access = access or Access.made_up(("one",))
        self.app = make_exchange(self.venue, self.access)
        self.port = port
        self._up = threading.Event()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stop: asyncio.Event | None = None
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve()), daemon=True)

    async def _serve(self) -> None:
        self._loop, self._stop = asyncio.get_running_loop(), asyncio.Event()
        async with serving(self.app, port=self.port) as self.port:
            self._up.set()
            await self._stop.wait()

    def __enter__(self) -> Exchange:
        self._thread.start()
        assert self._up.wait(20), "the exchange does not come up"
        return self

    def __exit__(self, *_: object) -> None:
        assert self._loop is not None
        assert self._stop is not None
        if self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._stop.set)
            self._thread.join(10)

    def stand(self) -> None:
        """Let the market stand still where it is."""

        async def stop() -> None:
            self.clock.set(self.clock.now(), 0.0)
            self.venue.advance()

        assert self._loop is not None
        asyncio.run_coroutine_threadsafe(stop(), self._loop).result(20)

    def instant(self, text: str) -> int:
        """Nanoseconds UTC of a time of the day in New York."""
        return from_new_york(self.day.day, dt.time.fromisoformat(text))

    def at(self, text: str) -> None:
        """Let the market go on to a time of the day."""

        async def move() -> None:
            self.clock.set(self.instant(text))
            self.venue.advance()

        assert self._loop is not None
        asyncio.run_coroutine_threadsafe(move(), self._loop).result(20)

    @property
    def faults(self) -> Faults:
        return faults_of(self.app)

    @property
    def keys(self) -> Keys:
        return self.access.keys["one"]

    def table(self, **more: Any) -> AlpacaTable:
        http, ws = f"http://127.0.0.1:{self.port}", f"ws://127.0.0.1:{self.port}"
        return AlpacaTable(**{"trading_url": http, "data_url": http, "stream_url": ws, **more})

    def feed(self, *roots: str, clock: Any = None, keys: Keys | None = None, **more: Any) -> AlpacaFeed:
        """A feed at it that has not begun; patient, as a market whose clock stands still is silent."""
        wanted = roots or tuple(self.config.session.roots)
        feed = AlpacaFeed(keys or self.keys, self.table(**more), wanted, self.day, clock or self.clock)
        feed._options.silence, feed._stocks.silence = Silence(60), Silence(60)
        return feed


@contextmanager
def exchange(*settings: str, start: str = "10:00", speed: float = 0.0, **more: Any) -> Iterator[Exchange]:
    """The demo market's exchange; its clock stands still unless it has a speed."""
    config = load([], ["alpaca.requests_a_minute=100000", *settings])
    with Exchange(config, start, speed, **more) as found:
        yield found


class Taker:
    """A session's end of a feed: takes when it is woken, and keeps a market of what came."""

    def __init__(self, feed: AlpacaFeed, clock: Any, known: tuple[Instrument, ...] = ()) -> None:
        self.feed = feed
        self.events: list[AnyEvent] = []
        self.market = Market({})
        self.woken = threading.Event()
        self._clock = clock
        if known:
            self.market.list_instruments(Listing(ts_known=0, first=0, instruments=known))
        feed.start(known, self.woken.set)

    def take(self) -> list[AnyEvent]:
        """What there is now."""
        self.woken.clear()
        new = self.feed.take(self._clock.now())
        for event in new:
            match event:
                case Listing():
                    self.market.list_instruments(event)
                case ChainBatch():
                    self.market.apply(event)
                case FeedStatus():
                    self.market.feed_told(event)
                case DailyClose():
                    self.market.close_arrived(event)
                case SessionStart() | _:
                    raise AssertionError(f"no feed brings {event}")
        self.events += new
        return new

    def until(self, true: Callable[[], Any], seconds: float = 60) -> None:
        """Take until something is true."""
        end = time.monotonic() + seconds
        while True:
            self.take()
            if true():
                return
            assert time.monotonic() < end, f"it does not come to that: {self.feed.figures}"
            self.woken.wait(0.02)

    def figure(self, name: str) -> int:
        """One of the feed's counts."""
        found = self.feed.figures[name]
        assert isinstance(found, int)
        return found

    @property
    def subscribed(self) -> frozenset[str]:
        """Symbols whose quotes are confirmed."""
        return self.feed._options.subscriptions.confirmed["quotes"]

    @property
    def state(self) -> str:
        return self.market.feed.state

    @property
    def text(self) -> str:
        return self.market.feed.text

    @property
    def statuses(self) -> list[tuple[str, str]]:
        return [(event.state, event.text) for event in self.events if isinstance(event, FeedStatus)]

    def quoted(self, root: str = "SPXW") -> list[Contract]:
        """Contracts that have a quote."""
        return [each for each in self.market.contracts(root) if self.market.quote(each).ask]


@contextmanager
def taking(feed: AlpacaFeed, clock: Any, known: tuple[Instrument, ...] = ()) -> Iterator[Taker]:
    """A feed that has begun, closed at the end."""
    taker = Taker(feed, clock, known)
    try:
        yield taker
    finally:
        feed.close()


def day_of(world: Exchange) -> Session:
    """The session that is played."""
    return world.day
