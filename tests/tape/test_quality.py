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
from engine.tape.trust import Trust
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
    alive: bool = True,
) -> DayTable:
    """A day of one strike by the minute, its call ``off`` units too dear and the first ``crossed`` quotes crossed."""
    builder, opened = DayBuilder(), session(DAY).open
    call, put = (Contract("SPXW", DAY, STRIKE, right) for right in ("C", "P"))
    for minute in minutes:
        known = opened + minute * MINUTE
        wide = -200 if minute <= crossed else 500
        middle = 40_000 + SPOT - STRIKE + off
        size = 1 + minute % 2 if alive else 1
        builder.put(known, known, call, bid=middle - wide, ask=middle + wide, bid_size=size, ask_size=1)
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
        ({"alive": False}, "no quote changes for 389 min after 09:31"),
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


def chain_of(prices: dict[str, tuple[int, int]], meaning: str = "quote") -> DayTable:
    """One instant after another of the same bids and asks (or prices), by strike and right."""
    builder, opened = DayBuilder(), session(DAY).open
    for minute in range(1, 391):
        known = opened + minute * MINUTE
        for name, (bid, ask) in prices.items():
            contract = Contract("SPXW", DAY, int(name[:-1]) * 10_000, name[-1])
            sizes = {"bid_size": minute, "ask_size": 1}
            values = {"bid": bid, "ask": ask, **sizes} if meaning == "quote" else {"price": bid}
            builder.put(known, known, contract, **values)
    return DayTable("SPXW", DAY, Provenance("x", "vendor", meaning), "test", 1, builder.build())


@pytest.mark.parametrize(
    ("prices", "broken"),
    [
        ({"5200C": (10_000, 10_500), "5205C": (10_500, 11_000)}, 0),
        ({"5200C": (10_000, 10_500), "5205C": (10_501, 11_000)}, 390),
        ({"5200P": (10_000, 10_500), "5205P": (9_000, 9_999)}, 390),
        ({"5200P": (10_000, 10_500), "5205P": (9_000, 10_000)}, 0),
        ({"5200C": (10_000, 9_000), "5205C": (20_000, 21_000)}, 0),
    ],
)
def test_strikes_contradict_each_other_only_by_more_than_their_widths(
    store: Store, prices: dict[str, tuple[int, int]], broken: int
) -> None:
    report = inspect_day(stored(store, chain_of(prices)))
    assert report.breaks == (broken, 0 if prices.get("5200C") == (10_000, 9_000) else 390)
    told = [reason for reason in report.reasons if "contradict" in reason]
    assert told == (["390 of 390 neighbouring strikes contradict each other"] if broken else [])


def test_prices_of_trades_may_contradict_by_a_tick(store: Store) -> None:
    table = chain_of({"5200C": (10_000, 0), "5205C": (11_000, 0)}, "mid")
    assert inspect_day(stored(store, table)).breaks.found == 0
    assert inspect_day(stored(store, chain_of({"5200C": (10_000, 0), "5205C": (11_001, 0)}, "mid"))).breaks.found == 390


ONE_STRIKE = "only 1 strike of that day's expiry"


def test_a_backtest_trusts_quotes_all_day_but_no_stops_of_prices_and_no_simulation(store: Store) -> None:
    assert inspect_day(stored(store, quoted_day())).trust == Trust("yes", (ONE_STRIKE,))
    mids = inspect_day(stored(store, quoted_day(meaning="mid"))).trust
    assert mids == Trust("no stops", ("one price and no quote", ONE_STRIKE))
    gap = inspect_day(stored(store, quoted_day(minutes=range(1, 60)))).trust
    assert gap == Trust("no", ("stops at 10:29",))
    made = replace(quoted_day(), provenance=Provenance("x", "simulated", "quote"))
    assert inspect_day(stored(store, made)).trust.why == ("simulated: no market showed these prices",)


def test_a_sparse_chain_without_its_underlying_is_trusted_only_with_it(store: Store) -> None:
    builder, values, opened = DayBuilder(), DayBuilder(), session(DAY).open
    for minute in range(1, 391):
        known = opened + minute * MINUTE
        builder.put(known, known, Contract("SPXW", DAY, STRIKE, "C"), price=40_000 + SPOT - STRIKE)
        values.put(known, known, Underlying("SPX"), price=SPOT + minute)
    table = DayTable("SPXW", DAY, Provenance("x", "vendor", "trade_bar"), "test", 1, builder.build())
    tape = stored(store, table)
    assert inspect_day(tape).trust == Trust(
        "no", ("no values of its underlying, and too few pairs of call and put to tell them from",)
    )
    assert inspect_day(tape, values.build()).trust == Trust("no stops", ("prices of trades, no quotes", ONE_STRIKE))


def test_a_day_of_which_no_option_expires_is_no_day_for_a_backtest(real: Store) -> None:
    report = inspect_day(real.open(real.choose("SPXW", dt.date(2021, 1, 5))))
    assert (report.ok, report.trust) == (True, Trust("no", ("no option of it expires that day",)))
