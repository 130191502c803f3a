"""The transition table is complete and closed, and an order goes no other way."""

from __future__ import annotations

from itertools import pairwise, product
from typing import get_args

import pytest

from engine.events import OrderStatus
from engine.orders import DONE, OVERTAKEN, TRANSITIONS, IllegalTransition, check

STATES = get_args(OrderStatus)


def test_every_state_has_its_row_and_leads_only_to_states() -> None:
    assert set(TRANSITIONS) == set(STATES)
    assert {target for targets in TRANSITIONS.values() for target in targets} <= set(STATES)


@pytest.mark.parametrize(("old", "new"), list(product(STATES, STATES)))
def test_exactly_the_ways_of_the_table_are_open(old: OrderStatus, new: OrderStatus) -> None:
    if new in TRANSITIONS[old]:
        check(old, new)
    else:
        with pytest.raises(IllegalTransition, match=f"from {old} to {new}"):
            check(old, new)


def reachable(start: OrderStatus) -> set[OrderStatus]:
    found, todo = {start}, [start]
    while todo:
        for target in TRANSITIONS[todo.pop()] - found:
            found.add(target)
            todo.append(target)
    return found


def test_every_state_can_be_reached_from_new() -> None:
    assert reachable("new") == set(STATES)


def test_an_order_that_is_done_never_works_again() -> None:
    for state in DONE:
        assert TRANSITIONS[state] <= {"filled"}
    assert TRANSITIONS["filled"] == TRANSITIONS["rejected"] == TRANSITIONS["denied"] == frozenset()


def test_from_every_working_state_the_order_can_still_end() -> None:
    for state in set(STATES) - DONE:
        assert reachable(state) & DONE, state


def test_a_denied_order_never_leaves_and_none_leaves_unwritten() -> None:
    assert TRANSITIONS["new"] == {"denied", "pending"}
    assert "sent" not in reachable("denied")
    assert [state for state in STATES if "sent" in TRANSITIONS[state]] == ["pending"]


@pytest.mark.parametrize(
    "life",
    [
        ("new", "pending", "sent", "accepted", "partially_filled", "partially_filled", "filled"),
        ("new", "pending", "sent", "unknown", "accepted", "pending_cancel", "filled"),
        ("new", "pending", "sent", "accepted", "pending_cancel", "cancelled", "filled"),
        ("new", "pending", "sent", "accepted", "expired", "filled"),
        ("new", "pending", "cancelled"),
        ("new", "denied"),
    ],
)
def test_these_lives_are_possible(life: tuple[OrderStatus, ...]) -> None:
    for old, new in pairwise(life):
        check(old, new)


def test_only_a_way_that_is_closed_can_be_overtaken() -> None:
    for kind, states in OVERTAKEN.items():
        for state in states:
            assert kind not in TRANSITIONS[state]
