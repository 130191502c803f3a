"""Rows of a day, put together in any order, become columns in one order."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.tape import Columns, DayBuilder
from engine.tape.columns import problem
from engine.types import MISSING, Contract, Underlying, parse_symbol

DAY = dt.date(2024, 8, 7)
INSTRUMENTS = [
    Underlying("SPX"),
    *(Contract("SPXW", DAY + dt.timedelta(days=n), 52_000_000 + n * 50_000, r) for n in (0, 1, 2) for r in ("C", "P")),
]

rows = st.dictionaries(
    st.tuples(st.integers(1, 6), st.sampled_from(INSTRUMENTS)),
    st.fixed_dictionaries({}, optional={"bid": st.integers(0, 2**31 - 1), "price": st.integers(0, 9)}),
    min_size=1,
)


@given(rows, st.randoms())
def test_the_order_in_which_rows_are_put_does_not_matter(table, random) -> None:
    def built(keys):
        builder = DayBuilder()
        for ts, instrument in keys:
            builder.put(ts, ts, instrument, **table[ts, instrument])
        return builder.build()

    shuffled = list(table)
    random.shuffle(shuffled)
    one, other = built(table), built(shuffled)
    assert problem(one) is None
    assert one.symbols == other.symbols
    assert list(one.values) == list(other.values)
    for name in ("ts_known", "ts_event", "code"):
        assert getattr(one, name).tolist() == getattr(other, name).tolist()

    back = {
        (ts, parse_symbol(one.symbols[code])): {
            name: int(column[row]) for name, column in one.values.items() if column[row] != MISSING
        }
        for row, (ts, code) in enumerate(zip(one.ts_known.tolist(), one.code.tolist(), strict=True))
    }
    assert back == table


def test_instruments_that_appear_together_are_listed_underlying_first_then_by_expiry_strike_and_right() -> None:
    builder = DayBuilder()
    for instrument in reversed(INSTRUMENTS):
        builder.put(5, 5, instrument, price=1)
    assert builder.build().symbols == tuple(instrument.symbol for instrument in INSTRUMENTS)


def test_what_appears_later_is_listed_later_whatever_its_name() -> None:
    builder = DayBuilder()
    builder.put(2, 2, INSTRUMENTS[0], price=1)
    builder.put(1, 1, INSTRUMENTS[3], price=1)
    assert builder.build().symbols == (INSTRUMENTS[3].symbol, "SPX")


@pytest.mark.parametrize(
    ("first", "second", "says"),
    [
        ({"bid": 1}, {"bid": 2}, "two values of bid"),
        ({"bid": 1}, {"ask": 2**31}, "ask of SPX is out of range"),
        ({"bid": 1}, {"ask": -5}, "ask of SPX is out of range"),
    ],
)
def test_a_row_that_contradicts_itself_is_an_error(first, second, says) -> None:
    builder = DayBuilder()
    builder.put(1, 1, INSTRUMENTS[0], **first)
    with pytest.raises(ValueError, match=says):
        builder.put(1, 1, INSTRUMENTS[0], **second)


def columns(**changes) -> Columns:
    plain = {
        "ts_known": np.array([1, 1, 2], dtype=np.int64),
        "ts_event": np.array([1, 1, 2], dtype=np.int64),
        "code": np.array([0, 1, 0], dtype=np.int32),
        "symbols": ("SPX", "SPXW240807C05200000"),
        "values": {"price": np.array([1, 2, 3], dtype=np.int32)},
    }
    return Columns(**{**plain, **changes})


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"ts_known": np.array([2, 2, 1])}, "not in order"),
        ({"ts_event": np.array([1, 1, 3])}, "known before it was true"),
        ({"code": np.array([0, 0, 1])}, "comes twice"),
        ({"code": np.array([1, 1, 0]), "ts_known": np.array([1, 2, 3])}, "first appearance"),
        ({"code": np.array([0, 2, 0])}, "names no instrument"),
        ({"symbols": ("SPX", "spxw?")}, "not an option or underlying symbol"),
        ({"values": {"price": np.array([1])}}, "differ in length"),
        ({"values": {"colour": np.array([1, 2, 3])}}, "unknown column colour"),
    ],
)
def test_columns_that_are_not_a_day_are_told_by_name(changes, says) -> None:
    assert problem(columns()) is None
    assert says in problem(columns(**changes))


def test_an_empty_day_cannot_be_built() -> None:
    with pytest.raises(ValueError, match="no rows"):
        DayBuilder().build()
