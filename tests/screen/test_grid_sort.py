"""Rows in another order, fewer rows, other columns: what is compared, what stays together, where the cursor is."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zdte_tui.screen.grid import AS_MADE, Choice, Column, Row, fit
from zdte_tui.screen.grid.arrange import Sort, arrange, number_in
from zdte_tui.screen.grid.column import FLEXIBLE, GAP, ordered


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("5,870.25", 5870.25),
        ("+$1,640.00", 1640.0),
        ("-$0.65", -0.65),
        ("2.35 e", 2.35),
        ("1,234k", 1_234_000.0),
        ("12.3M", 12_300_000.0),
        ("24%", 24.0),
        ("2/3", 2.0),
        (">5870<", 5870.0),
        ("0.4s", 0.4),
        ("3m05s", 185.0),
        ("2h07m", 7620.0),
        ("10:00:07", None),
        ("2026-01-15", None),
        ("IC 10:00", None),
        ("UNARMED", None),
        ("S2", None),
    ],
)
def test_what_a_cell_is_as_a_number(text: str, value: float | None) -> None:
    assert number_in(text) == value


def rows(*texts: str) -> tuple[Row, ...]:
    return tuple(Row(str(n), ((text, "text"),)) for n, text in enumerate(texts))


def texts(found: tuple[Row, ...]) -> list[str]:
    return [row.cells[0][0] for row in found]


def test_numbers_are_compared_as_numbers_and_what_is_missing_comes_last_either_way() -> None:
    given_rows = rows("9.50", "n/a", "+$10.00", "-2", "-", "1,000")
    assert texts(arrange(given_rows, Sort(0, falling=False), "")) == ["-2", "9.50", "+$10.00", "1,000", "n/a", "-"]
    assert texts(arrange(given_rows, Sort(0, falling=True), "")) == ["1,000", "+$10.00", "9.50", "-2", "n/a", "-"]


def test_a_column_with_a_word_is_compared_as_words() -> None:
    assert texts(arrange(rows("stop", "2", "Entered"), Sort(0, falling=False), "")) == ["2", "Entered", "stop"]


BOOK = (
    Row("7", (("IC 10:00", "text"), ("+$50.00", "text"))),
    Row("7.puts", (("puts", "text"), ("-", "dim")), parent="7"),
    Row("7.puts.0", (("held by nobody", "text"),), span=True, parent="7.puts"),
    Row("7.calls", (("calls", "text"), ("-", "dim")), parent="7"),
    Row("9", (("IC 11:00", "text"), ("-$20.00", "text"))),
    Row("9.puts", (("puts", "text"), ("-", "dim")), parent="9"),
)


def test_what_belongs_to_a_row_moves_with_it() -> None:
    found = [row.key for row in arrange(BOOK, Sort(1, falling=False), "")]
    assert found == ["9", "9.puts", "7", "7.puts", "7.puts.0", "7.calls"]


def test_a_filter_keeps_the_whole_trade_in_which_all_words_stand() -> None:
    assert [row.key for row in arrange(BOOK, None, "nobody PUTS")] == ["7", "7.puts", "7.puts.0", "7.calls"]
    assert arrange(BOOK, None, "nobody 11:00") == ()
    assert arrange(BOOK, None, "  ") is BOOK


cell = st.one_of(st.sampled_from(["n/a", "-", ""]), st.integers(-999, 999).map(str), st.text(max_size=6))


@given(st.lists(cell, max_size=30), st.booleans())
def test_no_row_is_lost_and_equals_keep_their_order(found: list[str], falling: bool) -> None:
    arranged = arrange(rows(*found), Sort(0, falling), "")
    assert sorted(row.key for row in arranged) == sorted(str(n) for n in range(len(found)))
    places: dict[str, int] = {}
    for row in arranged:
        text = row.cells[0][0]
        assert places.get(text, -1) < int(row.key)
        places[text] = int(row.key)


COLUMNS = (
    Column("far", "far", 6, drop=2),
    Column("near", "near", 6, drop=1),
    Column("name", "name", 8, justify="left", stretch=FLEXIBLE),
)


def shown(width: int, choice: Choice) -> list[str]:
    return [COLUMNS[slot.column].key for slot in fit(COLUMNS, width, choice)]


def test_a_column_that_is_switched_off_makes_room_for_one_that_had_none() -> None:
    assert shown(15, AS_MADE) == ["near", "name"]
    assert shown(15, Choice(hidden=frozenset({"near"}))) == ["far", "name"]
    assert shown(30, Choice(order=("name", "far"))) == ["name", "far", "near"]


def test_with_all_columns_off_something_is_shown() -> None:
    assert shown(30, Choice(hidden=frozenset({"far", "near", "name"}))) == ["far", "near", "name"]


def test_a_choice_made_in_another_version_with_other_columns_does_no_harm() -> None:
    assert shown(30, Choice(frozenset({"gone"}), ("gone", "near"))) == ["near", "far", "name"]


@given(
    st.integers(8, 60),
    st.frozensets(st.sampled_from(["far", "near", "name"])),
    st.permutations(["far", "near", "name"]),
)
def test_a_choice_never_makes_a_text_narrower_than_it_was_wrapped_for(
    width: int, hidden: frozenset[str], order: list[str]
) -> None:
    def wide(choice: Choice) -> int:
        return next((slot.width for slot in fit(COLUMNS, width, choice) if slot.column == 2), 0)

    slots = fit(COLUMNS, width, Choice(hidden, tuple(order)))
    assert sum(slot.width for slot in slots) + GAP * (len(slots) - 1) <= max(width, 8)
    if "name" not in hidden:
        assert wide(Choice(hidden, tuple(order))) >= wide(AS_MADE)


def test_moved_columns_come_first_and_the_others_keep_their_order() -> None:
    assert [COLUMNS[i].key for i in ordered(COLUMNS, Choice(order=("name",)))] == ["name", "far", "near"]
