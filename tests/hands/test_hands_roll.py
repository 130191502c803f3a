"""Rolling by hand: the gate first, then the old side closed, then the new one opened, once or not at all."""

from __future__ import annotations

import datetime as dt

import pytest
from core_builders import DAY, Played, at, clock, make_engine, play, resumed
from hands_days import NO_ENTRIES, condor, day, order, outcomes, price, trade_by_hand

from engine.core.manual_state import Annotation
from engine.events import CommandRecord, ExitRecord, OrderRecord
from engine.types import Annotate, CloseTrade, Manual, RollTrade

ROLL = RollTrade(trade_id=1, scope="puts", strikes=1)


def rolled(*orders: Manual, quantity: int = 1, until: str = "10:20", settings: tuple[str, ...] = ()) -> Played:
    """Condors at 10:05, their sides stopped at 1.45; these at 10:10."""
    tape = order(day(until), "10:05", condor(quantity=quantity, side_stop=price(1.45)))
    return trade_by_hand(order(tape, "10:10", *orders), "account.equity=1000000", *settings)


def test_the_side_is_closed_and_opened_further_out_as_a_trade_of_its_own() -> None:
    played = rolled(Annotate(trade_id=1, note="cpi", tags=("a",)), ROLL, quantity=2)

    assert outcomes(played)[2] == ("roll", "closing #1 puts, then opening 2 x +1 5310P -1 5320P")
    assert [(e.actor, e.scope, e.trigger) for e in played.of(ExitRecord)] == [("person", "puts", "roll")]
    closed = max(ts for ts, _, name, _ in played.fills() if name == "5325P")
    opened = min(ts for ts, _, name, _ in played.fills() if name == "5320P")
    assert closed <= opened
    assert played.held() == {"5310P": 2, "5320P": -2, "5375C": -2, "5385C": 2}
    new = played.trade(2)
    assert (new.strategy, new.label, new.quantity) == ("manual", "roll of #1 puts", 2)
    assert played.engine.state.annotations[2] == Annotation("cpi", ("a",))
    assert played.engine.state.hands.rolls == []
    ((_, said),) = [each for each in played.notices("info") if each[1].startswith("roll")]
    assert said == (
        "roll of #1: its side is closed; opening #2: 2 x roll of #1 puts, limit 0.50 credit; its stop stays at 1.45"
    )


def test_nearer_and_the_tested_side_and_the_whole() -> None:
    nearer = rolled(RollTrade(trade_id=1, scope="puts", strikes=-1), settings=("risk.collar_worse=5",))
    whole = rolled(RollTrade(trade_id=1, scope="package", strikes=1))
    tested = rolled(RollTrade(trade_id=1))
    assert nearer.held().get("5330P") == -1
    assert whole.held() == {"5310P": 1, "5320P": -1, "5380C": -1, "5390C": 1}
    assert tested.held().get("5320P") == -1


def test_the_new_wing_may_be_where_the_old_short_was() -> None:
    """Judged by the book as it will stand: closed first, so nothing collides."""
    two = rolled(RollTrade(trade_id=1, scope="calls", strikes=2), settings=("risk.on_collision=deny",))
    assert two.held() == {"5315P": 1, "5325P": -1, "5385C": -1, "5395C": 1}


REFUSED: dict[str, tuple[Manual, str]] = {
    "no trade": (RollTrade(trade_id=9), "refused: there is no trade #9"),
    "nothing would change": (
        RollTrade(trade_id=1, scope="puts", strikes=0),
        "refused: neither a strike nor an expiry would change",
    ),
    "no strike there": (
        RollTrade(trade_id=1, scope="puts", strikes=99),
        "refused: no strike is listed 99 away from 5315P on 2024-08-07",
    ),
    "no such expiry": (
        RollTrade(trade_id=1, scope="puts", expiry=dt.date(2024, 8, 8)),
        "refused: no SPXW option that expires on 2024-08-08 is listed",
    ),
    "nobody quotes it": (
        RollTrade(trade_id=1, scope="puts", strikes=3),
        "refused: no fresh quotes to trade on for +1 5300P -1 5310P",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_be_rolled_is_refused_and_nothing_is_closed(case: str) -> None:
    wrong, words = REFUSED[case]
    played = rolled(wrong)
    assert outcomes(played)[-1] == ("roll", words)
    assert not played.of(ExitRecord)


def test_what_the_gate_would_deny_is_refused_before_anything_is_closed() -> None:
    tape = order(day("10:20").command("10:08", "pause"), "10:05", condor())
    played = trade_by_hand(order(tape, "10:10", ROLL))
    assert outcomes(played)[-1][1].startswith("refused: #1 is not rolled: +1 5310P -1 5320P would be denied NOT_ACTIVE")
    assert len(played.held()) == 4


def test_it_is_not_rolled_twice_nor_while_it_is_being_closed() -> None:
    twice = rolled(ROLL, ROLL)
    closing = rolled(CloseTrade(trade_id=1), ROLL)
    assert outcomes(twice)[-1] == ("roll", "refused: #1 is being rolled already")
    assert outcomes(closing)[-1] == ("roll", "refused: #1 is being closed already")
    assert len(twice.of(ExitRecord)) == 1


def test_denied_after_all_the_close_stands_and_a_person_is_told() -> None:
    tape = order(day("10:20"), "10:05", condor())
    played = trade_by_hand(order(tape, "10:10", ROLL).command("10:10:02", "pause"))
    assert played.held() == {"5375C": -1, "5385C": 1}
    ((_, said),) = [each for each in played.notices("alarm") if each[1].startswith("roll")]
    assert said.startswith("roll of #1 to +1 5310P -1 5320P: its side is closed, and the new one was denied NOT_ACTIVE")
    assert played.engine.state.hands.rolls == []


def test_what_cannot_be_closed_in_time_is_not_opened() -> None:
    tape = order(day("10:10"), "10:05", condor())
    order(tape, "10:10", ROLL).quote("10:10:01", {"5325P": (None, None), "5315P": (None, None)}).hold("10:11", "10:20")
    played = trade_by_hand(tape)
    assert (
        "10:15:00",
        "roll of #1 to +1 5310P -1 5320P: its side is not closed after 5 minutes; nothing is opened again",
    ) in played.notices("alarm")
    assert not [record for record in played.of(OrderRecord) if record.kind == "open" and record.trade_id != 1]


@pytest.mark.parametrize("kill", ["10:10:00", "10:10:02", "10:10:05", "10:10:30"])
def test_a_restart_in_the_middle_opens_nothing_twice(kill: str) -> None:
    """Cut off while the side is being closed, the close goes on and nothing is opened; later the new side stands."""
    tape = order(order(day("10:20"), "10:05", condor(side_stop=price(1.45))), "10:10", ROLL)
    events = tape.sorted()
    before = play(make_engine(NO_ENTRIES), events, at(kill))
    after = play(
        make_engine(NO_ENTRIES), resumed(events, before.records, max(at(kill), before.ticks[-1].now)), at("10:20")
    )

    opened = [r for r in (*before.of(OrderRecord), *after.of(OrderRecord)) if r.kind == "open" and r.trade_id != 1]
    cut_off = [text for _, text in after.notices("alarm") if "a restart has cut it off" in text]
    assert len(opened) + len(cut_off) == 1
    assert "5325P" not in after.held()
    assert after.engine.state.hands.rolls == []
    assert bool(opened) == (after.held().get("5320P") == -1)
    assert bool(opened) == (before.held().get("5325P") is None)


def test_the_journal_says_what_was_ordered() -> None:
    played = rolled(RollTrade(trade_id=1, scope="puts", strikes=2, expiry=DAY))
    assert played.of(CommandRecord)[-1].text == "#1 puts 2 strikes further out to 2024-08-07"
    assert clock(played.of(CommandRecord)[-1].ts) == "10:10:00"
