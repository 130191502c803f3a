"""At Alpaca what expires today is closed before the broker would: whoever opened it, on a silent market too."""

from __future__ import annotations

import datetime as dt

from core_builders import (
    CONDOR,
    HALF_DAY,
    SPOT,
    Played,
    Tape,
    at,
    clock,
    condor_tape,
    encoded,
    ladder,
    make_engine,
    play,
    resumed,
    run,
)
from outside_line import done_elsewhere, fill, go_on, session_on, thin, trade

from engine.events import ChainBatch, ExitRecord, OrderEventRecord, OrderRecord
from engine.view import ProgressView, ViewRequest
from engine.view.build import ViewBuilder

ALPACA = ("broker.profile=alpaca", "strategies.iron_condor.buy_back=0", "strategies.iron_condor.stop.scope=none")


EARLY = (*ALPACA, "cutoffs.flat_minutes=60")
"""Flat by a quarter past two: the condor itself enters nothing in the last ninety minutes."""


def test_what_expires_today_is_closed_at_three_and_nothing_is_held_after() -> None:
    played = run(condor_tape("15:59"), *ALPACA)

    assert played.exits() == [("15:00:00", "package", "cutoff")]
    assert max(when for when, *_ in played.fills()) < "15:01"
    assert played.held() == {}
    assert played.trade().status == "closed"


def test_elsewhere_nobody_asks_for_that() -> None:
    assert run(condor_tape("15:59"), *ALPACA[1:]).exits() == [("15:20:00", "package", "exit_time")]
    off = run(condor_tape("15:59"), *ALPACA, "cutoffs.flat_minutes=0")
    assert off.exits() == [("15:20:00", "package", "exit_time")]


def test_an_exit_of_the_strategys_own_that_comes_first_is_left_to_it() -> None:
    played = run(condor_tape("15:59"), *ALPACA, "strategies.iron_condor.exit_time=14:00")
    assert played.exits() == [("14:00:00", "package", "exit_time")]


def test_a_strategy_that_would_hold_to_settlement_is_closed_as_well() -> None:
    played = run(condor_tape("15:59"), *ALPACA, "strategies.iron_condor.hold_to_settlement=true")
    assert played.exits() == [("15:00:00", "package", "cutoff")]
    assert played.held() == {}


def test_it_does_not_wait_for_the_market_to_say_something() -> None:
    """The last quote is of 14:59; what is to be closed is begun at 15:00, and walked when quotes are there again."""
    events = [each for each in condor_tape("15:59").sorted() if not _silent(each)]
    played = run(events, *ALPACA)
    assert played.exits() == [("15:00:00", "package", "cutoff")]
    assert played.held() == {}


def _silent(event: object) -> bool:
    return isinstance(event, ChainBatch) and at("14:59:30") < event.ts_known < at("15:04")


def test_nothing_is_opened_in_the_last_minutes_before() -> None:
    played = run(condor_tape("15:59"), *EARLY, 'strategies.iron_condor.entries=["14:12"]')
    assert played.orders() == []
    assert "SPXW is to be flat by 14:15: 3 of 5 min left" in str(played.skipped())
    just = run(condor_tape("15:59"), *EARLY, 'strategies.iron_condor.entries=["14:05"]')
    assert just.exits() == [("14:15:00", "package", "cutoff")]


def test_an_entry_that_still_works_is_cancelled() -> None:
    """Every look fills one contract of the nine, and at a quarter past two four are still wanted."""
    settings = (*EARLY, 'strategies.iron_condor.entries=["14:08"]', "strategies.iron_condor.quantity=9")
    limits = ("risk.per_trade=1", "risk.per_strategy=1", "risk.per_book=1")
    slow = ("strategies.iron_condor.entry_tolerance_minutes=30", "fills.size_limit=required")
    played = run(thin(condor_tape("15:59")), *settings, *limits, *slow)
    ends = [(clock(record.ts), record.status) for record in played.of(OrderEventRecord) if record.status == "cancelled"]
    assert ("14:15:00", "cancelled") in ends
    assert not played.engine.state.orders.working()
    assert played.exits()[0] == ("14:15:00", "package", "cutoff")
    assert played.held() == {}


def test_a_half_day_is_flat_by_noon() -> None:
    tape = Tape(day=HALF_DAY).list(ladder(5300, 5400)).quote("09:59", CONDOR, spot=SPOT).hold("10:00", "12:59")
    played = run(tape, *ALPACA)
    (begun,) = [record.ts for record in played.of(ExitRecord)]
    assert begun == at("12:00", HALF_DAY)
    assert played.held() == {}


def test_what_expires_another_day_is_kept() -> None:
    friday = dt.date(2024, 8, 9)
    tape = Tape(expiry=friday).list(ladder(5300, 5400)).quote("09:59", CONDOR, spot=SPOT).hold("10:00", "15:59")
    played = run(tape, *ALPACA, until="15:10")
    assert all(trigger != "cutoff" for _, _, trigger in played.exits())


def test_orders_that_leave_are_flat_at_the_broker_before_its_cutoff() -> None:
    played, line, _ = trade(condor_tape("15:59"), "15:14", *ALPACA)
    assert played.exits() == [("15:00:00", "package", "cutoff")]
    assert set(line.broker.exchange.positions.values()) <= {0}
    assert played.held() == {}
    closes = [when for when, request in line.said if request.action == "submit" and request.reduces]
    assert closes
    assert "15:00:00" <= min(closes) <= max(closes) < "15:15"


def test_an_entrys_fill_that_is_heard_late_is_closed_too() -> None:
    """The order was filled at the broker, whose answers are lost until after it was to be flat."""
    playing, line = session_on(condor_tape("15:59"), *EARLY, 'strategies.iron_condor.entries=["14:08"]')
    played = go_on(playing, Played(playing.engine), "14:07")
    line.mute, line.lost = {"main-20240807-0-1"}, {"snapshot", "lookup"}
    go_on(playing, played, "14:17")
    assert played.orders() == ["main-20240807-0-1"]
    assert played.held() == {}
    line.mute, line.lost = set(), set()
    go_on(playing, played, "14:25")
    assert any(trigger == "cutoff" for _, _, trigger in played.exits())
    assert played.held() == {}
    assert set(line.broker.exchange.positions.values()) <= {0}


def test_what_was_made_elsewhere_is_left_to_a_person_who_is_told_once() -> None:
    playing, line = session_on(condor_tape("15:59"), *ALPACA, "strategies.iron_condor.enabled=false")
    played = go_on(playing, Played(playing.engine), "10:30")
    line.extra = [done_elsewhere(line, fill("5325P", "sell", 1, 13_000), order_id="by-hand")]
    go_on(playing, played, "15:10")
    told = [text for _, text in played.notices("alarm") if "left to you" in text]
    assert len(told) == 1
    assert "SPXW that expires today is flat by 15:00" in told[0]
    assert all(trigger != "cutoff" for _, _, trigger in played.exits())


def test_where_such_trades_are_closed_it_is_closed_as_well() -> None:
    settings = (*ALPACA, "strategies.iron_condor.enabled=false", "broker.outside=flatten")
    playing, line = session_on(condor_tape("15:59"), *settings)
    played = go_on(playing, Played(playing.engine), "10:30")
    line.extra = [done_elsewhere(line, fill("5325P", "sell", 1, 13_000), order_id="by-hand")]
    go_on(playing, played, "15:10")
    assert played.held() == {}


def test_a_restart_after_three_closes_what_the_journal_says_is_held() -> None:
    events = condor_tape("15:59").sorted()
    moment = at("14:59:30")
    first = play(make_engine(*ALPACA), events, moment)
    assert first.held()
    again = play(make_engine(*ALPACA), resumed(events, first.records, at("15:01")))
    assert any(trigger == "cutoff" for _, _, trigger in again.exits())
    assert again.held() == {}


def test_twice_the_same_day_is_twice_the_same() -> None:
    one, two = run(condor_tape("15:59"), *ALPACA), run(condor_tape("15:59"), *ALPACA)
    assert encoded(one.records) == encoded(two.records)
    assert one.of(OrderRecord)


def test_the_header_names_it_as_what_comes_next() -> None:
    played = run(condor_tape("15:59"), *ALPACA, until="14:30")
    builder = ViewBuilder(played.engine, "PAPER")
    now = at("14:30")
    progress = ProgressView(
        open=at("09:30"),
        close=at("16:00"),
        end=at("16:00"),
        now=now,
        speed=1,
        paused=False,
        finished=False,
        can_control=False,
        marks=(),
    )
    header = builder.build(ViewRequest(), progress).header
    assert header.next_deadline == "flat by 15:00"
    assert header.next_deadline_ts == at("15:00")
