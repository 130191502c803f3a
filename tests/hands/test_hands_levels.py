"""Stops and targets moved by hand, on a person's trades and on a strategy's."""

from __future__ import annotations

import pytest
from core_builders import PUTS_HIT, SPOT, Played, Tape, clock, short
from hands_days import condor, day, order, outcomes, price, puts, trade_by_hand

from engine.core import Engine
from engine.events import OrderEventRecord, OrderRecord, StateRecord
from engine.types import CloseTrade, Manual, MoveStop, MoveTarget
from engine.view.positions import build_positions

AT_TEN = 'strategies.iron_condor.entries=["10:00"]'


def calm(hit: dict[str, tuple[float | None, float | None]] = PUTS_HIT) -> Tape:
    """Calm until 10:14, then a side is hit: its puts cost 1.60 to close."""
    return day("10:14").quote("10:15", hit, spot=SPOT).hold("10:16", "10:20")


def by_hand(*orders: Manual, settings: tuple[str, ...] = (), tape: Tape | None = None) -> Played:
    """A condor by hand at 10:05, its sides stopped at 1.45; these from 10:10."""
    found = order(tape or calm(), "10:05", condor(side_stop=price(1.45), target=price(0.40)))
    return trade_by_hand(order(found, "10:10", *orders), *settings)


def of_strategy(*orders: Manual, settings: tuple[str, ...] = (), tape: Tape | None = None) -> Played:
    """The strategy's condor of 10:00, its sides stopped at 1.45; these from 10:10."""
    return trade_by_hand(order(tape or calm(), "10:10", *orders), AT_TEN, *settings)


WAYS = pytest.mark.parametrize("way", [by_hand, of_strategy])


def levels(engine: Engine) -> dict[str, float | None]:
    """Where each row of the positions has its stop."""
    marks = {trade.trade_id: engine.guard.mark(trade) for trade in engine.state.portfolio.open_trades}
    rows = build_positions(engine, marks).rows
    return {row.label.split()[0]: None if row.stop_at is None else row.stop_at / 10_000 for row in rows}


@WAYS
def test_untouched_the_side_is_stopped_where_it_was(way: object) -> None:
    assert way().exits() == [("10:15:03", "puts", "stop")]  # type: ignore[operator]


@WAYS
def test_a_stop_moved_away_holds_and_one_moved_nearer_fires(way: object) -> None:
    away = way(MoveStop(trade_id=1, scope="puts", price=price(1.65)))  # type: ignore[operator]
    nearer = way(MoveStop(trade_id=1, scope="calls", price=price(0.90)), tape=calm({"5375C": (1.35, 1.45)}))  # type: ignore[operator]

    assert away.exits() == []
    assert outcomes(away)[-1] == ("stop", "stop of #1 puts at 1.65: was 1.45")
    assert nearer.exits() == [("10:15:03", "calls", "stop")]


@WAYS
def test_a_stop_taken_away_fires_no_more(way: object) -> None:
    played = way(MoveStop(trade_id=1, scope="puts"))  # type: ignore[operator]
    assert played.exits() == []
    assert outcomes(played)[-1] == ("stop", "no stop on #1 puts any more: was 1.45")
    assert levels(played.engine) == {"#1": None, "puts": None, "calls": 1.45}


@WAYS
def test_a_stop_of_the_whole_stands_beside_those_of_the_sides(way: object) -> None:
    whole = MoveStop(trade_id=1, price=price(2.00))
    played = way(MoveStop(trade_id=1, scope="puts"), whole)  # type: ignore[operator]
    assert outcomes(played)[-1] == ("stop", "stop of #1 at 2.00: it had none")
    assert played.exits() == [("10:15:03", "package", "stop")]
    assert not played.held()


@WAYS
def test_a_moved_target_takes_it_off(way: object) -> None:
    cheaper = calm({"5325P": (0.90, 1.00), "5375C": (0.80, 0.90)})
    played = way(MoveTarget(trade_id=1, price=price(0.80)), tape=cheaper)  # type: ignore[operator]
    assert played.exits() == [("10:15:00", "package", "target")]
    gone = way(MoveTarget(trade_id=1, price=price(0.80)), MoveTarget(trade_id=1), tape=cheaper)  # type: ignore[operator]
    assert gone.exits() == []


@WAYS
def test_the_tested_side_is_named_in_the_answer(way: object) -> None:
    up = day("10:09").quote("10:09:30", {}, spot=5355.0).hold("10:10", "10:20")
    played = way(MoveStop(trade_id=1, scope="tested", price=price(1.50)), tape=up)  # type: ignore[operator]
    assert outcomes(played)[-1] == ("stop", "stop of #1 calls at 1.50: was 1.45")


BAD: dict[str, tuple[Manual, str]] = {
    "no such trade": (MoveStop(trade_id=9, price=price(3)), "refused: there is no trade #9"),
    "no such trade for a target": (MoveTarget(trade_id=9, price=price(3)), "refused: there is no trade #9"),
    "off the tick": (
        MoveStop(trade_id=1, scope="puts", price=price(1.51)),
        "refused: the stop at 1.5100 is not on the tick of 0.05",
    ),
    "the wrong side of the market": (
        MoveStop(trade_id=1, scope="puts", price=price(0.75)),
        "refused: the stop at 0.75 would fire at once: puts cost 0.80 to close; C closes",
    ),
    "never": (
        MoveStop(trade_id=1, scope="calls", price=price(10.05)),
        "refused: the stop at 10.05 would never fire: calls cost 10.00 to close at most",
    ),
    "a target that is reached": (
        MoveTarget(trade_id=1, price=price(1.65)),
        "refused: the target at 1.65 would close at once: package costs 1.60 to close; C closes",
    ),
}


@WAYS
@pytest.mark.parametrize("case", BAD)
def test_a_bad_level_is_refused_in_words_and_changes_nothing(way: object, case: str) -> None:
    wrong, words = BAD[case]
    played = way(wrong)  # type: ignore[operator]
    assert outcomes(played)[-1][1] == words
    assert played.exits() == [("10:15:03", "puts", "stop")]


@WAYS
def test_nothing_is_moved_while_it_is_being_closed_or_over(way: object) -> None:
    closing = way(CloseTrade(trade_id=1, scope="puts"), MoveStop(trade_id=1, scope="puts", price=price(3)))  # type: ignore[operator]
    assert outcomes(closing)[-1] == ("stop", "refused: #1 puts is being closed")
    tape = order(calm(), "10:08", CloseTrade(trade_id=1))
    over = way(MoveStop(trade_id=1, scope="puts", price=price(3)), tape=tape)  # type: ignore[operator]
    assert outcomes(over)[-1] == ("stop", "refused: #1 is over")


def test_a_condor_that_is_held_to_settlement_has_nothing_to_move() -> None:
    played = of_strategy(
        MoveStop(trade_id=1, scope="puts", price=price(3)), settings=("strategies.iron_condor.hold_to_settlement=true",)
    )
    assert outcomes(played)[-1][1].startswith("refused: the condor is held to settlement")


def test_a_strategy_keeps_what_was_moved_in_its_state_and_only_then() -> None:
    before, after = of_strategy(), of_strategy(MoveStop(trade_id=1, scope="puts", price=price(1.65)))
    states = [record.state for record in after.of(StateRecord) if record.strategy == "iron_condor"]
    assert not any('"moved"' in record.state for record in before.of(StateRecord))
    assert states[-1].endswith('"moved":{"stops":{"1:puts":16500},"targets":{}}}')


def test_a_stop_can_be_set_while_the_entry_works() -> None:
    tape = order(day("10:20"), "10:05", puts(limit=price(-0.80)), MoveStop(trade_id=1, price=price(1.50)))
    played = trade_by_hand(tape, "fills.model=cross")
    assert outcomes(played)[-1] == ("stop", "stop of #1 at 1.50: it had none")


def sent_stops(played: Played) -> list[tuple[str, str, float]]:
    """When each stop was sent to the broker, for which contract, and its trigger."""
    stops = [o for o in played.of(OrderRecord) if o.kind == "stop"]
    return [(clock(o.ts), short(o.legs[0].contract.symbol), (o.stop or 0) / 10_000) for o in stops]


@WAYS
def test_stops_at_the_broker_follow(way: object) -> None:
    """Each at twice the level and the wing's worth; a nearer one of the package does not push the side's away."""
    both = ("stop.placement=both", "stop.wider=2")
    moves = (MoveStop(trade_id=1, scope="puts", price=price(2.45)), MoveStop(trade_id=1, scope="calls"))
    played = way(*moves, MoveStop(trade_id=1, price=price(4.00)), settings=both, tape=day("10:20"))  # type: ignore[operator]

    entered = played.fills()[0][0]
    assert sent_stops(played)[:2] == [(entered, "5325P", 4.0), (entered, "5375C", 3.8)]
    working = {short(o.package.legs[0].contract.symbol): o.stop for o in played.engine.state.orders.working()}
    assert working == {"5325P": price(6.0), "5375C": price(8.9)}
    reasons = {record.text for record in played.of(OrderEventRecord) if record.status == "cancelled"}
    assert reasons == {"its stop was moved"}
