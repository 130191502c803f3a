"""What a stream was asked for against what it confirmed."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from engine.feed.alpaca.subscriptions import ACK_SECONDS, Subscriptions

ABC = frozenset("ABC")


def new(*symbols: str) -> Subscriptions:
    found = Subscriptions(("quotes", "trades"))
    found.want(frozenset(symbols))
    found.connected()
    return found


def ack(symbols: Any) -> dict[str, Any]:
    return {"T": "subscription", "quotes": sorted(symbols), "trades": sorted(symbols)}


def test_what_is_wanted_is_asked_for_until_it_is_confirmed() -> None:
    found = new("A", "B")
    assert found.due(0) == "subscribe"
    found.asked(0)
    assert found.due(ACK_SECONDS - 0.1) is None
    assert found.due(ACK_SECONDS) == "subscribe"
    assert found.missing == 1
    found.asked(ACK_SECONDS)
    found.heard(ack("AB"))
    assert found.due(100) is None
    assert not found.waiting


def test_what_is_no_longer_wanted_is_given_up_after_what_is_new_is_there() -> None:
    found = new("A", "B")
    found.asked(0)
    found.heard(ack("AB"))
    found.want(frozenset("BC"))
    assert found.due(1) == "subscribe"
    found.asked(1)
    found.heard(ack("ABC"))
    assert found.due(2) == "unsubscribe"
    assert found.extra()["quotes"] == frozenset("A")
    found.asked(2)
    found.heard(ack("BC"))
    assert found.due(3) is None


def test_405_keeps_what_was_confirmed_and_learns_the_limit() -> None:
    found = new("A", "B")
    found.asked(0)
    found.heard(ack("AB"))
    found.want(ABC)
    found.asked(1)
    found.roll_back(405, 1)
    assert found.wanted["quotes"] == frozenset("AB")
    assert found.most == 2
    assert found.due(100) is None


def test_405_at_the_first_request_halves_it() -> None:
    found = new(*map(str, range(100)))
    found.asked(0)
    found.roll_back(405, 0)
    assert found.most == 50
    assert not any(found.wanted.values())


def test_refusals_in_a_row_are_answered_ever_more_slowly() -> None:
    found, now, asked = new("A"), 0.0, 0
    for _ in range(600):
        now += 0.1
        if found.due(now) == "subscribe":
            found.asked(now)
            found.roll_back(413, now)
            asked += 1
        found.want(frozenset("A"))
    assert asked <= 8


def test_without_any_answer_the_connection_is_given_up() -> None:
    found, now, asked = new("A"), 0.0, 0
    while (due := found.due(now)) != "hang up":
        if due == "subscribe":
            found.asked(now)
            asked += 1
        now += 0.5
        assert now < 60
    assert asked == 4


def test_a_new_connection_has_nothing_and_asks_for_all() -> None:
    found = new("A")
    found.asked(0)
    found.heard(ack("A"))
    found.connected()
    assert found.due(1) == "subscribe"
    assert not any(found.confirmed.values())


def test_a_confirmation_that_is_none_confirms_nothing() -> None:
    found = new("A")
    found.asked(0)
    found.heard({"T": "subscription", "quotes": "A", "trades": [None, 3]})
    assert not any(found.confirmed.values())


@given(
    wants=st.lists(st.frozensets(st.sampled_from("ABCDEF"), max_size=6), min_size=1, max_size=8),
    lost=st.lists(st.booleans(), max_size=12),
)
def test_against_a_server_that_drops_answers_it_ends_at_what_is_wanted(
    wants: list[frozenset[str]], lost: list[bool]
) -> None:
    found, there, now = Subscriptions(("quotes", "trades")), frozenset[str](), 0.0
    found.connected()
    losses = list(lost)
    for wanted in [*wants, wants[-1]]:
        found.want(wanted)
        for _ in range(40):
            now += 1.0
            match found.due(now):
                case "subscribe":
                    there |= found.wanted["quotes"]
                case "unsubscribe":
                    there -= found.extra()["quotes"]
                case "hang up":
                    found.connected()
                    there = frozenset()
                    continue
                case None:
                    continue
            found.asked(now)
            if not (losses and losses.pop()):
                found.heard(ack(there))
    assert there == wants[-1]
    assert found.confirmed["quotes"] == wants[-1]
