"""Orders fold reports once, whatever is lost, doubled or late on the way."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from orders_builders import filled, said, sent

from engine.events import BrokerReport
from engine.orders import DONE, IllegalTransition, Order, OrderTable


def only(table: OrderTable) -> Order:
    (order,) = table
    return order


def test_fills_add_up_to_filled() -> None:
    table = sent(quantity=3)
    assert [table.fold(report).status for report in (said("accepted"), filled(1), filled(2, 2))] == [  # type: ignore[union-attr]
        "accepted",
        "partially_filled",
        "filled",
    ]
    assert (only(table).filled, only(table).working) == (3, False)


def test_a_fill_heard_twice_counts_once() -> None:
    table = sent(quantity=2)
    assert table.fold(filled(1)) is only(table)
    assert table.fold(filled(1)) is None
    assert only(table).filled == 1


def test_more_than_was_ordered_cannot_be_filled() -> None:
    table = sent(quantity=2)
    table.fold(filled(1))
    with pytest.raises(IllegalTransition, match="is filled 1 of 2; 2 more are too many"):
        table.fold(filled(2, 2))
    assert (only(table).filled, only(table).status) == (1, "partially_filled")


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"quantity": 0}, "needs a quantity and executions"),
        ({"quantity": -1}, "needs a quantity and executions"),
        ({"legs": ()}, "needs a quantity and executions"),
        ({"legs": filled(2).legs[:1] * 2}, "each with its own id"),
        ({"legs": filled(1).legs[:2] + filled(2).legs[2:]}, "mixes executions seen before with new ones"),
    ],
)
def test_a_fill_that_cannot_be_counted_is_refused_and_changes_nothing(changes: dict, complaint: str) -> None:
    table = sent(quantity=5)
    table.fold(filled(1))
    with pytest.raises(IllegalTransition, match=complaint):
        table.fold(msgspec.structs.replace(filled(2), **changes))
    assert (only(table).filled, only(table).status, len(only(table).executions)) == (1, "partially_filled", 4)


@pytest.mark.parametrize("done", ["cancelled", "expired"])
def test_a_late_part_of_an_order_that_is_over_is_counted_and_wakes_nothing(done: str) -> None:
    table = sent(quantity=2)
    table.fold(said(done))  # type: ignore[arg-type]
    assert table.fold(filled(1)) is only(table)
    assert (only(table).status, only(table).filled, only(table).working) == (done, 1, False)
    table.fold(filled(2))
    assert (only(table).status, only(table).filled) == ("filled", 2)


def test_a_part_filled_while_cancelling_leaves_the_cancel_pending() -> None:
    table = sent(quantity=2)
    for report in (said("accepted"), said("pending_cancel"), filled(1)):
        table.fold(report)
    assert only(table).status == "pending_cancel"
    table.fold(said("cancelled"))
    assert (only(table).status, only(table).filled) == ("cancelled", 1)


def test_a_broker_that_gives_up_cancelling_leaves_what_was_filled_told() -> None:
    table = sent(quantity=2)
    for report in (filled(1), said("pending_cancel"), said("accepted")):
        table.fold(report)
    assert only(table).status == "partially_filled"


@pytest.mark.parametrize("kind", ["accepted", "pending_cancel", "cancelled", "expired"])
def test_what_a_complete_fill_has_overtaken_says_nothing_new(kind: str) -> None:
    table = sent(quantity=1)
    table.fold(filled(1))
    assert table.fold(said(kind)) is None  # type: ignore[arg-type]
    assert only(table).status == "filled"


@pytest.mark.parametrize(
    ("before", "impossible"),
    [
        (("rejected",), "cancelled"),
        (("cancelled",), "rejected"),
        (("cancelled",), "expired"),
        (("expired",), "cancelled"),
    ],
)
def test_ends_that_contradict_each_other_are_refused(before: tuple[str, ...], impossible: str) -> None:
    table = sent()
    for kind in before:
        table.fold(said(kind))  # type: ignore[arg-type]
    with pytest.raises(IllegalTransition):
        table.fold(said(impossible))  # type: ignore[arg-type]
    assert only(table).status == before[-1]


def test_a_rejected_order_cannot_fill() -> None:
    table = sent()
    table.fold(said("rejected"))
    with pytest.raises(IllegalTransition):
        table.fold(filled(1))
    assert only(table).filled == 0


def test_an_order_that_never_left_cannot_fill() -> None:
    table = OrderTable()
    table.add(Order("a", 1, 1, "s", "SPXW", "strategy", "open", sent_package(), 1, None, 0))
    with pytest.raises(IllegalTransition):
        table.fold(filled(1, order_id="a"))


def sent_package():
    return only(sent()).package


def test_a_bust_is_never_passed_over_in_silence() -> None:
    table = sent(quantity=2)
    table.fold(filled(1))
    with pytest.raises(IllegalTransition, match="busted"):
        table.fold(said("busted"))


def test_an_unknown_order_is_a_key_error_and_an_id_is_used_once() -> None:
    table = sent()
    with pytest.raises(KeyError):
        table.fold(said("accepted", "main-20240807-0-99"))
    with pytest.raises(ValueError, match="main-20240807-0-1 is in use"):
        sent(table=table)
    assert table.get("main-20240807-0-99") is None


def test_working_orders_in_the_order_of_their_creation() -> None:
    table = sent(order_id="a")
    sent(order_id="b", table=table)
    sent(order_id="c", table=table)
    table.fold(said("cancelled", "b"))
    assert [order.client_order_id for order in table.working()] == ["a", "c"]
    assert table.working(trade_id=2) == []
    assert len(table) == 3


HISTORIES = [
    [said("accepted"), filled(1), filled(2), filled(3)],
    [said("accepted"), filled(1), said("pending_cancel"), filled(2), said("cancelled")],
    [said("accepted"), said("pending_cancel"), said("cancelled"), filled(1, 3)],
    [said("accepted"), filled(1, 2), said("expired")],
    [said("accepted"), said("rejected")],
    [said("accepted"), said("expired"), filled(1), filled(2, 2)],
]


@given(st.sampled_from(HISTORIES), st.data())
@settings(max_examples=150, deadline=None)
def test_in_whatever_order_and_how_often_reports_come_the_order_ends_the_same(
    history: list[BrokerReport], data: st.DataObject
) -> None:
    in_order, shuffled = sent(quantity=3), sent(quantity=3)
    for report in history:
        in_order.fold(report)
    for report in data.draw(st.permutations(history + data.draw(st.lists(st.sampled_from(history), max_size=4)))):
        shuffled.fold(report)
    ends = [(only(table).status, only(table).filled, only(table).executions) for table in (in_order, shuffled)]
    assert ends[0] == ends[1]


class AnyBroker(RuleBasedStateMachine):
    """A broker that says anything, true or not, lost, doubled or late; the order believes only what can be."""

    @initialize(quantity=st.integers(1, 5))
    def send(self, quantity: int) -> None:
        self.table = sent(quantity)
        self.order = only(self.table)
        self.quantities: dict[int, int] = {}
        self.counted: dict[int, int] = {}
        self.was_done = False

    @rule(kind=st.sampled_from(["accepted", "rejected", "pending_cancel", "cancelled", "expired", "busted"]))
    def speak(self, kind: str) -> None:
        before = (self.order.status, self.order.filled)
        try:
            changed = self.table.fold(said(kind))  # type: ignore[arg-type]
        except IllegalTransition:
            changed = None
        if changed is None:
            assert (self.order.status, self.order.filled) == before
        assert self.order.filled == before[1]

    @rule(execution=st.integers(0, 6), quantity=st.integers(1, 3))
    def fill(self, execution: int, quantity: int) -> None:
        quantity = self.quantities.setdefault(execution, quantity)  # an execution id names one execution for ever
        before = (self.order.status, self.order.filled)
        try:
            changed = self.table.fold(filled(execution, quantity))
        except IllegalTransition:
            changed = None
        assert (changed is None) == ((self.order.status, self.order.filled) == before)
        if changed is not None:
            assert execution not in self.counted
            self.counted[execution] = quantity

    @invariant()
    def filled_is_the_sum_of_what_was_executed(self) -> None:
        assert self.order.filled == sum(self.counted.values()) <= self.order.quantity
        assert self.order.executions == {leg.exec_id for n, q in self.counted.items() for leg in filled(n, q).legs}

    @invariant()
    def filled_means_all_of_it(self) -> None:
        assert (self.order.status == "filled") == (self.order.filled == self.order.quantity)

    @invariant()
    def what_is_done_stays_done(self) -> None:
        assert self.order.status in DONE or not self.was_done
        self.was_done = self.order.status in DONE


TestAnyBroker = AnyBroker.TestCase
TestAnyBroker.settings = settings(max_examples=60, stateful_step_count=15, deadline=None)
