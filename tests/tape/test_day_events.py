"""A stored day as events: what a replay plays is what the columns say, instant by instant, without a copy."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

import numpy as np
import pytest

from engine.calendar import session
from engine.clock import MINUTE
from engine.events import AnyEvent, ChainBatch, Listing, encode
from engine.session.simulation import Simulation, store_days
from engine.tape import FIELDS, Columns, DayTape, Store
from engine.types import MISSING, parse_symbol


def plainly(columns: Columns) -> Iterator[AnyEvent]:
    """The events as the docstring of ``DayTape.events`` tells them, an instant at a time and in no hurry."""
    listed = seq = 0
    market = [name for name in FIELDS if name != "open_interest"]
    for known in np.unique(columns.ts_known).tolist():
        rows = columns.ts_known == known
        code, event = columns.code[rows], columns.ts_event[rows]
        values = {name: columns.values[name][rows] for name in FIELDS if name in columns.values}
        if code.max() >= listed:
            new = tuple(map(parse_symbol, columns.symbols[listed : code.max() + 1]))
            yield Listing(ts_known=known, ts_event=int(event.max()), seq=seq, first=listed, instruments=new)
            listed, seq = int(code.max()) + 1, seq + 1
        if not any((values[name] != MISSING).any() for name in market if name in values):
            values = {name: column for name, column in values.items() if name == "open_interest"}
        if "open_interest" in values and (values["open_interest"] == MISSING).all():
            del values["open_interest"]
        times = None if (event == event[0]).all() else event
        yield ChainBatch(ts_known=known, ts_event=int(event.max()), seq=seq, idx=code, quote_ts=times, **values)
        seq += 1


def test_every_real_day_gives_the_same_events_byte_for_byte(real: Store) -> None:
    days = [entry for entry in real.days() if entry.source != "midpoints"] + real.days(source="midpoints")[::40]
    assert len(days) > 10
    for entry in days:
        tape = real.open(entry)
        assert [encode(event) for event in tape.events()] == [encode(event) for event in plainly(tape.columns)], entry


@pytest.fixture(scope="module")
def dense(tmp_path_factory: pytest.TempPathFactory) -> DayTape:
    """A simulated day: every contract quoted every minute."""
    store = Store(tmp_path_factory.mktemp("dense"))
    for _ in store_days(Simulation("SPXW", dt.date(2025, 1, 6), 1, 7, expiries=1), store):
        pass
    return store.open(store.days()[0])


def test_a_dense_day_gives_the_same_events_too(dense: DayTape) -> None:
    assert [encode(event) for event in dense.events()] == [encode(event) for event in plainly(dense.columns)]


def test_batches_are_views_that_cannot_be_written_to_and_share_one_index(dense: DayTape) -> None:
    batches = [event for event in dense.events() if isinstance(event, ChainBatch)]
    assert len(batches) == 390
    assert len({id(batch.idx) for batch in batches}) == 1, "who looks up where they belong does it once a day"
    for name in ("bid", "ask", "price", "volume"):
        column = dense.columns.values[name]
        parts = [getattr(batch, name) for batch in batches]
        assert all(np.shares_memory(part, column) and not part.flags.writeable for part in parts)
        assert np.array_equal(np.concatenate(parts), column)
    assert batches[0].open_interest is not None
    assert batches[1].open_interest is None


def test_a_tape_of_some_columns_plays_those_alone(dense: DayTape) -> None:
    store = Store(dense.path.parents[2])
    narrow = store.open(store.days()[0], ("bid", "ask"))
    whole = [event for event in dense.events() if isinstance(event, ChainBatch)]
    batches = [event for event in narrow.events() if isinstance(event, ChainBatch)]
    assert [batch.ts_known for batch in batches] == [batch.ts_known for batch in whole]
    assert all(np.array_equal(one.bid, other.bid) for one, other in zip(batches, whole, strict=True))
    assert {batch.price is None and batch.volume is None for batch in batches} == {True}


def test_an_instant_that_some_contracts_skip_has_its_own_index(store: Store) -> None:
    opened = session(dt.date(2024, 8, 7)).open
    known = opened + MINUTE * np.array([1, 1, 2, 3, 3])
    columns = Columns(
        ts_known=known,
        ts_event=known - np.array([0, 5, 0, 0, 0]),
        code=np.array([0, 1, 1, 0, 1], dtype=np.int32),
        symbols=("SPXW240807C05200000", "SPXW240807C05210000"),
        values={
            "bid": np.array([1, 2, MISSING, 3, 4], dtype=np.int32),
            "open_interest": np.array([MISSING, MISSING, 7, 8, MISSING], dtype=np.int32),
        },
    )
    tape = DayTape(header=None, columns=columns, path=store.path)  # type: ignore[arg-type]  # nothing asks for it
    events = list(tape.events())
    assert [encode(event) for event in events] == [encode(event) for event in plainly(columns)]
    batches = [event for event in events if isinstance(event, ChainBatch)]
    assert [batch.idx.tolist() for batch in batches] == [[0, 1], [1], [0, 1]]
    assert [batch.bid is None for batch in batches] == [False, True, False]
    assert [batch.quote_ts is None for batch in batches] == [False, True, True]
