"""Killed at any event, a day traded by hand goes on from its journal; and the engine's shortcuts change none of it."""

from __future__ import annotations

from functools import cache

import pytest
from core_builders import CALLS_HIT, PUTS_HIT, SPOT, Played, at, encoded, make_engine, play, resumed
from hands_days import NO_ENTRIES, condor, day, legs, order, price, puts
from two_ways import always, same

from engine.core import Engine
from engine.events import AnyEvent, FillRecord
from engine.types import Adopt, Annotate, CloseTrade, MoveStop, MoveTarget, PauseStrategy, RollTrade

RICH = "account.equity=1000000"


@cache
def events() -> tuple[AnyEvent, ...]:
    """Opened, noted, halved, rolled, its stops moved; one side is stopped, the strategy paused and resumed."""
    tape = day("10:24").quote("10:25", PUTS_HIT, spot=SPOT).hold("10:26", "10:29")
    tape.quote("10:30", CALLS_HIT).hold("10:31", "10:40").close(SPOT)
    order(tape, "10:05", condor(quantity=4, side_stop=price(3.0), target=price(0.20), note="n", tags=("t",)))
    order(tape, "10:08", CloseTrade(trade_id=1, part=4), PauseStrategy(strategy="iron_condor"))
    order(tape, "10:10", MoveStop(trade_id=1, scope="puts", price=price(1.45)), puts(package=legs("+5310P", "-5320P"),
          limit=price(-0.50)))  # fmt: skip
    order(tape, "10:12", RollTrade(trade_id=1, scope="calls", strikes=1), MoveTarget(trade_id=1))
    order(tape, "10:15", Annotate(trade_id=2, note="later"), Adopt(trade_id=2))
    order(tape, "10:35", CloseTrade(trade_id=2, part=2), PauseStrategy(strategy="iron_condor", paused=False))
    return tuple(tape.sorted())


def engine() -> Engine:
    return make_engine(NO_ENTRIES, RICH)


@cache
def undisturbed() -> Played:
    return play(engine(), events())


def standing(found: Engine) -> dict[str, object]:
    """What a restart must bring back."""
    state = found.state
    return {
        "trades": {
            t.trade_id: (t.strategy, t.status, t.filled, t.wanted, t.worst_case, t.standing.held, t.cash)
            for t in state.portfolio
        },
        "hands": (state.annotations, state.hands.paused),
        "plans": {
            (r.strategy.name, r.strategy.root): r.state
            for r in found.strategies._running
            if r.strategy.name == "manual"
        },
        "breakers": sorted(state.states.breakers),
    }


INSIDE = [
    index
    for index, tick in enumerate(undisturbed().ticks)
    if at("10:04") < tick.now < at("10:45") and (tick.records or index % 7 == 0)
]


@pytest.mark.parametrize("index", INSIDE)
def test_restored_it_stands_as_it_stood(index: int) -> None:
    """What is held, planned, noted and paused; of orders under way the exchange inside knows nothing any more."""
    whole = undisturbed()
    ticks = whole.ticks[: index + 1]
    before = Played(engine())
    for event in whole.events[: index + 1]:  # its timers are among them
        before.engine.process(event)
    records = [record for tick in ticks for record in tick.records]
    ts = ticks[-1].now
    after = play(engine(), resumed(events(), records, ts), ts)

    was, now = standing(before.engine), standing(after.engine)
    assert now["hands"] == was["hands"]
    if not before.engine.state.orders.working() and not before.engine.hands.awake:
        assert now == was
    fills = [*records, *after.records]
    held: dict[tuple[int, str], int] = {}
    for record in fills:
        if isinstance(record, FillRecord):
            key = record.trade_id, record.symbol
            held[key] = held.get(key, 0) + record.quantity
    found = {(t.trade_id, c.symbol): n for t in after.engine.state.portfolio for c, n in t.standing.held.items()}
    assert {key: n for key, n in held.items() if n} == found


def test_a_part_that_was_cut_off_goes_on_and_closes_no_more() -> None:
    tape = order(order(day("10:20"), "10:05", condor(quantity=4)), "10:10", CloseTrade(trade_id=1, part=2))
    before = play(make_engine(NO_ENTRIES, RICH), tape.sorted(), at("10:10:02"))
    assert before.held()["5325P"] == -4
    again = resumed(tape.sorted(), before.records, at("10:10:02"))
    after = play(make_engine(NO_ENTRIES, RICH), again, at("10:20"))
    assert after.held() == {"5315P": 2, "5325P": -2, "5375C": -2, "5385C": 2}


def test_the_shortcuts_for_quiet_markets_change_nothing() -> None:
    quick, slow = undisturbed(), play(always(engine()), events())
    assert same(quick, slow)
    assert encoded(quick.records) == encoded(play(engine(), events()).records)


def test_quiet_minutes_are_quiet() -> None:
    """With stops and a target set and calm quotes, market data leads to nothing but newer quotes."""
    tape = order(day("12:00"), "10:05", condor(side_stop=price(3.0), target=price(0.20)))
    played = play(make_engine(NO_ENTRIES), tape.sorted(), at("11:30"))
    assert played.engine._quiet_until > at("11:30")
