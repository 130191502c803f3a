from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zdte_tui.screen.clean import clean

ANY_TEXT = st.text(st.characters(exclude_categories=()))


@given(ANY_TEXT)
def test_nothing_that_steers_a_terminal_or_turns_a_line_survives(text: str) -> None:
    categories = {unicodedata.category(char) for char in clean(text)}
    assert not categories & {"Cc", "Cf", "Cs", "Zl", "Zp"}
    clean(text).encode()


@given(ANY_TEXT)
def test_cleaning_twice_changes_nothing_more(text: str) -> None:
    assert clean(clean(text)) == clean(text)


@given(st.text(st.characters(categories=("L", "N", "P", "S"))))
def test_letters_numbers_and_signs_stay_as_they_are(text: str) -> None:
    assert clean(text) == text


@pytest.mark.parametrize(
    ("dirty", "tidy"),
    [
        ("a\x1b[31mred", "a?[31mred"),
        ("c1 \x9b2J", "c1 ?2J"),
        ("two\nlines\tand\r\nmore", "two lines and  more"),
        ("\u202eevil\u2066", "evil"),
        ("bell\x07", "bell?"),
        ("half \ud800 a pair", "half ? a pair"),
        ("[b]not markup[/b]", "[b]not markup[/b]"),
    ],
)
def test_examples(dirty: str, tidy: str) -> None:
    assert clean(dirty) == tidy
