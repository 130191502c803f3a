"""The simulated broker liquidates what expires today while our own exit is still to come: day 8 of the issue, small."""

from __future__ import annotations

from core_builders import at, condor_tape, make_engine, play, resumed, run

from engine.events import FillRecord, IntentRecord, OrderEventRecord, OrderRecord

LATE = ("strategies.iron_condor.exit_time=close-10m", "strategies.iron_condor.buy_back=0")
SHORTS = ("cutoffs.liquidation=shorts", *LATE)


def test_the_broker_buys_the_shorts_back_at_15_30_34_and_its_fills_are_taken_in() -> None:
    played = run(condor_tape("15:59"), *SHORTS)

    assert ("15:30:34", 1, "5325P", 1.40) in played.fills()
    assert ("15:30:34", 1, "5375C", 1.30) in played.fills()
    broker = [record for record in played.of(OrderRecord) if record.actor == "broker"]
    assert len(broker) == 2
    assert all("LIQ-20240807-1530" in record.client_order_id for record in broker)
    reasons = [record.reason for record in played.of(IntentRecord) if record.actor == "broker"]
    assert all("the simulated broker liquidates what expires today" in reason for reason in reasons)
    assert played.held() == {}, "the wings are sold, as somebody bids for them"
    assert not played.engine._exchange.positions


def test_nothing_is_bought_twice() -> None:
    played = run(condor_tape("15:59"), *SHORTS)

    bought: dict[str, int] = {}
    for record in played.of(FillRecord):
        bought[record.symbol] = bought.get(record.symbol, 0) + record.quantity
    assert set(bought.values()) == {0}


def test_our_own_close_that_rests_is_cancelled_by_the_broker_and_not_sent_for_more_than_is_left() -> None:
    """The exit begins at 15:30:30 and rests at mid; four seconds later the broker comes."""
    own = ("cutoffs.liquidation=shorts", "strategies.iron_condor.exit_time=15:30:30", "exits.step_seconds=60")
    played = run(condor_tape("15:59"), *own, "strategies.iron_condor.buy_back=0")

    ends = [(record.status, record.text) for record in played.of(OrderEventRecord) if record.status == "cancelled"]
    assert ends
    assert "the simulated broker liquidates" in ends[0][1]
    assert played.held() == {}
    assert not played.engine._exchange.positions


def test_where_the_exit_comes_first_the_broker_finds_nothing() -> None:
    played = run(condor_tape("15:59"), "cutoffs.liquidation=shorts")

    assert not [record for record in played.of(OrderRecord) if record.actor == "broker"]
    assert played.trade().status == "closed"


def test_an_engine_that_is_quiet_is_woken_for_it() -> None:
    """No quote comes between 15:30 and 15:31, and nobody else asked for the time."""
    played = run(condor_tape("15:59"), *SHORTS)

    assert any(when == "15:30:34" for when, *_ in played.fills())


def test_a_restart_at_the_moment_after_knows_what_the_broker_did_and_buys_nothing_again() -> None:
    events = condor_tape("15:59").sorted()
    moment = at("15:30:34")
    first = play(make_engine(*SHORTS), events, moment)
    assert [record.quantity for record in first.of(FillRecord) if record.ts == moment and record.quantity > 0] == [1, 1]

    again = play(make_engine(*SHORTS), resumed(events, first.records, moment))

    assert again.held() == {}
    assert not again.engine._exchange.positions
    assert not [record for record in again.of(FillRecord) if record.quantity > 0]
