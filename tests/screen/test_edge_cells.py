"""The remote profile: after any updates the terminal shows what a full repaint shows, and equal cells are not sent."""

from __future__ import annotations

from collections.abc import Sequence

import pyte
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.color import ColorSystem
from rich.style import Style

from zdte_tui.screen.edge import Glass, Piece

WIDTH, HEIGHT = 24, 4
SYSTEM = ColorSystem.TRUECOLOR
STYLES = tuple(
    map(
        Style.parse,
        ("none", "bold", "bold reverse", "#ff8800 on #101010", "#ff8800", "on #101010", "underline italic", "red"),
    )
)
WORDS = ("a", "5870.25", "+$186.00", "    ", "漢字", "é", "e\u0301x", "🙂", "─│", "n/a")

Line = list[tuple[str, Style]]
line = st.lists(st.tuples(st.sampled_from(WORDS), st.sampled_from(STYLES)), min_size=1, max_size=12)


class Terminal:
    """A terminal that wraps no lines, as Textual asks of the one it finds."""

    def __init__(self, width: int = WIDTH, height: int = HEIGHT) -> None:
        self.screen = pyte.Screen(width, height)
        self.stream = pyte.Stream(self.screen)
        self.screen.reset_mode(pyte.modes.DECAWM)

    def feed(self, data: str) -> None:
        self.stream.feed(data)

    @property
    def cells(self) -> list[list[pyte.screens.Char]]:
        buffer = self.screen.buffer
        return [[buffer[y][x] for x in range(self.screen.columns)] for y in range(self.screen.lines)]


def pieces(y: int, parts: Line, width: int = WIDTH) -> list[Piece]:
    """A whole line of the screen: as many parts as fit, blanks after them."""
    found, x = [], 0
    for text, style in parts:
        if x + cell_len(text) > width:
            break
        found.append(Piece(y, x, text, style))
        x += cell_len(text)
    return [*found, Piece(y, x, " " * (width - x), Style.null())] if x < width else found


def naively(lines: Sequence[Line]) -> Terminal:
    """A terminal on which all was painted at once, by nothing of ours: each piece at its place, its style around it."""
    terminal = Terminal()
    for y, parts in enumerate(lines):
        for _, x, text, style in pieces(y, parts):
            drawn = style.render(text, color_system=SYSTEM) if style else text
            terminal.feed(f"\x1b[{y + 1};{x + 1}H{drawn}")
    return terminal


frame = st.dictionaries(st.integers(0, HEIGHT - 1), line, min_size=1)


@given(st.lists(line, min_size=HEIGHT, max_size=HEIGHT), st.lists(frame, max_size=8))
@settings(max_examples=150, deadline=None)
def test_after_any_updates_the_screen_is_as_repainted(first: list[Line], frames: list[dict[int, Line]]) -> None:
    terminal, glass, lines = Terminal(), Glass(WIDTH, HEIGHT), list(first)
    terminal.feed(glass.show([each for y, parts in enumerate(lines) for each in pieces(y, parts)], SYSTEM))
    assert terminal.cells == naively(lines).cells
    for changes in frames:
        for y, parts in changes.items():
            lines[y] = parts
        terminal.feed(glass.show([each for y in sorted(changes) for each in pieces(y, changes[y])], SYSTEM))
        assert terminal.cells == naively(lines).cells


@given(st.lists(line, min_size=HEIGHT, max_size=HEIGHT))
@settings(max_examples=30, deadline=None)
def test_what_is_shown_already_is_not_sent(lines: list[Line]) -> None:
    glass = Glass(WIDTH, HEIGHT)
    everything = [each for y, parts in enumerate(lines) for each in pieces(y, parts)]
    assert glass.show(everything, SYSTEM)
    assert glass.show(everything, SYSTEM) == ""


def test_one_changed_digit_is_one_character_and_a_move() -> None:
    plain = Style.null()
    glass = Glass(WIDTH, HEIGHT)
    glass.show([Piece(2, 0, "spot 5870.12  IV 15.2   ", plain)], SYSTEM)
    assert glass.show([Piece(2, 0, "spot 5870.13  IV 15.2   ", plain)], SYSTEM) == "\x1b[3;12H3"
    assert glass.show([Piece(2, 5, "5860.13", plain)], SYSTEM) == "\x1b[3;8H6"


def test_only_the_codes_that_differ_are_sent_and_the_pen_is_put_down_at_the_end() -> None:
    glass = Glass(WIDTH, HEIGHT)
    amber, bold = Style.parse("#ff8800 on #101010"), Style.parse("bold #ff8800 on #101010")
    sent = glass.show([Piece(0, 0, "ab", amber), Piece(0, 2, "cd", bold)], SYSTEM)
    assert sent == "\x1b[1;1H\x1b[38;2;255;136;0;48;2;16;16;16mab\x1b[1mcd\x1b[m"


def test_a_wide_character_is_never_half_of_one() -> None:
    plain = Style.null()
    glass, terminal = Glass(6, 1), Terminal(6, 1)
    for text in ("a漢b  ", "漢bc  ", "xy漢  ", "x漢y  "):
        terminal.feed(glass.show([Piece(0, 0, text[: 6 - 1], plain)], SYSTEM))
        shown = "".join(char.data for char in terminal.cells[0]).rstrip()
        assert shown == text.rstrip()


@pytest.mark.parametrize("place", [Piece(-1, 0, "x", None), Piece(9, 0, "x", None), Piece(0, 99, "x", None)])
def test_what_lies_outside_is_left_out(place: Piece) -> None:
    assert Glass(WIDTH, HEIGHT).show([place], SYSTEM) == ""


def test_a_text_that_runs_out_of_the_screen_is_cut() -> None:
    glass = Glass(4, 1)
    assert glass.show([Piece(0, 2, "abcdef", None)], SYSTEM) == "\x1b[1;3Hab"
