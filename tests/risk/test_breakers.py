"""What trips breakers is only measured here: rejects in a row, errors in a window, a silent feed, clocks apart."""

from __future__ import annotations

import pytest
from quoted_market import SECOND, TEN
from risk_builders import alarm, order_told

from engine.events import BrokerReport, BrokerState, Timer
from engine.risk import BREAKERS, ClockWatch, ErrorRate, RejectStreak, seconds_text, silence


@pytest.mark.parametrize("ends", ["accepted", "partially_filled", "filled"])
def test_rejects_count_until_an_order_is_taken(ends: str) -> None:
    streak = RejectStreak()
    for status, count in [("rejected", 1), ("sent", 1), ("cancelled", 1), ("rejected", 2), (ends, 0), ("rejected", 1)]:
        streak.follow(order_told("a", status, TEN))  # type: ignore[arg-type]
        assert streak.count == count


def test_errors_are_alarms_of_strategies_engine_and_broker_within_a_window() -> None:
    errors = ErrorRate(10 * SECOND)
    for source, level in [("broker", "alarm"), ("iron_condor", "alarm"), ("broker", "warning"), ("risk", "alarm")]:
        errors.follow(alarm(source, TEN, level))
    for source in ("feed", "exit"):
        errors.follow(alarm(source, TEN))
    assert errors.count(TEN + 10 * SECOND - 1) == 2
    assert errors.count(TEN + 10 * SECOND) == 0


@pytest.mark.parametrize(("since", "overdue"), [(59, 0), (60, 0), (61, 1), (75, 15)])
def test_a_feed_is_overdue_by_what_exceeds_its_own_pace(since: int, overdue: int) -> None:
    assert silence(TEN + since * SECOND, TEN, 60 * SECOND) == overdue * SECOND


def report(ts_event: int, ts_known: int = TEN) -> BrokerReport:
    return BrokerReport(ts_known=ts_known, ts_event=ts_event, client_order_id="a", kind="accepted")


def test_the_brokers_answer_tells_the_clocks_and_a_late_event_does_not() -> None:
    clock = ClockWatch()
    assert not clock.hear(report(TEN - 3600 * SECOND))
    assert clock.ahead is None
    assert clock.hear(BrokerState(ts_known=TEN, asked=TEN, skew=-5 * SECOND))
    assert clock.ahead == -5 * SECOND


def test_an_event_from_the_future_shows_that_our_clock_is_behind_until_its_kind_comes_right() -> None:
    clock = ClockWatch()
    assert clock.hear(report(TEN + 3 * SECOND))
    assert clock.ahead == 3 * SECOND
    assert not clock.hear(Timer(ts_known=TEN, ts_event=TEN))
    assert clock.ahead == 3 * SECOND
    assert clock.hear(report(TEN - SECOND))
    assert clock.ahead == 0


@pytest.mark.parametrize(("ns", "text"), [(0, "0 ms"), (999_999_999, "999 ms"), (SECOND, "1 s"), (95 * SECOND, "95 s")])
def test_spans_are_told_in_whole_seconds(ns: int, text: str) -> None:
    assert seconds_text(ns) == text


def test_every_breaker_has_its_words() -> None:
    assert all(text and text[0].islower() for text in BREAKERS.values())
