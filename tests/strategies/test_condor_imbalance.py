"""A condor whose sides bring too unequal credits is not entered."""

from __future__ import annotations

import pytest
from core_builders import CONDOR, SPOT, Played, Tape, ladder, run

from engine.config import ConfigError

LIMIT = "strategies.iron_condor.max_imbalance"
NO_LEAST = ("strategies.iron_condor.min_side_credit=0", "strategies.iron_condor.min_credit=0.5")


def uneven(call_side: tuple[float, float], *settings: str) -> Played:
    """The put side brings 0.70; the short call has this bid and ask beside a long at 0.50."""
    quotes = CONDOR | {"5375C": call_side}
    tape = Tape().list(ladder(5300, 5400)).quote("10:00", quotes, spot=SPOT).hold("10:01", "10:02")
    return run(tape, *NO_LEAST, *settings)


def test_the_greater_side_may_bring_so_many_times_the_lesser() -> None:
    assert uneven((1.20, 1.30), f"{LIMIT}=1").fills()
    assert uneven((1.90, 2.00), f"{LIMIT}=2").fills()
    played = uneven((1.95, 2.05), f"{LIMIT}=2")
    why = "IMBALANCE: put side 0.70, call side 1.45: more than max_imbalance 2 to 1"
    assert played.skipped() == {"10:00": why}
    assert not played.fills()


def test_a_side_that_brings_nothing_is_an_imbalance_whatever_the_limit() -> None:
    why = "IMBALANCE: put side 0.70, call side -0.05: more than max_imbalance 1000 to 1"
    assert uneven((0.45, 0.55), f"{LIMIT}=1000").skipped() == {"10:00": why}


def test_zero_turns_it_off() -> None:
    assert uneven((3.50, 3.60), f"{LIMIT}=0").fills()
    assert uneven((3.50, 3.60)).skipped()["10:00"].startswith("IMBALANCE: ")


def test_fractions_of_a_cent_are_told() -> None:
    played = uneven((3.505, 3.60))
    assert "call side 3.005" in played.skipped()["10:00"]


@pytest.mark.parametrize("ratio", ["0.5", "0.99"])
def test_a_ratio_below_one_is_none(ratio: str) -> None:
    with pytest.raises(ConfigError, match=r"max_imbalance.*1 or more, or 0"):
        uneven((1.20, 1.30), f"{LIMIT}={ratio}")


def test_an_unknown_announcement_is_refused_with_those_there_are() -> None:
    with pytest.raises(ConfigError, match=r"blackout.*fomc"):
        uneven((1.20, 1.30), 'strategies.iron_condor.blackout.events=["fomk"]')
