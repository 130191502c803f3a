"""The models on real quotes: LEAN's SPXW minutes of 2021 and 2023, Cboe's chain of 2019-06-26, with their sizes."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path

import pytest
from quoted_market import AGE

from engine.calendar import session
from engine.config import load
from engine.events import AnyEvent, ChainBatch, Listing
from engine.exchange import Cross, FillModel, Improve, Mid, Priced, SimulatedExchange, Waiting
from engine.market import Market
from engine.session.source import DECIDING, TapeSource
from engine.tape import DayTable, Store
from engine.tape.importers import IMPORTERS, ImportOptions
from engine.types import Contract, Leg, Package, to_units

MODELS = (Cross(AGE), Mid(AGE), Improve(AGE, 7, 30.0, to_units(0.2), 0.25))
LEAN_DAY = dt.date(2021, 1, 8)


Days = list[tuple[dt.date, list[AnyEvent]]]


@pytest.fixture(scope="module")
def lean(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Days:
    return _days(Store(tmp_path_factory.mktemp("lean")), "lean", shared / "data" / "lean_spxw_nbbo" / "Data")


@pytest.fixture(scope="module")
def cboe(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Days:
    (file,) = (shared / "data" / "cboe_datashop").glob("*.csv*")
    return _days(Store(tmp_path_factory.mktemp("cboe")), "cboe-datashop", file)


def _days(store: Store, importer: str, path: Path) -> Days:
    days = []
    for table in IMPORTERS[importer].read(path, ImportOptions(source=None, symbol=None)):
        if isinstance(table, DayTable) and table.root == "SPXW":
            store.save_day(table)
            days.append(table.day)
    return [(day, list(TapeSource(store, "SPXW", day, fields=DECIDING).events())) for day in days]


def looks(days: Days) -> Iterator[tuple[Market, int, list[Contract]]]:
    """The market after each batch, its time, and what was quoted in it."""
    for _, events in days:
        market = Market({})
        for event in events:
            if isinstance(event, Listing):
                market.list_instruments(event)
            elif isinstance(event, ChainBatch):
                market.apply(event)
                quoted = [market.instruments[n] for n in event.idx.tolist()]
                yield market, event.ts_known, [each for each in quoted if isinstance(each, Contract)]


def one(contract: Contract, side: str) -> Package:
    return Package((Leg(contract, side, "open"),))  # type: ignore[arg-type]


def check(model: FillModel, market: Market, now: int, contract: Contract, counts: dict[str, int]) -> None:
    """A leg's fills on one real quote, by the rules alone."""
    quote = market.quote(contract)
    bid, ask = quote.bid, quote.ask
    good = bid is not None and ask is not None and 0 <= bid <= ask and ask > 0 and now - quote.ts <= AGE
    for side, possible in (("buy", good), ("sell", bool(good and bid))):
        found = model.price(one(contract, side), market, now, Waiting("a", 10**12))
        assert isinstance(found, Priced) is possible, (contract, quote)
        if isinstance(found, Priced):
            assert bid is not None
            assert ask is not None
            (price,) = found.prices
            assert bid <= price <= ask
            assert 2 * price >= bid + ask if side == "buy" else 2 * price <= bid + ask
            counts[side] = counts.get(side, 0) + 1
    if bid is not None and ask is not None:
        counts["crossed"] = counts.get("crossed", 0) + (bid > ask)
        counts["locked"] = counts.get("locked", 0) + (bid == ask > 0)
        counts["bid 0"] = counts.get("bid 0", 0) + (bid == 0 < ask)


def test_every_real_nbbo_row_fills_by_the_rules_and_no_crossed_one_at_all(lean: Days) -> None:
    counts: dict[str, int] = {}
    for n, (market, now, contracts) in enumerate(looks(lean)):
        for contract in contracts:
            check(MODELS[n % 3], market, now, contract, counts)
    assert counts["crossed"] >= 50, "the data's crossed rows are among them"
    assert counts["locked"] >= 200
    assert counts["buy"] > 20_000
    assert counts["sell"] + counts["bid 0"] == counts["buy"]


def test_in_cboes_chain_what_has_no_bid_is_bought_and_not_sold(cboe: Days) -> None:
    counts: dict[str, int] = {}
    for market, now, contracts in looks(cboe):
        for contract in contracts:
            check(MODELS[0], market, now, contract, counts)
    assert counts["bid 0"] > 100
    assert counts["buy"] - counts["sell"] == counts["bid 0"]
    assert counts["crossed"] == 0


def test_real_sizes_limit_a_spread_to_the_smaller_of_its_legs(lean: Days) -> None:
    """A vertical at every minute of a real day gets the least of bid size and ask size, and no more at that look."""
    day, events = next(found for found in lean if found[0] == LEAN_DAY)
    config, wanted, parts = load(settings=["cutoffs.schedule=[]"]), 10_000, []
    last = None
    for market, now, contracts in looks([(day, events)]):
        puts = sorted(c for c in contracts if c.right == "P" and c.expiry == day)
        if len(puts) < 2:
            continue
        legs = (Leg(puts[1], "sell", "open"), Leg(puts[0], "buy", "open"))
        exchange = SimulatedExchange(config.fills, config.fees, session(day), config.cutoffs)
        exchange.submit("a", Package(legs), wanted, None, now)
        filled = [report for report in exchange.match(market, now) if report.kind == "fill"]
        shown = (market.sizes(puts[1])[0], market.sizes(puts[0])[1])
        assert None not in shown
        if filled:
            assert filled[0].quantity == min(shown)  # type: ignore[type-var]
            assert exchange.match(market, now) == []
            parts.append(filled[0].quantity)
        last = market
    assert last is not None
    assert len(parts) > 100
    assert len(set(parts)) > 10


def test_a_stop_on_real_minute_bars_is_hit_when_a_high_reaches_it_and_pays_that_high(
    shared: Path, tmp_path: Path
) -> None:
    """Every short of a day of real trade bars, with a stop at 1.3 times the price it was sold at."""
    (file,) = (shared / "data" / "spxw_0dte_1min").glob("*.csv.gz")
    tables = IMPORTERS["bars-csv"].read(file, ImportOptions(source=None, symbol=None))
    table = next(table for table in tables if isinstance(table, DayTable))
    store, day = Store(tmp_path), table.day
    store.save_day(table)
    config = load(settings=["cutoffs.schedule=[]"])
    exchange = SimulatedExchange(config.fills, config.fees, session(day), config.cutoffs)
    market, stops, hits = Market({"SPXW": "trade_bar"}), dict[Contract, int](), dict[Contract, int]()
    expected: dict[Contract, int] = {}
    for event in TapeSource(store, "SPXW", day, fields=DECIDING).events():
        if isinstance(event, Listing):
            market.list_instruments(event)
        if not isinstance(event, ChainBatch):
            continue
        market.apply(event)
        assert event.high is not None
        assert event.price is not None
        for row, position in enumerate(event.idx.tolist()):
            contract = market.instruments[position]
            if not isinstance(contract, Contract) or event.price[row] <= 0:
                continue
            if contract not in stops:
                stops[contract] = event.price.item(row) * 13 // 10
                exchange.hold(contract, -1)
                package = Package((Leg(contract, "buy", "close"),))
                exchange.submit(contract.symbol, package, 1, None, event.ts_known, stop=stops[contract])
            elif contract not in expected and event.high[row] >= stops[contract]:
                expected[contract] = event.high.item(row)
        for report in exchange.match(market, event.ts_known):
            if report.kind == "fill":
                hits[report.legs[0].contract] = report.legs[0].price
    assert hits == expected
    assert len(stops) >= 2
    assert expected
