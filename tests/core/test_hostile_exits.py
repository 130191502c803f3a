"""Exits against a broker, a restart or a race that would keep something from being closed: none of them gives up."""

from __future__ import annotations

from collections.abc import Sequence

from core_builders import (
    CONDOR,
    PUTS_HIT,
    SPOT,
    Played,
    at,
    clock,
    condor_tape,
    option,
    run,
    short,
)
from outside_line import go_on, restarted, session_on, thin

from engine.broker.port import Answer
from engine.events import BrokerReport, FillRecord, OrderEventRecord, OrderRecord, OrderRequest
from engine.types import Package

SLOW = "fills.latency_ms=2000"


def closes(played: Played) -> list[tuple[str, list[str]]]:
    """When each closing order was sent, and its legs."""
    return [
        (clock(o.ts), [short(leg.contract.symbol) for leg in o.legs])
        for o in played.of(OrderRecord)
        if o.kind == "close"
    ]


def test_an_entry_that_fills_after_the_day_was_locked_is_closed() -> None:
    """The second entry is on its way when the day's loss is reached: it fills before its cancellation arrives."""
    tape = condor_tape("10:04").quote("10:04:58", PUTS_HIT, spot=SPOT).hold("10:05", "10:30")
    settings = (
        "strategies.iron_condor.stop.scope=none",
        "risk.daily_loss=80",
        'strategies.iron_condor.entries=["10:00", "10:05"]',
        "risk.duplicate_seconds=0",
        "fills.latency_ms=60000",
    )
    played = run(tape, *settings, until="10:25")

    assert [each.name for each in played.breakers()] == ["DAILY_LOSS"]
    assert {fill.trade_id for fill in played.of(FillRecord)} == {1, 2}
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
    playing, line = session_on(condor_tape("10:40").command("10:10", "close_trade", 1))
    played = go_on(playing, Played(playing.engine), "10:09")
    line.lost = {"submit"}
    go_on(playing, played, "10:12")

    said = [text for when, text in played.notices("alarm") if when >= "10:11" and "#1" in text]
    assert any("is not closed yet" in text for text in said), played.notices("alarm")


def test_a_market_order_that_is_out_is_not_pulled_back_to_the_mid_by_a_restart() -> None:
    """Three are held and one is shown a minute, so the market order that closes them is half filled when it ends."""
    tape = thin(condor_tape("10:40").command("10:10", "close_trade", 1))
    settings = ("strategies.iron_condor.quantity=3", "risk.per_trade=0.1")
    playing, line = session_on(tape, *settings)
    played = go_on(playing, Played(playing.engine), "10:11:30")
    (last,) = line.broker.exchange.resting
    assert (last.limit, 0 < last.filled < 3) == (None, True)

    said = len(line.said)
    again = restarted(tape, played, line, *settings)
    after = go_on(again, Played(again.engine), "10:11:45")
    assert [each.action for _, each in line.said[said:] if each.client_order_id == last.client_order_id] == ["lookup"]
    go_on(again, after, "10:15")
    assert after.held() == {}
    assert line.broker.exchange.positions == {}


def test_less_is_closed_where_the_broker_holds_less_and_that_order_is_left_to_fill() -> None:
    tape = condor_tape("10:30").command("10:10", "close_trade", 1)
    playing, line = session_on(tape, "broker.reconcile_seconds=600")
    played = go_on(playing, Played(playing.engine), "10:09:59")
    line.broker.exchange.hold(option("5385C"), -1)  # gone, and nobody says why
    go_on(playing, played, "10:10:04")

    closing = [o.client_order_id for o in played.of(OrderRecord) if o.kind == "close"]
    assert len(closing) == 1
    ends = [e.status for e in played.of(OrderEventRecord) if e.client_order_id == closing[0]]
    assert ends == ["sent", "accepted"]
    (order,) = line.broker.exchange.resting
    assert (order.client_order_id, order.limit) == (closing[0], 20_500), "the mid of the three legs it closes"


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


def test_a_broker_outside_takes_no_more_legs_than_it_says() -> None:
    """What is sent whole is refused there, so that nobody believes in a split that was never made."""
    tape = condor_tape("10:30").command("10:10", "close_trade", 1)
    playing, line = session_on(tape, "broker.max_legs=2")
    played = go_on(playing, Played(playing.engine), "10:20")

    assert max(len(each.package.legs) for _, each in line.said if each.package is not None) == 2
    assert "rejected" not in [e.status for e in played.of(OrderEventRecord)]
    assert played.held() == {}
    whole = tuple(leg for order in played.of(OrderRecord) if order.kind == "open" for leg in order.legs)
    too_many = OrderRequest(action="submit", client_order_id="x", package=Package(whole), quantity=1)
    (answer,) = line.broker.take(too_many)
    assert isinstance(answer, BrokerReport)
    assert (answer.kind, answer.text) == ("rejected", "an order has 2 legs at the most")
