"""Stops that rest at the broker: sent with each fill, cancelled before a close; what they leave over is closed."""

from __future__ import annotations

import pytest
from core_builders import CONDOR, Played, clock, condor_tape, run, short

from engine.core import Engine
from engine.events import OrderEventRecord, OrderRecord
from engine.view.positions import build_positions

BOTH = ("stop.placement=both", "stop.wider=2")
SPIKE = {"5325P": (5.00, 5.20), "5315P": (1.00, 1.10)}


def stops(played: Played) -> list[tuple[str, str, float, int]]:
    """When each stop was sent, for which contract, its trigger and how many."""
    return [
        (clock(order.ts), short(order.legs[0].contract.symbol), (order.stop or 0) / 10_000, order.quantity)
        for order in played.of(OrderRecord)
        if order.kind == "stop"
    ]


def ends(played: Played) -> dict[str, str]:
    """How each stop stands, by contract."""
    names = {o.client_order_id: short(o.legs[0].contract.symbol) for o in played.of(OrderRecord) if o.kind == "stop"}
    return {names[e.client_order_id]: e.status for e in played.of(OrderEventRecord) if e.client_order_id in names}


def holders(engine: Engine) -> list[str]:
    marks = {trade.trade_id: engine.guard.mark(trade) for trade in engine.state.portfolio.open_trades}
    return [row.stop_holder for row in build_positions(engine, marks).rows if row.level == "side"]


def test_the_engine_alone_is_the_default() -> None:
    played = run(condor_tape("10:30"), until="10:03")

    assert stops(played) == []
    assert holders(played.engine) == ["e", "e"]


def test_each_short_gets_one_as_soon_as_the_trade_is_filled() -> None:
    played = run(condor_tape("10:30"), *BOTH, until="10:03")

    # The sides stop at 1.45; the wings are worth 0.55 and 0.45 at mid: twice their sum, up to the tick.
    assert stops(played) == [("10:00:00", "5325P", 4.0, 1), ("10:00:00", "5375C", 3.8, 1)]
    assert set(ends(played).values()) == {"accepted"}
    assert holders(played.engine) == ["eb", "eb"]


def test_it_buys_the_short_back_and_the_engine_sells_the_wing() -> None:
    """In one quote from calm to far beyond: the exchange has it before the engine's stop has held for its seconds."""
    tape = condor_tape("10:10").quote("10:10:30", SPIKE).hold("10:11", "10:20")

    played = run(tape, *BOTH, until="10:15")

    assert ("10:10:30", 1, "5325P", 5.20) in played.fills()
    assert ("10:10:30", "puts", "stop") in played.exits()
    assert played.held() == {"5375C": -1, "5385C": 1}
    assert ends(played) == {"5325P": "filled", "5375C": "accepted"}


def test_it_is_cancelled_before_the_engine_closes_its_side_and_the_other_stays() -> None:
    hit = {"5325P": (2.40, 2.50), "5315P": (0.80, 0.90)}
    tape = condor_tape("10:10").quote("10:10:30", hit).hold("10:11", "10:20")

    played = run(tape, *BOTH, until="10:15")

    assert ends(played) == {"5325P": "cancelled", "5375C": "accepted"}
    assert played.held() == {"5375C": -1, "5385C": 1}
    cancelled = next(
        n for n, r in enumerate(played.records) if isinstance(r, OrderEventRecord) and r.status == "cancelled"
    )
    closing = next(n for n, r in enumerate(played.records) if isinstance(r, OrderRecord) and r.kind == "close")
    assert cancelled < closing


def test_a_cancellation_under_way_keeps_the_close_waiting() -> None:
    tape = condor_tape("10:30").command("10:10", "close_trade", 1)

    played = run(tape, *BOTH, "fills.latency_ms=2000", until="10:12")

    closing = [clock(order.ts) for order in played.of(OrderRecord) if order.kind == "close"]
    assert closing[0] == "10:10:02"
    assert played.held() == {}


def test_the_broker_alone_stops_at_the_engines_level_and_the_engine_keeps_still() -> None:
    hit = {"5325P": (2.10, 2.20), "5315P": (0.60, 0.70)}
    tape = condor_tape("10:10").quote("10:10:30", hit).hold("10:11", "10:20")

    played = run(tape, "stop.placement=broker", until="10:15")

    assert stops(played)[0] == ("10:00:00", "5325P", 2.0, 1)  # 1.45 and the wing's 0.55
    assert ("10:10:30", 1, "5325P", 2.20) in played.fills()
    assert [(scope, trigger) for _, scope, trigger in played.exits()] == [("puts", "stop")]


def test_a_partly_filled_entry_is_protected_as_far_as_it_is_filled() -> None:
    settings = ("strategies.iron_condor.quantity=2", "risk.per_trade=0.1", "stop.placement=both")
    played = run(condor_tape("10:30"), *settings, until="10:03")

    assert [(name, quantity) for _, name, _, quantity in stops(played)] == [("5325P", 2), ("5375C", 2)]


@pytest.mark.parametrize("name", ["5325P", "5375C"])
def test_nothing_is_protected_twice(name: str) -> None:
    played = run(condor_tape("11:00"), *BOTH, until="10:59")

    assert sum(stop[1] == name for stop in stops(played)) == 1
    assert played.held() == dict.fromkeys(CONDOR, 1) | {"5325P": -1, "5375C": -1}
