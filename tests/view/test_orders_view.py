"""The blotter of a session: what was asked, what was denied, what came of it."""

from __future__ import annotations

import msgspec
import pytest
from core_builders import CALLS_HIT, CONDOR, PUTS_HIT, at, condor_tape, make_engine, option
from day_watch import Watched, watch

from engine.events import DecisionRecord, IntentRecord
from engine.orders import Order
from engine.types import Contract, Leg, Package, to_units
from engine.view import OrdersView, ViewRequest
from engine.view.blotter import DENIED, Blotter, average, legs_text, package_mid

STOPPED = ("strategies.iron_condor.stop.scope=side",)


def blotter(tape, until: str, *settings: str) -> OrdersView:
    found = watch(make_engine(*settings), tape, until).orders
    assert found is not None
    return found


def test_the_entry_is_told_with_its_legs_its_mid_and_its_fill() -> None:
    (row,) = blotter(condor_tape(), "10:05").rows
    assert row.legs == "+5315-5325P -5375+5385C"
    assert (row.kind, row.status, row.working) == ("open", "filled", False)
    assert (row.filled, row.quantity) == (1, 1)
    assert (row.mid, row.limit, row.average) == (to_units(-1.60), to_units(-1.40), to_units(-1.40))
    assert row.who == "iron_condor"
    assert row.key.endswith("-0-1")
    assert row.reason.startswith("5315/5325P 5375/5385C for 1.40 credit")


def test_a_stopped_side_is_an_order_that_closes_newest_first() -> None:
    found = blotter(condor_tape().quote("10:30", PUTS_HIT, spot=5320).hold("10:31", "10:40"), "10:40", *STOPPED)
    newest, oldest = found.rows
    assert (newest.kind, newest.legs, newest.trade_id) == ("close", "-5315+5325P", oldest.trade_id)
    assert newest.ts > oldest.ts
    assert newest.average is not None
    assert newest.average > 0  # it costs money
    assert "stop" in newest.reason
    assert (found.working, found.filled, found.denied) == (0, 2, 0)


def test_a_working_order_stands_first_with_its_limit_as_it_was_walked() -> None:
    tape = condor_tape(until="10:00").hold("10:01", "10:03")
    engine = make_engine("entries.start=mid", "entries.step_seconds=20", "fills.model=cross")
    seen = Watched(engine, tape.sorted()).play(at("10:00"))
    first = seen.view(at("10:00")).orders
    assert first is not None
    assert [row.working for row in first.rows] == [True]
    assert (first.working, first.rows[0].status) == (1, "accepted")
    later = seen.play(at("10:00:25")).view(at("10:00:25")).orders
    assert later is not None
    assert later.rows[0].walked == 1
    assert first.rows[0].limit is not None
    assert later.rows[0].limit is not None
    assert later.rows[0].limit > first.rows[0].limit  # less is received
    assert later.rows[0].mid == first.rows[0].mid  # as it was sent


def test_a_denied_intent_is_told_with_its_code_though_it_is_no_order() -> None:
    found = blotter(condor_tape(), "10:05", "risk.per_trade=0.0001")
    (row,) = found.rows
    assert (row.status, row.trade_id, row.working) == ("denied", 0, False)
    assert row.reason.startswith("PER_TRADE: ")
    assert row.key == "denied.1"
    assert found.denied == 1


def test_of_many_denied_the_newest_are_kept_and_the_others_counted() -> None:
    kept, engine = Blotter(), make_engine()
    legs = (Leg(option("5325P"), "sell", "open"),)
    for n in range(1, DENIED + 11):
        common = {"seq": n, "ts": n, "account": "main"}
        kept.take(
            IntentRecord(
                **common, intent_id=n, trade_id=0, strategy="s", root="SPXW", actor="strategy", kind="open",
                quantity=1, limit=None, legs=legs, reason="why",
            ),
            engine.state.market,
        )  # fmt: skip
        kept.take(
            DecisionRecord(**common, intent_id=n, approved=False, code="TICK", text="no", quantity=0, worst_case=0),
            engine.state.market,
        )
    found = kept.build(engine)
    assert len(found.rows) == DENIED
    assert found.rows[0].key == f"denied.{DENIED + 10}"
    assert (found.denied, found.left_out) == (DENIED + 10, 10)


def test_nothing_is_made_for_who_does_not_ask() -> None:
    seen = Watched(make_engine(), condor_tape().sorted()).play(at("10:05"))
    assert seen.view(at("10:05"), "chart").orders is None
    assert seen.builder.build(ViewRequest(), seen.view(at("10:05")).progress).orders is None


def test_it_can_be_sent_and_read_again() -> None:
    found = blotter(condor_tape().quote("10:30", CALLS_HIT, spot=5376).hold("10:31", "10:40"), "10:40", *STOPPED)
    assert msgspec.msgpack.decode(msgspec.msgpack.encode(found), type=OrdersView) == found


def test_what_was_sent_before_a_restart_keeps_its_reason_and_has_no_mid() -> None:
    before = Watched(make_engine(), condor_tape().sorted()).play(at("10:05"))
    again = Watched(before.engine, [])
    again.builder.remember(before.records)
    (row,) = again.view(at("10:05")).orders.rows  # type: ignore[union-attr]
    assert row.mid is None
    assert row.reason.startswith("5315/5325P 5375/5385C for 1.40 credit")


# --- its words and figures


def leg(name: str, side: str, ratio: int = 1) -> Leg:
    return Leg(option(name), side, "open", ratio)  # type: ignore[arg-type]


def test_legs_are_told_puts_first_with_ratios_and_days() -> None:
    assert legs_text((leg("5385C", "buy"), leg("5325P", "sell", 2), leg("5300P", "buy", 3))) == "+3x5300-2x5325P +5385C"
    near, far = option("5325P"), Contract("SPXW", option("5325P").expiry.replace(day=9), to_units(5325), "P")
    assert legs_text((Leg(far, "buy", "open"), Leg(near, "sell", "open"))) == "08-07 -5325P 08-09 +5325P"
    assert legs_text((Leg(Contract("XSP", near.expiry, to_units(532.5), "C"), "sell", "open"),)) == "-532.5C"


def test_a_mid_needs_every_leg() -> None:
    market = Watched(make_engine(), condor_tape().sorted()).play(at("10:00")).engine.state.market
    short, wing = leg("5325P", "sell"), leg("5315P", "buy")
    mid = {name: sum(CONDOR[name]) / 2 for name in ("5325P", "5315P")}  # type: ignore[arg-type]
    assert package_mid(market, (short, wing)) == to_units(mid["5315P"] - mid["5325P"])
    assert package_mid(market, (short, leg("5300P", "buy"))) is None


def test_an_average_needs_whole_packages() -> None:
    seen = Watched(make_engine(), condor_tape().sorted()).play(at("10:05"))
    (order,) = seen.engine.state.orders
    assert average(order) == to_units(-1.40)
    bare = Order(
        "id", 1, 1, "s", "SPXW", "strategy", "open", Package((leg("5325P", "sell"),)), 1, None, 0, status="sent"
    )
    assert average(bare) is None


@pytest.mark.parametrize("parts", [("orders",), ("chart", "equity", "orders")])
def test_building_twice_changes_nothing(parts: tuple[str, ...]) -> None:
    seen = Watched(make_engine(), condor_tape().sorted()).play(at("11:00"))
    assert seen.view(at("11:00"), *parts) == seen.view(at("11:00"), *parts)
