"""A session that ends with something open says what, where it is now, that nobody watches it, and how to go on."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from core_builders import at, condor_tape, make_engine, play

from engine.session.compose import named_greeting
from engine.session.left_open import LeftOpen, left_open
from zdte_tui.leaving import leaving_lines

WORDS = ["--no-ui", "--set", "session.mode=paper", "--fresh", "--config", "my own.toml"]
AGAIN = "zdte-tui --no-ui --set session.mode=paper --config 'my own.toml'"
LEFT = LeftOpen(("#7 SPXW IC 10:00, 4 contracts, may lose 820.00",), stops=2, orders=1)


def said(holds: str, left: LeftOpen = LEFT, over: bool = False) -> list[str]:
    runner = SimpleNamespace(left_open=left, day_is_over=over)
    composed: Any = SimpleNamespace(holds=holds, runner=runner, banner="LIVE *6789 REAL")
    return leaving_lines(composed, WORDS)


def test_what_is_held_and_what_works_is_counted() -> None:
    engine = play(make_engine(), condor_tape("16:00").sorted(), at("10:05")).engine
    found = left_open(engine)
    (trade,) = engine.state.portfolio.open_trades
    (told,) = found.trades
    assert told.startswith(f"#{trade.trade_id} SPXW {trade.label}, 4 contracts, may lose ")
    assert (found.stops, found.orders) == (0, 0)


def test_before_and_after_nothing_is_left() -> None:
    assert not left_open(play(make_engine(), condor_tape("16:00").sorted(), at("09:59")).engine)
    assert not left_open(play(make_engine(), condor_tape("16:00").sorted(), at("16:00")).engine)


def test_at_the_broker_it_is_still_open_and_nobody_watches_it() -> None:
    assert said("at the broker") == [
        "STILL OPEN AT THE BROKER, LIVE *6789 REAL: #7 SPXW IC 10:00, 4 contracts, may lose 820.00",
        "NOBODY WATCHES IT NOW: stops, exits and the closing before the cutoff were this session's",
        "at the broker: 2 stop orders rest there; 1 order works there and may yet be filled",
        f"today this goes on with it: {AGAIN}; or close it at Alpaca",
    ]


def test_an_order_alone_is_told_of_too() -> None:
    lines = said("at the broker", LeftOpen((), stops=0, orders=2))
    assert lines[0] == "at the broker: 2 orders work there and may yet be filled"
    assert not [line for line in lines if "NOBODY" in line]


def test_after_the_day_nothing_goes_on_with_it() -> None:
    assert said("at the broker", over=True)[-1] == "the day is over: `zdte-tui account` shows what Alpaca has of it"


def test_what_a_rehearsal_held_is_gone_with_its_exchange() -> None:
    lines = said("with the session")
    assert "gone with the rehearsal's exchange" in lines[-1]
    assert not [line for line in lines if "goes on with it" in line]


def test_what_shadow_held_is_simulated_and_in_the_journal() -> None:
    lines = said("in the journal")
    assert lines[0].startswith("open, SIMULATED: #7")
    assert lines[-1] == f"it stands in the journal; today this goes on with it: {AGAIN}"


@pytest.mark.parametrize("holds", ["at the broker", "in the journal", "with the session"])
def test_with_nothing_left_nothing_is_said(holds: str) -> None:
    assert said(holds, LeftOpen((), 0, 0)) == []
    assert said("here") == []


def test_many_trades_are_not_all_named() -> None:
    lines = said("with the session", LeftOpen(tuple(f"#{n}" for n in range(20)), 0, 0))
    assert [line for line in lines if line.startswith("and 12 more")]


def test_a_new_session_in_the_place_of_one_that_was_cut_off_is_named() -> None:
    cut = "main_paper-2026-01-15-SPXW-1 was not played to its end and is not continued: a new one was asked for"
    begun = "paper session main_paper-2026-01-15-SPXW-2, journal j.sqlite"
    assert named_greeting(cut, False, begun) == f"{cut}; {begun}"
    assert named_greeting("continuing X", True, begun) == "continuing X"
    assert named_greeting("", False, begun) == begun
