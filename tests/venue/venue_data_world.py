"""A small made-up market behind the local exchange, its clock moved by hand, and the real SDK in front of it."""

from __future__ import annotations

import asyncio
import datetime as dt
import json
import urllib.request
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, suppress
from typing import Any

import numpy as np

from engine.alpaca.keys import Keys
from engine.calendar import from_new_york, session
from engine.config import load
from engine.events import AnyEvent, ChainBatch, Listing
from engine.types import MISSING, Contract, Underlying
from engine.venue.access import Access
from engine.venue.app import Part, make_app, serving
from engine.venue.clock import VenueClock
from engine.venue.data import add_data_routes
from engine.venue.faults import Faults, faults_of
from engine.venue.faults_http import add_faults
from engine.venue.venue import Venue

DAY = dt.date(2026, 1, 15)
TOMORROW = dt.date(2026, 1, 16)
KEYS = Keys("PKLOCALFAKE", "local-fake-secret")
OTHER = Keys("PKLOCALFAKE2", "local-fake-secret-2")

SPY = Underlying("SPY")
SPX = Underlying("SPX")
CALL = Contract("SPY", DAY, 600_0000, "C")
PUT = Contract("SPY", DAY, 600_0000, "P")
LATER_CALL = Contract("SPY", TOMORROW, 600_0000, "C")
LATER_PUT = Contract("SPY", TOMORROW, 600_0000, "P")
INDEX_CALL = Contract("SPXW", TOMORROW, 6000_0000, "C")
INDEX_PUT = Contract("SPXW", TOMORROW, 6000_0000, "P")
LISTED = (SPY, SPX, CALL, PUT, LATER_CALL, LATER_PUT, INDEX_CALL, INDEX_PUT)


def at(text: str, day: dt.date = DAY) -> int:
    """Nanoseconds UTC of a time in New York."""
    return from_new_york(day, dt.time.fromisoformat(text))


def batch(text: str, **rows: Any) -> ChainBatch:
    """One instant; a row by the instrument's name: its columns, such as ``CALL={"bid": 1_0000, "ask": 1_0500}``."""
    columns = sorted({column for row in rows.values() for column in row})
    named = {"SPY": SPY, "SPX": SPX, "CALL": CALL, "PUT": PUT}
    named |= {"LATER_CALL": LATER_CALL, "LATER_PUT": LATER_PUT, "INDEX_CALL": INDEX_CALL, "INDEX_PUT": INDEX_PUT}
    idx = np.array([LISTED.index(named[name]) for name in rows], np.int32)
    values = {column: np.array([row.get(column, MISSING) for row in rows.values()], np.int32) for column in columns}
    when = at(text)
    return ChainBatch(ts_known=when, ts_event=when, idx=idx, **values)


def quoted(bid: int, ask: int, **more: int) -> dict[str, int]:
    """A row of a quote, prices in cents."""
    return {"bid": bid * 100, "ask": ask * 100, "bid_size": 11, "ask_size": 22, **more}


def small_market() -> Iterator[AnyEvent]:
    """A minute and a half of a quiet morning, then a last word at 10:00."""
    yield Listing(ts_known=at("09:30"), ts_event=at("09:30"), first=0, instruments=LISTED)
    yield batch(
        "09:30:15",
        SPY={"price": 600_0000, "volume": 1000},
        SPX={"price": 6000_0000},
        CALL=quoted(150, 152, price=151_00, volume=5),
        PUT=quoted(148, 150, volume=0),
        LATER_CALL=quoted(300, 304, volume=0),
        LATER_PUT=quoted(298, 302, volume=0),
        INDEX_CALL=quoted(3000, 3020, volume=0),
        INDEX_PUT=quoted(2980, 3000, volume=0),
    )
    yield batch(
        "09:30:45",
        SPY={"price": 600_5000, "volume": 1600},
        CALL=quoted(160, 162, price=162_00, volume=8),
        PUT=quoted(140, 142, price=142_00, volume=2),
    )
    yield batch("09:31", SPY={"price": 599_8000, "volume": 2000}, CALL=quoted(145, 147, volume=8))
    yield batch("09:31:30", SPY={"price": 601_0000, "volume": 2500}, CALL=quoted(170, 172, price=170_00, volume=9))
    yield batch("10:00", SPY={"price": 602_0000, "volume": 9000}, CALL=quoted(210, 212), PUT=quoted(90, 92))


class World:
    """The exchange, its clock, and addresses."""

    def __init__(self, venue: Venue, faults: Faults, port: int) -> None:
        self.venue = venue
        self.faults = faults
        self.port = port

    @property
    def http(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def ws(self) -> str:
        return f"ws://127.0.0.1:{self.port}"

    async def play(self, text: str) -> None:
        """Let the market go on to a time of the day."""
        self.venue.clock.set(at(text))
        await until(lambda: self.venue.now >= at(text))

    def options(self, raw: bool = False) -> Any:
        from alpaca.data.historical import OptionHistoricalDataClient

        return OptionHistoricalDataClient(KEYS.key_id, KEYS.secret, raw_data=raw, url_override=self.http)

    def stocks(self, raw: bool = False) -> Any:
        from alpaca.data.historical import StockHistoricalDataClient

        return StockHistoricalDataClient(KEYS.key_id, KEYS.secret, raw_data=raw, url_override=self.http)

    async def get(self, path: str, keys: Keys = KEYS) -> tuple[int, Any]:
        """What a plain request is answered: status and body."""
        headers = {"APCA-API-KEY-ID": keys.key_id, "APCA-API-SECRET-KEY": keys.secret}
        return await self.ask("GET", path, headers=headers)

    async def ask(self, method: str, path: str, body: Any = None, headers: Any = None) -> tuple[int, Any]:
        def send() -> tuple[int, Any]:
            data = None if body is None else json.dumps(body).encode()
            sent = {"Content-Type": "application/json"} | (headers or {})
            request = urllib.request.Request(self.http + path, data, sent, method=method)
            try:
                with urllib.request.urlopen(request, timeout=60) as answer:
                    return answer.status, json.load(answer)
            except urllib.error.HTTPError as error:
                return error.code, json.load(error)

        return await asyncio.to_thread(send)


def played(
    scene: Callable[[World], Awaitable[None]],
    start: str = "09:29",
    events: Callable[[], Iterator[AnyEvent]] = small_market,
    parts: tuple[Part, ...] = (),
) -> None:
    """Run a scene against the exchange, standing at ``start`` until the scene moves it."""

    async def run() -> None:
        async with exchange(start, events, parts) as world:
            await scene(world)

    asyncio.run(asyncio.wait_for(run(), 120))


@asynccontextmanager
async def exchange(
    start: str, events: Callable[[], Iterator[AnyEvent]] = small_market, parts: tuple[Part, ...] = ()
) -> AsyncIterator[World]:
    """The exchange on a free port."""
    clock = VenueClock(at(start), speed=0)
    meanings: Any = {"SPY": "quote", "SPXW": "quote"}
    venue = Venue(load(), session(DAY), meanings, events, clock, ("rehearsal", "other"))
    access = Access({"rehearsal": KEYS, "other": OTHER})
    app = make_app(venue, access, (add_faults, *(parts or (add_data_routes,))), requests_a_minute=0)
    async with serving(app) as port:
        yield World(venue, faults_of(app), port)


async def until(true: Callable[[], bool]) -> None:
    """Wait for something to become true."""
    while not true():
        await asyncio.sleep(0.002)


@asynccontextmanager
async def running(stream: Any) -> AsyncIterator[Any]:
    """The SDK's stream, connected and subscribed."""
    task = asyncio.create_task(stream._run_forever())
    try:
        await until(lambda: stream._running)
        yield stream
    finally:
        await stop(stream, task)


async def stop(stream: Any, task: asyncio.Task[None]) -> None:
    """End the SDK's stream at once, not after the five seconds it waits for data."""
    await stream.stop_ws()
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task
    if stream._ws is not None:
        await stream._ws.close()
