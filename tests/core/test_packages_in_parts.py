"""A package the broker does not take whole: its parts one after the other, and back where one cannot be had."""

from __future__ import annotations

from core_builders import Played, condor_tape, run, short

from engine.events import DecisionRecord, IntentRecord, OrderRecord

IN_TWO = ("broker.max_legs=2",)
LATE = ("fills.latency_ms=1000",)
GONE = (None, None)


def parts(played: Played) -> list[tuple[str, list[str]]]:
    """Kind and legs of each order."""
    return [(order.kind, [short(leg.contract.symbol) for leg in order.legs]) for order in played.of(OrderRecord)]


def test_each_side_is_an_order_and_the_second_follows_the_first() -> None:
    played = run(condor_tape("10:30"), *IN_TWO, until="10:03")

    assert parts(played) == [("open", ["5315P", "5325P"]), ("open", ["5375C", "5385C"])]
    assert [order.intent_id for order in played.of(OrderRecord)] == [1, 2]
    assert [intent.reason.split("; ")[-1] for intent in played.of(IntentRecord)] == ["part 1 of 2", "part 2 of 2"]
    trade = played.trade()
    assert (trade.status, trade.quantity, trade.credit) == ("open", 1, 14_000)
    assert played.held() == {"5315P": 1, "5325P": -1, "5375C": -1, "5385C": 1}


def test_the_second_part_waits_for_the_fill_of_the_first() -> None:
    played = run(condor_tape("10:30"), *IN_TWO, *LATE, until="10:03")

    sent = [order.ts for order in played.of(OrderRecord)]
    filled = sorted({when for when, *_ in played.fills()})
    assert (sent[1] - sent[0]) / 1e9 == 1
    assert filled == ["10:00:01", "10:00:02"]


def test_where_the_second_part_cannot_be_had_the_first_is_unwound() -> None:
    tape = condor_tape("10:00").quote("10:00:01", {"5375C": GONE, "5385C": GONE})
    tape.hold("10:01", "10:20")

    played = run(tape, *IN_TWO, *LATE, until="10:15")

    assert parts(played)[:2] == [("open", ["5315P", "5325P"]), ("open", ["5375C", "5385C"])]
    assert ("package", "unwind") in [(scope, trigger) for _, scope, trigger in played.exits()]
    assert any("is unwound" in text for _, text in played.notices("alarm"))
    assert played.held() == {}
    assert played.trade().status == "closed"


def test_its_loss_is_judged_part_by_part() -> None:
    """Two spreads of 10 points, one after the other: each can lose its width, and so can both."""
    whole, in_two = (run(condor_tape("10:30"), *settings, until="10:03") for settings in ((), IN_TWO))

    losses = [played.of(DecisionRecord)[0].worst_case for played in (whole, in_two)]
    assert losses[0] < losses[1] < 2 * losses[0] + 14_000 * 100


def test_what_a_trade_may_lose_holds_for_the_parts_too() -> None:
    """0.9% of 100,000 is $900: the condor whole may lose $862.60, its sides one by one twice $930 and fees."""
    settings = ("risk.per_trade=0.009",)
    assert run(condor_tape("10:30"), *settings, until="10:03").of(DecisionRecord)[0].approved
    denied = run(condor_tape("10:30"), *settings, *IN_TWO, until="10:03").of(DecisionRecord)[0]
    assert (denied.approved, denied.code) == (False, "PER_TRADE")
    assert denied.text.endswith("its 2 parts, one by one, may lose $1,863 a package, $900 a trade")
