"""The session watches itself: a silent feed, rejects in a row, clocks apart, errors. Each stops new risk."""

from __future__ import annotations

import pytest
from core_builders import (
    CONDOR,
    DAY,
    PUTS_HIT,
    SPOT,
    Played,
    Tape,
    at,
    clock,
    condor_tape,
    configure,
    make_engine,
    play,
    resumed,
    run,
)
from hypothesis import given, settings
from hypothesis import strategies as st
from two_ways import both, same

from engine.calendar import session
from engine.clock import SECOND
from engine.core import Engine
from engine.events import AnyEvent, BreakerRecord, BrokerReport, BrokerState, FeedStatus, Tick
from engine.strategy import build_strategies
from strategies.registry import REGISTRY

TWO = 'strategies.iron_condor.entries=["10:00", "10:10"]'
MANY = 'strategies.iron_condor.entries=["10:00", "10:10", "10:20", "10:30", "10:40"]'


def told(played: Played, name: str) -> list[tuple[str, str, bool]]:
    """When a breaker tripped and lifted, its state and whether it latches."""
    found = [record for record in played.of(BreakerRecord) if record.name == name]
    return [(clock(record.ts), record.state, record.latched) for record in found]


def feed(tape: Tape, when: str, state: str) -> Tape:
    now = tape.at(when)
    tape.events.append(FeedStatus(ts_known=now, ts_event=now, seq=len(tape.events), state=state, text=f"it is {state}"))  # type: ignore[arg-type]
    return tape


# A silent feed


def test_data_overdue_while_something_is_held_stop_new_risk_until_they_are_fresh() -> None:
    """Minutes come until 10:05; that of 10:06 is overdue by ten seconds at 10:06:10."""
    played = run(condor_tape("10:05").hold("10:09", "10:12"), TWO, until="10:12")

    assert told(played, "STALE_FEED") == [("10:06:10", "REDUCING", False), ("10:09:00", "ACTIVE", False)]
    silent, fresh = (record.text for record in played.of(BreakerRecord))
    assert silent == "no data for 70 s while something is held; stops cannot be judged"
    assert fresh == "the data are fresh again"
    assert played.notices("alarm") == [("10:06:10", f"STALE_FEED: {silent}; no new risk")]
    assert [trade.label for trade in played.engine.state.portfolio] == ["IC 10:00", "IC 10:10"]


@pytest.mark.parametrize(("until", "trips"), [(10 * SECOND - 1, False), (10 * SECOND, True), (10 * SECOND + 1, True)])
def test_to_the_nanosecond(until: int, trips: bool) -> None:
    engine = make_engine()
    tape = condor_tape("10:05").sorted()
    played = play(engine, tape, at("10:05"))
    now = at("10:06") + until
    tick = engine.process(FeedStatus(ts_known=now, ts_event=now, state="ok"))
    assert bool([record for record in tick.records if isinstance(record, BreakerRecord)]) is trips
    assert played.ticks[-1].wake_at == at("10:06")  # the minute's marks come first
    assert engine.supervision.feed_silence(now) == until


def test_the_engine_asks_to_be_woken_when_data_would_be_overdue() -> None:
    engine = make_engine("risk.stale_seconds=7.5")
    play(engine, condor_tape("10:05").sorted(), at("10:06"))
    assert engine.supervision.wake(None) == at("10:06:07") + SECOND // 2
    assert engine.supervision.wake(at("10:06:01")) == at("10:06:01")
    assert engine.supervision.wake(at("10:09")) == at("10:06:07") + SECOND // 2


def test_a_feed_that_says_it_is_not_live_is_believed_at_once() -> None:
    tape = feed(feed(condor_tape("10:05"), "10:05:05", "stale"), "10:07", "ok").hold("10:07", "10:08")
    played = run(tape, until="10:08")
    assert told(played, "STALE_FEED") == [("10:05:05", "REDUCING", False), ("10:07:00", "ACTIVE", False)]
    assert played.of(BreakerRecord)[0].text == "the feed is stale: it is stale; stops cannot be judged"


def test_while_nothing_is_held_a_silent_feed_concerns_nobody() -> None:
    played = run(feed(condor_tape("09:59"), "09:59:30", "down"), until="16:00")
    assert not played.of(BreakerRecord)
    assert played.engine.supervision.feed_silence(at("10:00")) is None


def test_after_the_close_nobody_waits_for_data() -> None:
    played = run(condor_tape("15:59"), "strategies.iron_condor.hold_to_settlement=true", until="16:30")
    assert played.fills()
    assert not played.of(BreakerRecord)


def test_a_feed_silent_to_the_end_of_the_day_is_forgotten_with_it() -> None:
    played = run(condor_tape("15:00"), "strategies.iron_condor.hold_to_settlement=true")
    assert told(played, "STALE_FEED") == [("15:01:10", "REDUCING", False), ("16:00:00", "ACTIVE", False)]
    assert played.of(BreakerRecord)[-1].text == "nothing is held any more that trades"


def test_a_slow_feed_has_its_own_pace() -> None:
    """Five minutes between two batches; quotes may be ten minutes old, so nothing is overdue."""
    tape = condor_tape("10:00")
    tape.hold("10:05", "11:00", 300 * SECOND)
    assert not run(tape, "fills.max_quote_age_seconds=600", until="11:05").of(BreakerRecord)
    assert told(run(tape, "fills.max_quote_age_seconds=600", until="11:10"), "STALE_FEED") == [
        ("11:05:10", "REDUCING", False)
    ]


def test_a_restart_lifts_it_where_the_data_are_fresh_and_keeps_what_has_latched() -> None:
    tape = condor_tape("10:05").hold("10:09", "10:15")
    before = run(tape, until="10:06:30")
    latched = BreakerRecord(
        seq=1, ts=at("10:06"), account="main", name="REJECTS", state="REDUCING", latched=True, text="3"
    )
    after = play(make_engine(), resumed(tape.sorted(), [*before.records, latched], at("10:06:30")), at("10:15"))
    assert told(after, "STALE_FEED") == [("10:09:00", "ACTIVE", False)]
    assert list(after.engine.state.states.breakers) == ["REJECTS"]


@given(
    st.sets(st.integers(1, 30), max_size=12),
    st.lists(st.tuples(st.integers(0, 1900), st.sampled_from(["ok", "stale", "down"])), max_size=3),
    st.booleans(),
)
@settings(max_examples=25, deadline=None)
def test_holes_in_the_data_are_the_same_with_and_without_the_shortcut(
    missing: set[int], states: list[tuple[int, str]], hit: bool
) -> None:
    tape = condor_tape("10:00")
    for minute in range(1, 31):
        if minute not in missing:
            tape.quote(f"10:{minute:02d}", PUTS_HIT if hit and minute == 20 else CONDOR, spot=SPOT)
    for second, state in sorted(states):
        feed(tape, f"10:{second // 60:02d}:{second % 60:02d}", state)
    assert same(*both(tape.sorted(), TWO))


# Orders at a broker outside


class Broker:
    """An engine whose orders leave, and a broker that answers as it is told to."""

    def __init__(self, *chosen: str) -> None:
        config = configure(*chosen)
        strategies = build_strategies(config.strategies, REGISTRY, ["SPXW"])
        self.engine = Engine(config, session(DAY), "main", ("SPXW",), {}, strategies, outside=True)
        self.played = Played(self.engine)
        self.sent: list[str] = []

    def give(self, event: AnyEvent) -> Tick:
        tick = self.engine.process(event)
        self.played.ticks.append(tick)
        self.sent += [request.client_order_id for request in tick.outbox if request.action == "submit"]
        return tick

    def state(self, when: str, skew: int = 0) -> None:
        now = at(when)
        self.give(BrokerState(ts_known=now, ts_event=now, asked=now, skew=skew))

    def answer(self, when: str, kind: str, order: str | None = None) -> None:
        now = at(when)
        self.give(
            BrokerReport(ts_known=now, ts_event=now, client_order_id=order or self.sent[-1], kind=kind, text="no")
        )  # type: ignore[arg-type]


def day_at(broker: Broker, tape: Tape, answers: dict[str, str]) -> None:
    """The tape, and what the broker says at a time to the newest order."""
    events = tape.sorted()
    broker.give(events[0])
    broker.state("09:00")
    for event in events[1:]:
        broker.give(event)
        kind = answers.get(clock(event.ts_known)[:5])
        if kind is not None and clock(event.ts_known).endswith(":00") and type(event).__name__ == "ChainBatch":
            broker.answer(clock(event.ts_known), kind)


@pytest.mark.parametrize(("limit", "trips"), [(2, True), (3, True), (4, False)])
def test_rejects_in_a_row_stop_new_risk_for_the_day(limit: int, trips: bool) -> None:
    broker = Broker(MANY, f"risk.max_rejects={limit}", "risk.duplicate_seconds=0")
    day_at(broker, condor_tape("10:45"), dict.fromkeys(["10:00", "10:10", "10:20"], "rejected"))

    tripped = told(broker.played, "REJECTS")
    assert tripped == ([(f"10:{limit - 1}0:00", "REDUCING", True)] if trips else [])
    if trips:
        text = broker.played.of(BreakerRecord)[-1].text
        assert text == f"{limit} of {limit} orders in a row were rejected"
        assert len(broker.sent) == limit


def test_an_order_that_is_taken_ends_the_streak() -> None:
    broker = Broker(MANY, "risk.max_rejects=2", "risk.duplicate_seconds=0")
    day_at(broker, condor_tape("10:25"), {"10:00": "rejected", "10:10": "accepted", "10:20": "rejected"})
    assert not told(broker.played, "REJECTS")
    assert broker.engine.supervision.rejects == 1


@pytest.mark.parametrize(("skew", "trips"), [(1_999, False), (2_000, False), (2_001, True), (-2_001, True)])
def test_clocks_may_be_so_far_apart_and_no_further(skew: int, trips: bool) -> None:
    broker = Broker("risk.max_clock_skew_ms=2000")
    broker.give(condor_tape("09:59").sorted()[0])
    assert broker.engine.supervision.clock_ahead is None
    broker.state("09:00", skew * 1_000_000)
    assert broker.engine.supervision.clock_ahead == skew * 1_000_000
    assert told(broker.played, "CLOCK_SKEW") == ([("09:00:00", "REDUCING", False)] if trips else [])
    broker.state("09:01", 0)
    assert "CLOCK_SKEW" not in broker.engine.state.states.breakers
    if trips:
        way = "ahead of" if skew > 0 else "behind"
        text = next(record.text for record in broker.played.of(BreakerRecord) if record.name == "CLOCK_SKEW")
        assert text == f"the broker's clock is 2 s {way} this machine's; 2000 ms are allowed"


@pytest.mark.parametrize(("limit", "window", "trips"), [(3, 60, True), (4, 60, True), (5, 60, False), (4, 30, False)])
def test_too_many_errors_in_a_window_stop_new_risk_for_the_day(limit: int, window: int, trips: bool) -> None:
    """A filled order is told to be rejected four times, ten seconds apart: each time an alarm."""
    engine = make_engine(f"risk.max_errors={limit}", f"risk.error_seconds={window}")
    played = play(engine, condor_tape("10:00").sorted(), at("10:00"))
    order = next(iter(engine.state.orders)).client_order_id
    for n in range(4):
        now = at("10:00:05") + 10 * n * SECOND
        report = BrokerReport(ts_known=now, ts_event=now, client_order_id=order, kind="rejected")
        played.ticks.append(engine.process(report))
    assert bool(told(played, "ERRORS")) is trips
    assert engine.supervision.errors == min(4, -(-window // 10))
    if trips:
        assert told(played, "ERRORS")[0][1:] == ("REDUCING", True)
        assert f"{limit} of {limit} errors within {window} s" in [record.text for record in played.of(BreakerRecord)]


def test_an_account_that_differs_stops_new_risk_until_it_agrees() -> None:
    engine = make_engine()
    engine.supervision.mismatch("the broker holds 1 of 5300P")
    engine.supervision.mismatch("still")
    assert engine.state.states.text == "RECONCILE: the broker holds 1 of 5300P"
    engine.supervision.matched()
    engine.supervision.matched()
    assert engine.state.states.state == "ACTIVE"
    assert [record.state for record in engine.state.records if isinstance(record, BreakerRecord)] == [
        "REDUCING",
        "ACTIVE",
    ]
