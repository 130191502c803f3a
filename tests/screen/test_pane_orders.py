"""The blotter, row by row."""

from __future__ import annotations

import day_views
import pytest
import views
from msgspec.structs import replace
from rich.cells import cell_len

from engine.orders.states import TRANSITIONS
from engine.types import to_units
from engine.view import OrderRow, View
from zdte_tui.screen.grid import Row, fit
from zdte_tui.screen.panes import orders
from zdte_tui.screen.panes.orders import COLUMNS

KEYS = [column.key for column in COLUMNS]


def seen(*rows: OrderRow, **changes: object) -> View:
    return views.view(orders=day_views.orders(rows=rows, **changes) if rows else day_views.orders(**changes))


def cells(row: Row) -> dict[str, str]:
    return dict(zip(KEYS, (text for text, _ in row.cells), strict=True))


def first(row: OrderRow, width: int = 220) -> dict[str, str]:
    return cells(orders.content(seen(row), width).rows[0])


def test_working_orders_come_first_with_what_is_filled_of_what_was_wanted() -> None:
    content = orders.content(seen(), 220)
    row = cells(content.rows[0])
    assert content.title == "orders  1 working"
    assert (row["state"], row["filled"], row["limit"], row["mid"]) == ("part filled", "1/2", "2.20cr", "2.25cr")
    assert row["age"] == "30s"  # it works still: until now
    assert row["reason"].startswith("walked 2 x; ")


def test_what_the_gate_denied_is_told_with_its_code_and_has_no_order_id() -> None:
    content = orders.content(seen(), 220)
    denied = next(row for row in content.rows if row.key == "denied.8")
    assert cells(denied)["state"] == "DENIED"
    assert cells(denied)["reason"].startswith("PER_BOOK: ")
    assert (cells(denied)["trade"], cells(denied)["order"]) == ("-", "-")


def test_a_stop_shows_its_trigger_and_a_market_order_says_so() -> None:
    assert first(day_views.order(kind="stop", limit=None, trigger=to_units(4.6)))["limit"] == "st 4.60"
    assert first(day_views.order(limit=None))["limit"] == "market"


def test_a_price_paid_and_one_received_are_told_apart_by_words() -> None:
    assert first(day_views.order(limit=to_units(0.35)))["limit"] == "0.35db"
    assert first(day_views.order(limit=to_units(-0.35)))["limit"] == "0.35cr"


def test_a_mid_that_was_not_known_is_missing_and_an_order_without_a_fill_has_none() -> None:
    row = first(day_views.order(mid=None, average=None))
    assert (row["mid"], row["average"]) == ("n/a", "-")


def test_an_order_that_is_over_is_as_old_as_it_lived() -> None:
    assert first(day_views.order())["age"] == "7.0s"


@pytest.mark.parametrize("status", sorted(TRANSITIONS))
def test_every_state_of_the_order_table_has_a_word_that_fits(status: str) -> None:
    word = orders.WORDS[status]
    assert first(day_views.order(status=status))["state"] == word
    assert cell_len(word) <= next(column.width for column in COLUMNS if column.key == "state")


def test_the_key_of_a_row_is_the_order_it_is_about_in_every_line_of_it() -> None:
    long = day_views.order(key="main-1", reason="because " * 40)
    for width in (50, 120, 220):
        rows = orders.content(seen(long), width).rows
        assert len(rows) > 1
        assert {row.parent or row.key for row in rows} == {"main-1"}
        assert {row.trade for row in rows} == {7}


def test_a_long_reason_is_cut_after_three_lines_and_says_so() -> None:
    rows = orders.content(seen(day_views.order(reason="word " * 200)), 80).rows
    assert len(rows) == 1 + orders.LINES
    assert rows[-1].cells[0][0].endswith("…")


def test_market_text_is_cleaned() -> None:
    row = orders.content(seen(day_views.order(reason="\x1b[31mred\n[bold]")), 60).rows[1]
    assert row.cells[0][0].strip() == "?[31mred [bold]"


def test_the_last_line_counts_and_says_what_is_left_out() -> None:
    text = "".join(text for row in orders.content(seen(left_out=12), 220).bottom for text, _ in row.cells)
    assert "1 working   2 filled   1 denied   12 older ones are in the journal" in text


@pytest.mark.parametrize("width", [40, 60, 80, 120, 160, 200])
def test_what_matters_most_stays_at_every_width(width: int) -> None:
    shown = {COLUMNS[slot.column].key for slot in fit(COLUMNS, width)}
    assert {"legs", "state"} <= shown
    assert width < 60 or {"filled", "limit"} <= shown
    assert width < 120 or {"time", "average", "who"} <= shown
    lines = orders.content(seen(), width).rows
    assert all(sum(cell_len(text) for text, _ in row.cells) <= width for row in lines if row.span)


def test_a_whole_condor_is_never_cut() -> None:
    assert len("+5835-5845P -5900+5910C") <= next(column.width for column in COLUMNS if column.key == "legs")


def test_an_empty_blotter_says_why_and_which_key_changes_that() -> None:
    nothing = day_views.orders(rows=(), working=0)
    message = orders.content(views.view(orders=nothing), 60).message
    assert message.startswith("No order was sent so far")
    assert "n plays" in message
    over = views.view(orders=nothing, progress=views.progress(finished=True))
    assert "q leaves" in orders.content(over, 60).message
    assert "next view" in orders.content(views.view(orders=None), 60).message


def test_the_age_of_a_working_order_grows_and_nothing_else_is_made_anew() -> None:
    now = seen()
    later = replace(now, header=replace(now.header, now=now.header.now + 5 * views.SECOND))
    assert orders.OrdersPane.part(now) != orders.OrdersPane.part(later)
    done = seen(day_views.order(), working=0)
    later = replace(done, header=replace(done.header, now=done.header.now + 5 * views.SECOND))
    assert orders.OrdersPane.part(done) == orders.OrdersPane.part(later)
