"""Orders that leave the engine: sent, doubted, looked up, found absent, adopted, and compared with the broker."""

from __future__ import annotations

import msgspec
import pytest
from core_builders import Played, condor_tape, option, short
from outside_line import done_elsewhere, fill, go_on, session_on, trade

from engine.events import (
    BreakerRecord,
    IntentRecord,
    OrderEventRecord,
    OrderRecord,
    OrderRequest,
)
from engine.types import Leg, Package


def statuses(played: Played, order_id: str = "main-20240807-0-1") -> list[str]:
    return [event.status for event in played.of(OrderEventRecord) if event.client_order_id == order_id]


def breakers(played: Played) -> list[tuple[str, str]]:
    return [(each.name, each.state) for each in played.of(BreakerRecord) if each.name in ("BROKER_UNREAD", "RECONCILE")]


def test_no_new_risk_before_the_account_was_compared() -> None:
    playing, line = session_on(condor_tape("10:30"))
    line.lost = {"snapshot"}
    played = go_on(playing, Played(playing.engine), "10:06")

    assert breakers(played) == [("BROKER_UNREAD", "REDUCING")]
    assert played.orders() == []
    line.lost = set()


def test_an_order_goes_out_and_its_fills_come_back_as_events() -> None:
    played, line, _ = trade(condor_tape("10:30"), "10:03")

    assert breakers(played) == [("BROKER_UNREAD", "REDUCING"), ("BROKER_UNREAD", "ACTIVE")]
    assert statuses(played) == ["sent", "accepted", "filled"]
    assert played.trade().status == "open"
    assert played.held() == {c.short_name: n for c, n in line.broker.exchange.positions.items()}


def test_what_is_not_answered_is_unknown_and_looked_up() -> None:
    playing, line = session_on(condor_tape("10:30"))
    played = go_on(playing, Played(playing.engine), "09:59")
    line.mute, line.lost = {"main-20240807-0-1"}, {"snapshot"}
    go_on(playing, played, "10:00:04")
    assert statuses(played) == ["sent"]
    go_on(playing, played, "10:00:05")
    assert statuses(played)[-1] == "unknown"
    assert line.actions("lookup") == ["10:00:05"]
    line.mute = set()
    go_on(playing, played, "10:00:40")

    assert statuses(played)[-1] == "filled"
    assert played.trade().status == "open"


def test_an_intent_proven_absent_is_closed_and_never_sent_again() -> None:
    playing, line = session_on(condor_tape("10:30"))
    line.lost = {"submit"}
    played = go_on(playing, Played(playing.engine), "10:04")
    line.lost = set()
    go_on(playing, played, "10:20")

    assert statuses(played) == ["sent", "unknown", "cancelled"]
    assert played.trade().status == "abandoned"
    assert [request.action for _, request in line.said].count("submit") == 1
    assert played.held() == {}


def test_an_order_that_turns_up_after_it_was_found_absent_is_cancelled_and_its_fill_counts() -> None:
    tape = condor_tape("10:30")
    playing, line = session_on(tape)
    line.lost = {"submit"}
    played = go_on(playing, Played(playing.engine), "10:02")
    assert statuses(played)[-1] == "cancelled"
    late = next(request for _, request in line.said if request.action == "submit")
    line.broker.take(msgspec.structs.replace(late, limit=-20_000))  # it arrives now, and rests: nobody pays 2.00
    go_on(playing, played, "10:05")

    assert any("was closed here and works" in text for _, text in played.notices("alarm"))
    kept = line.broker.book.get(late.client_order_id)
    assert kept is not None
    assert kept.status == "cancelled"


def test_a_missed_fill_is_found_at_the_next_comparison() -> None:
    playing, line = session_on(condor_tape("10:30"))
    line.mute, line.lost = {"main-20240807-0-1"}, {"lookup"}
    played = go_on(playing, Played(playing.engine), "10:01")

    assert statuses(played)[-1] == "filled"
    assert any(e.text == "found at the broker" for e in played.of(OrderEventRecord))
    assert played.trade().status == "open"


@pytest.mark.parametrize("reported", [True, False], ids=["reported", "found by comparing"])
def test_a_leg_the_broker_closed_is_adopted_and_what_is_left_of_its_side_is_closed(reported: bool) -> None:
    playing, line = session_on(condor_tape("10:30"))
    played = go_on(playing, Played(playing.engine), "10:03")
    report = done_elsewhere(line, fill("5325P", "buy", 1, 14_000))
    if reported:
        line.extra.append(report)
    go_on(playing, played, "10:10")

    adopted = [intent for intent in played.of(IntentRecord) if intent.actor == "broker"]
    assert [(intent.kind, intent.trade_id) for intent in adopted] == [("close", 1)]
    assert [(scope, trigger) for _, scope, trigger in played.exits()] == [("puts", "orphan")]
    assert played.held() == {"5375C": -1, "5385C": 1}
    assert played.held() == {c.short_name: n for c, n in line.broker.exchange.positions.items()}
    assert breakers(played)[-1] == ("BROKER_UNREAD", "ACTIVE")


def test_an_own_close_under_way_gives_way_to_the_brokers() -> None:
    """Nothing is doubled: the exit asks for less once the broker has bought the short back."""
    tape = condor_tape("10:30").command("10:10", "close_trade", 1)
    playing, line = session_on(tape)
    played = go_on(playing, Played(playing.engine), "10:10")
    line.extra.append(done_elsewhere(line, fill("5325P", "buy", 1, 14_000)))
    go_on(playing, played, "10:15")

    assert played.held() == {}
    assert dict(line.broker.exchange.positions) == {}
    bought = sum(quantity for _, quantity, name, _ in played.fills() if name == "5325P" and quantity > 0)
    assert bought == 1


@pytest.mark.parametrize(("rule", "left"), [("adopt", {"5350C": 2}), ("flatten", {})])
def test_a_trade_made_elsewhere_is_shown_and_left_or_closed_by_rule(rule: str, left: dict[str, int]) -> None:
    quotes = {"5350C": (20.0, 20.2)}
    tape = condor_tape("10:00").quote("10:00:30", quotes).hold("10:01", "10:30")
    playing, line = session_on(tape, f"broker.outside={rule}")
    played = go_on(playing, Played(playing.engine), "10:03")
    line.extra.append(done_elsewhere(line, fill("5350C", "buy", 2, 200_000), order_id="phone-7"))
    go_on(playing, played, "10:10")

    mine = {"5315P": 1, "5325P": -1, "5375C": -1, "5385C": 1}
    assert played.held() == mine | left
    trade = played.trade(2)
    assert (trade.strategy, trade.key, trade.label) == ("outside", "phone-7", "made elsewhere")
    assert trade.status == ("open" if left else "closed")


def test_a_position_without_an_execution_stops_new_risk_and_is_taken_in_when_seen_twice() -> None:
    tape = condor_tape("10:00").quote("10:00:30", {"5350C": (20.0, 20.2)}).hold("10:01", "10:30")
    playing, line = session_on(tape)
    played = go_on(playing, Played(playing.engine), "10:03")
    line.broker.exchange.hold(option("5350C"), 1)
    go_on(playing, played, "10:10")

    assert ("RECONCILE", "REDUCING") in breakers(played)
    assert breakers(played)[-1] == ("RECONCILE", "ACTIVE")
    assert any("no execution explains" in text for _, text in played.notices("alarm"))
    assert played.held()["5350C"] == 1


def test_an_order_of_somebody_else_is_left_at_the_broker_and_said_once() -> None:
    playing, line = session_on(condor_tape("10:30"))
    played = go_on(playing, Played(playing.engine), "10:03")
    package = Package((Leg(option("5350C"), "buy", "open"),))
    line.broker.take(
        OrderRequest(action="submit", client_order_id="phone-8", package=package, quantity=1, limit=10_000)
    )
    go_on(playing, played, "10:08")

    said = [text for _, text in played.notices("alarm") if "phone-8" in text]
    assert len(said) == 1
    assert said[0].startswith("order phone-8 is not ours: accepted.")
    assert "phone-8" not in [request.client_order_id for _, request in line.said]


def test_a_close_is_no_bigger_than_what_the_broker_holds() -> None:
    tape = condor_tape("10:30").command("10:10", "close_trade", 1)
    playing, line = session_on(tape)
    played = go_on(playing, Played(playing.engine), "10:09:59")
    line.broker.exchange.hold(option("5385C"), -1)  # gone, and nobody says why
    go_on(playing, played, "10:10:01")

    closing = [order for order in played.of(OrderRecord) if order.kind == "close"]
    assert [sorted(short(leg.contract.symbol) for leg in order.legs) for order in closing] == [
        ["5315P", "5325P", "5375C"]
    ]
    assert any("the broker holds" in text and "no more is closed" in text for _, text in played.notices("alarm"))


def test_where_limits_cannot_be_changed_an_exit_cancels_waits_and_sends_anew() -> None:
    tape = condor_tape("10:30").command("10:10", "close_trade", 1)
    played, line, _ = trade(tape, "10:12", "broker.replaces=false")

    assert line.actions("replace") == []
    closes = [r for _, r in line.said if r.action == "submit" and r.package and not r.package.opens]
    assert [request.limit for request in closes] == [16_000, 17_000, 18_000]
    assert played.held() == {}


def test_a_broker_that_tells_the_account_is_asked_again_every_so_often() -> None:
    _, line, _ = trade(condor_tape("10:30"), "10:02", "broker.reconcile_seconds=30")

    asked = [when for when in line.actions("snapshot") if when > "10:00:30"]
    assert [when[-2:] for when in asked] == ["35", "05", "35"]
