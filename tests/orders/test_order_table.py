"""Orders fold reports once, whatever is lost, doubled or late on the way."""

from __future__ import annotations

from contextlib import suppress

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from orders_builders import filled, said, sent

from engine.broker.book import OrderBook
from engine.events import BrokerReport, LegFill, OrderRequest
from engine.orders import DONE, IllegalTransition, Order, OrderTable
from engine.types import Contract

ID = "main-20240807-0-1"


def other_side(leg: LegFill) -> LegFill:
    return msgspec.structs.replace(leg, side="buy" if leg.side == "sell" else "sell")


def of_another_contract(leg: LegFill) -> LegFill:
    return msgspec.structs.replace(leg, contract=msgspec.structs.replace(leg.contract, strike=1_000_000))


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
    with pytest.raises(IllegalTransition, match=r"wants 2 .*; 3 are too many"):
        table.fold(filled(2, 2))
    assert (only(table).filled, only(table).status) == (1, "partially_filled")


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"legs": ()}, "needs executions"),
        ({"legs": filled(2).legs[:1] * 2}, "each with its own id"),
        ({"legs": (msgspec.structs.replace(filled(2).legs[0], quantity=0),)}, "never asked to"),
        ({"legs": (msgspec.structs.replace(filled(2).legs[0], quantity=5),)}, "6 are too many"),
        ({"legs": (other_side(filled(2).legs[0]),)}, "never asked to"),
        ({"legs": (of_another_contract(filled(2).legs[0]),)}, "never asked to"),
    ],
)
def test_a_fill_that_cannot_be_counted_is_refused_and_changes_nothing(changes: dict, complaint: str) -> None:
    table = sent(quantity=5)
    table.fold(filled(1))
    with pytest.raises(IllegalTransition, match=complaint):
        table.fold(msgspec.structs.replace(filled(2), **changes))
    assert (only(table).filled, only(table).status, len(only(table).executions)) == (1, "partially_filled", 4)


def test_executions_seen_before_are_passed_over_beside_new_ones() -> None:
    table = sent(quantity=5)
    table.fold(filled(1))
    table.fold(msgspec.structs.replace(filled(2), legs=filled(1).legs[:2] + filled(2).legs))
    assert (only(table).filled, len(only(table).executions)) == (2, 8)


def test_a_package_is_filled_once_its_last_leg_is() -> None:
    table = sent(quantity=1)
    seen = []
    for leg in filled(1).legs:
        table.fold(msgspec.structs.replace(filled(1), legs=(leg,), quantity=0))
        seen.append((only(table).status, only(table).filled, len(only(table).outstanding())))
    assert seen == [
        ("partially_filled", 0, 3),
        ("partially_filled", 0, 2),
        ("partially_filled", 0, 1),
        ("filled", 1, 0),
    ]


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


def test_a_bust_takes_executions_back_once_and_leaves_the_order_as_it_is() -> None:
    table = sent(quantity=2)
    table.fold(filled(1))
    table.fold(filled(2))
    bust = msgspec.structs.replace(filled(2), kind="busted")
    assert table.fold(bust) is only(table)
    assert table.fold(bust) is None
    order = only(table)
    assert (order.status, order.filled, order.complete) == ("filled", 1, False)
    assert set(order.executed().values()) == {1}
    table.fold(filled(3))  # a corrected trade
    assert (order.status, order.filled, order.complete) == ("filled", 2, True)


def test_a_bust_of_what_was_never_executed_is_refused() -> None:
    table = sent(quantity=2)
    table.fold(filled(1))
    with pytest.raises(IllegalTransition, match="must name its executions"):
        table.fold(said("busted"))
    with pytest.raises(IllegalTransition, match="which it never had"):
        table.fold(msgspec.structs.replace(filled(2), kind="busted"))


def test_a_new_limit_is_known_once_the_broker_says_so() -> None:
    table = sent()
    table.fold(msgspec.structs.replace(said("replaced"), limit=-12_500))
    assert (only(table).status, only(table).limit) == ("accepted", -12_500)
    table.fold(said("cancelled"))
    assert table.fold(msgspec.structs.replace(said("replaced"), limit=-11_000)) is None
    assert only(table).limit == -12_500


def test_what_nobody_can_tell_is_unknown_until_somebody_can() -> None:
    table = sent()
    table.fold(said("unknown"))
    assert (only(table).status, only(table).working) == ("unknown", True)
    table.fold(said("accepted"))
    assert only(table).status == "accepted"


def test_an_order_proven_absent_is_closed_and_a_fill_after_that_still_counts() -> None:
    table = sent(quantity=2)
    table.fold(said("unknown"))
    table.fold(said("absent"))
    assert (only(table).status, only(table).absent) == ("cancelled", True)
    assert table.fold(said("absent")) is None
    table.fold(filled(1))
    assert (only(table).status, only(table).filled) == ("cancelled", 1)


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

    @initialize(quantity=st.integers(1, 4))
    def send(self, quantity: int) -> None:
        self.table = sent(quantity)
        self.order = only(self.table)
        self.quantities: dict[int, int] = {}
        self.was_done = False

    @rule(
        kind=st.sampled_from(
            [
                "accepted",
                "rejected",
                "pending_cancel",
                "cancelled",
                "expired",
                "busted",
                "replaced",
                "unknown",
                "absent",
            ]
        )
    )
    def speak(self, kind: str) -> None:
        before = self.stands()
        try:
            changed = self.table.fold(said(kind))  # type: ignore[arg-type]
        except IllegalTransition:
            changed = None
        if changed is None:
            assert self.stands() == before
        assert self.order.executed() == before[1]

    @rule(execution=st.integers(0, 6), quantity=st.integers(1, 3), legs=st.sets(st.integers(0, 3), min_size=1))
    def fill(self, execution: int, quantity: int, legs: set[int]) -> None:
        quantity = self.quantities.setdefault(execution, quantity)  # an execution id names one execution for ever
        whole = filled(execution, quantity)
        report = msgspec.structs.replace(whole, legs=tuple(whole.legs[n] for n in sorted(legs)))
        news = {leg.contract: leg.quantity for leg in report.legs if leg.exec_id not in self.order.executions}
        before = self.stands()
        try:
            changed = self.table.fold(report)
        except IllegalTransition:
            changed = None
        expected = dict(before[1])
        for contract, more in news.items() if changed is not None else ():
            expected[contract] += more
        assert self.order.executed() == expected
        assert changed is not None or self.stands() == before

    @rule(execution=st.integers(0, 6))
    def bust(self, execution: int) -> None:
        report = msgspec.structs.replace(filled(execution, self.quantities.get(execution, 1)), kind="busted")
        before = self.order.status
        with suppress(IllegalTransition):
            self.table.fold(report)
        assert self.order.status == before

    def stands(self) -> tuple[str, dict[Contract, int], int | None]:
        return self.order.status, self.order.executed(), self.order.limit

    @invariant()
    def no_leg_is_filled_beyond_what_was_ordered_or_below_nothing(self) -> None:
        wanted = {leg.contract: leg.ratio * self.order.quantity for leg in self.order.package.legs}
        done = self.order.executed()
        assert all(0 <= done[contract] <= wanted[contract] for contract in wanted)
        assert self.order.filled == min(done.values())

    @invariant()
    def all_of_it_is_filled_only_where_it_says_so(self) -> None:
        assert self.order.status == "filled" or not self.order.complete

    @invariant()
    def what_is_done_stays_done(self) -> None:
        assert self.order.status in DONE or not self.was_done
        self.was_done = self.order.status in DONE


TestAnyBroker = AnyBroker.TestCase
TestAnyBroker.settings = settings(max_examples=60, stateful_step_count=20, deadline=None)


class BadLine(RuleBasedStateMachine):
    """An honest broker behind a line that drops, doubles and reorders what it says; asked at the end, all is known."""

    @initialize(quantity=st.integers(1, 4))
    def send(self, quantity: int) -> None:
        self.table = sent(quantity)
        self.order = only(self.table)
        self.theirs = OrderBook()
        package = self.order.package
        self.theirs.enter(OrderRequest(action="submit", client_order_id=ID, package=package, quantity=quantity))
        self.left = [leg.ratio * quantity for leg in package.legs]
        self.executions = 0
        self.line: list[BrokerReport] = [said("accepted")]

    def tell(self, report: BrokerReport) -> None:
        self.theirs.note(report)
        self.line.append(report)

    @rule(leg=st.integers(0, 3), quantity=st.integers(1, 3))
    def they_fill_a_leg(self, leg: int, quantity: int) -> None:
        quantity = min(quantity, self.left[leg])
        if quantity and self.theirs.get(ID).working:  # type: ignore[union-attr]
            self.left[leg] -= quantity
            self.executions += 1
            fill = msgspec.structs.replace(filled(self.executions).legs[leg], quantity=quantity)
            self.tell(msgspec.structs.replace(said("fill"), legs=(fill,)))

    @rule(kind=st.sampled_from(["cancelled", "expired"]))
    def they_end_it(self, kind: str) -> None:
        if self.theirs.get(ID).working:  # type: ignore[union-attr]
            self.tell(said(kind))  # type: ignore[arg-type]

    @rule()
    def we_ask_for_its_cancellation(self) -> None:
        if self.order.status in ("accepted", "partially_filled", "unknown", "sent"):
            self.order.move("pending_cancel")

    @rule()
    def we_hear_nothing_for_long(self) -> None:
        self.table.fold(said("unknown"))

    @rule(data=st.data(), keep=st.booleans())
    def the_line_delivers_any_of_what_was_said(self, data: st.DataObject, keep: bool) -> None:
        if self.line:
            n = data.draw(st.integers(0, len(self.line) - 1))
            self.table.fold(self.line[n])
            if not keep:
                del self.line[n]

    @rule(data=st.data())
    def the_line_drops_something(self, data: st.DataObject) -> None:
        if self.line:
            del self.line[data.draw(st.integers(0, len(self.line) - 1))]

    @invariant()
    def we_never_know_more_than_they_do(self) -> None:
        theirs = self.theirs.get(ID)
        if theirs is not None:
            assert set(self.order.executions) <= set(theirs.executions)

    def teardown(self) -> None:
        if not hasattr(self, "theirs"):
            return
        for report in self.theirs.told_again(ID, 2):
            self.table.fold(report)
        theirs = self.theirs.get(ID)
        assert theirs is not None
        assert self.order.executions == theirs.executions
        assert (self.order.status == "filled") == theirs.filled()
        if not theirs.working:
            assert self.order.status == theirs.status
        assert self.order.working == theirs.working


TestBadLine = BadLine.TestCase
TestBadLine.settings = settings(max_examples=80, stateful_step_count=20, deadline=None)
