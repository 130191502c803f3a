"""Entries may begin at the mid and walk toward the far side, never past the strategy's limit; they give up in time."""

from __future__ import annotations

from core_builders import CONDOR, Played, clock, condor_tape, run

from engine.events import OrderEventRecord, OrderRecord

WALK = ("entries.start=mid", "entries.step_seconds=10", "entries.fraction=0.25")


def limits(played: Played) -> list[tuple[str, float]]:
    opening = {order.client_order_id for order in played.of(OrderRecord) if order.kind == "open"}
    found: list[tuple[str, float]] = []
    for event in played.of(OrderEventRecord):
        if event.client_order_id in opening and event.limit is not None:
            step = (clock(event.ts), -event.limit / 10_000)
            if step not in found:
                found.append(step)
    return found


def test_an_entry_walks_from_the_mid_to_what_trades_at_once() -> None:
    played = run(condor_tape("10:30"), *WALK, until="10:03")

    # 1.60 at mid, 1.40 at once: a quarter of the way each ten seconds.
    assert limits(played) == [
        ("10:00:00", 1.60),
        ("10:00:10", 1.55),
        ("10:00:20", 1.50),
        ("10:00:30", 1.45),
        ("10:00:40", 1.40),
    ]
    assert {when for when, *_ in played.fills()} == {"10:00:40"}


def test_a_better_market_on_the_way_is_taken() -> None:
    tape = condor_tape("10:30").quote("10:00:12", {"5325P": (1.45, 1.55)})

    played = run(tape, *WALK, until="10:03")

    assert {when for when, *_ in played.fills()} == {"10:00:12"}
    assert played.trade().credit == 15_500


def test_it_never_takes_less_than_the_strategy_allows_and_gives_up_when_its_window_ends() -> None:
    tape = condor_tape("10:00").quote("10:00:05", {"5325P": (1.10, 1.20)})
    tape.hold("10:01", "10:10")

    played = run(tape, *WALK, until="10:09")

    assert played.fills() == []
    assert min(limit for _, limit in limits(played)) == 1.40
    assert [(clock(e.ts), e.status) for e in played.of(OrderEventRecord)][-1] == ("10:05:00", "cancelled")
    assert played.trade().status == "abandoned"


def test_at_the_limit_at_once_is_the_default() -> None:
    played = run(condor_tape("10:30"), until="10:03")

    assert limits(played) == [("10:00:00", 1.40)]
    assert len(played.fills()) == len(CONDOR)
