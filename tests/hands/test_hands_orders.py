"""Working entries: another limit, one cancelled, all cancelled; orders that close are left alone."""

from __future__ import annotations

import pytest
from core_builders import Played, clock
from hands_days import condor, day, order, outcomes, price, puts, trade_by_hand
from outside_line import go_on, session_on

from engine.events import DecisionRecord, IntentRecord, OrderEventRecord, OrderRecord
from engine.types import CancelAll, CancelOrder, CloseTrade, Manual, MoveLimit

FIRST = "main-20240807-0-1"
CROSS = "fills.model=cross"
"""Filled only where the far side is met: a limit at the mid works on."""


def working(*orders: Manual, settings: tuple[str, ...] = (), until: str = "10:20") -> Played:
    """A condor that works at 1.60, which is its mid; these at 10:06."""
    tape = order(order(day(until), "10:05", condor(limit=price(-1.60))), "10:06", *orders)
    return trade_by_hand(tape, CROSS, *settings)


def test_a_limit_is_replaced_and_filled_where_it_is_put() -> None:
    played = working(MoveLimit(client_order_id=FIRST, limit=price(-1.40)))

    assert outcomes(played)[-1] == (
        "limit",
        f"limit of {FIRST} from 1.60 credit to 1.40 credit; it walks no more",
    )
    assert len(played.of(OrderRecord)) == 1
    assert [fill[0] for fill in played.fills()] == ["10:06:00"] * 4
    assert played.trade().worst_case == played.of(DecisionRecord)[-1].worst_case
    intent = played.of(IntentRecord)[-1]
    assert (intent.actor, intent.limit, intent.reason) == (
        "person",
        price(-1.40),
        "limit moved by a person: from 1.60 credit to 1.40 credit",
    )


def test_it_walks_no_more() -> None:
    walking = ("entries.start=mid", "entries.step_seconds=60", "entries.fraction=0.1")
    tape = order(
        order(day("10:20"), "10:05", condor()), "10:06:30", MoveLimit(client_order_id=FIRST, limit=price(-1.65))
    )
    played = trade_by_hand(tape, CROSS, *walking)
    assert [each.limit for each in played.of(OrderEventRecord)][-1] == price(-1.65)
    assert not played.fills()


def test_where_the_broker_does_not_replace_it_is_cancelled_and_sent_anew_once() -> None:
    tape = order(
        order(day("10:20"), "10:05", condor(limit=price(-1.60))),
        "10:06",
        MoveLimit(client_order_id=FIRST, limit=price(-1.65)),
    )
    playing, _ = session_on(tape, CROSS, "broker.replaces=false", "strategies.iron_condor.entries=[]")
    played = go_on(playing, Played(playing.engine), "10:20")

    sent = [(record.client_order_id, record.limit) for record in played.of(OrderRecord)]
    assert sent == [(FIRST, price(-1.60)), ("main-20240807-0-2", price(-1.65))]
    assert [(o.client_order_id, o.status) for o in played.engine.state.orders] == [
        (FIRST, "cancelled"),
        ("main-20240807-0-2", "accepted"),
    ]


BAD: dict[str, tuple[Manual, str]] = {
    "no such order": (MoveLimit(client_order_id="x", limit=0), "refused: there is no order x"),
    "no id": (CancelOrder(client_order_id=""), "refused: there is no order without an id"),
    "the same limit": (
        MoveLimit(client_order_id=FIRST, limit=price(-1.60)),
        f"refused: {FIRST} is at 1.60 credit already",
    ),
    "no such order to cancel": (CancelOrder(client_order_id="x"), "refused: there is no order x"),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_input_is_refused_in_words(case: str) -> None:
    wrong, words = BAD[case]
    played = working(wrong)
    assert outcomes(played)[-1][1] == words
    assert [each.limit for each in played.engine.state.orders] == [price(-1.60)]


@pytest.mark.parametrize(("limit", "code"), [(-1.61, "TICK"), (-1.00, "COLLAR_WORSE"), (-9.00, "COLLAR_BETTER")])
def test_a_limit_the_gate_denies_leaves_the_order_where_it_is(limit: float, code: str) -> None:
    played = working(MoveLimit(client_order_id=FIRST, limit=price(limit)))
    assert outcomes(played)[-1][1].startswith(f"denied {code}: ")
    assert played.of(DecisionRecord)[-1].code == code
    assert [each.limit for each in played.engine.state.orders] == [price(-1.60)]


def test_an_order_that_is_over_or_closes_is_left_alone() -> None:
    tape = order(day("10:20"), "10:05", condor())
    order(tape, "10:06", MoveLimit(client_order_id=FIRST, limit=price(-1.5)), CloseTrade(trade_id=1))
    order(tape, "10:06:01", CancelOrder(client_order_id="main-20240807-0-2"))
    played = trade_by_hand(tape, CROSS)
    assert outcomes(played)[1] == ("limit", f"refused: {FIRST} is filled already")
    assert outcomes(played)[3][1] == (
        "refused: main-20240807-0-2 closes #1: its exit would send another; it is left alone"
    )
    assert not played.held()


def test_an_entry_is_cancelled_and_the_next_may_come() -> None:
    played = working(CancelOrder(client_order_id=FIRST), condor())
    assert outcomes(played)[1] == ("cancel_order", f"cancelling {FIRST}, the entry of #1")
    assert played.trade(1).status == "abandoned"
    assert played.trade(2).status == "open"


def test_a_cancelled_entry_is_not_sent_anew_by_its_walk() -> None:
    tape = order(day("10:20"), "10:05", condor())
    order(tape, "10:05:10", CancelOrder(client_order_id=FIRST))
    walking = ("entries.start=mid", "entries.step_seconds=10", "entries.fraction=0.1", "broker.replaces=false")
    playing, _ = session_on(tape, CROSS, *walking, "strategies.iron_condor.entries=[]")
    played = go_on(playing, Played(playing.engine), "10:20")
    assert not played.engine.state.orders.working()
    assert not played.held()
    assert {clock(record.ts)[:5] for record in played.of(OrderRecord)} == {"10:05"}


def test_all_entries_are_cancelled_and_nothing_is_paused() -> None:
    both = working(puts(limit=price(-0.80)), CancelAll(), CancelAll())
    assert [outcome for _, outcome in outcomes(both)[2:]] == ["cancelling 2 working entries", "no entry works"]
    assert both.engine.state.states.state == "ACTIVE"
