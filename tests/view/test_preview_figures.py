"""The ticket's figures on a market written by hand: each reckoned beside it, and the words what then happens."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from core_builders import CONDOR, SPOT, Tape, at, condor_tape, ladder, make_engine, option, play

from engine.core import Engine, Greeks
from engine.events import Command, CommandRecord
from engine.types import MANUAL, Leg, OpenTrade, Package, to_units
from engine.view import TicketRequest, TicketView
from engine.view.deal_rows import build_deals
from engine.view.tickets import build_proposals, build_ticket

OFF = 'strategies.iron_condor.entries=["14:00"]'
LEGS = (("5315P", "buy"), ("5325P", "sell"), ("5375C", "sell"), ("5385C", "buy"))
FEES = to_units(4 * 0.65)


def condor(*changed: tuple[str, str]) -> Package:
    return Package(tuple(Leg(option(name), side, "open") for name, side in changed or LEGS))  # type: ignore[arg-type]


def engine_at(until: str = "10:30", *settings: str, tape: Tape | None = None) -> Engine:
    engine = make_engine(OFF, *settings)
    play(engine, (tape or condor_tape(until)).sorted(), at(until))
    return engine


def told(engine: Engine, package: Package | None = None, **changes: Any) -> TicketView:
    request = TicketRequest(root="SPXW", package=package or condor(), **{"quantity": 1, **changes})
    return build_ticket(engine, request, engine.state.now)


def ordered(engine: Engine, order: OpenTrade) -> str:
    """What comes of an order by hand at this instant."""
    now = engine.state.now
    tick = engine.process(Command(ts_known=now, ts_event=now, command_id="c", kind="manual", manual=order))
    return next(record.outcome for record in tick.records if isinstance(record, CommandRecord))


def test_prices_and_ends() -> None:
    found = told(engine_at(), quantity=2)
    assert (found.natural, found.mid, found.limit) == (to_units(-1.40), to_units(-1.60), to_units(-1.60))
    assert found.width == to_units(10)
    assert found.credit_to_width == pytest.approx(0.16)
    assert (found.fees_open, found.fees_close) == (2 * FEES, 2 * FEES)
    assert found.max_gain == 2 * (to_units(160) - FEES)
    assert found.max_loss == -2 * (to_units(840) + FEES)
    assert found.margin == 2 * to_units(1000)
    assert found.breakevens == (to_units(5325 - 1.6), to_units(5375 + 1.6))
    assert found.oldest == 0
    assert (found.code, found.approved, found.verdict) == ("OK", 2, "would be approved for 2")
    assert msgspec.msgpack.decode(msgspec.msgpack.encode(found), type=TicketView) == found


def test_what_both_stops_and_one_of_them_lose_and_what_the_target_brings() -> None:
    found = told(engine_at(), side_stop=to_units(2), stop=to_units(3), target=to_units(0.5))
    assert found.loss_both == -(to_units(2 * 200 - 160) + 2 * FEES)
    assert found.loss_one == -(to_units(200 - 160) + 2 * FEES)
    assert found.loss_stop == -(to_units(300 - 160) + 2 * FEES)
    assert found.gain_target == to_units(160 - 50) - 2 * FEES
    one_sided = told(engine_at(), condor(*LEGS[:2]), side_stop=to_units(2))
    assert one_sided.loss_both is None
    assert one_sided.loss_one is not None


def test_its_greeks_are_those_of_the_trade_that_comes_of_it() -> None:
    engine = engine_at()
    found = told(engine, quantity=3, limit=to_units(-1.40))
    assert "opening #1" in ordered(
        engine, OpenTrade(root="SPXW", package=condor(), quantity=3, limit=to_units(-1.40), label="IC")
    )
    (trade,) = engine.state.portfolio.open_trades
    held = Greeks().plus(engine.state, trade)
    minutes = 24 * 60
    assert (found.delta, found.gamma) == (pytest.approx(held.delta), pytest.approx(held.gamma))
    assert (found.theta, found.vega) == (pytest.approx(held.theta / minutes), pytest.approx(held.vega))
    assert trade.worst_case == -(found.max_loss or 0)


def test_quantity_by_risk_is_what_the_limits_leave_and_is_named() -> None:
    engine = engine_at()
    found = told(engine, quantity=0, limit=to_units(-1.40))
    assert (found.room, found.binding) == (2, "PER_TRADE")  # 2,000 a trade, 862.60 a package
    assert (found.quantity, found.approved) == (2, 2)
    more = told(engine, quantity=5, limit=to_units(-1.40))
    assert more.verdict == "would be approved for 2 of 5: sized down from 5 by the limit of a trade"
    few = told(engine_at("10:30", "risk.max_contracts=4"), quantity=0, limit=to_units(-1.40))
    assert (few.room, few.binding) == (1, "MAX_CONTRACTS")


@pytest.mark.parametrize("on_collision", ["shift", "deny"])
def test_a_collision_is_told_with_what_a_shift_would_make_of_it(on_collision: str) -> None:
    tape = Tape().list(ladder(5300, 5400)).quote("09:59", {**CONDOR, "5310P": (0.3, 0.4)}, spot=SPOT)
    engine = engine_at("10:30", f"risk.on_collision={on_collision}", tape=tape.hold("10:00", "10:30"))
    first = OpenTrade(root="SPXW", package=condor(), quantity=1, limit=to_units(-1.40), label="first")
    assert "opening #1" in ordered(engine, first)
    again = condor(("5315P", "sell"), ("5310P", "buy"))
    found = told(engine, again, limit=to_units(-0.1))
    (row,) = found.collisions
    assert (row.contract, row.against) == (option("5315P"), "+1 of #1")
    assert row.shifted == option("5310P") or row.shifted == option("5305P")
    outcome = ordered(engine, OpenTrade(root="SPXW", package=again, quantity=1, limit=to_units(-0.1), label="x"))
    if on_collision == "deny":
        assert found.verdict.removeprefix("would be denied: ").split()[0] == "LEG_COLLISION"
        assert outcome.startswith("denied LEG_COLLISION")
    else:
        assert found.code == "REFUSED"  # 5310P is its own long leg
        assert outcome.removeprefix("refused: ") == found.verdict.removeprefix("would be refused: ")


def test_a_stop_that_would_fire_at_once_is_refused_before_it_is_sent() -> None:
    engine = engine_at()
    found = told(engine, stop=to_units(1.0), limit=to_units(-1.40))
    assert found.code == "REFUSED"
    assert found.approved == 0
    order = OpenTrade(root="SPXW", package=condor(), quantity=1, limit=to_units(-1.40), stop=to_units(1.0))
    assert ordered(engine, order).removeprefix("refused: ") == found.verdict.removeprefix("would be refused: ")


def test_asking_changes_nothing_and_enlists_nobody() -> None:
    engine = engine_at()
    before = (engine.state.dealings, dict(engine.state.versions), dict(engine.gate.last), engine.state.revision)
    for _n in range(3):
        told(engine, stop=to_units(4), side_stop=to_units(3))
        build_proposals(engine)
        build_deals(engine)
    assert (engine.state.dealings, engine.state.versions, engine.gate.last, engine.state.revision) == before
    assert all(name != MANUAL for name, _ in engine.state.versions)


def test_without_quotes_there_is_no_price_and_it_says_of_which_leg() -> None:
    found = told(engine_at(), condor(("5315P", "buy"), ("5330P", "sell")))
    assert found.problem == "no price: 5330P has no usable quote"
    assert (found.limit, found.max_loss, found.approved) == (None, None, 0)
    broken = told(engine_at(), Package(()))
    assert broken.problem == "a package needs a leg"


def test_a_naked_short_has_no_bound_and_no_room() -> None:
    found = told(engine_at(), condor(("5375C", "sell")), limit=to_units(-1.2))
    assert found.code == "UNDEFINED_RISK"
    assert (found.max_loss, found.margin, found.room) == (None, None, None)
    assert {row.code for row in found.controls if row.unasked == "UNDEFINED_RISK"} >= {"PER_TRADE", "PER_BOOK"}


def test_strategies_propose_also_what_they_would_not_enter() -> None:
    (row,) = build_proposals(engine_at())
    assert row.package == condor()
    assert (row.label, row.limit) == ("5315/5325P 5375/5385C", to_units(-1.40))
    assert row.why == "its next window opens 14:00"
    (row,) = build_proposals(engine_at("10:30", "strategies.iron_condor.min_credit=2"))
    assert row.why == "credit 1.40 is below min_credit 2.00"


def test_a_deal_tells_what_closing_brings() -> None:
    engine = engine_at()
    ordered(engine, OpenTrade(root="SPXW", package=condor(), quantity=2, limit=to_units(-1.40), label="IC"))
    (deal,) = build_deals(engine).deals
    whole, puts, calls = deal.parts
    assert (whole.scope, puts.scope, calls.scope) == ("package", "puts", "calls")
    assert (whole.quantity, whole.contracts) == (2, 8)
    assert (whole.mid, whole.natural) == (to_units(1.60), to_units(1.80))
    assert whole.pnl_mid == 2 * (to_units(140 - 160) - 2 * FEES)  # entered at 1.40 natural, closed at 1.60 mid
    assert whole.pnl_now == 2 * (to_units(140 - 180) - 2 * FEES)
    assert (puts.pnl_mid or 0) + (calls.pnl_mid or 0) == whole.pnl_mid
    assert (puts.distance, calls.distance) == (to_units(25), to_units(25))
    assert deal.tested in ("puts", "calls")
