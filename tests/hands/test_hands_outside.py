"""By hand against a broker outside the engine: a part, cut off by a restart, closes no more than was asked."""

from __future__ import annotations

import pytest
from core_builders import Played, Tape
from hands_days import NO_ENTRIES, condor, day, order, outcomes, price, trade_by_hand
from outside_line import Line, go_on, restarted, session_on

from engine.events import Command, OrderRecord
from engine.types import CloseTrade, Contract, MoveLimit

RICH = "account.equity=1000000"
CROSS = "fills.model=cross"


def go_on_again(tape: Tape, before: Played, line: Line, until: str, *settings: str) -> Played:
    """The session after it was killed; nobody gives again what was ordered before."""
    tape.events = [event for event in tape.events if not isinstance(event, Command)]
    again = restarted(tape, before, line, NO_ENTRIES, *settings)
    return go_on(again, Played(again.engine), until)


def half(quantity: int = 4) -> Played:
    tape = order(order(day("10:20"), "10:05", condor(quantity=quantity)), "10:10", CloseTrade(trade_id=1, part=2))
    playing, line = session_on(tape, NO_ENTRIES, RICH)
    played = go_on(playing, Played(playing.engine), "10:20")
    theirs = {c.short_name: n for c, n in line.broker.exchange.positions.items() if n}
    assert theirs == played.held()
    return played


def test_a_part_is_closed_there_as_inside() -> None:
    assert half().held() == {"5315P": 2, "5325P": -2, "5375C": -2, "5385C": 2}
    assert half(3).held() == {"5315P": 1, "5325P": -1, "5375C": -1, "5385C": 1}


@pytest.mark.parametrize("kill", ["10:10:00", "10:10:05", "10:10:10", "10:10:20"])
def test_cut_off_it_goes_on_and_closes_no_more(kill: str) -> None:
    tape = order(order(day("10:20"), "10:05", condor(quantity=4)), "10:10", CloseTrade(trade_id=1, part=2))
    playing, line = session_on(tape, NO_ENTRIES, RICH, CROSS)
    before = go_on(playing, Played(playing.engine), kill)
    after = go_on_again(tape, before, line, "10:20", RICH, CROSS)

    left = {"5315P": 2, "5325P": -2, "5375C": -2, "5385C": 2}
    assert after.held() == left
    theirs: dict[Contract, int] = line.broker.exchange.positions
    assert {c.short_name: n for c, n in theirs.items() if n} == left
    closed = [o for o in (*before.of(OrderRecord), *after.of(OrderRecord)) if o.kind == "close"]
    assert all(each.quantity <= 2 for each in closed)


def test_after_a_restart_an_entry_is_given_up() -> None:
    tape = order(day("10:20"), "10:05", condor(limit=price(-1.60)))
    playing, line = session_on(tape, NO_ENTRIES, CROSS)
    before = go_on(playing, Played(playing.engine), "10:06")
    after = go_on_again(tape, before, line, "10:20", CROSS)
    assert [each.status for each in after.engine.state.orders] == ["cancelled"]
    assert not after.held()


def test_a_moved_limit_survives_a_restart() -> None:
    moved = MoveLimit(client_order_id="main-20240807-0-1", limit=price(-1.65))
    tape = order(order(day("10:20"), "10:05", condor(limit=price(-1.60))), "10:06", moved)
    playing, line = session_on(tape, NO_ENTRIES, CROSS)
    before = go_on(playing, Played(playing.engine), "10:07")
    after = go_on_again(tape, before, line, "10:07:30", CROSS)
    was, now = before.engine.state.portfolio.get(1), after.engine.state.portfolio.get(1)
    assert was is not None
    assert now is not None
    assert (now.asked, now.worst_case) == (was.asked, was.worst_case) == (price(1.65), was.worst_case)


def test_of_two_parts_no_limit_is_moved() -> None:
    moved = MoveLimit(client_order_id="main-20240807-0-1", limit=price(-0.80))
    tape = order(order(day("10:20"), "10:05", condor(limit=price(-1.60))), "10:06", moved)
    played = trade_by_hand(tape, CROSS, "broker.max_legs=2")
    assert outcomes(played)[1] == (
        "limit",
        "refused: main-20240807-0-1: its trade is opened in 2 parts, its limit cannot be moved",
    )
