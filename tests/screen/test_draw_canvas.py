"""The canvas, as text pictures."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zdte_tui.screen.draw import GLYPHS, Canvas, Glyphs, signs
from zdte_tui.screen.grid import Line


def picture(lines: tuple[Line, ...]) -> list[str]:
    return ["".join(text for text, _ in line) for line in lines]


@pytest.mark.parametrize(
    ("glyphs", "drawn"),
    [
        ("braille", ["⠑⢄  ", "  ⠑⢄"]),
        ("block", ["▚   ", " ▚  ", "  ▚ ", "   ▚"]),
        ("ascii", ["'.  ", "  '."]),
    ],
)
def test_a_diagonal_in_each_set_of_glyphs(glyphs: Glyphs, drawn: list[str]) -> None:
    canvas = Canvas(4, len(drawn), glyphs)
    canvas.line(0, 0, canvas.dots_across - 1, canvas.dots_down - 1)
    assert picture(canvas.lines()) == drawn


def test_every_set_of_dots_has_its_own_character_of_one_cell() -> None:
    for glyphs in GLYPHS:
        found = signs(glyphs)
        assert len(found.dots) == len(set(found.dots)) == 2 ** (found.across * found.down)
        assert found.dots[0] == " "
    assert all(char.isascii() for char in signs("ascii").dots)
    assert ord(signs("braille").dots[255]) == 0x28FF


def test_braille_dots_count_from_the_upper_left() -> None:
    canvas = Canvas(1, 1)
    canvas.dot(0, 0)
    canvas.dot(1, 3)
    assert picture(canvas.lines()) == ["⢁"]


def test_neighbours_of_one_style_are_one_cell_and_text_lies_over_dots() -> None:
    canvas = Canvas(6, 1)
    canvas.line(0, 0, 11, 0, "gain")
    canvas.text(2, 0, "ab", "strong")
    assert canvas.lines() == ((("⠉⠉", "gain"), ("ab", "strong"), ("⠉⠉", "gain")),)


def test_an_empty_cell_joins_its_neighbour_but_never_a_style_that_fills() -> None:
    quiet, loud = Canvas(3, 1), Canvas(3, 1)
    quiet.text(0, 0, "x", "gain")
    loud.text(0, 0, "x", "alarm")
    assert quiet.lines() == ((("x  ", "gain"),),)
    assert loud.lines() == ((("x", "alarm"), ("  ", "text")),)


def test_a_line_under_a_drawing_fills_only_what_is_empty() -> None:
    canvas = Canvas(5, 1)
    canvas.dot(4, 0)
    canvas.rule(0)
    assert picture(canvas.lines()) == ["──⠁──"]


def test_a_dotted_line_leaves_dots_out() -> None:
    canvas = Canvas(3, 1)
    canvas.line(0, 0, 5, 0, every=3)
    assert picture(canvas.lines()) == ["⠁⠈ "]


@given(
    ends=st.tuples(*(st.integers(-(10**9), 10**9) for _ in range(4))),
    size=st.tuples(st.integers(0, 30), st.integers(0, 12)),
    glyphs=st.sampled_from(GLYPHS),
)
def test_whatever_is_drawn_stays_inside(ends: tuple[int, int, int, int], size: tuple[int, int], glyphs: Glyphs) -> None:
    canvas = Canvas(*size, glyphs)
    canvas.line(*ends)
    canvas.text(ends[0] % 40 - 5, ends[1] % 20 - 5, "label")
    lines = picture(canvas.lines())
    assert len(lines) == size[1]
    assert all(len(line) == size[0] for line in lines)
