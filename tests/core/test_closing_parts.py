"""What of a holding one closing order takes, where the broker takes only so many legs."""

from __future__ import annotations

import datetime as dt

import pytest
from core_builders import DAY, option

from engine.core.closing import first_part
from engine.types import Contract

CONDOR = {option("5315P"): 2, option("5325P"): -2, option("5375C"): -2, option("5385C"): 2}
BUTTERFLY = {option("5370C"): 1, option("5420C"): -2, option("5480C"): 1}


def names(held: dict[Contract, int]) -> dict[str, int]:
    return {contract.short_name: quantity for contract, quantity in held.items()}


def parts(held: dict[Contract, int], max_legs: int) -> list[dict[str, int]]:
    """Part by part, each once the one before is closed."""
    found = []
    while held:
        part = first_part(held, max_legs)
        assert 0 < len(part) <= max_legs
        found.append(names(part))
        held = {contract: quantity for contract, quantity in held.items() if contract not in part}
    return found


@pytest.mark.parametrize("max_legs", [2, 3])
def test_a_condor_goes_side_by_side(max_legs: int) -> None:
    assert parts(CONDOR, max_legs) == [{"5315P": 2, "5325P": -2}, {"5375C": -2, "5385C": 2}]


def test_what_fits_goes_whole() -> None:
    assert parts(CONDOR, 4) == [names(CONDOR)]


def test_where_a_side_is_too_much_its_shorts_go_first() -> None:
    assert parts(BUTTERFLY, 2) == [{"5420C": -2}, {"5370C": 1, "5480C": 1}]
    assert parts(CONDOR, 1) == [{"5325P": -2}, {"5375C": -2}, {"5315P": 2}, {"5385C": 2}]


def test_what_is_short_goes_before_what_is_long_alone() -> None:
    assert parts({option("5315P"): 1, option("5375C"): -1, option("5385C"): 1}, 2) == [
        {"5375C": -1, "5385C": 1},
        {"5315P": 1},
    ]


def test_index_options_of_two_days_are_closed_one_day_after_the_other() -> None:
    later = dt.date(2024, 8, 14)
    diagonal = {option("5200P", expiry=later): 1, option("5200P"): -1}
    assert [list(part) for part in parts(diagonal, 4)] == [["5200P"], ["5200P"]]
    assert next(iter(first_part(diagonal, 4))).expiry == DAY
