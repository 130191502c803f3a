"""Stops that are judged by quotes which are not the market's say so where they stand."""

from __future__ import annotations

import pytest
from msgspec.structs import replace
from views import positions, view

from engine.view import PositionsView
from engine.view.positions import stops_doubt
from zdte_tui.screen.panes.positions import content


def stops(book: PositionsView, width: int = 100) -> list[str]:
    return [str(row.cells[4][0]) for row in content(view(positions=book), width).rows if len(row.cells) > 4]


@pytest.mark.parametrize(
    "banner", ["PAPER *6789 vendor alpaca-indicative quote", "REPLAY vendor alpaca-indicative mid"]
)
def test_indicative_quotes_are_doubted_wherever_they_are_played(banner: str) -> None:
    assert stops_doubt(banner) == "indicative quotes"


@pytest.mark.parametrize("banner", ["LIVE *6789 vendor alpaca-opra quote", "PAPER SIMULATED", "SIMULATED", "SHADOW"])
def test_others_are_not(banner: str) -> None:
    assert stops_doubt(banner) == ""


def test_a_stop_of_the_engines_is_marked_and_the_title_says_why() -> None:
    doubted = positions(stops_doubt="indicative quotes")
    assert content(view(positions=doubted), 100).title == "positions  2 open  stops UNRELIABLE: indicative quotes"
    told, plain = stops(doubted), stops(positions())
    assert any(each.endswith(" e") for each in plain)
    assert [f"{each}?" if each.endswith("e") else each for each in plain] == told
    assert content(view(positions=positions()), 100).title == "positions  2 open"


def test_what_rests_at_the_broker_alone_is_not_judged_here() -> None:
    book = positions(stops_doubt="indicative quotes")
    rows = tuple(replace(row, stop_holder="b" if row.stop_holder else "") for row in book.rows)
    alone = positions(stops_doubt="indicative quotes", rows=rows)
    assert not any(each.endswith("?") for each in stops(alone))
