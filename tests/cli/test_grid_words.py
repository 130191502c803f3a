"""What a heatmap says beside its figures: letters that can be read on any terminal, stops without a price."""

from __future__ import annotations

import argparse

import pytest
from rich.color_triplet import ColorTriplet
from rich.style import Style

from engine.config import Axis, Point, load
from engine.session.backtest import Summary
from engine.session.grid import Cell
from zdte_tui.commands.grid import _summary, add_grid_options, refuse_without_grid
from zdte_tui.commands.grid_table import heatmaps
from zdte_tui.exits import CommandError

AXIS = Axis(("a", "wing"), ("10", "20"), ())


def cell(text: str, pnl: int, **tallies: int) -> Cell:
    of = Summary(
        days=3,
        days_traded=2,
        trades=2,
        wins=1,
        pnl=pnl,
        fees=100,
        max_drawdown=100,
        best_day=pnl,
        worst_day=0,
        provenance=("vendor midpoints mid",),
        provisional_days=0,
        unreadable_days=0,
        tallies={key.replace("_", " "): n for key, n in tallies.items()},
    )
    return Cell(Point((text,), load()), of)


def test_letters_stand_out_from_the_colour_behind_them() -> None:
    """On a light terminal letters are black, and so were they on dark red."""
    ((_, table),) = heatmaps([AXIS], [cell("10", 10_000_000), cell("20", -9_000_000)], "pnl", "SPXW", 80)
    for shown in list(table.columns[1].cells):
        read = Style.parse(str(shown.style))  # type: ignore[union-attr]
        assert read.color is not None
        assert read.bgcolor is not None
        assert read.color.triplet == ColorTriplet(255, 255, 255)
        assert read.bgcolor.triplet is not None
        assert max(read.bgcolor.triplet) <= 140


def test_stops_without_a_price_are_counted_over_all_configurations() -> None:
    cells = [cell("10", 5, stop_checks=300, stop_checks_unpriced=200), cell("20", 6, stop_checks=85)]
    assert "stops    200 of 385 checks had no price to go by: a stop there may be missed" in _summary([AXIS], cells)
    assert "stops " not in _summary([AXIS], [cell("10", 5, stop_checks=300), cell("20", 6)])


@pytest.mark.parametrize("words", [["--show", "pnl"], ["--show", "win-rate"], ["--csv"], ["--no-cache"]])
def test_options_of_a_grid_without_one_are_refused(words: list[str]) -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--resume", action="store_true")
    parser.add_argument("--json", action="store_true")
    add_grid_options(parser)
    with pytest.raises(CommandError, match=f"^{words[0]} goes with --grid KEY=V1,V2$"):
        refuse_without_grid(parser.parse_args(words))
    refuse_without_grid(parser.parse_args([*words, "--grid", "wing=10,20"]))
