"""Chains of funds before an ex-dividend day: American calls, a forward net of the dividend, a spot with it."""

from __future__ import annotations

import datetime as dt
import math

import numpy as np
import pytest
from quoted_market import option, quote

from engine.calendar import from_new_york, session
from engine.clock import MINUTE
from engine.market import Chain, Market, lay_out
from engine.pricing import american, years_to
from engine.pricing import price as black

EVE, EX_DAY = dt.date(2023, 9, 14), dt.date(2023, 9, 15)
CASH, SIGMA, SPOT = 1.5832, 0.11, 450.8
NOON = from_new_york(EVE, dt.time(12))
CLOSE = session(EX_DAY).product_close("SPY")
CUTOFF = from_new_york(EVE, dt.time(17, 30))


def quoted(expiry: dt.date = EX_DAY, now: int = NOON, root: str = "SPY", cash: float = CASH) -> Market:
    """Locked quotes at the model's prices, to a hundredth of a cent."""
    strikes = np.arange(440.0, 462.0)
    t = years_to(now, session(expiry).product_close(root))
    ex_t = years_to(now, CUTOFF)
    quotes = {}
    for right, sign in (("C", 1), ("P", -1)):
        prices = american.price(sign, SPOT, strikes, t, SIGMA, dividend=cash, ex_t=ex_t)
        for strike, value in zip(strikes, prices, strict=True):
            each = max(round(float(value), 4), 0.0001)
            quotes[option(strike, right, expiry, root)] = (each, each)
    return quote(quotes, now)


def chain(market: Market, expiry: dt.date = EX_DAY, now: int = NOON, root: str = "SPY") -> Chain:
    return Chain(market, lay_out(market, root, expiry), now, session(expiry).product_close(root), MINUTE)


def test_on_the_eve_the_forward_is_net_of_the_dividend_and_the_spot_has_it() -> None:
    found = chain(quoted())

    assert found.dividend is not None
    assert (found.dividend.amount, found.dividend.estimated) == (15_832, False)
    assert found.forward == pytest.approx(SPOT - CASH, abs=1e-3)
    assert found.spot == pytest.approx(SPOT * 10_000, abs=10)


def test_volatility_and_greeks_are_american() -> None:
    found = chain(quoted())
    near = (found.strikes > 445) & (found.strikes < 455)

    assert found.iv[near] == pytest.approx(SIGMA, abs=2e-4)
    t, ex_t = years_to(NOON, CLOSE), years_to(NOON, CUTOFF)
    expected = american.greeks(1, SPOT, found.strikes, t, SIGMA, dividend=CASH, ex_t=ex_t)
    assert found.calls.delta[near] == pytest.approx(expected.delta[near], abs=2e-3)
    assert found.calls.theta[near] == pytest.approx(expected.theta[near] / 365, abs=5e-3)
    # Deep in the money it is the shares, where the European call would have no more than its forward's delta either
    # but decay to a lower price.
    assert found.calls.delta[near][0] == pytest.approx(1.0, abs=1e-3)


def test_taken_for_european_the_same_quotes_would_lift_the_forward() -> None:
    """What the chain said before it knew of dividends."""
    market = quoted()
    columns = chain(market)
    plain = Chain(market, lay_out(market, "SPY", EX_DAY), NOON, CLOSE, MINUTE)
    plain.__dict__["_early"] = None
    assert plain.forward > columns.forward + 0.2


def test_a_chain_without_a_dividend_ahead_is_european_to_the_bit() -> None:
    """Options that expire on the eve itself, and those of the day after the ex-day, seen on it."""
    today = quoted(EVE)
    found = chain(today, EVE)
    assert found.dividend is None
    assert found.calls.delta[5] == pytest.approx(
        float(american.greeks(1, found.forward, found.strikes[5], found.years, found.iv[5]).delta), abs=1e-15
    )
    later = from_new_york(EX_DAY, dt.time(12))
    assert chain(quoted(dt.date(2023, 9, 18), later, cash=0.0), dt.date(2023, 9, 18), later).dividend is None


def test_after_the_cutoff_nothing_can_be_exercised_for_it() -> None:
    market = quoted()
    assert chain(market, now=CUTOFF).dividend is not None
    assert chain(market, now=CUTOFF + 1).dividend is None


def test_before_the_eve_the_amount_is_what_was_paid_the_time_before() -> None:
    wednesday = from_new_york(dt.date(2023, 9, 13), dt.time(12))
    found = chain(quoted(now=wednesday), now=wednesday)
    assert found.dividend is not None
    assert (found.dividend.amount, found.dividend.estimated) == (16_384, True)


def test_where_the_dividends_are_not_known_the_chain_is_european() -> None:
    day, expiry = dt.date(2026, 12, 17), dt.date(2026, 12, 18)
    noon = from_new_york(day, dt.time(12))
    found = chain(quoted(expiry, noon, cash=0.0), expiry, noon)
    assert found.dividend is None
    assert not math.isnan(found.forward)


def test_index_options_have_no_dividend() -> None:
    quotes = {option(450.0, right, EX_DAY, "XSP"): (2.0, 2.0) for right in ("C", "P")}
    market = quote(quotes, NOON)
    found = Chain(market, lay_out(market, "XSP", EX_DAY), NOON, session(EX_DAY).product_close("XSP"), MINUTE)
    assert found.dividend is None
    assert float(black(1, 450.0, 450.0, found.years, found.iv[0])) == pytest.approx(2.0)
