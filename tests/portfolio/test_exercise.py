"""Expiry into shares: a cent in the money is exercised and assigned; what is left is held overnight, not cashed."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st
from portfolio_builders import fill, with_trade
from quoted_market import condor

from engine.portfolio import Portfolio, Trade, bare, delivered, pin_risk
from engine.pricing import intrinsic
from engine.types import Contract, Right, to_units

DAY = dt.date(2024, 8, 7)


def spy(strike: float, right: Right) -> Contract:
    return Contract("SPY", DAY, to_units(strike), right)


LP, SP, SC, LC = (spy(strike, right) for strike, right in ((570, "P"), (575, "P"), (581.5, "C"), (583, "C")))  # type: ignore[arg-type]


def opened(quantity: int = 1) -> tuple[Portfolio, Trade]:
    """A SPY condor sold for 0.40."""
    package = condor(root="SPY", long_put=570, short_put=575, short_call=581.5, long_call=583)
    trade = Trade(1, "iron_condor", "SPY", "10:00", "IC 10:00", DAY, package, quantity, 0)
    portfolio = with_trade(trade)
    for n, (contract, signed, price) in enumerate(((LP, 1, 0.10), (SP, -1, 0.30), (SC, -1, 0.30), (LC, 1, 0.10))):
        portfolio.fold(1, fill(contract, signed * quantity, price, f"x{n}"), opening=True, at=5)
    trade.filled = quantity
    trade.status = "open"
    return portfolio, trade


def settle(portfolio: Portfolio, trade: Trade, close: float, provisional: bool = False) -> list[int | None]:
    return [portfolio.settle(trade, contract, to_units(close), provisional) for contract in (LP, SP, SC, LC)]


@pytest.mark.parametrize(
    ("right", "close", "shares"),
    [
        ("C", 580.00, 0),
        ("C", 580.0099, 0),
        ("C", 580.01, 200),
        ("C", 590.00, 200),
        ("P", 580.00, 0),
        ("P", 579.9901, 0),
        ("P", 579.99, -200),
        ("P", 570.00, -200),
    ],
)
def test_a_cent_in_the_money_is_exercised_and_assigned_without_being_asked(
    right: Right, close: float, shares: int
) -> None:
    assert delivered(spy(580, right), 2, to_units(close)) == shares
    assert delivered(spy(580, right), -2, to_units(close)) == -shares


def test_pinned_between_its_strikes_a_call_spread_leaves_shares_short_at_the_short_strike() -> None:
    portfolio, trade = opened(3)
    moved = settle(portfolio, trade, 581.53)
    assert moved == [0, 0, to_units(300 * 581.5), 0], "the strike is paid for the shares, and nothing is cashed"
    assert trade.shares == ("SPY", -300, to_units(300 * 581.5), to_units(581.53))
    assert trade.shares.basis == to_units(581.5)
    assert trade.shares.result == to_units(-9)
    assert trade.shares.text == "-300 SPY shares at 581.50 overnight"
    assert trade.realised == trade.cash == to_units(3 * 40 - 9)
    assert not trade.open


def test_beyond_the_wing_as_many_shares_come_as_go_and_nothing_is_left() -> None:
    portfolio, trade = opened()
    settle(portfolio, trade, 590)
    assert trade.shares is None
    assert trade.realised == to_units(40 - 150)


def test_a_put_that_is_assigned_leaves_shares_long() -> None:
    portfolio, trade = opened()
    settle(portfolio, trade, 572)
    assert trade.shares is not None
    assert (trade.shares.quantity, trade.shares.basis, trade.shares.result) == (100, to_units(575), to_units(-300))


def test_the_official_close_restates_shares_that_only_a_provisional_one_had() -> None:
    portfolio, trade = opened()
    settle(portfolio, trade, 581.53, provisional=True)
    assert trade.shares is not None
    assert trade.provisional
    settle(portfolio, trade, 581.49)
    assert trade.shares is None
    assert not trade.provisional
    assert trade.realised == to_units(40)


@given(st.integers(5_600_000, 5_950_000), st.integers(1, 5))
def test_valued_at_the_close_the_result_is_what_cash_settlement_would_give_but_for_less_than_a_cent(
    close: int, quantity: int
) -> None:
    portfolio, trade = opened(quantity)
    for contract in (LP, SP, SC, LC):
        portfolio.settle(trade, contract, close, provisional=False)
    signed = {LP: quantity, SP: -quantity, SC: -quantity, LC: quantity}
    worth = sum(count * intrinsic(contract, close) for contract, count in signed.items()) * 100
    assert trade.realised is not None
    assert abs(trade.realised - quantity * to_units(40) - worth) < quantity * 100 * 100
    moved = trade.shares.cash if trade.shares else 0
    assert moved % 100 == 0


HELD = {LP: 1, SP: -1, SC: -1, LC: 1}


def test_the_wing_that_expires_beside_an_assigned_short_is_named() -> None:
    assert bare(HELD, to_units(581.53)) == "583C expires unexercised and covers nothing overnight"
    assert bare(HELD, to_units(572)) == "570P expires unexercised and covers nothing overnight"
    assert bare(HELD, to_units(578)) == bare(HELD, to_units(590)) == ""


@pytest.mark.parametrize(
    ("close", "named"),
    [(581.53, True), (581.40, True), (581.00, True), (580.90, False), (578.0, False)],
)
def test_a_strike_within_a_thousandth_of_the_close_is_a_risk_until_the_cutoff(close: float, named: bool) -> None:
    text = pin_risk(HELD, to_units(close), "17:30")
    expected = "581.5C pinned: holders may exercise it or not until 17:30, whatever the close"
    assert text == (expected if named else "")


def test_a_pinned_long_is_ours_to_decide() -> None:
    assert pin_risk(HELD, to_units(583.02), "17:30") == (
        "583C pinned: exercised or not by the close unless the broker is told by 17:30"
    )


def test_an_index_is_cashed_and_leaves_no_shares() -> None:
    package = condor()
    trade = Trade(1, "iron_condor", "SPXW", "10:00", "IC", DAY, package, 1, 0)
    portfolio = with_trade(trade)
    for n, leg in enumerate(package.legs):
        portfolio.fold(1, fill(leg.contract, leg.signed_ratio, 1.0, f"x{n}"), opening=True, at=5)
    trade.filled = 1
    for leg in package.legs:
        portfolio.settle(trade, leg.contract, to_units(5290), provisional=False)
    assert trade.shares is None
    assert trade.realised == to_units(-1000)
