"""Days of an underlying alone: stored apart, and put beside a chain that has no values of its own."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tape_days import DAY, small_day

from engine.calendar import session
from engine.clock import MINUTE
from engine.tape import Columns, DayBuilder, DayTable, Store, StoreError, UnderlyingTable
from engine.tape.columns import problem
from engine.tape.join import join
from engine.tape.quality import inspect_underlying
from engine.types import MISSING, Contract, Provenance, Underlying

OPEN = session(DAY).open


def bars(
    symbol: str = "SPX", source: str = "bars", origin: str = "vendor", minutes: range = range(1, 391), flags: tuple = ()
) -> UnderlyingTable:
    builder = DayBuilder()
    for minute in minutes:
        known, price = OPEN + minute * MINUTE, 52_000_000 + minute * 100
        builder.put(known, known, Underlying(symbol), price=price, high=price + 50, low=price - 50, volume=minute * 10)
    label = Provenance(source, origin, "trade_bar", sha256="1" * 64)
    return UnderlyingTable(symbol, DAY, label, "test", 1, builder.build(), flags=flags)


def chain_alone(minutes: range = range(2, 390, 7), meaning: str = "trade_bar") -> DayTable:
    """A chain of trades like ``spxw_0dte_1min``: few prices, and no underlying."""
    builder = DayBuilder()
    for minute in minutes:
        known = OPEN + minute * MINUTE
        for strike in (5190, 5200, 5210):
            if (minute + strike) % 3:
                builder.put(known, known, Contract("SPXW", DAY, strike * 10_000, "C"), price=50_000, volume=minute)
    label = Provenance("bars-1m", "vendor", meaning, sha256="2" * 64)
    return DayTable("SPXW", DAY, label, "test", 1, builder.build(), flags=("no_underlying",))


def test_an_underlyings_day_lies_apart_and_comes_out_as_it_went_in(store: Store) -> None:
    assert store.save(bars()) == "new"
    assert store.save(bars()) == "unchanged"
    entry = store.choose_underlying("SPX", DAY)
    assert entry.path == store.path / "underlyings" / "SPX" / "2024-08-07.bars.parquet"
    header, columns = store.open_underlying(entry)
    assert (header.symbol, header.counts["minutes"], columns.symbols) == ("SPX", 390, ("SPX",))
    assert store.days() == []
    with pytest.raises(StoreError, match="no days of SPX"):
        store.choose("SPX", DAY)


def test_the_source_with_more_values_is_taken_and_a_missing_day_names_the_nearest(store: Store) -> None:
    store.save(bars(source="a-5m", minutes=range(5, 391, 5)))
    store.save(bars(source="b-1m"))
    assert store.choose_underlying("SPX", DAY).source == "b-1m"
    assert store.choose_underlying("SPX", DAY, "a-5m").source == "a-5m"
    with pytest.raises(StoreError, match="the nearest stored: 2024-08-07"):
        store.choose_underlying("SPX", dt.date(2024, 8, 9))


def test_a_damaged_or_renamed_underlyings_day_is_refused_in_one_line(store: Store) -> None:
    store.save(bars())
    path = store.choose_underlying("SPX", DAY).path
    moved = path.rename(path.with_name("2024-08-08.bars.parquet"))
    with pytest.raises(StoreError, match="was it renamed"):
        store.open_underlying(store.underlyings()[0])
    moved.rename(path)
    path.write_bytes(path.read_bytes()[:-7])
    with pytest.raises(StoreError, match="damaged or cut short"):
        store.open_underlying(store.underlyings()[0])


@pytest.mark.parametrize("symbol", ["../x", "spx", "S P", "", "TOOLONGNAME"])
def test_a_symbol_must_fit_a_file_name(store: Store, symbol: str) -> None:
    table = replace(bars(), symbol=symbol)
    with pytest.raises(StoreError):
        store.save(table)
    assert not store.path.exists()


def test_values_stand_in_the_batch_of_the_instant_at_which_they_were_known(store: Store) -> None:
    chain, values = chain_alone().columns, bars().columns
    joined = join(chain, values)
    assert problem(joined) is None
    spx = joined.symbols.index("SPX")
    rows = joined.code == spx
    assert (joined.ts_known[rows] == values.ts_known).all()
    assert (joined.values["price"][rows] == values.values["price"]).all()
    assert (joined.values["volume"][rows] == values.values["volume"]).all()
    options = ~rows
    assert (joined.ts_known[options] == chain.ts_known).all()
    assert [joined.symbols[code] for code in joined.code[options]] == [chain.symbols[code] for code in chain.code]
    assert (joined.values["high"][options] == MISSING).all()


@st.composite
def parts(draw: st.DrawFn) -> tuple[Columns, Columns]:
    """A chain and an underlying with rows at any minutes of the day."""
    minute = st.integers(1, 40)
    chain, values = DayBuilder(), DayBuilder()
    for at, strike, right in draw(
        st.sets(st.tuples(minute, st.integers(5190, 5193), st.sampled_from("CP")), min_size=1, max_size=40)
    ):
        known = OPEN + at * MINUTE
        chain.put(known, known - at, Contract("SPXW", DAY, strike * 10_000, right), bid=at, ask=at + 1)
    for at in draw(st.sets(minute, min_size=1)):
        values.put(OPEN + at * MINUTE, OPEN + at * MINUTE, Underlying("SPX"), price=at)
    return chain.build(), values.build()


@given(parts())
def test_joining_loses_adds_and_moves_nothing(both: tuple[Columns, Columns]) -> None:
    chain, values = both
    joined = join(chain, values)
    assert problem(joined) is None

    def rows(columns: Columns) -> list[tuple]:
        fields = [columns.values.get(name, np.full(len(columns), MISSING)) for name in ("bid", "ask", "price")]
        named = [columns.symbols[code] for code in columns.code]
        return sorted(zip(columns.ts_known, columns.ts_event, named, *fields, strict=True))

    assert rows(joined) == sorted(rows(chain) + rows(values))
    assert all(before <= after for before, after in pairwise(joined.ts_known))


def test_a_funds_quotes_in_the_chain_give_way_to_its_prices(store: Store) -> None:
    """LEAN's quotes of a fund without its trades: the chain names the fund, and has no value of it."""
    builder = DayBuilder()
    for minute in range(1, 391):
        known = OPEN + minute * MINUTE
        builder.put(known, known, Underlying("SPY"), bid=5_199_900, ask=5_200_100)
        builder.put(known, known, Contract("SPY", DAY, 5_200_000, "C"), bid=10_000 + minute, ask=10_500 + minute)
    store.save_day(DayTable("SPY", DAY, Provenance("lean", "vendor", "quote"), "test", 1, builder.build()))
    store.save(bars("SPY"))
    tape, beside = store.open(store.choose("SPY", DAY)), store.beside(store.choose("SPY", DAY))
    assert beside is not None
    joined = join(tape.columns, store.open_underlying(beside)[1])
    assert problem(joined) is None
    assert sorted(joined.symbols) == ["SPY", "SPY240807C00520000"]
    assert len(joined) == 780
    fund = joined.code == joined.symbols.index("SPY")
    assert joined.values["price"][fund].tolist() == [52_000_000 + minute * 100 for minute in range(1, 391)]
    assert joined.values["bid"][~fund].tolist() == [10_000 + minute for minute in range(1, 391)]


def test_simulated_values_never_stand_beside_real_ones(store: Store) -> None:
    store.save(bars(source="sim", origin="simulated"))
    table = chain_alone()
    store.save_day(table)
    store.save_day(replace(table, provenance=Provenance("made", "simulated", "trade_bar")))
    real, made = store.days()
    assert (store.beside(real), store.beside(made).source) == (None, "sim")
    store.save(bars())
    assert (store.beside(real).source, store.beside(made).source) == ("bars", "sim")


def test_a_chain_with_an_underlying_of_its_own_needs_none_beside_it(store: Store) -> None:
    store.save_day(small_day())
    store.save(bars())
    assert store.beside(store.choose("SPXW", DAY)) is None


@pytest.mark.parametrize(
    ("table", "says"),
    [
        (bars(), ""),
        (bars(minutes=range(5, 391, 5)), ""),
        (bars(minutes=range(1, 200)), "stops at 12:49"),
        (bars(minutes=[m for m in range(1, 391) if m % 20]), "19 holes in values that come every 60 s"),
        (bars(flags=("half_day",)), "not a half-day by the calendar"),
        (bars(flags=("truncated:11:00",)), "truncated 11:00"),
    ],
)
def test_what_speaks_against_an_underlyings_day_is_said(store: Store, table: UnderlyingTable, says: str) -> None:
    store.save(table)
    entry = store.choose_underlying("SPX", DAY)
    report = inspect_underlying(*store.open_underlying(entry), entry.path)
    assert says in "; ".join(report.reasons)
    assert (report.ok, report.trust.answer) == ((True, "yes") if not says else (False, "no"))


def test_a_bar_whose_close_lies_outside_it_and_a_leap_are_suspect(store: Store) -> None:
    table = bars()
    for name, factor, says in (("high", 0, "1 bars whose close lies outside"), ("price", 2, "jumps by 10")):
        column = table.columns.values[name].copy()
        column[100] = column[100] * factor
        store.save(replace(table, columns=replace(table.columns, values={**table.columns.values, name: column})))
        entry = store.choose_underlying("SPX", DAY)
        assert says in "; ".join(inspect_underlying(*store.open_underlying(entry), entry.path).reasons)
