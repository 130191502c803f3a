"""What the book's rows say of breakevens and margin."""

from __future__ import annotations

from core_builders import PUTS_HIT, SPOT, at, condor_tape, make_engine
from day_watch import Watched, watch

from engine.types import to_units
from engine.view import PositionRow, PositionsView

WITH_STOPS = ("strategies.iron_condor.stop.scope=side",)


def book(tape, until: str, *settings: str) -> PositionsView:
    return watch(make_engine(*settings), tape, until).positions


def trade(found: PositionsView) -> PositionRow:
    return next(row for row in found.rows if row.level in ("trade", "settled"))


def test_the_nearest_breakeven_lies_the_credit_beyond_the_short_strike() -> None:
    seen = Watched(make_engine(), condor_tape().sorted()).play(at("10:05"))
    found = trade(seen.view(at("10:05")).positions).breakeven
    (held,) = seen.engine.state.portfolio.open_trades
    net = held.cash // 100  # the credit a share, opening fees taken off
    assert 0 < net < to_units(1.40)
    assert found == to_units(SPOT - 5325) + net  # 26.4 points below: the calls' lies as far above


def test_beyond_it_the_distance_is_negative() -> None:
    tape = condor_tape(until="10:05").quote("10:06", spot=5320)
    found = trade(book(tape, "10:06", "strategies.iron_condor.stop.scope=none")).breakeven
    assert found is not None
    assert to_units(-4) < found < to_units(-3)  # 5325 less 1.4


def test_what_is_over_or_not_filled_has_none() -> None:
    assert trade(book(condor_tape(), "15:40")).breakeven is None
    assert book(condor_tape(), "09:59").rows == ()


def test_the_margin_is_what_the_strikes_may_cost_and_falls_with_a_closed_side() -> None:
    whole = book(condor_tape(), "10:05")
    assert whole.margin == to_units(1000)  # ten points wide: only one side can lose
    assert whole.equity == to_units(100_000)
    tape = condor_tape(until="10:29").quote("10:30", PUTS_HIT, spot=5321).hold("10:31", "10:40")
    assert book(tape, "10:40", *WITH_STOPS).margin == to_units(1000)
    assert book(condor_tape(), "15:40").margin == 0
