"""What others do in the account, and what it means for limits, the day's loss and what is closed."""

from __future__ import annotations

import pytest
from core_builders import PUTS_HIT, SPOT, Played, condor_tape, option
from outside_line import done_elsewhere, fill, go_on, session_on

from engine.events import FillRecord
from engine.types import to_units
from engine.view.positions import build_positions


def test_an_order_elsewhere_that_filled_in_two_goes_is_adopted_whole() -> None:
    quotes = {"5350C": (20.0, 20.2)}
    tape = condor_tape("10:00").quote("10:00:30", quotes).hold("10:01", "10:30")
    playing, line = session_on(tape)
    played = go_on(playing, Played(playing.engine), "10:03")
    legs = (fill("5350C", "buy", 2, 200_000, "x1"), fill("5350C", "buy", 3, 201_000, "x2"))
    done_elsewhere(line, *legs, order_id="phone-7")  # found by comparing: both at once
    go_on(playing, played, "10:10")

    assert played.held()["5350C"] == 5
    trade = played.trade(2)
    assert (trade.status, trade.quantity) == ("open", 5)
    assert played.engine.state.portfolio.get(2).credit == -200_600  # type: ignore[union-attr]


def test_an_adopted_trade_that_has_no_quote_does_not_switch_the_days_loss_off() -> None:
    tape = condor_tape("10:01").quote("10:05", PUTS_HIT, spot=SPOT).hold("10:06", "10:30")
    playing, line = session_on(tape, "strategies.iron_condor.stop.scope=none", "risk.daily_loss=80")
    played = go_on(playing, Played(playing.engine), "10:03")
    line.extra.append(done_elsewhere(line, fill("5100P", "sell", 1, 1_000), order_id="phone-7"))
    go_on(playing, played, "10:12")

    assert [each.name for each in played.breakers() if each.latched] == ["DAILY_LOSS"]
    assert {n: q for n, q in played.held().items() if n != "5100P"} == {}


def test_what_vanished_without_a_price_is_not_booked_at_nothing() -> None:
    """The broker's short is gone, nobody says at what price, and the market shows none: it is no gain."""
    tape = condor_tape("10:01").quote("10:02", {"5325P": (None, None)}).hold("10:03", "10:05")
    tape.quote("10:06", {"5325P": (1.30, 1.40)}).hold("10:07", "10:30")
    playing, line = session_on(tape)
    played = go_on(playing, Played(playing.engine), "10:03")
    line.broker.exchange.hold(option("5325P"), 1)
    go_on(playing, played, "10:20")

    prices = [f.price for f in played.of(FillRecord) if "REC-" in f.exec_id]
    assert prices == [13_500]


@pytest.mark.parametrize(("rule", "left"), [("adopt", 1), ("flatten", 0)])
def test_after_a_flatten_a_hedge_made_elsewhere_is_left_to_the_person_who_made_it(rule: str, left: int) -> None:
    tape = (
        condor_tape("10:00")
        .quote("10:00:30", {"5350C": (20.0, 20.2)})
        .hold("10:01", "10:30")
        .command("10:05", "flatten")
    )
    playing, line = session_on(tape, f"broker.outside={rule}")
    played = go_on(playing, Played(playing.engine), "10:10")
    assert played.held() == {}
    line.extra.append(done_elsewhere(line, fill("5350C", "buy", 1, 200_000), order_id="phone-7"))
    go_on(playing, played, "10:20")

    assert played.held().get("5350C", 0) == left


def test_a_trade_whose_wing_was_sold_elsewhere_counts_for_what_it_may_lose_now() -> None:
    """A short call without its wing has no bound; until it is bought back nothing else is opened beside it."""
    tape = condor_tape("10:02").quote("10:02:30", {"5375C": (None, None)}).hold("10:03", "10:30")
    playing, line = session_on(tape, 'strategies.iron_condor.entries=["10:00", "10:04"]', "risk.duplicate_seconds=0")
    played = go_on(playing, Played(playing.engine), "10:03")
    line.extra.append(done_elsewhere(line, fill("5385C", "sell", 1, 4_000), order_id="phone-9"))
    go_on(playing, played, "10:03:10")

    (trade,) = played.engine.state.portfolio
    assert trade.held(option("5375C")) == -1
    assert trade.worst_outcome >= to_units(5375 - 5325) * 100


def test_a_trade_made_elsewhere_is_not_said_to_have_lost_its_strategy() -> None:
    tape = condor_tape("10:00").quote("10:00:30", {"5350C": (20.0, 20.2)}).hold("10:01", "10:30")
    playing, line = session_on(tape)
    played = go_on(playing, Played(playing.engine), "10:03")
    line.extra.append(done_elsewhere(line, fill("5350C", "buy", 1, 200_000), order_id="phone-7"))
    go_on(playing, played, "10:10")

    engine = played.engine
    marks = {trade.trade_id: engine.guard.mark(trade) for trade in engine.state.portfolio.open_trades}
    row = next(row for row in build_positions(engine, marks).rows if row.trade_id == 2)
    assert row.note == "made elsewhere: nobody watches it"
    assert row.stop_holder == ""
