"""The help on narrow screens: every word of it can be read."""

from __future__ import annotations

import pytest

from zdte_tui.screen.actions import ACTIONS
from zdte_tui.screen.dialogs.help import COLUMNS, rows
from zdte_tui.screen.grid import slot_width


@pytest.mark.parametrize("width", [50, 72, 100])
def test_no_key_and_no_word_of_the_help_is_cut(width: int) -> None:
    room = slot_width(COLUMNS, width, "help")
    keys = slot_width(COLUMNS, width, "keys")
    found = rows(True, width, "chain")
    for row in found:
        if row.span:
            assert len(row.cells[0][0]) <= width
        else:
            assert len(row.cells[0][0]) <= keys, "a word that is to be typed stands whole"
            assert len(row.cells[1][0]) <= room
    told = " ".join(text for row in found for text, _ in row.cells if text)
    for each in ACTIONS:
        assert each.help + ("; y confirms" if each.confirm else "") in told


def test_the_help_begins_with_the_rule_of_the_capitals_and_the_way_in() -> None:
    first = " ".join(row.cells[0][0] for row in rows(True, 72)[:2])
    assert first.startswith("Capitals move money or stop it: y confirms")
    assert ":tour" in first
    assert ":tour" not in " ".join(row.cells[0][0] for row in rows(False, 72)[:2])  # live: there is no tour
