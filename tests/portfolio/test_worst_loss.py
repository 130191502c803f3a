"""The worst case is the worst over every value of the underlying; None where there is no worst."""

from __future__ import annotations

import datetime as dt

from hypothesis import given, settings
from hypothesis import strategies as st
from portfolio_builders import closed, opened, trade_of
from quoted_market import condor, option

from engine.portfolio import Portfolio, Trade, worst_loss
from engine.pricing import intrinsic, payoff_bounds
from engine.types import Contract, Leg, Package, to_units

HIGHEST = 40
CHOSEN = st.dictionaries(
    st.tuples(st.integers(1, HIGHEST), st.sampled_from("CP")), st.integers(-3, 3).filter(bool), min_size=1, max_size=5
)


def contracts_of(chosen: dict[tuple[int, str], int]) -> dict[Contract, int]:
    return {option(strike, right): quantity for (strike, right), quantity in chosen.items()}  # type: ignore[arg-type]


def payoff(held: dict[Contract, int], spot: float) -> int:
    return sum(quantity * intrinsic(contract, to_units(spot)) for contract, quantity in held.items())


def brute(held: dict[Contract, int]) -> int | None:
    """The least over a grid of every dollar to beyond the last strike; None where it still falls far away."""
    if payoff(held, 1000) < payoff(held, 999):
        return None
    return min(payoff(held, spot) for spot in range(HIGHEST + 2))


@given(CHOSEN)
@settings(max_examples=150, deadline=None)
def test_the_lowest_payoff_is_that_of_a_grid_of_spots(chosen: dict[tuple[int, str], int]) -> None:
    held = contracts_of(chosen)
    assert payoff_bounds(held).lowest == brute(held)


@given(CHOSEN, st.integers(-500, 500), st.integers(0, 200))
@settings(max_examples=100, deadline=None)
def test_the_worst_loss_is_the_price_less_the_lowest_payoff_and_the_fees(
    chosen: dict[tuple[int, str], int], cents: int, fee_cents: int
) -> None:
    held = contracts_of(chosen)
    legs = tuple(Leg(c, "buy" if q > 0 else "sell", "open", abs(q)) for c, q in held.items())
    found = worst_loss(Package(legs), cents * 100, "SPXW", fee_cents * 100)
    lowest = brute(held)
    if lowest is None:
        assert found is None
    else:
        contracts = sum(abs(quantity) for quantity in held.values())
        assert found == max(0, (cents * 100 - lowest) * 100 + contracts * fee_cents * 100)


def test_a_condor_can_lose_its_wider_wing_less_the_credit() -> None:
    assert worst_loss(condor(), to_units(-1.30), "SPXW") == to_units(1870)
    assert worst_loss(condor(), to_units(-1.30), "SPXW", to_units(0.65)) == to_units(1872.60)
    assert worst_loss(condor(long_put=5250), to_units(-1.30), "SPXW") == to_units(4870)


def test_a_credit_above_the_width_cannot_lose() -> None:
    assert worst_loss(condor(), to_units(-25), "SPXW") == 0


def test_a_short_put_can_lose_its_strike_and_a_short_call_everything() -> None:
    put = Package((Leg(option(5300, "P"), "sell", "open"),))
    call = Package((Leg(option(5400, "C"), "sell", "open"),))
    assert worst_loss(put, to_units(-1), "SPXW") == to_units(529_900)
    assert worst_loss(call, to_units(-1), "SPXW") is None


def test_payoffs_of_different_days_are_not_summed() -> None:
    later = option(5400, "C", dt.date(2024, 8, 9))
    package = Package((Leg(option(5400, "C"), "sell", "open"), Leg(later, "buy", "open")))
    assert worst_loss(package, to_units(2), "SPXW") is None


LP, SP, SC, LC = (leg.contract for leg in condor().legs)


def first(portfolio: Portfolio) -> Trade:
    return next(iter(portfolio))


def test_nothing_held_has_nothing_to_lose() -> None:
    assert payoff_bounds({}).lowest == 0


def test_a_trade_can_come_to_its_worst_case_from_entry_while_it_is_whole() -> None:
    trade = first(opened(quantity=2))
    expected = worst_loss(condor(), to_units(-1.30), "SPXW", to_units(0.65))
    assert expected is not None
    assert trade.worst_outcome == 2 * expected


def test_a_side_stopped_out_and_the_other_at_expiry_lose_more_than_the_entry_knew() -> None:
    portfolio = opened(fee=0)
    closed(portfolio, {SP: 9.0, LP: 2.0}, fee=0)
    assert first(portfolio).worst_outcome == to_units((-1.30 + 7.00 + 20) * 100)
    closed(portfolio, {SC: 0.0, LC: 0.0}, fee=0)
    assert first(portfolio).worst_outcome == -first(portfolio).cash == to_units(570)


def test_a_side_bought_back_cheaply_leaves_less_to_lose_than_nothing() -> None:
    portfolio = opened(fee=0)
    closed(portfolio, {SP: 0.05, SC: 0.05}, fee=0)
    assert first(portfolio).worst_outcome == 0


def test_until_it_is_filled_as_wanted_the_approved_worst_case_stands() -> None:
    assert trade_of(worst_case=123).worst_outcome == 123
    trade = first(opened(fee=0))
    trade.wanted, trade.worst_case = 2, 2 * to_units(1870)
    assert trade.worst_outcome == 2 * to_units(1870)
