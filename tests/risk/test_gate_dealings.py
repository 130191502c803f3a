"""What was dealt before decides too: the same order again, the same package too often, too many messages, too much."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from quoted_market import SECOND, TEN, condor, option
from risk_builders import (
    CREDIT,
    EACH,
    alarm,
    book,
    fill_of,
    filled_trades,
    gate,
    order_sent,
    order_told,
    request,
    trades,
    working,
)

from engine.clock import MINUTE
from engine.orders import Order, OrderTable
from engine.portfolio import Trade
from engine.risk import Messages, busy_trades, contracts_opened, most_repeated, used_by_all
from engine.types import Leg, Package, to_units

ANOTHER = condor(long_call=5425)


@pytest.mark.parametrize(
    ("later", "code"), [(10 * SECOND - 1, "DUPLICATE"), (10 * SECOND, "OK"), (10 * SECOND + 1, "OK")]
)
def test_the_same_order_again_within_the_window_is_a_mistake(later: int, code: str) -> None:
    found = gate(duplicate_seconds=10).check(request(), book(now=TEN + later, orders=working(condor())))
    assert found.code == code
    if later == 10 * SECOND - 1:
        assert found.text.endswith(": 10 of 10 s ago")


def test_whatever_became_of_the_first_and_in_whatever_order_its_legs_are() -> None:
    orders = working(condor())
    next(iter(orders)).status = "cancelled"
    turned = Package(tuple(reversed(condor().legs)))
    assert gate().check(request(turned), book(orders=orders)).code == "DUPLICATE"


@pytest.mark.parametrize("off", [{"duplicate_seconds": 0}, {}])
def test_another_strategy_other_legs_and_a_window_of_nothing_are_no_duplicates(off: dict[str, float]) -> None:
    orders = working(condor())
    if off:
        assert gate(**off).check(request(), book(orders=orders)).code == "OK"
    else:
        assert gate().check(request(strategy="another"), book(orders=orders)).code == "OK"
        assert gate().check(request(), book(orders=working(Package(condor().legs[:2])))).code == "OK"


def test_parts_of_a_package_are_known_by_what_their_trade_wanted() -> None:
    portfolio = trades(0)
    part = Package(condor().legs[:2])
    found = gate().check(request(), book(orders=working(part), portfolio=portfolio))
    assert found.code == "DUPLICATE"


def test_closing_orders_are_never_duplicates_of_entries() -> None:
    table = OrderTable()
    closing = Package((Leg(option(5300, "P"), "buy", "close"),))
    table.add(Order("c", 1, 1, "iron_condor", "SPXW", "strategy", "close", closing, 1, CREDIT, TEN))
    assert gate().check(request(), book(orders=table)).code == "OK"
    assert contracts_opened(table) == 0


@pytest.mark.parametrize(("before", "code"), [(1, "OK"), (2, "OK"), (3, "REPEATED")])
def test_a_strategy_opens_the_same_package_so_often_a_day(before: int, code: str) -> None:
    portfolio = filled_trades(before)
    found = gate(max_repeats=3).check(request(), book(portfolio=portfolio))
    assert found.code == code
    assert most_repeated(portfolio) == before
    if code != "OK":
        assert found.text.endswith(": 4 of 3 times")
        assert gate(max_repeats=3).check(request(strategy="another"), book(portfolio=portfolio)).code == "OK"


def test_what_was_never_filled_is_no_repetition() -> None:
    assert gate(max_repeats=1).check(request(), book(portfolio=trades(0, status="abandoned"))).code == "OK"
    assert most_repeated(trades(0, status="abandoned")) == 0


@pytest.mark.parametrize(("limit", "code"), [(3, "MAX_CONTRACTS"), (4, "OK"), (5, "OK")])
def test_an_order_has_so_many_contracts_at_most(limit: int, code: str) -> None:
    found = gate(max_contracts=limit).check(request(), book())
    assert (found.code, found.worst_case) == (code, EACH)


def test_a_size_that_nobody_means_is_denied_and_not_made_smaller() -> None:
    found = gate(max_contracts=39).check(request(quantity=10), book())
    assert (found.code, found.quantity, found.text.split(": ")[1]) == ("MAX_CONTRACTS", 0, "40 of 39")


@pytest.mark.parametrize(("limit", "code"), [(15, "MAX_CONTRACTS_DAY"), (16, "OK"), (17, "OK")])
def test_a_day_too_whole_where_it_works_and_as_filled_where_it_is_over(limit: int, code: str) -> None:
    orders = working(ANOTHER)
    done = Order("b", 2, 2, "iron_condor", "SPXW", "strategy", "open", ANOTHER, 5, CREDIT, TEN - MINUTE)
    orders.add(done)
    done.status = "cancelled"
    fill_of(done, 2)
    assert contracts_opened(orders) == 4 + 8
    assert gate(max_contracts_day=limit).check(request(), book(orders=orders)).code == code


@pytest.mark.parametrize(
    ("limit", "code"), [(2_139_999.9999, "MAX_NOTIONAL"), (2_140_000, "OK"), (2_140_000.0001, "OK")]
)
def test_the_notional_is_strike_times_multiplier_of_every_contract(limit: float, code: str) -> None:
    assert gate(max_notional=limit).check(request(), book()).code == code


@pytest.mark.parametrize(("missing", "code"), [(1, "PER_BOOK"), (0, "OK"), (-1, "OK")])
def test_all_strategies_share_the_books_room(missing: int, code: str) -> None:
    used = trades(to_units(1000), strategy="one")
    equity = (EACH + to_units(1000) - missing) * 4
    found = gate(per_trade=1.0, per_strategy=1.0, per_book=0.25).check(request(), book(equity=equity, portfolio=used))
    assert found.code == code
    assert used_by_all(used) == to_units(1000)


def test_the_books_room_lowers_the_size() -> None:
    free = gate(per_trade=1.0, per_strategy=1.0, per_book=0.25)
    found = free.check(request(quantity=10), book(equity=EACH * 12))
    assert (found.quantity, found.text) == (3, "sized down from 10 by the book's room")


def sent(times: int, at: int = TEN) -> list[object]:
    return [order_sent(f"o{n}", at, "close") for n in range(times)]


@pytest.mark.parametrize(("times", "code"), [(1, "OK"), (2, "OK"), (3, "MESSAGES_SECOND")])
def test_messages_of_the_event_at_hand_count_closing_ones_too(times: int, code: str) -> None:
    found = gate(messages_per_second=3).check(request(), book(records=sent(times)))
    assert found.code == code
    if code != "OK":
        assert found.text.endswith(": 4 of 3")


@pytest.mark.parametrize(("ago", "code"), [(SECOND - 1, "MESSAGES_SECOND"), (SECOND, "OK")])
def test_a_second_is_over_after_a_second(ago: int, code: str) -> None:
    checker = gate(messages_per_second=2)
    checker.messages.follow(1, sent(2, TEN - ago))
    assert checker.check(request(), book(seq=2)).code == code


@pytest.mark.parametrize(("ago", "code"), [(MINUTE - 1, "MESSAGES_MINUTE"), (MINUTE, "OK")])
def test_and_a_minute_after_a_minute(ago: int, code: str) -> None:
    checker = gate(messages_per_second=2, messages_per_minute=2)
    checker.messages.follow(1, sent(2, TEN - ago))
    assert checker.check(request(), book(seq=2)).code == code


def test_orders_cancels_and_replaces_are_messages_and_nothing_else_is() -> None:
    messages = Messages()
    story = [
        (order_sent("a", TEN), 1),
        (order_told("a", "sent", TEN), 1),
        (order_told("a", "accepted", TEN), 1),
        (order_told("a", "accepted", TEN, CREDIT + 500), 2),
        (order_told("a", "pending_cancel", TEN, CREDIT + 500), 3),
        (order_told("a", "cancelled", TEN, CREDIT + 500), 3),
        (order_told("a", "filled", TEN, CREDIT + 500), 3),
        (order_told("unheard", "cancelled", TEN), 3),
        (alarm("broker", TEN), 3),
        (order_sent("b", TEN), 4),
        (order_told("b", "cancelled", TEN), 5),
    ]
    records = []
    for record, count in story:
        records.append(record)
        messages.follow(7, records)
        assert messages.within(TEN, SECOND) == count
    messages.follow(8, [order_sent("c", TEN)])
    assert messages.within(TEN, SECOND) == 6


@given(st.lists(st.tuples(st.integers(0, 40 * SECOND), st.integers(1, 4)), max_size=20))
@settings(deadline=None)
def test_messages_are_counted_as_if_all_times_were_kept(steps: list[tuple[int, int]]) -> None:
    messages, now, times = Messages(), TEN, []
    for seq, (pause, count) in enumerate(steps):
        now += pause
        messages.follow(seq, [order_sent(f"{seq}.{n}", now) for n in range(count)])
        times += [now] * count
        for window in (SECOND, MINUTE):
            assert messages.within(now, window) == sum(at > now - window for at in times)


def test_the_gate_remembers_the_newest_figures_for_the_screen() -> None:
    checker = gate()
    assert checker.last == {}
    checker.check(request(), book())
    assert checker.last["MAX_OPEN"].text == "1 of 8"
    assert checker.last["MAX_NOTIONAL"].text == "$2,140,000 of $50,000,000"
    checker.check(request(limit=1), book())
    assert "MAX_NOTIONAL" not in checker.last


def test_a_trade_that_is_over_is_not_busy() -> None:
    portfolio = trades(1, 1)
    portfolio.add(Trade(9, "s", "SPXW", "k", "l", condor().legs[0].contract.expiry, condor(), 1, 1, status="closed"))
    assert busy_trades(portfolio) == 2
