"""Stops at the broker when things go wrong: none rests without its short, and none is asked for in haste."""

from __future__ import annotations

from core_builders import CONDOR, Played, clock, condor_tape, run, short
from outside_line import Line, done_elsewhere, fill, go_on, session_on, thin

from engine.events import BrokerReport, OrderEventRecord, OrderRecord
from engine.view.positions import build_positions

BOTH = ("stop.placement=both", "stop.wider=2")


def resting(line: Line) -> list[str]:
    """Contracts of the stops that work at the broker."""
    return sorted(
        leg.contract.short_name
        for order in line.broker.exchange.resting
        if order.stop is not None
        for leg in order.package.legs
    )


def test_a_stop_is_cancelled_once_somebody_else_has_bought_the_short_back() -> None:
    playing, line = session_on(condor_tape("10:30"), *BOTH)
    played = go_on(playing, Played(playing.engine), "10:03")
    assert resting(line) == ["5325P", "5375C"]
    line.extra.append(done_elsewhere(line, fill("5325P", "buy", 1, 14_000), order_id="phone-1"))
    go_on(playing, played, "10:10")

    assert resting(line) == ["5375C"]
    assert played.held() == {"5375C": -1, "5385C": 1}


def test_stops_are_cancelled_when_the_opening_trade_was_busted() -> None:
    playing, line = session_on(condor_tape("10:30"), *BOTH)
    played = go_on(playing, Played(playing.engine), "10:03")
    line.broker.bust("main-20240807-0-1.1.1")
    go_on(playing, played, "10:10")

    assert resting(line) == []
    assert played.held() == {}


def test_a_broker_that_refuses_stops_is_asked_three_times_minutes_apart() -> None:
    """Asked three times at one instant, it would trip the breaker of rejects in a row on its own."""
    playing, line = session_on(condor_tape("10:30"), *BOTH)
    honest = line.converse

    def refusing(requests, now):  # type: ignore[no-untyped-def]
        stops = [each for each in requests if each.action == "submit" and each.stop is not None]
        line.said += [(clock(now), each) for each in stops]
        refused = [
            BrokerReport(ts_known=now, client_order_id=each.client_order_id, kind="rejected", text="no stops here")
            for each in stops
        ]
        return [*refused, *honest([each for each in requests if each not in stops], now)]

    line.converse = refusing  # type: ignore[method-assign]
    played = go_on(playing, Played(playing.engine), "10:20")

    sent = [
        clock(o.ts) for o in played.of(OrderRecord) if o.kind == "stop" and short(o.legs[0].contract.symbol) == "5325P"
    ]
    assert len(sent) == 3
    assert len(set(sent)) == 3
    assert any("the broker refuses a stop for 5325P" in text for _, text in played.notices("alarm"))


def test_a_short_reopened_by_a_bust_is_not_left_without_its_wing() -> None:
    """The stop buys the short back, its wing is sold, the market calms down, and then the purchase is taken back."""
    spike = {"5325P": (5.00, 5.20), "5315P": (1.00, 1.10)}
    tape = (
        condor_tape("10:10")
        .quote("10:10:30", spike)
        .hold("10:11", "10:12")
        .quote("10:13", CONDOR)
        .hold("10:14", "10:40")
    )
    playing, line = session_on(tape, *BOTH)
    played = go_on(playing, Played(playing.engine), "10:15")
    assert played.held() == {"5375C": -1, "5385C": 1}
    stop = next(o for o in played.of(OrderRecord) if o.kind == "stop" and short(o.legs[0].contract.symbol) == "5325P")
    line.broker.bust(f"{stop.client_order_id}.1.1")
    go_on(playing, played, "10:20")

    assert played.held() == {"5375C": -1, "5385C": 1}
    assert resting(line) == ["5375C"]


def test_a_stop_that_fires_while_more_is_being_opened_leaves_nothing_bare() -> None:
    """One of two packages is filled and stopped; the other is filled while its cancellation is on its way."""
    spike = {"5325P": (5.00, 5.20), "5315P": (1.00, 1.10)}
    tape = condor_tape("10:00", first="10:00").quote("10:00:30", spike).quote("10:00:31", spike).hold("10:01", "10:20")
    settings = ("strategies.iron_condor.quantity=2", "risk.per_trade=0.1", "strategies.iron_condor.stop.max_width=9")
    played = run(thin(tape), *BOTH, *settings, "fills.latency_ms=500", until="10:15")

    events = [(clock(e.ts), e.client_order_id[-1], e.status, e.text) for e in played.of(OrderEventRecord)]
    puts = {name: n for name, n in played.held().items() if name.endswith("P")}
    assert puts == {}, events


def test_a_stop_said_once_is_not_said_again_after_a_restart() -> None:
    from core_builders import make_engine, play, resumed

    spike = {"5325P": (5.00, 5.20), "5315P": (1.00, 1.10)}
    events = condor_tape("10:10").quote("10:10:30", spike).hold("10:11", "10:40").sorted()
    first = play(make_engine(*BOTH), events, until=next(e.ts_known for e in events if clock(e.ts_known) == "10:20:00"))
    again = play(make_engine(*BOTH), resumed(events, first.records, first.ticks[-1].now))

    assert any("the stop at the broker" in text for _, text in first.notices("alarm"))
    assert not any("the stop at the broker" in text for _, text in again.notices("alarm"))


def test_while_the_feed_is_silent_the_screen_says_that_the_broker_alone_holds_the_stops() -> None:
    tape = condor_tape("10:10")
    played = run(tape, *BOTH, until="10:13")
    engine = played.engine

    assert "STALE_FEED" in engine.state.states.breakers
    marks = {trade.trade_id: engine.guard.mark(trade) for trade in engine.state.portfolio.open_trades}
    assert [row.stop_holder for row in build_positions(engine, marks).rows if row.level == "side"] == ["b", "b"]
