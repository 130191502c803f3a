"""Day 4, the half-day of 2024-07-03: the session ended at 13:00."""

from __future__ import annotations

import pytest
from real_days import CONDOR, HALF, Played, along, at, play

from engine.events import ExitRecord, FillRecord
from engine.session.source import TapeSource
from engine.tape import Store


@pytest.fixture(scope="module")
def day(recorded: Store) -> Played:
    return play(along(recorded, HALF, seed=1))


def test_the_noon_and_one_oclock_windows_are_skipped_with_the_reason(day: Played) -> None:
    why = "within 90 minutes of the close: the last entry today is 11:30"
    assert {key: day.skipped()[key] for key in ("12:00", "13:00")} == {"12:00": why, "13:00": why}
    assert "10:00" in day.entered()


def test_what_is_held_is_closed_at_twenty_past_twelve(day: Played) -> None:
    exits = [e for e in day.of(ExitRecord) if e.trigger == "exit_time"]
    assert exits
    assert {e.ts for e in exits} == {at(HALF, "12:20")}
    assert all(e.text == "exit time 12:20" for e in exits)


def test_nothing_fills_at_the_one_oclock_stamp(day: Played) -> None:
    assert day.of(FillRecord)
    assert max(fill.ts for fill in day.of(FillRecord)) < at(HALF, "13:00")


def test_a_window_moved_to_the_last_minutes_does_not_fill_at_one(recorded: Store) -> None:
    """An exit that begins with the close finds no market: the rows stamped 13:00 are known when trading is over."""
    played = play(along(recorded, HALF, seed=1), f"{CONDOR}.exit_time=close")
    assert all(fill.ts < at(HALF, "13:00") for fill in played.of(FillRecord))
    assert {s.ts for s in played.settlements() if s.provisional} == {at(HALF, "13:00")}


def test_the_recorded_day_has_no_row_of_one_oclock_to_trade_on(recorded: Store) -> None:
    tape = TapeSource(recorded, "SPXW", HALF, "midpoints")
    assert "after_close" in (tape.entry.header.flags if tape.entry.header else ())
    played = play(tape, f"{CONDOR}.strikes.by=offset", f"{CONDOR}.strikes.short=25", f"{CONDOR}.strikes.wing=40")
    assert all(fill.ts < at(HALF, "13:00") for fill in played.of(FillRecord))
    assert {"12:00", "13:00"} <= set(played.skipped())
