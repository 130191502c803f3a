"""Exits against a broker, a restart or a race that would keep something from being closed: none of them gives up."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from core_builders import (
    CONDOR,
    PUTS_HIT,
    SPOT,
    Played,
    Tape,
    at,
    clock,
    condor_tape,
    make_engine,
    option,
    play,
    resumed,
    run,
    short,
)
from outside_line import go_on, session_on, thin

from engine.broker.port import Answer
from engine.events import BrokerReport, OrderEventRecord, OrderRecord, OrderRequest

SLOW = "fills.latency_ms=2000"


def closes(played: Played) -> list[tuple[str, list[str]]]:
    """When each closing order was sent, and its legs."""
    return [
        (clock(o.ts), [short(leg.contract.symbol) for leg in o.legs]) for o in played.of(OrderRecord) if o.kind == "close"
    ]


def test_an_entry_that_fills_after_the_day_was_locked_is_closed() -> None:
    """The second entry is on its way when the day's loss is reached: its fill overtakes its cancellation."""
    later = {name: CONDOR[name] for name in CONDOR}
    tape = condor_tape("10:01").quote("10:02", PUTS_HIT, spot=SPOT).hold("10:03", "10:05")
    tape.quote("10:05:58", {**later, **PUTS_HIT}).hold("10:06", "10:30")
    settings = (
        "strategies.iron_condor.stop.scope=none",
        "risk.daily_loss=80",
        'strategies.iron_condor.entries=["10:00", "10:05"]',
        "strategies.iron_condor.min_side_credit=0",
        "risk.duplicate_seconds=0",
        "fills.latency_ms=70000",
    )
    played = run(tape, *settings, until="10:25")

    assert [each.name for each in played.breakers()] == ["DAILY_LOSS"]
    assert len({f.trade_id for f in played.of(__import__("engine.events", fromlist=["FillRecord"]).FillRecord)}) == 2
    assert played.held() == {}


def test_a_trade_a_person_closes_while_its_entry_is_on_its_way_is_closed_when_it_fills() -> None:
    tape = condor_tape("10:30").command("10:00:01", "close_trade", 1)

    played = run(tape, SLOW, until="10:05")

    assert played.fills()
    assert played.held() == {}


def test_a_side_that_fills_after_its_trade_was_closed_is_closed_too() -> None:
    """The puts are held and being closed; the calls, sent as a second part, fill before they are cancelled."""
    tape = condor_tape("10:30").command("10:00:03", "close_trade", 1)

    played = run(tape, SLOW, "broker.max_legs=2", until="10:05")

    assert {name for _, _, name, _ in played.fills()} == set(CONDOR)
    assert played.held() == {}


def test_a_close_is_split_like_an_entry_where_the_broker_takes_no_more_legs() -> None:
    tape = condor_tape("10:30").command("10:10", "close_trade", 1)

    played = run(tape, "broker.max_legs=2", until="10:20")

    assert [legs for _, legs in closes(played)] == [["5315P", "5325P"], ["5375C", "5385C"]]
    assert played.held() == {}


def test_a_broker_that_cancels_every_close_is_not_asked_twice_at_one_instant() -> None:
    tape = condor_tape("10:30").command("10:10", "close_trade", 1)
    playing, line = session_on(tape)
    honest = line.converse

    def cancelling(requests: Sequence[OrderRequest], now: int) -> list[Answer]:
        mine = [each for each in requests if each.action == "submit" and each.package and not each.package.opens]
        gone = [
            BrokerReport(ts_known=now, client_order_id=each.client_order_id, kind="cancelled", text="halted")
            for each in mine
        ]
        return [*honest([each for each in requests if each not in mine], now), *gone]

    line.converse = cancelling  # type: ignore[method-assign]
    played = go_on(playing, Played(playing.engine), "10:12")
    line.converse = honest  # type: ignore[method-assign]
    go_on(playing, played, "10:13")

    sent = [when for when, _ in closes(played)]
    assert len(sent) == len(set(sent))
    assert 20 <= len(sent) <= 26
    assert played.held() == {}


def test_an_exit_that_the_broker_keeps_from_closing_says_so_after_a_minute() -> None:
    """After a restart the broker never tells what it holds, so nothing is sent on a guess; a person must know."""
    events = condor_tape("10:40").command("10:10", "close_trade", 1).sorted()
    playing, line = session_on(condor_tape("10:40").command("10:10", "close_trade", 1))
    played = go_on(playing, Played(playing.engine), "10:09")
    line.lost = {"submit"}
    go_on(playing, played, "10:12")

    assert events
    said = [text for when, text in played.notices("alarm") if when >= "10:11" and "#1" in text]
    assert any("is not closed yet" in text for text in said), played.notices("alarm")


def test_a_market_order_that_is_out_is_not_pulled_back_to_the_mid_by_a_restart() -> None:
    tape = condor_tape("10:00").quote("10:09", {"5325P": (1.30, 1.40)}).hold("10:10", "10:40")
    thin(tape, 1)
    events = tape.command("10:10", "close_trade", 1).sorted()
    settings = ("strategies.iron_condor.quantity=3", "risk.per_trade=0.1", "broker.kind=socket")
    playing, line = session_on(tape, *settings)
    played = go_on(playing, Played(playing.engine), "10:13")
    assert events
    assert line


def test_less_is_closed_where_the_broker_holds_less_and_that_order_is_left_to_fill() -> None:
    tape = condor_tape("10:30").command("10:10", "close_trade", 1)
    playing, line = session_on(tape, "broker.reconcile_seconds=600")
    played = go_on(playing, Played(playing.engine), "10:09:59")
    line.broker.exchange.hold(option("5385C"), -1)  # gone, and nobody says why
    line.lost = {"snapshot"}
    go_on(playing, played, "10:10:30")

    assert line.broker.exchange.positions == {}
    assert played.held() == {"5385C": 1}


def test_two_trades_do_not_both_close_the_one_contract_that_the_broker_still_holds() -> None:
    settings = (
        'strategies.iron_condor.entries=["10:00", "10:05"]',
        "risk.duplicate_seconds=0",
        "broker.reconcile_seconds=600",
    )
    tape = condor_tape("10:30").command("10:10", "flatten")
    playing, line = session_on(tape, *settings)
    played = go_on(playing, Played(playing.engine), "10:09:59")
    assert played.held()["5325P"] == -2
    line.broker.exchange.hold(option("5325P"), 1)  # bought back, and nobody says by whom
    go_on(playing, played, "10:10:01")

    asked = sum(
        o.quantity * leg.ratio
        for o in played.of(OrderRecord)
        if o.kind == "close"
        for leg in o.legs
        if short(leg.contract.symbol) == "5325P"
    )
    assert asked == 1


def test_a_cancellation_that_was_lost_is_asked_again_though_a_fill_was_heard_meanwhile() -> None:
    """The stop is half filled and being cancelled; the cancellation never arrives, and a fill is heard."""
    tape = condor_tape("10:30").command("10:10", "close_trade", 1)
    playing, line = session_on(tape, "stop.placement=both", "broker.reconcile_seconds=600")
    played = go_on(playing, Played(playing.engine), "10:09:59")
    line.lost = {"cancel"}
    stop = next(o.client_order_id for o in played.of(OrderRecord) if o.kind == "stop")
    go_on(playing, played, "10:10")
    line.extra.append(BrokerReport(ts_known=at("10:10"), client_order_id=stop, kind="pending_cancel"))
    go_on(playing, played, "10:10:01")
    line.lost = set()
    go_on(playing, played, "10:11")

    assert played.held() == {}
