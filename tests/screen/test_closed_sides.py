"""A side of which nothing is held takes one line, and does not look like one that was never filled."""

from __future__ import annotations

import pytest
import views
from msgspec.structs import replace

from zdte_tui.screen.panes import positions
from zdte_tui.screen.panes.positions import COLUMNS


def _rows(width: int, **changes: object) -> list[dict[str, tuple[str, str]]]:
    book = views.view().positions
    base = next(row for row in book.rows if row.level == "side")
    side = replace(base, label="puts 5845/5835", filled=0, entry=None, cost=None, stop_at=None, stop_holder="",
                   distance=None, pnl_mid=None, pnl_now=None, has_short=False, **changes)  # fmt: skip
    trade = next(row for row in book.rows if row.level == "trade")
    found = positions.content(views.view(positions=replace(book, rows=(trade, side))), width).rows
    return [dict(zip((column.key for column in COLUMNS), row.cells, strict=False)) for row in found if row.parent != ""]


@pytest.mark.parametrize("width", [58, 78, 150])
def test_a_closed_side_says_so_where_its_cost_would_stand(width: int) -> None:
    (row,) = _rows(width, note="closed")
    assert row["cost"] == ("closed", "dim")
    assert row["filled"] == ("0/2", "dim")
    assert row["entry"] == ("-", "dim")


def test_what_was_not_filled_or_not_known_is_still_told_as_that() -> None:
    row = _rows(150, note="closing")[0]
    assert row["cost"][0] == "n/a"
    assert row["filled"] == ("0/2", "warn")
    assert row["entry"][0] == "n/a"
    assert row["note"][0] == "closing"
