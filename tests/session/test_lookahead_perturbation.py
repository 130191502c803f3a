"""What the detector makes of a day after an instant: other in everything, plausible in everything, the same before."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from session_days import SIM_DAY

from engine.calendar import session
from engine.clock import MINUTE
from engine.feed.simulator import SimulatedDay
from engine.session.cause import datum_of
from engine.session.perturbation import Alteration, AlteredStore, altered
from engine.session.simulation import Simulation, day_table
from engine.session.source import TapeSource
from engine.tape import Columns, Store
from engine.tape.columns import problem
from engine.types import MISSING

seeds = st.integers(0, 2**31)
minutes = st.integers(-5, 400)


@pytest.fixture(scope="module")
def columns() -> Columns:
    """A simulated day with quotes, sizes, prices, volumes and open interest."""
    simulation = Simulation("SPXW", SIM_DAY, 1, 7, step_seconds=120, expiries=1)
    return day_table(simulation, SimulatedDay(SIM_DAY, "SPXW", 7, 120, count=1), {}).columns


def after(minute: int) -> int:
    return session(SIM_DAY).open + minute * MINUTE


def later(columns: Columns, instant: int) -> int:
    return int(np.searchsorted(columns.ts_known, instant, side="right"))


@settings(max_examples=40)
@given(minute=minutes, seed=seeds)
def test_nothing_known_up_to_the_instant_is_another(columns: Columns, minute: int, seed: int) -> None:
    first = later(columns, after(minute))
    found = altered(columns, Alteration(after(minute), seed))
    for name, column in columns.values.items():
        assert np.array_equal(found.values[name][:first], column[:first])
    assert np.array_equal(found.ts_known[:first], columns.ts_known[:first])
    assert np.array_equal(found.code[:first], columns.code[:first])
    assert later(found, after(minute)) == first


@settings(max_examples=40)
@given(minute=minutes, seed=seeds)
def test_it_is_still_a_plausible_day(columns: Columns, minute: int, seed: int) -> None:
    first = later(columns, after(minute))
    found = altered(columns, Alteration(after(minute), seed))
    told = problem(found)
    assert told is None or told.startswith("instruments are not")  # one that never comes is listed all the same
    bid, ask = found.values["bid"][first:], found.values["ask"][first:]
    both = (bid != MISSING) & (ask != MISSING)
    assert (bid[both] < ask[both]).all()
    for name in ("bid", "ask", "price", "bid_size", "ask_size"):
        column = found.values[name][first:]
        assert (column[column != MISSING] >= 0).all(), name
    volume = found.values["volume"]
    for code in range(0, len(found.symbols), 7):
        of_one = volume[(found.code == code) & (volume != MISSING)]
        assert (np.diff(of_one) >= 0).all()


@settings(max_examples=20)
@given(minute=st.integers(0, 380), seed=seeds)
def test_every_later_value_is_another(columns: Columns, minute: int, seed: int) -> None:
    first = later(columns, after(minute))
    found = altered(columns, Alteration(after(minute), seed, rows=False, times=False))
    assert len(found) == len(columns)
    for name, column in columns.values.items():
        told = column[first:] != MISSING
        same = found.values[name][first:] == column[first:]
        assert (same[~told]).all(), "what was missing stays missing"
        allowed = 0.0 if name in ("bid", "price", "volume", "bid_size", "ask_size", "open_interest") else 0.2
        if name != "buy_volume":  # it only grows where something was bought since
            assert same[told].mean() <= allowed if told.any() else True, name


@settings(max_examples=20)
@given(minute=st.integers(0, 380), seed=seeds)
def test_a_part_of_the_change_is_the_same_noise(columns: Columns, minute: int, seed: int) -> None:
    """So that the cause of a difference can be looked for by changing less and less."""
    whole = altered(columns, Alteration(after(minute), seed, rows=False, times=False))
    symbol = columns.symbols[min(9, len(columns.symbols) - 1)]
    part = Alteration(
        after(minute), seed, rows=False, times=False, symbols=frozenset({symbol}), fields=frozenset({"bid"})
    )
    found = altered(columns, part)
    changed = np.flatnonzero(found.values["bid"] != columns.values["bid"])
    assert {found.symbols[code] for code in found.code[changed].tolist()} <= {symbol}
    assert np.array_equal(found.values["bid"][changed], whole.values["bid"][changed])
    assert np.array_equal(found.values["ask"], columns.values["ask"])


def test_some_rows_go_the_day_may_end_early_and_later_data_may_come_late(columns: Columns) -> None:
    instant = after(60)
    found = [altered(columns, Alteration(instant, seed, values=False)) for seed in range(12)]
    assert all(len(each) < len(columns) for each in found)
    assert len({int(each.ts_known[-1]) for each in found}) > 6
    late = [int(each.ts_known[later(each, instant)]) - int(columns.ts_known[later(columns, instant)]) for each in found]
    assert any(late)
    assert not all(late)


def test_a_day_that_is_over_is_left_alone(columns: Columns) -> None:
    assert altered(columns, Alteration(int(columns.ts_known[-1]), 1)) is columns


def test_bars_hold_their_prices() -> None:
    rng = np.random.default_rng(3)
    size = 200
    close = rng.integers(50_000_000, 51_000_000, size)
    values = {"open": close + 100, "high": close + 3_000, "low": close - 3_000, "price": close}
    at = after(0) + np.arange(size, dtype=np.int64) * MINUTE
    day = Columns(at, at, np.zeros(size, np.int32), ("SPX",), {k: v.astype(np.int32) for k, v in values.items()})
    found = altered(day, Alteration(int(at[50]), 5, rows=False)).values
    for name in ("open", "price", "low"):
        assert (found[name] <= found["high"]).all()
        assert (found[name] >= found["low"]).all()


def test_closes_known_later_are_others_and_earlier_ones_are_not(simulated_store: Store) -> None:
    store = AlteredStore(simulated_store.path)
    opens = session(SIM_DAY).open
    before = SIM_DAY - dt.timedelta(days=1)
    same, other = store.changed(None), store.changed(Alteration(opens, 3))
    assert same.official_close("SPX", SIM_DAY) == store.official_close("SPX", SIM_DAY)
    close, moved = store.official_close("SPX", SIM_DAY), other.official_close("SPX", SIM_DAY)
    assert close is not None
    assert moved is not None
    assert moved.close != close.close
    assert moved.close % 100 == 0
    assert store.official_close("VIX", before) == other.official_close("VIX", before)


def test_a_days_own_file_is_read_once_for_all_changes(simulated_store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    read = []
    real = Store.open
    monkeypatch.setattr(Store, "open", lambda self, entry, fields=None: read.append(entry) or real(self, entry, fields))
    store = AlteredStore(simulated_store.path)
    for change in (None, Alteration(after(10), 1), Alteration(after(20), 2)):
        assert list(TapeSource(store.changed(change), "SPXW", SIM_DAY).events())
    assert len(read) == 1


def test_the_cause_is_one_datum_where_one_alone_makes_the_difference(simulated_store: Store) -> None:
    events = list(TapeSource(simulated_store, "SPXW", SIM_DAY).events())
    tape = simulated_store.open(simulated_store.choose("SPXW", SIM_DAY)).columns
    instant = after(90)
    row = int(np.flatnonzero((tape.ts_known > after(200)) & (tape.values["ask"] != MISSING))[17])

    def differs(change: Alteration) -> bool:
        found = altered(tape, change._replace(rows=False, times=False))
        return bool(found.values["ask"][row] != tape.values["ask"][row])

    told = datum_of(Alteration(instant, 8), differs, events)
    symbol, ask = tape.symbols[tape.code[row]], tape.values["ask"][row] / 10_000
    assert told.startswith(f"{symbol} ask, {ask:,.2f}, known at ")
