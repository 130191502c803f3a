"""What a trade is worth now: on fresh, usable quotes of everything held, or not at all."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from portfolio_builders import closed, opened
from quoted_market import AGE, SECOND, TEN, Quotes, condor, quote, show

from engine.market import Market
from engine.portfolio import ClosingCost, TradeMark, cost_to_close, mark, narrow
from engine.types import Contract, to_units

LP, SP, SC, LC = (leg.contract for leg in condor().legs)
GOOD: Quotes = {LP: (0.25, 0.35), SP: (0.90, 1.00), SC: (0.85, 0.95), LC: (0.20, 0.30)}
WIDE = to_units(0.50)


def marked(market: Market, now: int = TEN, quantity: int = 1, fee: float = 0.65) -> TradeMark:
    (trade,) = opened(quantity=quantity, fee=fee)
    return mark(trade, market, now, AGE, WIDE)


def test_at_mid_and_if_closed_at_once() -> None:
    found = marked(quote(GOOD), quantity=2, fee=0)
    assert found.pnl_mid == to_units((1.30 - 1.30) * 200)
    assert found.pnl_now == to_units((1.30 - (1.00 - 0.25 + 0.95 - 0.20)) * 200)
    assert (found.sane, found.why, found.oldest) == (True, "", 0)


def test_fees_paid_are_in_it() -> None:
    assert marked(quote(GOOD)).pnl_mid == to_units(-4 * 0.65)


@given(
    st.lists(st.tuples(st.integers(0, 200), st.integers(1, 200)), min_size=4, max_size=4),
    st.integers(1, 3),
)
@settings(max_examples=60, deadline=None)
def test_marks_are_cash_and_holdings_at_their_quotes(levels: list[tuple[int, int]], quantity: int) -> None:
    quotes = {leg: (bid * 0.05, (bid + width) * 0.05) for leg, (bid, width) in zip(GOOD, levels, strict=True)}
    (trade,) = opened(quantity=quantity)
    found = mark(trade, quote(quotes), TEN, AGE, WIDE)
    mid = sum(trade.held(c) * (to_units(bid) + to_units(ask)) * 50 for c, (bid, ask) in quotes.items())
    exits = sum(trade.held(c) * to_units(bid if trade.held(c) > 0 else ask) * 100 for c, (bid, ask) in quotes.items())
    assert found.pnl_mid == trade.cash + mid
    assert found.pnl_now == trade.cash + exits
    assert found.pnl_now < found.pnl_mid


@pytest.mark.parametrize(
    ("bad", "why"),
    [
        ((0.5, 0.4), "5300P crossed"),
        ((0.5, None), "5300P has no ask"),
        ((0.0, 0.0), "5300P has no ask"),
        ((None, 0.4), "5300P has no bid, not even 0"),
        ((None, None), "5300P has no quote"),
    ],
)
def test_one_bad_quote_and_the_trade_has_no_mark(bad: tuple[float | None, float | None], why: str) -> None:
    found = marked(quote({**GOOD, SP: bad}))
    assert found == TradeMark(None, None, False, why, 0)


def test_a_quote_is_good_up_to_its_age_limit_and_every_stale_leg_is_named() -> None:
    market = quote(GOOD)
    assert marked(market, TEN + AGE).pnl_mid is not None
    assert marked(market, TEN + AGE).oldest == AGE
    show(market, {LP: (0.25, 0.35), SP: (0.90, 1.00)}, TEN + SECOND)
    found = marked(market, TEN + AGE + 1)
    assert (found.pnl_mid, found.pnl_now, found.sane, found.why) == (None, None, False, "5400C stale, 5420C stale")
    assert found.oldest == AGE + 1


def test_only_what_is_held_needs_a_quote() -> None:
    portfolio = opened(fee=0)
    closed(portfolio, {SP: 1.0, LP: 0.3}, fee=0)
    (trade,) = portfolio
    found = mark(trade, quote({SC: GOOD[SC], LC: GOOD[LC]}), TEN, AGE, WIDE)
    assert found.pnl_mid == to_units((1.30 - 0.70 - 0.65) * 100)


def test_a_long_nobody_bids_for_is_worth_nothing_now_and_half_its_ask_at_mid() -> None:
    found = marked(quote({**GOOD, LP: (0.0, 0.05)}), fee=0)
    assert found.pnl_now == to_units((1.30 - 1.00 - 0.95 + 0.20) * 100)
    assert found.pnl_mid == to_units((1.30 - 0.95 - 0.90 + 0.25 + 0.025) * 100)


def test_a_wide_quote_still_marks_but_does_not_judge() -> None:
    found = marked(quote({**GOOD, SC: (0.85, 1.40)}))
    assert found.pnl_mid is not None
    assert not found.sane


@pytest.mark.parametrize(
    ("bid", "ask", "is_narrow"),
    [(1.0, 1.5, True), (1.0, 1.55, False), (9.5, 10.5, True), (9.5, 10.55, False), (0.0, 0.5, True), (2.0, 2.0, True)],
)
def test_narrow_is_half_a_dollar_or_a_tenth_of_the_mid(bid: float, ask: float, is_narrow: bool) -> None:
    assert narrow(to_units(bid), to_units(ask), WIDE) is is_narrow


def cost(holdings: dict[Contract, int], market: Market, now: int = TEN, natural: bool = False) -> ClosingCost | None:
    return cost_to_close(holdings, market, now, AGE, natural)


def test_closing_a_short_spread_costs_a_debit_at_mid_and_more_at_once() -> None:
    market = quote(GOOD)
    assert cost({SP: -1, LP: 1}, market) == (to_units(0.65), to_units(0.20), True)
    assert cost({SP: -1, LP: 1}, market, natural=True) == (to_units(0.75), to_units(0.20), True)
    assert cost({LP: 1}, market) == (to_units(-0.30), to_units(0.10), True)
    assert cost({SP: -2, LP: 1}, market) == (to_units(1.60), to_units(0.30), True)


def test_half_a_unit_is_rounded_against_us() -> None:
    market = quote({SP: (0.9000, 0.9001), LP: (0.2000, 0.2001)})
    assert cost({SP: -1}, market)[0] == 9001
    assert cost({LP: 1}, market)[0] == -2000


@pytest.mark.parametrize("bad", [(0.5, 0.4), (None, None), (None, 1.0), (0.0, 0.0)])
def test_closing_costs_nothing_known_where_a_leg_has_no_good_quote(bad: tuple[float | None, float | None]) -> None:
    assert cost({SP: -1, LP: 1}, quote({**GOOD, LP: bad})) is None


def test_a_stale_leg_has_no_cost() -> None:
    market = quote(GOOD)
    assert cost({SP: -1}, market, TEN + AGE)[0] is not None
    assert cost({SP: -1}, market, TEN + AGE + 1) is None
