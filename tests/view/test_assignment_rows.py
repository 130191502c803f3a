"""What the screen shows of assignment: a note on the side that is short, and a word below the chain."""

from __future__ import annotations

import datetime as dt

from core_builders import Tape, make_engine
from spy_eve import SETTINGS, quiet_day, spy_day

from engine.calendar import session
from engine.core import Engine
from engine.pacing import Timeline
from engine.view import ProgressView, View, ViewRequest
from engine.view.build import ViewBuilder
from engine.view.chains import dividend_words
from zdte_tui.screen.panes import chain as chain_pane
from zdte_tui.screen.panes import positions as positions_pane


def seen(tape: Tape, until: str) -> View:
    engine: Engine = make_engine(*SETTINGS, day=tape.day, roots=("SPY",))
    builder = ViewBuilder(engine, "SIMULATED")
    timeline = Timeline(iter(tape.sorted()))
    while (ts := timeline.next_ts) is not None and ts <= tape.at(until):
        event = timeline.take()
        assert event is not None
        tick = engine.process(event)
        timeline.wake_at = tick.wake_at
        builder.absorb(tick)
    day = session(tape.day)
    progress = ProgressView(
        open=day.open, close=day.close, end=day.close, now=tape.at(until), speed=60, paused=False, finished=False,
        can_control=True, marks=(),
    )  # fmt: skip
    return builder.build(ViewRequest(), progress)


def notes(view: View) -> dict[str, str]:
    return {row.label: row.note for row in view.positions.rows}


def test_the_short_side_says_that_it_may_be_assigned_tonight() -> None:
    assert set(notes(seen(spy_day(), "13:00")).values()) == {""}

    found = seen(spy_day(), "14:05")
    assert notes(found)["calls 453/455"] == "453C may be assigned tonight: dividend 1.58"
    assert notes(found)["puts 441/443"] == ""
    (line,) = [row for row in found.log if row.source == "assignment"]
    assert line.level == "warning"
    shown = [text for row in positions_pane.content(found, 100).rows for text, _ in row.cells]
    assert any("may be assigned tonight" in text for text in shown)


def test_near_the_close_it_says_that_it_is_assigned_then() -> None:
    found = seen(spy_day(dt.date(2023, 9, 12)), "15:50")
    assert notes(found)["calls 453/455"] == "453C in the money: assigned at the close"


def test_below_the_chain_stands_the_dividend_of_tomorrow() -> None:
    view = seen(quiet_day(), "09:59")
    words = "ex-dividend 2023-09-15, 1.58: calls in the money may be assigned tonight"
    assert view.chain is not None
    assert view.chain.dividend == words
    shown = "".join(text for row in chain_pane.content(view, 160).bottom for text, _ in row.cells)
    assert words in shown


def test_what_is_not_known_is_said_and_what_does_not_apply_is_not() -> None:
    assert dividend_words("SPY", dt.date(2026, 12, 17)) == "whether tomorrow is an ex-dividend day is not known"
    assert dividend_words("SPY", dt.date(2023, 9, 12)) == ""
    assert dividend_words("SPXW", dt.date(2026, 12, 17)) == ""
