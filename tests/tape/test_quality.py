"""``inspect_day`` tells a day that can be believed from one that cannot."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import msgspec
import numpy as np
import pytest

from engine.calendar import session
from engine.clock import MINUTE
from engine.tape import DayBuilder, DayTable, DayTape, Store, StoreError, inspect_day
from engine.types import Contract, Provenance, Underlying

DAY = dt.date(2024, 8, 7)
SPOT, STRIKE = 52_034_500, 52_000_000


def quoted_day(
    *,
    minutes: range = range(1, 391),
    off: int = 0,
    crossed: int = 0,
    flags: tuple[str, ...] = (),
    meaning: str = "quote",
) -> DayTable:
    """A day of one strike by the minute, its call ``off`` units too dear and the first ``crossed`` quotes crossed."""
    builder, opened = DayBuilder(), session(DAY).open
    call, put = (Contract("SPXW", DAY, STRIKE, right) for right in ("C", "P"))
    for minute in minutes:
        known = opened + minute * MINUTE
        wide = -200 if minute <= crossed else 500
        middle = 40_000 + SPOT - STRIKE + off
        builder.put(known, known, call, bid=middle - wide, ask=middle + wide, bid_size=1, ask_size=1)
        builder.put(known, known, put, bid=39_500, ask=40_500, bid_size=1, ask_size=1)
        builder.put(known, known, Underlying("SPX"), price=SPOT)
    label = Provenance("x", "vendor", meaning)
    return DayTable("SPXW", DAY, label, "test", 1, builder.build(), flags=flags)


def stored(store: Store, table: DayTable) -> DayTape:
    store.save_day(table)
    return store.open(store.choose("SPXW", DAY))


def test_a_whole_day_at_parity_is_ok(store: Store) -> None:
    report = inspect_day(stored(store, quoted_day()))
    assert (report.ok, report.reasons, report.parity, report.crossed) == (True, (), 0.0, 0)


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"off": 190_000}, "put-call parity is off by 19.00 points (at most 2.60 expected)"),
        (
            {"minutes": [m for m in range(1, 391) if not 60 < m < 90]},
            "29 minutes without quotes, the longest gap 30 min",
        ),
        ({"minutes": range(1, 60), "flags": ("truncated:10:29",)}, "truncated 10:29"),
        ({"minutes": range(1, 60)}, "stops at 10:29"),
        ({"crossed": 30}, "30 of 1170 rows crossed"),
        ({"flags": ("half_day",)}, "not a half-day by the calendar"),
        ({"minutes": range(1, 2)}, "one instant only"),
    ],
)
def test_what_speaks_against_a_day_is_said(store: Store, changes: dict, says: str) -> None:
    report = inspect_day(stored(store, quoted_day(**changes)))
    assert not report.ok
    assert says in "; ".join(report.reasons)


def test_a_few_crossed_rows_are_counted_and_no_reason(store: Store) -> None:
    report = inspect_day(stored(store, quoted_day(crossed=5)))
    assert (report.ok, report.crossed) == (True, 5)


def test_crossed_quotes_do_not_enter_parity(store: Store) -> None:
    assert inspect_day(stored(store, quoted_day(crossed=390))).parity is None


def test_prices_of_trades_may_be_further_from_parity(store: Store) -> None:
    assert not inspect_day(stored(store, quoted_day(off=40_000))).ok
    assert inspect_day(stored(store, quoted_day(off=40_000, meaning="mid"))).ok


def test_a_header_that_miscounts_and_rows_out_of_order_are_broken(store: Store) -> None:
    tape = stored(store, quoted_day())
    header = msgspec.structs.replace(tape.header, counts={**tape.header.counts, "crossed": 9})
    with pytest.raises(StoreError, match="miscounts crossed"):
        inspect_day(replace(tape, header=header))
    back = replace(tape.columns, ts_known=np.ascontiguousarray(tape.columns.ts_known[::-1]))
    with pytest.raises(StoreError, match="not in order of ts_known"):
        inspect_day(replace(tape, columns=back))


def test_a_gap_in_a_real_day_is_found(real: Store) -> None:
    report = inspect_day(real.open(real.choose("SPXW", dt.date(2023, 6, 26))))
    assert report.reasons == ("70 minutes without quotes, the longest gap 71 min after 10:29",)
