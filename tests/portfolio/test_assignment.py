"""Which short legs may be assigned: for a dividend tonight, or at the close."""

from __future__ import annotations

import datetime as dt

import pytest
from quoted_market import option, quote

from engine.calendar import NotKnown, from_new_york, session
from engine.clock import MINUTE
from engine.market import Chain, Market, lay_out
from engine.portfolio import Assignment, assignment_risks, dividend_tomorrow
from engine.types import Contract

EVE, EX_DAY, AFTER = dt.date(2023, 9, 14), dt.date(2023, 9, 15), dt.date(2023, 9, 18)


def risks(
    held: dict[Contract, int],
    quotes: dict[Contract, tuple[float | None, float | None]],
    when: str = "15:00",
    day: dt.date = EVE,
    spot: float = 450.8,
    root: str = "SPY",
) -> tuple[Assignment, ...]:
    now = from_new_york(day, dt.time.fromisoformat(when))
    expiry = next(iter(held)).expiry
    symbol = {"XSP": "XSP"}.get(root, root)
    market: Market = quote(quotes, now, {symbol: spot})
    chain = Chain(market, lay_out(market, root, expiry), now, session(expiry).product_close(root), MINUTE)
    return assignment_risks(held, chain, market, day, MINUTE)


def test_a_call_in_the_money_with_less_time_value_than_the_dividend() -> None:
    call = option(449, "C", EX_DAY, "SPY")

    (risk,) = risks({call: -2}, {call: (1.84, 1.90)})

    assert (risk.contract, risk.quantity, risk.why, risk.shares) == (call, 2, "dividend", 200)
    assert (risk.in_the_money, risk.time_value) == (18_000, 700)
    assert risk.text == (
        "short 2 449C is in the money by 1.80, its time value (0.07) is below the dividend (1.58 a share, ex-day "
        "2023-09-15): it may be assigned tonight, and who is then short 200 shares owes the dividend"
    )
    assert risk.note == "449C may be assigned tonight: dividend 1.58"


@pytest.mark.parametrize(
    ("strike", "right", "quantity", "bid", "ask"),
    [
        (449, "C", 2, 1.84, 1.90),  # long
        (452, "C", -2, 0.20, 0.22),  # out of the money
        (449, "C", -2, 3.40, 3.50),  # worth more alive
        (455, "P", -2, 4.20, 4.30),  # a put is not exercised for a dividend
    ],
)
def test_who_need_not_fear_the_dividend(strike: float, right: str, quantity: int, bid: float, ask: float) -> None:
    contract = option(strike, right, EX_DAY, "SPY")  # type: ignore[arg-type]
    assert risks({contract: quantity}, {contract: (bid, ask)}) == ()


def test_without_a_quote_nothing_says_that_it_is_safe() -> None:
    call = option(449, "C", EX_DAY, "SPY")

    (risk,) = risks({call: -1}, {call: (None, 2.0)})

    assert risk.time_value is None
    assert "its time value (unknown)" in risk.text


def test_a_call_that_expires_on_the_eve_is_at_risk_all_day_and_a_put_near_the_close() -> None:
    call, put = option(449, "C", EVE, "SPY"), option(452, "P", EVE, "SPY")
    quotes = {call: (1.84, 1.90), put: (1.20, 1.26)}

    assert [risk.why for risk in risks({call: -1, put: -1}, quotes, "10:30")] == ["dividend"]
    assert [risk.why for risk in risks({call: -1, put: -1}, quotes, "15:45")] == ["dividend", "close"]


def test_on_any_day_short_legs_in_the_money_half_an_hour_before_the_close() -> None:
    call, put = option(449, "C", AFTER, "SPY"), option(452, "P", AFTER, "SPY")
    quotes = {call: (1.84, 1.90), put: (1.20, 1.26)}

    assert risks({call: -1, put: -3}, quotes, "15:44", AFTER) == ()
    first, second = risks({call: -1, put: -3}, quotes, "15:45", AFTER)
    assert (first.why, first.dividend, second.shares) == ("close", None, 300)
    assert first.text.endswith("near the close: unless it is closed, 100 shares are sold at the strike")
    assert second.text.endswith("300 shares are bought at the strike")
    assert second.note == "452P in the money: assigned at the close"
    assert risks({call: -1}, quotes, "16:15", AFTER) == ()


def test_cash_settled_european_options_are_never_assigned_early() -> None:
    call = option(449, "C", EVE, "XSP")
    assert risks({call: -1}, {call: (1.84, 1.90)}, "15:50", root="XSP") == ()


def test_without_the_shares_price_nothing_is_said() -> None:
    call = option(449, "C", EX_DAY, "SPY")
    market = quote({call: (1.84, 1.90)}, now := from_new_york(EVE, dt.time(15)))
    chain = Chain(market, lay_out(market, "SPY", EX_DAY), now, session(EX_DAY).product_close("SPY"), MINUTE)
    assert assignment_risks({call: -1}, chain, market, EVE, MINUTE) == ()


def test_the_dividend_of_the_next_session() -> None:
    paid = dividend_tomorrow("SPY", EVE)
    assert paid is not None
    assert paid.day == EX_DAY
    assert dividend_tomorrow("SPY", EX_DAY) is None
    assert dividend_tomorrow("SPXW", EVE) is None
    friday = dividend_tomorrow("QQQ", dt.date(2025, 9, 19))
    assert friday is not None
    assert friday.day == dt.date(2025, 9, 22)
    with pytest.raises(NotKnown):
        dividend_tomorrow("SPY", dt.date(2026, 9, 17))
