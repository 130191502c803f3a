"""What positions may lose, what covers a short, and a ledger that a bust takes back to where it was."""

from __future__ import annotations

import datetime as dt

from hypothesis import given
from hypothesis import strategies as st

from engine.events import LegFill
from engine.pricing import intrinsic
from engine.types import SCALE, Contract, sign
from engine.venue.ledger import Ledger
from engine.venue.margin import NO_BOUND, margin, uncovered

DAY, NEXT = dt.date(2026, 1, 15), dt.date(2026, 1, 16)


def option(right: str, strike: int, day: dt.date = DAY, root: str = "SPXW") -> Contract:
    return Contract(root, day, strike * SCALE, right)  # type: ignore[arg-type]


CONDOR = {option("P", 5930): 1, option("P", 5950): -1, option("C", 6000): -1, option("C", 6030): 1}

contracts = st.builds(option, st.sampled_from("CP"), st.sampled_from(range(5900, 6000, 5)))
holdings = st.dictionaries(contracts, st.integers(-5, 5), max_size=6)


def test_a_condor_may_lose_its_wider_side() -> None:
    assert margin(CONDOR) == 30 * 100 * SCALE
    assert not uncovered(CONDOR)


def test_what_is_long_loses_nothing_beyond_its_price() -> None:
    assert margin({option("P", 5950): 3, option("C", 6000): 1}) == 0


def test_a_call_alone_has_no_bound_and_a_put_alone_its_strike() -> None:
    assert margin({option("C", 6000): -1}) == NO_BOUND
    assert margin({option("P", 5950): -2}) == 2 * 5950 * 100 * SCALE
    assert uncovered({option("C", 6000): -1, option("P", 5950): -2}) == {("SPXW", "C"): 1, ("SPXW", "P"): 2}


def test_what_lives_longer_covers_and_what_ends_sooner_does_not() -> None:
    near, far = option("P", 600, DAY, "SPY"), option("P", 600, NEXT, "SPY")
    assert not uncovered({near: -1, far: 1})
    assert uncovered({near: 1, far: -1}) == {("SPY", "P"): 1}
    assert margin({near: -1, far: 1}) == 0
    assert margin({near: 1, far: -1}) == 600 * 100 * SCALE


def test_roots_do_not_cover_each_other() -> None:
    held = {option("C", 600, root="SPY"): -1, option("C", 500, root="XSP"): 1}
    assert uncovered(held) == {("SPY", "C"): 1}


@given(holdings)
def test_the_margin_is_the_worst_of_any_settlement(held: dict[Contract, int]) -> None:
    values = [0, *(contract.strike for contract in held), 6500 * SCALE]
    losses = [-sum(count * intrinsic(contract, value) for contract, count in held.items()) for value in values]
    found = margin(held)
    if sum(count for contract, count in held.items() if contract.right == "C") < 0:
        assert found == NO_BOUND
    else:
        assert found == max(0, *losses) * 100


@given(holdings)
def test_what_is_covered_has_a_bound(held: dict[Contract, int]) -> None:
    if not any(right == "C" for _, right in uncovered(held)):
        assert margin(held) < NO_BOUND


fills = st.lists(
    st.tuples(contracts, st.sampled_from(["buy", "sell"]), st.integers(1, 4), st.integers(1, 500)), max_size=12
)


def legs(rows: list[tuple[Contract, str, int, int]]) -> list[LegFill]:
    return [
        LegFill(str(n), contract, side, count, cents * 100, fee=6500 * count)  # type: ignore[arg-type]
        for n, (contract, side, count, cents) in enumerate(rows)
    ]


@given(fills)
def test_cash_and_positions_are_the_sums_of_the_executions(rows: list[tuple[Contract, str, int, int]]) -> None:
    ledger, all_legs = Ledger(), legs(rows)
    for leg in all_legs:
        ledger.fill([leg])
    assert ledger.cash == sum(-sign(leg.side) * leg.quantity * leg.price * 100 - leg.fee for leg in all_legs)
    for contract in {leg.contract for leg in all_legs}:
        assert ledger.quantity(contract) == sum(
            sign(leg.side) * leg.quantity for leg in all_legs if leg.contract == contract
        )
    assert all(held.quantity for held in ledger.held.values())
    assert all(held.cost * held.quantity > 0 for held in ledger.held.values())


@given(fills, st.data())
def test_a_bust_is_as_if_it_had_never_been(rows: list[tuple[Contract, str, int, int]], data: st.DataObject) -> None:
    all_legs = legs(rows)
    gone = [leg for leg in all_legs if data.draw(st.booleans())]
    busted, never = Ledger(), Ledger()
    busted.fill(all_legs)
    busted.bust(gone)
    never.fill([leg for leg in all_legs if leg not in gone])
    assert (busted.cash, busted.held) == (never.cash, never.held)


def test_a_position_keeps_its_average_as_it_is_closed_in_parts() -> None:
    ledger, put = Ledger(), option("P", 5950)
    ledger.fill([LegFill("1", put, "buy", 2, 10_000), LegFill("2", put, "buy", 2, 20_000)])
    ledger.fill([LegFill("3", put, "sell", 1, 50_000)])
    assert (ledger.held[put].quantity, ledger.held[put].cost) == (3, 45_000)
    ledger.fill([LegFill("4", put, "sell", 5, 40_000)])
    assert (ledger.held[put].quantity, ledger.held[put].cost) == (-2, -80_000)
