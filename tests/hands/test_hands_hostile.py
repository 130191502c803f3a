"""Orders by hand that cross one another, and odd ones: nothing is opened that nobody wants any more, and no order ends
the session, however odd."""

from __future__ import annotations

import datetime as dt

import pytest
from core_builders import RANK_COMMAND, Tape, at, make_engine, play
from hands_days import PUTS, condor, day, legs, order, outcomes, puts, trade_by_hand
from msgspec.structs import replace
from test_bar_stops import FLAT, tape

from engine.events import OrderRecord
from engine.types import CancelAll, CloseTrade, Manual, MoveStop, Package, RollTrade, to_units
from engine.view.deal_rows import build_deals
from engine.view.ticket import TicketRequest
from engine.view.tickets import build_ticket

ROLL = RollTrade(trade_id=1, scope="puts", strikes=1)
RICH = "account.equity=1000000"


@pytest.mark.parametrize(
    "after",
    [CloseTrade(trade_id=1), CloseTrade(trade_id=1, scope="puts"), CancelAll()],
    ids=["all of it closed", "its side closed", "every entry cancelled"],
)
def test_a_roll_opens_nothing_once_a_person_has_ordered_otherwise(after: Manual) -> None:
    tape = order(day("10:20"), "10:05", condor(quantity=2))
    played = trade_by_hand(order(tape, "10:10", ROLL, after), RICH)
    assert [each.trade_id for each in played.of(OrderRecord) if each.kind == "open"] == [1]
    assert played.engine.state.hands.rolls == []
    (said,) = [text for _, text in played.notices("info") if text.startswith("roll of #1")]
    assert said.endswith("nothing is opened again")
    assert "5325P" not in played.held()


def test_closing_a_trade_by_its_number_ends_its_roll_too() -> None:
    tape = order(order(day("10:20"), "10:05", condor()), "10:10", ROLL)
    tape.command("10:10:01", "close_trade", trade_id=1)
    assert [each.trade_id for each in trade_by_hand(tape, RICH).of(OrderRecord) if each.kind == "open"] == [1]


@pytest.mark.parametrize("level", ["cancel", "flatten"])
def test_what_was_rolled_when_a_person_killed_it_stays_closed_after_resuming(level: str) -> None:
    tape = order(order(day("10:20"), "10:05", condor()), "10:10", ROLL)
    tape.command("10:10", level).command("10:10", "resume")  # type: ignore[arg-type]
    played = trade_by_hand(tape, RICH)
    assert [each.trade_id for each in played.of(OrderRecord) if each.kind == "open"] == [1]
    assert played.engine.state.states.state == "ACTIVE"


@pytest.mark.parametrize("expiry", [dt.date(1, 1, 1), dt.date(2024, 8, 8), dt.date(2099, 1, 4), dt.date(9999, 12, 31)])
def test_a_day_that_nobody_lists_is_refused_and_the_session_goes_on(expiry: dt.date) -> None:
    far = Package(tuple(replace(leg, contract=replace(leg.contract, expiry=expiry)) for leg in PUTS.legs))
    tape = order(day("10:20"), "10:05", condor())
    order(tape, "10:10", puts(package=far), RollTrade(trade_id=1, scope="puts", strikes=0, expiry=expiry))
    order(tape, "10:11", CloseTrade(trade_id=1))
    played = trade_by_hand(tape, RICH)
    _, opened, rolled, closed = outcomes(played)
    assert opened[1].startswith(("denied", "refused"))
    assert rolled[1] == f"refused: no SPXW option that expires on {expiry} is listed"
    assert closed == ("close", "closing #1")
    assert not played.held()


def test_the_ticket_of_a_contract_that_nobody_lists_says_so() -> None:
    played = trade_by_hand(day("10:05"))
    for change in ({"root": ""}, {"expiry": dt.date(9999, 12, 31)}, {"strike": 0}):
        package = Package(tuple(replace(leg, contract=replace(leg.contract, **change)) for leg in PUTS.legs[:1]))
        told = build_ticket(played.engine, TicketRequest(root="SPXW", package=package), played.engine.state.now)
        assert told.problem, change
        assert not told.approved


@pytest.mark.parametrize("entries", ['["10:00"]', "[]"], ids=["a condor's", "by hand"])
def test_on_bars_a_stop_is_not_moved_to_where_the_minute_before_would_fire_it(entries: str) -> None:
    """The puts cost 0.80 now, and up to 1.50 inside the minute that has just ended."""
    reached = FLAT | {"5325P": (1.20, 1.95, 1.30), "5315P": (0.45, 0.60, 0.50)}
    events = tape({"10:03": reached}, until="10:10")
    orders = [("10:03:30", 1.20), ("10:04:30", 1.20)]
    if entries == "[]":
        events += order(Tape(), "10:01:30", condor(limit=to_units(-1.60))).events
    for when, level in orders:
        events += order(Tape(), when, MoveStop(trade_id=1, scope="puts", price=to_units(level))).events
    events.sort(key=lambda event: (event.ts_known, event.rank == RANK_COMMAND))
    engine = make_engine(f"strategies.iron_condor.entries={entries}", RICH, meanings={"SPXW": "trade_bar"})
    played = play(engine, events, at("10:10"))
    refused, moved = outcomes(played)[-2:]
    assert refused[1].startswith("refused: the stop at 1.20 would fire at once: puts cost up to 1.50 to close inside")
    assert moved[1].startswith("stop of #1 puts at 1.20")
    assert played.exits() == []


def test_a_part_is_closed_of_what_was_held_when_it_was_asked_for_and_of_nothing_else() -> None:
    tape = order(day("10:20"), "10:05", condor(quantity=4))
    half = CloseTrade(trade_id=1, part=2, held=4)
    order(tape, "10:10", half)
    order(tape, "10:12", half, CloseTrade(trade_id=1, scope="puts", part=2, held=2))
    played = trade_by_hand(tape, RICH)
    assert [each for _, each in outcomes(played)[2:]] == [
        "refused: #1 holds 2 by now, not 4: no part is closed; order it again",
        "closing 1 of 2 packages of #1 puts",
    ]
    assert played.held() == {"5315P": 1, "5325P": -1, "5375C": -2, "5385C": 2}


def test_all_of_it_is_closed_however_many_there_are_by_now() -> None:
    tape = order(order(day("10:20"), "10:05", condor(quantity=4)), "10:10", CloseTrade(trade_id=1, held=3))
    assert not trade_by_hand(tape, RICH).held()


def test_legs_that_were_confirmed_one_by_one_are_not_shifted() -> None:
    second = puts(package=legs("+5305P", "-5315P"), limit=to_units(0.0), exact=True)
    played = trade_by_hand(order(order(day(), "10:05", puts()), "10:10", second))
    assert outcomes(played)[1][1].startswith("denied LEG_COLLISION: ")
    assert played.held() == {"5315P": 1, "5325P": -1}


@pytest.mark.parametrize("level", [1.25, None])
def test_the_stop_of_what_is_left_is_that_of_its_last_side(level: float | None) -> None:
    """Sides stopped at 1.45; with the calls closed, moving the stop of the trade moves that of its puts."""
    price = None if level is None else to_units(level)
    tape = order(day("10:20"), "10:05", condor(side_stop=to_units(1.45), stop=to_units(4.0)))
    order(tape, "10:10", CloseTrade(trade_id=1, scope="calls"))
    before = trade_by_hand(tape, RICH, until="10:12")
    (shown,) = build_deals(before.engine).deals[0].parts
    assert (shown.scope, shown.stop_at) == ("package", to_units(1.45))
    order(tape, "10:12", MoveStop(trade_id=1, price=price))
    played = trade_by_hand(tape, RICH)
    words = "no stop on #1 puts any more" if level is None else "stop of #1 puts at 1.25"
    assert outcomes(played)[-1][1] == f"{words}: was 1.45"
    (after,) = build_deals(played.engine).deals[0].parts
    assert after.stop_at == price
