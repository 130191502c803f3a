"""A chain stored without its underlying is played with the underlying's own bars, and the session names them."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from engine.calendar import session
from engine.clock import MINUTE
from engine.config import load
from engine.events import ChainBatch, Listing
from engine.market import Market
from engine.session.compose import session_info
from engine.session.source import TapeSource
from engine.tape import DayBuilder, DayTable, Store, UnderlyingTable
from engine.tape.importers import IMPORTERS, ImportOptions
from engine.types import Contract, Provenance, Underlying
from strategies.registry import REGISTRY

DAY = dt.date(2023, 3, 1)
OPEN = session(DAY).open


def spx(origin: str = "vendor", source: str = "bars-1m") -> UnderlyingTable:
    builder = DayBuilder()
    for minute in range(1, 391):
        known = OPEN + minute * MINUTE
        builder.put(known, known, Underlying("SPX"), price=39_500_000 + minute)
    label = Provenance(source, origin, "trade_bar", sha256="5" * 64)
    return UnderlyingTable("SPX", DAY, label, "test", 1, builder.build())


@pytest.fixture(scope="module")
def chain(shared: Path) -> DayTable:
    """A real day of trade bars, which has no underlying."""
    path = shared / "data" / "spxw_0dte_1min" / "spxw_0dte_1min_2023.csv.gz"
    return next(item for item in IMPORTERS["bars-csv"].read(path, ImportOptions()) if item.day == DAY)


@pytest.fixture
def store(tmp_path: Path, chain: DayTable) -> Store:
    store = Store(tmp_path / "store")
    store.save_day(chain)
    return store


def test_a_real_chain_without_spot_is_played_with_the_underlyings_bars(store: Store) -> None:
    store.save(spx())
    source = TapeSource(store, "SPXW", DAY)
    assert [label.source for label in source.close_provenance] == ["bars-1m"]
    assert [label.meaning for label in source.provenance] == ["trade_bar"]
    market = Market({"SPXW": "trade_bar"})
    seen = []
    for event in source.events():
        if isinstance(event, Listing):
            market.list_instruments(event)
        elif isinstance(event, ChainBatch):
            market.apply(event)
            minute = (event.ts_known - OPEN) // MINUTE
            value, at = market.value("SPX")
            assert (value, at) == (39_500_000 + minute, event.ts_known), "no value before its own minute has ended"
            seen.append(event.ts_known)
    assert seen == sorted(set(seen)), "one batch an instant, in order"
    assert len(seen) == 390


def test_the_journal_names_the_file_the_values_come_from(store: Store) -> None:
    store.save(spx())
    info = session_info(load(), REGISTRY, TapeSource(store, "SPXW", DAY), "main", None)
    assert [(label.source, label.sha256[:1]) for label in info.provenance][1:] == [("bars-1m", "5")]


def test_simulated_values_are_not_put_beside_a_real_chain(store: Store) -> None:
    store.save(spx("simulated", "demo"))
    source = TapeSource(store, "SPXW", DAY)
    assert source.close_provenance == ()
    listed = [one for event in source.events() if isinstance(event, Listing) for one in event.instruments]
    assert all(isinstance(one, Contract) for one in listed)


def test_a_chain_with_values_of_its_own_keeps_them(tmp_path: Path, chain: DayTable) -> None:
    store = Store(tmp_path / "own")
    builder = DayBuilder()
    known = OPEN + MINUTE
    builder.put(known, known, Contract("SPXW", DAY, 39_500_000, "C"), price=10_000)
    builder.put(known, known, Underlying("SPX"), price=1)
    store.save_day(DayTable("SPXW", DAY, chain.provenance, "test", 1, builder.build()))
    store.save(spx())
    source = TapeSource(store, "SPXW", DAY)
    assert source.close_provenance == ()
    batches = [event for event in source.events() if isinstance(event, ChainBatch)]
    assert len(batches) == 1
