"""What a batch does to the market: the compiled way and the lazy way are the plain words of ``ChainBatch``."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from quoted_market import DAY, option

from engine.events import ChainBatch, Listing
from engine.market import NEVER, Market
from engine.market.details import Details
from engine.types import MISSING, Instrument, Underlying

PRICES = ("bid", "ask", "price")
SIZES = ("bid_size", "ask_size")
LASTING = ("open", "high", "low", "volume", "buy_volume", "open_interest")
COLUMNS = (*PRICES, *SIZES, *LASTING)

# Four instruments with quotes, two of a root whose prices stand for quotes, and an index.
INSTRUMENTS: tuple[Instrument, ...] = (
    *(option(strike, right) for strike in (5300, 5310) for right in ("C", "P")),  # type: ignore[arg-type]
    option(530, "C", root="XSP"),
    option(530, "P", root="XSP"),
    Underlying("SPX"),
)
MEANINGS: dict[str, Any] = {"SPXW": "quote", "XSP": "mid"}
LOCKED = {4, 5}


@dataclass
class Plain:
    """One instrument by the words of ``ChainBatch``, a field at a time."""

    values: dict[str, int] = field(default_factory=lambda: dict.fromkeys(COLUMNS, MISSING))
    quote_ts: int = NEVER
    price_ts: int = NEVER

    def take(self, row: dict[str, int], when: int, locked: bool) -> None:
        """A row: the columns there are, and when it was true."""
        told = any(row.get(name, MISSING) != MISSING for name in ("price", "volume", "open_interest"))
        sides = [name for name in ("bid", "ask") if name in row]
        of_a_trade = len(sides) == 2 and row["bid"] == row["ask"] == MISSING and told
        if sides and not of_a_trade:
            for name in sides:
                self.values[name] = row[name]
            self.quote_ts = when
        for name in SIZES:
            if name in row and not of_a_trade:
                self.values[name] = row[name]
        for name in ("price", *LASTING):
            if row.get(name, MISSING) != MISSING:
                self.values[name] = row[name]
        if row.get("price", MISSING) != MISSING:
            self.price_ts = when
            if locked:
                self.values["bid"] = self.values["ask"] = row["price"]
                self.quote_ts = when


values = st.one_of(st.just(MISSING), st.integers(0, 5))


@st.composite
def batches(draw: st.DrawFn) -> list[ChainBatch]:
    found = []
    for n in range(draw(st.integers(1, 6))):
        idx = draw(st.lists(st.integers(0, len(INSTRUMENTS) - 1), unique=True, max_size=5))
        names = draw(st.sets(st.sampled_from(COLUMNS)))
        columns: dict[str, Any] = {
            name: np.array(draw(st.lists(values, min_size=len(idx), max_size=len(idx))), np.int32)
            for name in sorted(names)
        }
        if draw(st.booleans()):
            columns["quote_ts"] = np.array([100 * n + 7 * place for place in range(len(idx))], np.int64)
        found.append(ChainBatch(ts_known=100 * n + 9, ts_event=100 * n, idx=np.array(idx, np.int32), **columns))
    return found


def listed(count: int = len(INSTRUMENTS)) -> Market:
    market = Market(MEANINGS)
    market.list_instruments(Listing(ts_known=0, first=0, instruments=INSTRUMENTS[:count]))
    return market


def rows(batch: ChainBatch) -> list[tuple[int, dict[str, int], int]]:
    """Index, columns and time of each row."""
    columns = {name: column.tolist() for name in COLUMNS if (column := getattr(batch, name)) is not None}
    times = [batch.ts_event] * len(batch.idx) if batch.quote_ts is None else batch.quote_ts.tolist()
    return [
        (index, {name: column[n] for name, column in columns.items()}, times[n])
        for n, index in enumerate(batch.idx.tolist())
    ]


@settings(max_examples=300)
@given(batches())
def test_batches_do_what_the_event_says(told: list[ChainBatch]) -> None:
    market, plain = listed(), [Plain() for _ in INSTRUMENTS]
    for batch in told:
        market.apply(batch)
        for index, row, when in rows(batch):
            plain[index].take(row, when, index in LOCKED)
        for index, instrument in enumerate(INSTRUMENTS):
            expected = plain[index]
            assert market.bid[index] == expected.values["bid"], instrument
            assert market.ask[index] == expected.values["ask"], instrument
            assert market.quote_ts[index] == expected.quote_ts, instrument
    for index, expected in enumerate(plain):
        known = {name: None if value == MISSING else value for name, value in expected.values.items()}
        assert market.detail(index) == known
    assert market.last_batch_ts == told[-1].ts_known
    spx = plain[-1].values["price"]
    assert market.value("SPX") == ((None, NEVER) if spx == MISSING else (spx, plain[-1].price_ts))


@settings(max_examples=100)
@given(batches(), st.integers(1, 3))
def test_details_that_wait_come_to_what_they_come_to_at_once(told: list[ChainBatch], every: int) -> None:
    waiting, eager = Details(), Details()
    for n, batch in enumerate(told):
        waiting.follow(batch, 16)
        eager.follow(batch, 16)
        eager.of(0, 16)
        if n % every == 0:
            waiting.of(1, 16)
    for index in range(16):
        assert waiting.of(index, 16) == eager.of(index, 16)


def test_details_nobody_looks_at_are_taken_over_before_they_are_too_many() -> None:
    details = Details()
    for n in range(3000):
        batch = ChainBatch(ts_known=n, ts_event=n, idx=np.array([n % 3], np.int32), volume=np.array([n], np.int32))
        details.follow(batch, 4)
        assert len(details._waiting) < 1100
    assert [details.of(index, 4)["volume"] for index in range(3)] == [2997, 2998, 2999]


def test_details_outlast_a_market_that_grows() -> None:
    market = listed(1)
    market.apply(ChainBatch(ts_known=1, ts_event=1, idx=np.zeros(1, np.int32), volume=np.array([5], np.int32)))
    market.detail(0)
    more = tuple(option(5000 + 5 * n, right, DAY) for n in range(500) for right in ("C", "P"))  # type: ignore[arg-type]
    market.list_instruments(Listing(ts_known=2, first=1, instruments=more))
    last = np.array([len(more)], np.int32)
    market.apply(ChainBatch(ts_known=2, ts_event=2, idx=last, volume=np.array([9], np.int32)))
    assert (market.detail(0)["volume"], market.detail(len(more))["volume"]) == (5, 9)


@pytest.mark.parametrize("index", [-1, 10_000])
def test_an_instrument_there_is_no_room_for_is_refused_before_anything_is_taken_over(index: int) -> None:
    market = listed()
    idx, bid = np.array([0, index], np.int32), np.array([7, 8], np.int32)
    with pytest.raises(IndexError, match="not listed"):
        market.apply(ChainBatch(ts_known=1, ts_event=1, idx=idx, bid=bid))
    assert market.bid[0] == MISSING


@pytest.mark.parametrize("name", [*PRICES, "volume", "open_interest", "quote_ts"])
def test_a_column_of_another_length_is_refused(name: str) -> None:
    market = listed()
    columns: dict[str, Any] = {"bid": np.array([7, 8], np.int32), name: np.array([7], np.int32)}
    columns[name] = columns[name].astype(np.int64) if name == "quote_ts" else columns[name]
    with pytest.raises(ValueError, match="one length"):
        market.apply(ChainBatch(ts_known=1, ts_event=1, idx=np.array([0, 1], np.int32), **columns))
    assert market.bid[0] == MISSING


def test_columns_that_may_not_be_written_or_lie_apart_are_read_all_the_same() -> None:
    """As slices of a tape's table are, and what is decoded from bytes."""
    market = listed()
    table = np.arange(12, dtype=np.int32).reshape(4, 3)
    frozen = np.frombuffer(np.array([20, 21, 22, 23], np.int32).tobytes(), np.int32)
    market.apply(ChainBatch(ts_known=1, ts_event=1, idx=np.arange(4, dtype=np.int32), bid=table[:, 1], ask=frozen))
    assert market.bid[:4].tolist() == [1, 4, 7, 10]
    assert market.ask[:4].tolist() == [20, 21, 22, 23]
