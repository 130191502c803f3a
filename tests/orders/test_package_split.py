"""What a broker does not take whole falls into orders that cover their own shorts."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from quoted_market import condor

from engine.orders import NoSplit, split
from engine.orders.split import covered
from engine.types import Contract, Leg, Package, Right, Side

NEAR, FAR = dt.date(2024, 8, 7), dt.date(2024, 8, 14)


def leg(side: Side, strike: int, right: Right, ratio: int = 1, expiry: dt.date = NEAR) -> Leg:
    return Leg(Contract("SPXW", expiry, strike * 10_000, right), side, "open", ratio)


def flyagonal() -> Package:
    """A call broken-wing butterfly above the market, and a put diagonal over two expiries below it."""
    return Package(
        (
            leg("buy", 6370, "C"),
            leg("sell", 6420, "C", 2),
            leg("buy", 6480, "C"),
            leg("sell", 6170, "P"),
            leg("buy", 6120, "P", expiry=FAR),
        )
    )


def names(parts: tuple[Package, ...]) -> list[list[str]]:
    return [[f"{each.signed_ratio:+d} {each.contract.short_name}" for each in part.legs] for part in parts]


def test_what_is_small_enough_stays_whole() -> None:
    assert split(condor(), 4) == (condor(),)


def test_a_condor_in_orders_of_two_is_its_two_spreads() -> None:
    parts = split(condor(), 2)
    assert [{each.contract.right for each in part.legs} for part in parts] in ([{"P"}, {"C"}], [{"C"}, {"P"}])


def test_a_flyagonal_is_a_butterfly_and_a_diagonal() -> None:
    assert names(split(flyagonal(), 4)) == [["+1 6370C", "-2 6420C", "+1 6480C"], ["-1 6170P", "+1 6120P"]]


def test_a_short_may_not_outlive_its_long() -> None:
    assert not covered((leg("sell", 6170, "P", expiry=FAR), leg("buy", 6120, "P")))
    assert covered((leg("sell", 6170, "P"), leg("buy", 6120, "P", expiry=FAR)))


def test_where_all_legs_of_an_order_must_expire_together_a_diagonal_cannot_be_split() -> None:
    diagonal = Package((leg("sell", 6170, "P"), leg("buy", 6120, "P", expiry=FAR)))
    with pytest.raises(NoSplit, match="2 legs cannot be split"):
        split(diagonal, 4, one_expiry=True)


def test_a_short_that_nothing_covers_cannot_be_split_off() -> None:
    ratio = Package((leg("buy", 6370, "C"), leg("sell", 6420, "C", 3), leg("buy", 6480, "C", 2)))
    with pytest.raises(NoSplit):
        split(ratio, 2)


@settings(deadline=None, max_examples=100)
@given(
    spreads=st.lists(
        st.tuples(st.integers(0, 30), st.sampled_from("PC"), st.booleans()),
        min_size=1,
        max_size=4,
        unique_by=lambda s: s[0],
    ),
    max_legs=st.integers(2, 4),
)
def test_every_part_covers_itself_and_nothing_is_lost(spreads: list[tuple[int, Right, bool]], max_legs: int) -> None:
    legs: list[Leg] = []
    for place, right, credit in spreads:
        near, far = (6000 + 10 * place, 6005 + 10 * place)
        legs += [leg("sell" if credit else "buy", near, right), leg("buy" if credit else "sell", far, right)]
    parts = split(Package(tuple(legs)), max_legs)
    assert sorted(each for part in parts for each in [str(e) for e in part.legs]) == sorted(str(each) for each in legs)
    assert all(len(part.legs) <= max_legs and covered(part.legs) and part.problem() is None for part in parts)
    assert len(parts) >= -(-len(legs) // max_legs)
