"""Day 2, the whipsaw of 2024-09-11: SPX fell 33 points after 10:00, then rose 94."""

from __future__ import annotations

import pytest
from real_days import CONDOR, WHIPSAW, Played, along, play

from engine.events import StateRecord
from engine.session.day import figures
from engine.tape import Store

SETTINGS = (f'{CONDOR}.entries=["10:00"]',)


@pytest.fixture(scope="module")
def day(recorded: Store) -> Played:
    return play(along(recorded, WHIPSAW, seed=1), *SETTINGS)


def test_both_sides_are_stopped_the_puts_first(day: Played) -> None:
    assert day.stops() == [(1, "puts"), (1, "calls")]
    assert day.results()[1].status == "closed"
    assert (day.results()[1].realised or 0) < 0


def test_the_double_stop_is_shown(day: Played) -> None:
    ((clock, level, text),) = day.lines("DOUBLE STOP")
    assert (level, text) == ("alarm", "SPXW 10:00 double stop: #1 DOUBLE STOP: both sides")
    ((said, key, _),) = day.signals("double stop")
    assert (said, key) == (clock, "10:00")


def test_the_double_stop_is_counted_in_the_days_figures(day: Played) -> None:
    records = [record for tick in day.ticks for record in tick.records]
    told = figures(day.source, day.engine, records)
    assert told.tallies["stops"] == 2
    assert told.tallies["double stops"] == 1
    assert told.origin == "simulated"


def test_nothing_is_entered_again(day: Played) -> None:
    assert day.entered() == ["10:00"]
    assert set(day.results()) == {1}
    opened = [quantity for clock, quantity, _ in day.fills(1) if clock < "10:06:00"]
    assert [abs(quantity) for quantity in opened] == [1, 1, 1, 1]
    last = day.of(StateRecord)[-1].state
    assert '"10:00":{"status":"entered"' in last


@pytest.mark.parametrize("seed", [2, 4, 5, 6])
def test_whatever_lies_between_the_recorded_values(recorded: Store, seed: int) -> None:
    played = play(along(recorded, WHIPSAW, seed=seed, source=f"path-{seed}"), *SETTINGS)
    assert played.stops() == [(1, "puts"), (1, "calls")]
    assert played.engine.state.tallies["double stops"] == 1
