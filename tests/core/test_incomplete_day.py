"""A day whose market data end long before the close says so, once trading is over."""

from __future__ import annotations

import pytest
from core_builders import DAY, HALF_DAY, Played, Tape, condor_tape, ladder, run

from engine.core.completeness import LATE_END, WITHOUT_END
from engine.events import NoticeRecord

OFF = 'strategies.iron_condor.entries=["10:00"]'


def told(played: Played) -> list[str]:
    return [n.text for n in played.of(NoticeRecord) if "is incomplete" in n.text]


@pytest.mark.parametrize(
    ("last", "said"),
    [
        ("11:00", ["2024-08-07 is incomplete: no data after 11:00:00; its figures are not those of a whole day"]),
        ("14:29", ["2024-08-07 is incomplete: no data after 14:29:00; its figures are not those of a whole day"]),
        ("14:30", []),
        ("15:59", []),
    ],
)
def test_data_that_end_more_than_ninety_minutes_early_are_incomplete(last: str, said: list[str]) -> None:
    assert LATE_END == 90 * 60 * 10**9
    played = run(condor_tape(last), OFF, until="16:30")
    assert told(played) == said
    assert played.engine.state.tallies.get(WITHOUT_END, 0) == len(said)


def test_a_day_without_any_data_says_that() -> None:
    played = run(Tape(), OFF, until="16:30")
    assert told(played) == [f"{DAY} is incomplete: no data at all; its figures are not those of a whole day"]


def test_it_is_said_once_and_only_after_the_close() -> None:
    before = run(condor_tape("11:00"), OFF, until="15:59:59")
    assert not told(before)
    after = run(condor_tape("11:00").close(5300), OFF, until="17:00")
    assert len(told(after)) == 1


def test_a_half_day_ends_at_one() -> None:
    tape = Tape(day=HALF_DAY).list(ladder(5300, 5400)).quote("11:29", {"5300P": (1.0, 1.1)})
    assert told(run(tape, OFF, until="13:30")) == [
        f"{HALF_DAY} is incomplete: no data after 11:29:00; its figures are not those of a whole day"
    ]
    later = Tape(day=HALF_DAY).list(ladder(5300, 5400)).quote("11:30", {"5300P": (1.0, 1.1)})
    assert not told(run(later, OFF, until="13:30"))
