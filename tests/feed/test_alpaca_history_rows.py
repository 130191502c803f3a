"""Rows of Alpaca's history, read exactly; what cannot be right is counted and left out."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.feed.alpaca.history_rows import HistoryBar, bars, instant, listed, trades

BAR = {"c": 0.21, "h": 0.24, "l": 0.21, "n": 2, "o": 0.24, "t": "2024-03-12T13:00:00Z", "v": 21, "vw": 0.211429}


def fixture(shared: Path, name: str) -> Any:
    return json.loads((shared / "fixtures/alpaca" / f"{name}.json").read_text())


def test_real_answers_are_read(shared: Path) -> None:
    raw = fixture(shared, "historical_option_data__get_bars")["bars"]["SPY240426C00555000"]
    read = bars(raw)
    assert (len(read.rows), read.bad) == (2, 0)
    assert read.rows[0] == HistoryBar(1_710_248_400 * 10**9, 2400, 2400, 2100, 2100, 21)
    raw = fixture(shared, "historical_option_data__multisymbol_get_trades")["trades"]["SPY240426C00550000"]
    assert [trade[1:] for trade in trades(raw).rows] == [(3700, 1), (4100, 1)]
    assert trades(raw).rows[0].time % 10**9 == 170_115_840
    (one,) = listed(fixture(shared, "option_routes__get_option_contracts")["option_contracts"]).rows
    assert (one.contract.symbol, one.open_interest) == ("AAPL231103C00170000", 0)


@pytest.mark.parametrize(
    "change",
    [
        {"c": 0},
        {"c": -0.21},
        {"c": None},
        {"c": True},
        {"c": float("nan")},
        {"c": float("inf")},
        {"c": 1e12},
        {"c": 0.25},
        {"l": 0.22},
        {"v": -1},
        {"v": 1.5},
        {"v": "many"},
        {"t": "2024-03-12"},
        {"t": "2024-03-12T13:00:00"},
        {"t": 1_710_248_400},
        {"t": "2024-02-30T13:00:00Z"},
    ],
    ids=str,
)
def test_a_bar_that_cannot_be_right_is_counted(change: dict[str, Any]) -> None:
    read = bars([BAR, {**BAR, **change}])
    assert (len(read.rows), read.bad) == (1, 1)


@pytest.mark.parametrize("row", [None, 7, "bar", [], {}, {"t": BAR["t"]}], ids=str)
def test_what_is_no_row_is_counted(row: object) -> None:
    assert bars([row]) == trades([row]) == listed([row]) == ([], 1)


def test_unknown_fields_and_another_order_do_no_harm() -> None:
    later = {**BAR, "t": "2024-03-12T13:01:00Z", "new": {"since": 2027}}
    assert [bar.start // 10**9 for bar in bars([later, BAR]).rows] == [1_710_248_400, 1_710_248_460]


@given(st.integers(1, 2_000_000_000))
def test_a_price_is_the_one_that_was_written(units: int) -> None:
    text = json.dumps({**BAR, **dict.fromkeys("ohlc", float(Decimal(units) / 10_000))})
    assert bars([json.loads(text)]).rows[0].close == units


@given(st.integers(0, 999_999_999))
def test_a_time_keeps_every_digit(fraction: int) -> None:
    text = f"2024-03-12T13:00:00.{fraction:09d}".rstrip("0").rstrip(".") + "Z"
    if fraction == 0:
        text = "2024-03-12T13:00:00Z"
    assert instant(text) == 1_710_248_400 * 10**9 + fraction


def test_open_interest_that_is_not_told_is_missing_and_not_zero() -> None:
    row = {"symbol": "SPY240304C00512000", "open_interest": None, "open_interest_date": None}
    (one,) = listed([row]).rows
    assert (one.open_interest, one.interest_day) == (None, None)
    assert listed([{"symbol": "SPY"}]).bad == 1
