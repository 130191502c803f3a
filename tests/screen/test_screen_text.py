from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from engine.types import to_units
from zdte_tui.screen import text


@pytest.mark.parametrize(
    ("units", "sign", "shown"),
    [
        (to_units(186), True, "+$186.00"),
        (to_units(-1640), False, "-$1,640.00"),
        (to_units(-0.05), True, "-$0.05"),
        (0, False, "$0.00"),
        (None, True, "n/a"),
    ],
)
def test_money_has_its_sign_before_the_dollar(units: int | None, sign: bool, shown: str) -> None:
    assert text.money(units, sign=sign) == shown


@pytest.mark.parametrize(
    ("value", "shown"), [(950, "950"), (12_345, "12,345"), (1_234_000, "1,234k"), (12_345_678, "12.3M"), (None, "n/a")]
)
def test_counts_take_at_most_six_characters(value: int | None, shown: str) -> None:
    assert text.count(value) == shown
    assert len(shown) <= 6


@pytest.mark.parametrize(
    ("nanoseconds", "shown"),
    [
        (0, "0.0s"),
        (400_000_000, "0.4s"),
        (9_960_000_000, "10s"),
        (185 * 10**9, "3m05s"),
        (7620 * 10**9, "2h07m"),
        (None, "n/a"),
    ],
)
def test_ages(nanoseconds: int | None, shown: str) -> None:
    assert text.age(nanoseconds) == shown


@pytest.mark.parametrize("value", [None, math.nan, math.inf])
def test_what_is_no_number_is_missing_not_zero(value: float | None) -> None:
    assert text.number(value) == "n/a"
    assert text.percent(value) == "n/a"


@pytest.mark.parametrize(
    ("fraction", "shown"),
    [
        (0, "----------"),
        (0.001, "#---------"),
        (0.82, "########--"),
        (0.999, "#########-"),
        (1, "#" * 10),
        (3, "#" * 10),
        (-1, "-" * 10),
    ],
)
def test_a_bar_is_full_only_at_the_limit_and_marks_the_first_use(fraction: float, shown: str) -> None:
    assert text.bar(fraction, 10) == shown


@given(st.text(), st.integers(2, 40))
def test_wrapped_lines_fit_and_lose_no_word(words: str, width: int) -> None:
    lines = text.wrap(words, width)
    assert lines
    assert all(cell_len(line) <= width for line in lines)
    assert "".join("".join(lines).split()) == "".join(text.clean(words).split())
