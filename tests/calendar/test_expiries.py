"""Which roots expire when: against the expirations of real chains, through the years and around holidays."""

from __future__ import annotations

import datetime as dt
import gzip
import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.calendar import (
    FIRST_DAY,
    LAST_DAY,
    NotASession,
    NotKnown,
    expires_on,
    expiries_known_from,
    expiring_roots,
    is_month_end,
    is_session,
    is_triple_witching,
    monthly_expiry,
    previous_session,
    session,
    sessions_between,
    third_friday,
    to_new_york,
    vix_expiry,
)
from engine.types import PRODUCTS

D = dt.date
# A chain as Cboe published it, its day, and until when it lists every expiration of the root, weekly ones included.
CHAINS = [
    ("spx_2022-02-05_2009ET_weekend", "SPXW", D(2022, 2, 7), D(2022, 3, 8)),
    ("spx_2022-07-12_1155ET", "SPXW", D(2022, 7, 12), D(2022, 7, 27)),
    ("spx_2023-09-14_1631ET", "SPXW", D(2023, 9, 14), D(2023, 10, 23)),
    ("spx_2023-12-09_ru_locale", "SPXW", D(2023, 12, 11), D(2023, 12, 29)),
    ("spx_2024-11-11_es_locale", "SPXW", D(2024, 11, 11), D(2024, 11, 29)),
    ("spx_2022-02-05_2009ET_weekend", "SPX", D(2022, 2, 7), D(2022, 12, 16)),
    ("spx_2022-07-12_1155ET", "SPX", D(2022, 7, 12), D(2023, 7, 21)),
    ("spx_2023-09-14_1631ET", "SPX", D(2023, 9, 14), D(2024, 10, 18)),
    ("xsp_2023-09-14_1630ET", "XSP", D(2023, 9, 14), D(2023, 10, 23)),
    ("spy_2023-06-04_weekend_baddate", "SPY", D(2023, 6, 5), D(2023, 6, 16)),
    ("spy_2023-09-14_1631ET", "SPY", D(2023, 9, 14), D(2023, 9, 29)),
    ("qqq_2023-09-24_weekend", "QQQ", D(2023, 9, 25), D(2023, 10, 6)),
]


@pytest.mark.parametrize(("name", "root", "first", "complete_to"), CHAINS, ids=str)
def test_the_expirations_are_those_that_a_real_chain_lists(
    shared: Path, name: str, root: str, first: dt.date, complete_to: dt.date
) -> None:
    text = gzip.decompress((shared / f"data/cboe_quotedata/{name}.csv.gz").read_bytes()).decode("latin-1")
    symbols = set(re.findall(rf"\b{root}(\d\d)(\d\d)(\d\d)C", text))
    listed = {D(2000 + int(year), int(month), int(day)) for year, month, day in symbols}
    near = {day for day in listed if first <= day <= complete_to}
    assert near == {each.day for each in sessions_between(first, complete_to) if expires_on(root, each.day)}
    assert near
    # Farther out not every expiration is listed yet, but none is that we do not know.
    for day in listed:
        assert expires_on(root, day) is not None, day


def known(root: str, day: dt.date) -> bool | None:
    try:
        return expires_on(root, day) is not None
    except NotKnown:
        return None


@pytest.mark.parametrize(
    ("day", "roots"),
    [
        ("2019-06-25", {"SPXW": False, "SPX": False, "SPY": False, "QQQ": None, "XSP": None}),  # a Tuesday
        ("2019-06-26", {"SPXW": True, "SPY": True}),  # Wednesday
        ("2016-08-15", {"SPXW": False}),  # the Monday on which Monday Weeklys were first listed
        ("2016-08-19", {"SPXW": False, "SPX": True}),  # third Friday: PM-settled ones were still called SPXPM
        ("2016-09-06", {"SPXW": True}),  # Tuesday after Labor Day: Monday's expiration
        ("2017-05-19", {"SPXW": True, "SPX": True}),
        ("2018-12-31", {"SPXW": True, "SPY": True}),  # Monday and quarter end
        ("2019-01-31", {"SPXW": True, "SPY": False}),  # Thursday: month end, which SPY has only of quarters
        ("2022-04-19", {"SPXW": False}),
        ("2022-04-26", {"SPXW": True, "SPY": False}),
        ("2022-05-19", {"SPXW": None, "SPY": False, "QQQ": False}),  # sources differ on the first Thursday
        ("2022-05-26", {"SPXW": True}),
        ("2022-06-01", {"QQQ": None}),  # Wednesday: approved, first listing not found
        ("2022-10-11", {"XSP": None}),
        ("2022-10-18", {"XSP": True}),
        ("2022-11-10", {"SPY": False, "QQQ": False, "SPXW": True, "XSP": True}),
        ("2022-11-15", {"SPY": True, "QQQ": True}),
        ("2022-11-17", {"SPY": True, "QQQ": True}),
        ("2018-12-04", {"SPXW": None, "SPX": False}),  # the Wednesday after it was closed out of turn
        ("2025-01-08", {"SPXW": True, "SPY": True}),
        ("2024-08-10", {"SPXW": False}),  # a Saturday
        ("2025-01-09", {"SPXW": False}),
    ],
)
def test_an_expiration_exists_only_from_when_it_was_listed(day: str, roots: dict[str, bool | None]) -> None:
    assert {root: known(root, D.fromisoformat(day)) for root in roots} == roots


@given(st.dates(D(2022, 11, 18), LAST_DAY))
@settings(deadline=None)
def test_since_november_2022_four_roots_expire_on_every_session(day: dt.date) -> None:
    for root in PRODUCTS:
        assert known(root, day) == is_session(day)


@given(st.dates(FIRST_DAY, LAST_DAY), st.sampled_from(expiring_roots()))
@settings(deadline=None)
def test_what_expires_does_so_on_a_session_and_trades_no_longer_than_its_day(day: dt.date, root: str) -> None:
    if day < expiries_known_from(root):
        with pytest.raises(NotKnown, match=f"the table begins on {expiries_known_from(root)}"):
            expires_on(root, day)
        return
    try:
        expiry = expires_on(root, day)
    except NotKnown:
        return
    if expiry is None:
        return
    assert is_session(day)
    assert expiry.sources
    assert expiry.names
    if root == "SPX":
        assert to_new_york(expiry.last_trade).date() == previous_session(day).day
        assert expiry.settles == "open"
    else:
        assert expiry.last_trade == session(day).product_close(root)
        assert expiry.settles == {"cash": "close", "physical": "shares"}[PRODUCTS[root].settlement]
    assert (expiry.exercise_by is None) == (expiry.settles != "shares")


@pytest.mark.parametrize(
    ("root", "day", "last_trade", "settles", "exercise_by"),
    [
        ("SPXW", "2024-08-07", "2024-08-07 16:00", "close", None),
        ("XSP", "2024-07-03", "2024-07-03 13:00", "close", None),
        ("SPY", "2024-08-07", "2024-08-07 16:15", "shares", "2024-08-07 17:30"),
        ("QQQ", "2024-07-03", "2024-07-03 13:15", "shares", "2024-07-03 14:30"),
        ("SPX", "2024-08-16", "2024-08-15 16:15", "open", None),
        ("SPX", "2019-04-18", "2019-04-17 16:15", "open", None),  # Good Friday
        ("SPX", "2022-04-14", "2022-04-13 16:15", "open", None),
        ("SPX", "2024-11-15", "2024-11-14 16:15", "open", None),
    ],
)
def test_cutoffs_of_a_root_follow_its_settlement_and_the_half_day(
    root: str, day: str, last_trade: str, settles: str, exercise_by: str | None
) -> None:
    expiry = expires_on(root, D.fromisoformat(day))
    assert expiry is not None
    assert f"{to_new_york(expiry.last_trade):%Y-%m-%d %H:%M}" == last_trade
    assert expiry.settles == settles
    found = None if expiry.exercise_by is None else f"{to_new_york(expiry.exercise_by):%Y-%m-%d %H:%M}"
    assert found == exercise_by


def test_a_day_may_carry_several_series_of_a_root() -> None:
    quarter = expires_on("SPXW", D(2023, 6, 30))
    thursday = expires_on("SPY", D(2022, 4, 14))
    assert quarter is not None
    assert thursday is not None
    assert set(quarter.names) == {"weekly", "quarter end"}
    assert thursday.names == ("monthly",)
    assert any("cboeoptionshub" in source for source in quarter.sources)


@given(st.integers(2010, 2028), st.integers(1, 12))
@settings(deadline=None)
def test_the_third_friday_has_two_fridays_before_it(year: int, month: int) -> None:
    friday = third_friday(year, month)
    assert friday.weekday() == 4
    assert 15 <= friday.day <= 21
    monthly = monthly_expiry(year, month)
    assert is_session(monthly)
    assert monthly == friday or (not is_session(friday) and monthly == previous_session(friday).day)


@pytest.mark.parametrize(
    ("month", "expiry"),
    [((2019, 4), "2019-04-18"), ((2022, 4), "2022-04-14"), ((2014, 4), "2014-04-17"), ((2026, 6), "2026-06-18")],
)
def test_a_monthly_expiration_moves_off_a_holiday(month: tuple[int, int], expiry: str) -> None:
    assert monthly_expiry(*month) == D.fromisoformat(expiry)


def test_triple_witching_comes_four_times_a_year() -> None:
    days = [each.day for each in sessions_between(D(2026, 1, 1), D(2026, 12, 31)) if is_triple_witching(each.day)]
    assert days == [D(2026, 3, 20), D(2026, 6, 18), D(2026, 9, 18), D(2026, 12, 18)]


def test_the_last_session_of_a_month_is_its_end() -> None:
    days = [each.day for each in sessions_between(D(2024, 1, 1), D(2024, 12, 31)) if is_month_end(each.day)]
    assert len(days) == 12
    assert D(2024, 3, 28) in days  # Good Friday is the 29th
    assert D(2024, 8, 30) in days
    assert not is_month_end(D(2024, 8, 31))
    assert is_month_end(LAST_DAY)


@pytest.mark.parametrize(
    ("month", "settles"),
    [
        ((2019, 3), "2019-03-19"),  # 30 days before Good Friday: a day earlier
        ((2022, 3), "2022-03-15"),
        ((2024, 6), "2024-06-18"),  # the Wednesday is Juneteenth
        ((2024, 8), "2024-08-21"),
        ((2026, 12), "2026-12-16"),
    ],
)
def test_vix_contracts_settle_thirty_days_before_the_next_monthly_expiration(
    month: tuple[int, int], settles: str
) -> None:
    assert vix_expiry(*month) == D.fromisoformat(settles)


def test_what_has_no_table_is_refused_by_name() -> None:
    with pytest.raises(KeyError, match="NDX"):
        expires_on("NDX", D(2024, 8, 7))
    with pytest.raises(NotASession, match="outside the calendar"):
        expires_on("SPXW", LAST_DAY + dt.timedelta(days=3))
