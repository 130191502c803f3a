from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.style import Style

from zdte_tui.screen.acts.panes import PANE_WORDS
from zdte_tui.screen.grid.column import FLEXIBLE, GAP, Column, Row, fit, slot_width
from zdte_tui.screen.grid.paint import paint_row, place
from zdte_tui.screen.panes import PANES

COLUMNS = (
    Column("far", "far", 6, drop=2),
    Column("near", "near", 6, drop=1),
    Column("name", "name", 8, justify="left", stretch=FLEXIBLE),
    Column("mirror", "near", 6, drop=1),
)


def shown(width: int) -> list[str]:
    return [COLUMNS[slot.column].key for slot in fit(COLUMNS, width)]


def test_the_least_needed_column_is_dropped_first_and_equals_go_together() -> None:
    assert shown(29) == ["far", "near", "name", "mirror"]
    assert shown(28) == ["near", "name", "mirror"]
    assert shown(21) == ["name"]
    assert shown(3) == ["name"]


def test_a_flexible_column_takes_what_is_left() -> None:
    assert slot_width(COLUMNS, 40, "name") == 40 - 3 * 6 - 3 * GAP
    assert slot_width(COLUMNS, 28, "far") == 0


@pytest.mark.parametrize("name", ["chain", "positions"])
def test_the_help_says_from_which_width_on_a_zoomed_pane_has_the_chances(name: str) -> None:
    """A pane over the whole screen has a frame on either side."""
    (pane,) = (each for each in PANES if name == each.NAME)
    (wide,) = map(int, re.findall(r"[0-9]+", PANE_WORDS[name]))
    wanted = {column.key for column in pane.COLUMNS if column.title.partition(" ")[0] in ("touch", "ITM")}
    for width, there in ((wide, True), (wide - 1, False)):
        keys = {pane.COLUMNS[slot.column].key for slot in fit(pane.COLUMNS, width - 2)}
        assert (wanted <= keys) is there


@given(st.sampled_from(PANES), st.integers(58, 250))
def test_every_pane_fits_its_width_exactly_or_leaves_room(pane: type, width: int) -> None:
    slots = fit(pane.COLUMNS, width)
    used = sum(slot.width for slot in slots) + GAP * (len(slots) - 1)
    assert used <= width
    assert all(slot.width >= pane.COLUMNS[slot.column].width for slot in slots)


def test_the_chain_drops_open_interest_then_volume_then_iv_on_both_sides() -> None:
    columns = PANES[0].COLUMNS

    def keys(width: int) -> list[str]:
        return [columns[slot.column].key for slot in fit(columns, width)]

    assert "call.oi" in keys(106)
    assert "put.oi" in keys(106)
    assert [key for key in keys(78) if key.startswith("call")] == [
        "call.iv",
        "call.delta",
        "call.bid",
        "call.ask",
        "call.held",
    ]
    assert keys(56) == ["call.bid", "call.ask", "call.held", "strike", "put.held", "put.bid", "put.ask"]


def test_a_number_that_does_not_fit_is_never_cut_short() -> None:
    assert place("123456", 4, "right") == "####"
    assert place("a long word", 6, "left") == "a lon…"
    assert place("5870", 8, "center") == "  5870  "


@given(st.text(max_size=30), st.integers(1, 20), st.sampled_from(["left", "right", "center"]))
def test_a_placed_text_has_exactly_its_width(text: str, width: int, justify: str) -> None:
    assert cell_len(place(text, width, justify)) == width  # type: ignore[arg-type]


def test_market_text_is_cleaned_and_never_read_as_markup() -> None:
    row = Row("k", (("1", "text"), ("2", "text"), ("[b]\x1b[2J", "text"), ("3", "text")))
    strip = paint_row(row, COLUMNS, fit(COLUMNS, 40), 40, lambda _: Style())
    assert "[b]?[2J" in strip.text
    assert "\x1b" not in strip.text
