"""Trades fold each execution once; what comes out is the cash that went through."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from portfolio_builders import closed, fill, opened, trade_of, with_trade
from quoted_market import option

from engine.portfolio import Portfolio, Trade
from engine.pricing import intrinsic
from engine.types import Contract, to_units

LP, SP, SC, LC = (leg.contract for leg in trade_of().package.legs)
CONTRACTS = [LP, SP, SC, LC]
EXECUTIONS = st.lists(
    st.tuples(
        st.sampled_from(CONTRACTS),
        st.integers(-3, 3).filter(bool),
        st.integers(0, 4000).map(lambda ticks: ticks * 0.05),
        st.integers(0, 300).map(lambda cents: cents / 100),
        st.booleans(),
    ),
    max_size=10,
)


def first(portfolio: Portfolio) -> Trade:
    return next(iter(portfolio))


def folded(executions: list, order: list[int]) -> Portfolio:
    portfolio = with_trade(trade_of())
    for n in order:
        contract, signed, price, fee, opening = executions[n]
        portfolio.fold(1, fill(contract, signed, price, f"x{n}", fee), opening, at=n)
    return portfolio


@given(EXECUTIONS, st.data())
@settings(max_examples=80, deadline=None)
def test_a_trade_is_the_sum_of_its_executions_in_any_order_and_however_often_they_come(
    executions: list, data: st.DataObject
) -> None:
    each_once = list(range(len(executions)))
    again = data.draw(st.lists(st.sampled_from(each_once), max_size=5)) if each_once else []
    trade = first(folded(executions, data.draw(st.permutations(each_once + again))))
    spent = sum(signed * to_units(price) * 100 + to_units(fee) for _, signed, price, fee, _ in executions)
    assert trade.cash == -spent
    assert trade.fees == sum(to_units(fee) for *_, fee, _ in executions)
    assert trade.entry_cash == -sum(s * to_units(p) * 100 for _, s, p, _, opening in executions if opening)
    for contract in CONTRACTS:
        assert trade.held(contract) == sum(signed for c, signed, *_ in executions if c == contract)


def test_fold_says_whether_an_execution_was_new() -> None:
    portfolio = with_trade(trade_of())
    execution = fill(SP, -1, 0.95, "x")
    assert portfolio.fold(1, execution, True, 1) is True
    assert portfolio.fold(1, execution, True, 2) is False
    assert first(portfolio).opened_at == 1


def test_an_execution_of_an_unknown_trade_is_not_swallowed() -> None:
    portfolio = with_trade(trade_of())
    with pytest.raises(KeyError):
        portfolio.fold(7, fill(SP, -1, 0.95, "x"), True, 1)
    assert portfolio.fold(1, fill(SP, -1, 0.95, "x"), True, 1)


def test_the_credit_is_what_a_package_brought() -> None:
    assert first(opened(quantity=3)).credit == to_units(1.30)
    assert first(with_trade(trade_of())).credit == 0


def test_a_debit_is_a_negative_credit() -> None:
    assert first(opened((1.0, 0.2, 0.1, 0.8))).credit == to_units(-1.5)


def test_a_trades_result_waits_for_its_end_but_what_is_closed_counts_at_once() -> None:
    portfolio = opened()
    assert first(portfolio).realised is None
    assert portfolio.realised == to_units(-4 * 0.65), "the fees are paid"
    closed(portfolio, {SP: 0.05, LP: 0.0})
    assert first(portfolio).realised is None
    assert portfolio.realised == to_units((0.65 - 0.05) * 100 - 6 * 0.65)
    closed(portfolio, {SC: 0.05, LC: 0.0})
    assert first(portfolio).realised == portfolio.realised == to_units((1.30 - 0.10) * 100 - 8 * 0.65)
    assert not portfolio.open_trades


def test_a_trade_that_never_filled_realises_nothing() -> None:
    assert first(with_trade(trade_of())).realised is None


def test_the_broker_sees_the_net_of_all_trades() -> None:
    portfolio = opened()
    portfolio.add(trade_of(trade_id=2))
    portfolio.fold(2, fill(SP, -2, 1.0, "second"), True, 1)
    portfolio.fold(2, fill(LC, 2, 1.0, "third"), True, 1)
    assert [portfolio.net(contract) for contract in CONTRACTS] == [1, -3, -1, 3]
    assert portfolio.net(option(9999, "C")) == 0


@pytest.mark.parametrize(
    ("spot", "result"),
    [(5350, 130), (5300, 130), (5290, -870), (5200, -1870), (5400, 130), (5410.5, -920), (5500, -1870)],
)
def test_a_condor_settles_at_intrinsic_value(spot: float, result: float) -> None:
    portfolio = opened(fee=0)
    for contract in CONTRACTS:
        portfolio.settle(first(portfolio), contract, to_units(spot), provisional=False)
    assert first(portfolio).realised == to_units(result)


@given(st.integers(51_000_000, 56_000_000), st.integers(51_000_000, 56_000_000), st.integers(1, 4))
@settings(max_examples=60, deadline=None)
def test_an_official_close_restates_a_provisional_one_whatever_came_first(
    early: int, official: int, count: int
) -> None:
    restated, at_once = opened(quantity=count), opened(quantity=count)
    for contract in CONTRACTS:
        amount = restated.settle(first(restated), contract, early, provisional=True)
        assert amount == at_once.get(1).package.legs[CONTRACTS.index(contract)].signed_ratio * count * 100 * intrinsic(  # type: ignore[union-attr]
            contract, early
        )
    assert first(restated).provisional
    for contract in CONTRACTS:
        restated.settle(first(restated), contract, official, provisional=False)
        at_once.settle(first(at_once), contract, official, provisional=False)
    assert not first(restated).provisional
    assert first(restated).realised == first(at_once).realised


def test_once_official_nothing_is_restated() -> None:
    portfolio = opened()
    trade = first(portfolio)
    assert portfolio.settle(trade, SP, to_units(5290), provisional=False) == to_units(-1000)
    assert portfolio.settle(trade, SP, to_units(5200), provisional=False) is None
    assert trade.holdings[SP].settled == to_units(-1000)
    assert trade.holdings[SP].settled_quantity == -1


def test_what_was_closed_before_the_close_does_not_settle() -> None:
    portfolio = opened()
    closed(portfolio, {SP: 4.0})
    before = first(portfolio).cash
    assert portfolio.settle(first(portfolio), SP, to_units(5200), provisional=True) is None
    assert portfolio.settle(first(portfolio), option(5000, "P"), to_units(5200), provisional=True) is None
    assert first(portfolio).cash == before


@pytest.mark.parametrize(
    ("right", "value", "worth"), [("C", 5310, 10), ("C", 5290, 0), ("P", 5290, 10), ("P", 5310, 0)]
)
def test_intrinsic_value(right: str, value: float, worth: float) -> None:
    contract = Contract("SPXW", dt.date(2024, 8, 7), to_units(5300), right)  # type: ignore[arg-type]
    assert intrinsic(contract, to_units(value)) == to_units(worth)
