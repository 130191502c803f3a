"""Events happen in the order of (known time, source rank, sequence)."""

from __future__ import annotations

import datetime as dt

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.events import (
    BrokerReport,
    ChainBatch,
    Command,
    DailyClose,
    FeedStatus,
    Listing,
    Restore,
    SessionStart,
    Settlement,
    Timer,
    Warming,
)

DAY = dt.date(2024, 8, 7)
IDX = np.zeros(0, np.int32)
BY_RANK = [
    [
        lambda ts, n: SessionStart(ts_known=ts, seq=n, day=DAY),
        lambda ts, n: Warming(ts_known=ts, seq=n, on=True),
        lambda ts, n: Restore(ts_known=ts, seq=n, records=()),
    ],
    [lambda ts, n: Listing(ts_known=ts, seq=n, first=0, instruments=())],
    [
        lambda ts, n: ChainBatch(ts_known=ts, seq=n, idx=IDX),
        lambda ts, n: DailyClose(ts_known=ts, seq=n, symbol="SPX", day=DAY, close=1),
        lambda ts, n: FeedStatus(ts_known=ts, seq=n, state="ok"),
    ],
    [
        lambda ts, n: BrokerReport(ts_known=ts, seq=n, client_order_id="a", kind="accepted"),
        lambda ts, n: Settlement(ts_known=ts, seq=n, root="SPXW", expiry=DAY, value=1, provisional=True),
    ],
    [lambda ts, n: Command(ts_known=ts, seq=n, command_id="c", kind="flatten")],
    [lambda ts, n: Timer(ts_known=ts, seq=n)],
]
RANK_OF = {make(0, 0).__class__: rank for rank, makers in enumerate(BY_RANK) for make in makers}
MAKERS = [make for makers in BY_RANK for make in makers]


@given(st.lists(st.tuples(st.sampled_from(MAKERS), st.integers(0, 3), st.integers(0, 3)), max_size=12), st.randoms())
@settings(deadline=None)
def test_time_then_listing_market_report_command_timer_then_sequence(plan: list, random: object) -> None:
    events = [make(ts, n) for make, ts, n in plan]
    random.shuffle(events)  # type: ignore[attr-defined]
    keys = [(e.ts_known, RANK_OF[type(e)], e.seq) for e in sorted(events, key=lambda e: e.order)]
    assert keys == sorted(keys)


def test_data_known_at_an_instant_come_before_the_timer_of_that_instant() -> None:
    timer, batch = Timer(ts_known=10), ChainBatch(ts_known=10, ts_event=9, seq=99, idx=IDX)
    assert batch.order < timer.order


def test_the_known_time_orders_not_when_it_was_true() -> None:
    early_but_late = ChainBatch(ts_known=20, ts_event=1, idx=IDX)
    assert ChainBatch(ts_known=10, ts_event=9, idx=IDX).order < early_but_late.order
