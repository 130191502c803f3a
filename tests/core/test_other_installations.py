"""Another zdte-tui session trades the same account: its orders are known for foreign, shown, and never cancelled."""

from __future__ import annotations

import msgspec
import pytest
from core_builders import Played, Tape, at, condor_tape, option
from outside_line import Line, done_elsewhere, fill, go_on, session_on

from engine.broker import SimulatedBroker
from engine.core import IN_THE_DARK
from engine.events import NoticeRecord, OrderRecord, OrderRequest, SessionStart
from engine.types import Leg, Package

OURS, THEIRS = "00000000aa", "00000000bb"


def marked(tape: Tape, installation: str = OURS) -> Tape:
    """The day of a session whose order ids name its installation."""
    for n, event in enumerate(tape.events):
        if isinstance(event, SessionStart):
            tape.events[n] = msgspec.structs.replace(event, installation=installation)
    return tape


def resting(broker: SimulatedBroker, own: str) -> None:
    """Someone has sent an order that waits for a price."""
    package = Package((Leg(option("5350C"), "buy", "open"),))
    request = OrderRequest(action="submit", client_order_id=own, package=package, quantity=1, limit=100, reduces=False)
    broker.converse([request], broker.now)


def alarms(played: Played) -> list[str]:
    return [each.text for each in played.of(NoticeRecord) if each.level == "alarm"]


def cancelled(line: Line) -> list[str]:
    return [request.client_order_id for _, request in line.said if request.action == "cancel"]


def among(own: str, *settings: str, installation: str = OURS) -> tuple[Played, Line]:
    """A session that finds an order of that id at work."""
    tape = marked(condor_tape("10:00"), installation).quote("10:00:30", {"5350C": (20.0, 20.2)}).hold("10:01", "10:30")
    playing, line = session_on(tape, *settings)
    played = go_on(playing, Played(playing.engine), "10:03")
    resting(line.broker, own)
    return go_on(playing, played, "10:10"), line


def test_order_ids_name_the_installation() -> None:
    playing, _ = session_on(marked(condor_tape("10:10")))
    played = go_on(playing, Played(playing.engine), "10:05")
    own = [each.client_order_id for each in played.of(OrderRecord)]
    assert own
    assert all(each.startswith(f"main-{OURS}-20240807-0-") for each in own)


@pytest.mark.parametrize("rule", ["adopt", "flatten"])
@pytest.mark.parametrize("dark", ["", IN_THE_DARK])
def test_an_order_of_another_installation_is_told_and_never_cancelled(rule: str, dark: str) -> None:
    own = f"{dark}main-{THEIRS}-20240807-0-1"
    played, line = among(own, f"broker.outside={rule}")
    (said,) = (text for text in alarms(played) if own in text)
    assert f"of another zdte-tui session (account main, installation {THEIRS})" in said
    assert "two sessions trade this account" in said
    assert own not in cancelled(line)


@pytest.mark.parametrize(("own", "ours"), [(f"main-{OURS}-20240807-7-1", True), ("main-20240807-7-1", False)])
def test_only_what_this_installation_sent_unwritten_is_cancelled(own: str, ours: bool) -> None:
    played, line = among(own)
    assert (own in cancelled(line)) == ours
    assert any("no installation named" in text for text in alarms(played)) == (not ours)


def test_a_session_that_began_before_there_were_installations_knows_its_own() -> None:
    played, line = among("main-20240807-7-1", installation="")
    assert "main-20240807-7-1" in cancelled(line)
    assert not [text for text in alarms(played) if "another zdte-tui" in text]


def test_an_order_that_no_session_sent_is_still_closed_where_the_rule_says_so() -> None:
    _, line = among("phone-8", "broker.outside=flatten")
    assert "phone-8" in cancelled(line)


@pytest.mark.parametrize(("own", "left"), [(f"main-{THEIRS}-20240807-0-1", 1), ("phone-8", 0)])
def test_what_another_session_holds_is_taken_in_with_an_alarm_and_not_closed_under_its_hands(
    own: str, left: int
) -> None:
    tape = marked(condor_tape("10:00")).quote("10:00:30", {"5350C": (20.0, 20.2)}).hold("10:01", "10:30")
    playing, line = session_on(tape, "broker.outside=flatten")
    played = go_on(playing, Played(playing.engine), "10:03")
    line.extra.append(done_elsewhere(line, fill("5350C", "buy", 1, 200_000), order_id=own))
    go_on(playing, played, "10:20")
    assert played.held().get("5350C", 0) == left
    assert any("another zdte-tui session" in text for text in alarms(played)) == bool(left)
    assert playing.now >= at("10:19")
