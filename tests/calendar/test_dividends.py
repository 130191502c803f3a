"""Ex-dividend days of SPY and QQQ: what is known, until when exercise brings them, what nobody could know before."""

from __future__ import annotations

import datetime as dt
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.calendar import (
    NotKnown,
    dividend_ahead,
    dividends_known,
    ex_dividend_on,
    ex_dividends_between,
    from_new_york,
    is_session,
    is_triple_witching,
    next_ex_dividend,
    previous_session,
)

D = dt.date
SPANS = {
    "SPY": [(D(2017, 4, 1), D(2026, 3, 31))],
    "QQQ": [(D(2016, 1, 1), D(2021, 3, 31)), (D(2023, 10, 1), D(2026, 1, 31))],
}


def every(symbol: str) -> list[D]:
    return [paid.day for span in SPANS[symbol] for paid in ex_dividends_between(symbol, *span)]


@pytest.mark.parametrize("symbol", ["SPY", "QQQ"])
def test_each_quarter_has_one_and_it_is_a_session(symbol: str) -> None:
    per_year = Counter(day.year for day in every(symbol))
    whole = [year for year in range(2016, 2026) if dividends_known(symbol, D(year, 1, 1), D(year, 12, 31))]
    assert len(whole) >= 7
    assert all(per_year[year] == 4 for year in whole)
    for day in every(symbol):
        assert is_session(day)
        assert day.month in (3, 6, 9, 12)


def test_spy_goes_ex_on_the_third_friday_of_the_quarter() -> None:
    assert all(is_triple_witching(day) for day in every("SPY"))


def test_qqq_goes_ex_on_a_monday_after_2017_06() -> None:
    assert {day.weekday() for day in every("QQQ") if day > D(2017, 6, 30)} == {0}


def test_a_dividend_with_its_amount_its_source_and_its_cutoff() -> None:
    paid = ex_dividend_on("SPY", D(2023, 9, 15))
    assert paid is not None
    assert (paid.amount, paid.exercise_by) == (15_832, from_new_york(D(2023, 9, 14), dt.time(17, 30)))
    assert "valueray.com" in paid.source
    assert paid.taken == D(2026, 11, 22)
    assert ex_dividend_on("SPY", D(2023, 9, 14)) is None


def test_over_a_weekend_the_cutoff_is_on_friday() -> None:
    paid = ex_dividend_on("QQQ", D(2025, 9, 22))
    assert paid is not None
    assert paid.exercise_by == from_new_york(D(2025, 9, 19), dt.time(17, 30))


def test_outside_its_coverage_a_dividend_is_not_known_rather_than_absent() -> None:
    for symbol, day in (
        ("SPY", D(2026, 6, 18)),
        ("SPY", D(2017, 3, 17)),
        ("QQQ", D(2022, 6, 21)),
        ("SPX", D(2024, 3, 15)),
    ):
        with pytest.raises(NotKnown, match=symbol):
            ex_dividend_on(symbol, day)
        with pytest.raises(NotKnown, match="known"):
            next_ex_dividend(symbol, day)
    with pytest.raises(NotKnown, match="2017-04-01 to 2026-03-31"):
        ex_dividend_on("SPY", D(2026, 12, 18))
    assert not dividends_known("QQQ", D(2021, 3, 1), D(2023, 12, 1))


def test_the_next_one_stops_at_the_end_of_what_is_known() -> None:
    following = next_ex_dividend("SPY", D(2023, 9, 15))
    assert following is not None
    assert following.day == D(2023, 12, 15)
    assert next_ex_dividend("SPY", D(2026, 3, 20)) is None
    assert next_ex_dividend("QQQ", D(2021, 3, 22)) is None


@given(st.dates(D(2017, 4, 1), D(2026, 3, 30)), st.integers(0, 60))
def test_what_lies_ahead_agrees_with_the_table_and_knows_no_amount_before_the_eve(today: D, days: int) -> None:
    expiry = min(today + dt.timedelta(days=days), D(2026, 3, 31))
    inside = ex_dividends_between("SPY", today + dt.timedelta(days=1), expiry) if expiry > today else ()
    if inside and today < D(2017, 6, 16):
        if previous_session(inside[0].day).day > today:
            with pytest.raises(NotKnown, match="nor what it paid before"):
                dividend_ahead("SPY", today, expiry)
        return
    ahead = dividend_ahead("SPY", today, expiry)
    if not inside:
        assert ahead is None
        return
    assert ahead is not None
    assert (ahead.day, ahead.exercise_by) == (inside[0].day, inside[0].exercise_by)
    eve = previous_session(inside[0].day).day
    assert ahead.estimated == (today < eve)
    if ahead.estimated:
        before = [day for day in every("SPY") if day <= today][-1]
        paid = ex_dividend_on("SPY", before)
        assert paid is not None
        assert ahead.amount == paid.amount
    else:
        assert ahead.amount == inside[0].amount
