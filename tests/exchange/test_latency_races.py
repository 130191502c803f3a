"""Orders, new limits and cancellations travel in the market's own time, and a fill may come before a cancellation."""

from __future__ import annotations

import pytest
from exchange_builders import PUT, QUOTES, SP, exchange, kinds, single, submit
from hypothesis import given
from hypothesis import strategies as st
from quoted_market import MINUTE, SECOND, TEN, closing, condor, quote, show

from engine.exchange import DuplicateOrder
from engine.types import to_units

QUARTER = SECOND // 4
LATE = "fills.latency_ms=250"


def test_a_cancellation_holds_once_it_has_arrived() -> None:
    at, market = exchange(LATE), quote(QUOTES)
    submit(at, condor(), to_units(-1.30))
    at.match(market, TEN + QUARTER)
    (asked,) = at.cancel("a", TEN + SECOND, "its window is over")
    assert (asked.kind, asked.text) == ("pending_cancel", "its window is over")
    assert at.cancel("a", TEN + SECOND, "again") == [], "one is on its way"
    assert at.next_wake == TEN + SECOND + QUARTER
    assert at.match(market, TEN + SECOND + QUARTER - 1) == []
    (done,) = at.match(market, TEN + SECOND + QUARTER)
    assert (done.kind, done.text) == ("cancelled", "its window is over")
    assert (at.idle, at.next_wake, at.resting) == (True, None, ())


def test_a_fill_on_the_way_wins_the_race_and_the_cancellation_finds_nothing() -> None:
    at, market = exchange(LATE), quote(QUOTES)
    submit(at, condor(), to_units(-1.20))
    at.match(market, TEN + QUARTER)
    at.cancel("a", TEN + SECOND, "too late")
    show(market, {SP: (1.00, 1.10)}, TEN + SECOND + QUARTER // 2)
    assert kinds(at.match(market, TEN + SECOND + QUARTER // 2)) == ["fill"]
    assert at.match(market, TEN + SECOND + QUARTER) == []
    assert at.idle


def test_a_quote_of_the_instant_at_which_the_cancellation_arrives_is_too_late() -> None:
    at, market = exchange(LATE), quote(QUOTES)
    submit(at, condor(), to_units(-1.20))
    at.match(market, TEN + QUARTER)
    at.cancel("a", TEN + SECOND, "in time")
    show(market, {SP: (1.00, 1.10)}, TEN + SECOND + QUARTER)
    assert kinds(at.match(market, TEN + SECOND + QUARTER)) == ["cancelled"]


def test_an_order_that_is_cancelled_before_it_arrives_never_trades() -> None:
    at, market = exchange(LATE), quote(QUOTES)
    submit(at, condor(), to_units(-9))
    assert kinds(at.cancel("a", TEN + QUARTER // 2, "changed my mind")) == ["pending_cancel"]
    assert at.match(market, TEN + QUARTER) == [], "it is there, and already leaving"
    assert kinds(at.match(market, TEN + QUARTER + QUARTER // 2)) == ["cancelled"]


def test_a_new_limit_holds_once_it_has_arrived_and_the_report_names_it() -> None:
    at, market = exchange(LATE), quote(QUOTES)
    submit(at, condor(), to_units(-1.30))
    at.match(market, TEN + QUARTER)
    assert at.replace("a", to_units(-1.10), TEN + SECOND) == []
    assert at.match(market, TEN + SECOND + QUARTER - 1) == []
    replaced, fill = at.match(market, TEN + SECOND + QUARTER)
    assert (replaced.kind, replaced.limit, fill.kind) == ("replaced", to_units(-1.10), "fill")


def test_a_new_limit_for_an_order_that_is_gone_says_nothing() -> None:
    at, market = exchange(LATE), quote(QUOTES)
    submit(at, condor())
    at.replace("a", to_units(-1.10), TEN)
    assert kinds(at.match(market, TEN + QUARTER - 1)) == []
    assert kinds(at.match(market, TEN + QUARTER)) == ["replaced", "accepted", "fill"], "it came with the order"
    at.replace("a", to_units(-1.00), TEN + SECOND)
    assert at.match(market, TEN + MINUTE) == []
    assert at.idle


def test_instructions_arrive_in_the_order_in_which_they_were_sent() -> None:
    at, market = exchange(LATE), quote(QUOTES)
    submit(at, condor(), to_units(-1.30))
    at.match(market, TEN + QUARTER)
    at.replace("a", to_units(-1.10), TEN + SECOND)
    at.replace("a", to_units(-1.25), TEN + SECOND + 1)
    assert kinds(at.match(market, TEN + 2 * SECOND)) == ["replaced", "replaced"]
    assert at.resting[0].limit == to_units(-1.25)


def test_an_id_is_used_once() -> None:
    at = exchange()
    submit(at, condor())
    at.match(quote(QUOTES), TEN)
    with pytest.raises(DuplicateOrder, match="client order id a was used before"):
        submit(at, closing(condor()))


STEPS = st.lists(
    st.tuples(st.sampled_from(["wait", "cancel", "cheap", "dear", "quote"]), st.integers(0, 400)), max_size=20
)


@given(STEPS, st.sampled_from([0, 1, 250]))
def test_whatever_crosses_on_the_way_an_order_ends_once_and_never_fills_after_its_end(
    steps: list[tuple[str, int]], latency: int
) -> None:
    at, market, now = exchange(f"fills.latency_ms={latency}"), quote(QUOTES), TEN
    submit(at, single("buy"), to_units(0.50))
    ends: list[str] = []
    asked: int | None = None
    for step, pause in steps:
        now += pause * 1_000_000
        reports = []
        if step == "cancel":
            reports += at.cancel("a", now, "")
            asked = now if asked is None else asked
        elif step in ("cheap", "dear"):
            at.replace("a", to_units(0.50 if step == "cheap" else 2.0), now)
        elif step == "quote":
            show(market, {PUT: (0.9, 1.0)}, now)
        reports += at.match(market, now)
        for report in reports:
            assert not ends, f"{report.kind} after {ends}"
            if report.kind in ("fill", "cancelled"):
                ends.append(report.kind)
            if report.kind == "fill" and asked is not None:
                assert now < asked + latency * 1_000_000
    assert at.idle is bool(ends) or latency
