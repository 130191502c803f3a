"""The local exchange plays a stored day; downloading it from there gives the same day again."""

from __future__ import annotations

import asyncio
import datetime as dt
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from alpaca_past import KEY_ID, SECRET, Past

from engine.alpaca.keys import Keys
from engine.calendar import session
from engine.clock import MINUTE
from engine.config import data_dir, load
from engine.session.exchange import make_exchange, make_venue
from engine.session.source import TapeSource
from engine.tape import DayBuilder, DayTable, Store, UnderlyingTable
from engine.types import Provenance, Underlying
from engine.venue.access import Access
from engine.venue.app import serving
from engine.venue.clock import VenueClock

DAY = dt.date(2024, 3, 4)
OF = session(DAY)


@pytest.fixture
def store(home: Path) -> Store:
    """A day of one strike each way, bars as they were traded."""
    found, past = Store(data_dir(load([], []))), Past(strikes=2)
    chain, fund = DayBuilder(), DayBuilder()
    for minute in range(1, 406):
        known = OF.open + minute * MINUTE
        for contract in past.listed("SPY", DAY):
            price = round(past.option(contract, known) * 10_000)
            chain.put(known, known, contract, price=price, open=price, high=price, low=price, volume=2 * minute)
        if minute <= 390:
            value = round(past.spot("SPY", DAY, known) * 10_000)
            fund.put(
                known, known, Underlying("SPY"), price=value, open=value, high=value, low=value, volume=9 * minute
            )  # fmt: skip
    label = Provenance("first", "simulated", "trade_bar")
    found.save(DayTable("SPY", DAY, label, "test", 1, chain.build()))
    found.save(UnderlyingTable("SPY", DAY, label, "test", 1, fund.build()))
    return found


@contextmanager
def exchange(store: Store) -> Iterator[str]:
    """Its address, once it has played the day to its end."""
    config = load([], [])
    clock = VenueClock(OF.open, speed=0)
    venue = make_venue(config, TapeSource(store, "SPY", DAY, "first"), clock, ("one",))
    app = make_exchange(venue, Access({"one": Keys(KEY_ID, SECRET)}))
    up, down, address = threading.Event(), threading.Event(), ""

    async def serve() -> None:
        nonlocal address
        async with serving(app) as port:
            clock.set(OF.product_close("SPY") + MINUTE)
            venue.advance()
            address = f"http://127.0.0.1:{port}"
            up.set()
            while not down.is_set():
                await asyncio.sleep(0.01)

    thread = threading.Thread(target=lambda: asyncio.run(serve()), daemon=True)
    thread.start()
    assert up.wait(30), "the exchange does not come up"
    try:
        yield address
    finally:
        down.set()
        thread.join(10)


def rows(store: Store, source: str, *fields: str) -> dict[tuple[int, str], tuple[int, ...]]:
    columns = store.open(store.choose("SPY", DAY, source)).columns
    kept = columns.has("price")
    return {
        (int(columns.ts_known[at]), columns.symbols[columns.code[at]]): tuple(
            int(columns.values[name][at]) for name in fields
        )
        for at in kept.nonzero()[0]
    }


def test_what_the_exchange_has_played_is_downloaded_bar_by_bar(
    run, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("CREDENTIALS_DIRECTORY", raising=False)
    monkeypatch.setenv("APCA_API_KEY_ID", KEY_ID)
    monkeypatch.setenv("APCA_API_SECRET_KEY", SECRET)
    with exchange(store) as url:
        said = run(
            "data", "download", "SPY", "2024-03-04", "--trades",
            "--set", f'alpaca.data_url="{url}"', "--set", f'alpaca.trading_url="{url}"',
        )  # fmt: skip
    assert said.code == 0, said.err
    assert "stored   10 of 10 contracts traded, 4,050 bars, 4,050 trades, 390 bars of the underlying" in said.out
    assert rows(store, "alpaca", "price", "volume") == rows(store, "first", "price", "volume")
    assert {entry.provenance.origin for entry in store.days("SPY")} == {"simulated"}
    assert len(rows(store, "alpaca-trades", "price", "volume")) == 4050
