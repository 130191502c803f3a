"""The packaged table is exchange-calendars' XNYS, day by day; sessions know their hours in both seasons."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

import exchange_calendars
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.calendar import (
    FIRST_DAY,
    LAST_DAY,
    NotASession,
    holiday_name,
    is_session,
    next_half_day,
    next_holiday,
    next_session,
    previous_session,
    session,
    sessions_between,
    special_day,
    to_new_york,
)
from engine.clock import HOUR, MINUTE

DAYS = st.dates(FIRST_DAY, LAST_DAY)


def every_day() -> Iterator[dt.date]:
    day = FIRST_DAY
    while day <= LAST_DAY:
        yield day
        day += dt.timedelta(days=1)


def test_every_session_opens_and_closes_when_the_exchange_does() -> None:
    xnys = exchange_calendars.get_calendar("XNYS", start=FIRST_DAY.isoformat(), end=LAST_DAY.isoformat())
    theirs = {
        stamp.date(): (opens.value, closes.value)
        for stamp, opens, closes in zip(xnys.sessions, xnys.opens, xnys.closes, strict=True)
    }
    ours = {day: (session(day).open, session(day).close) for day in every_day() if is_session(day)}
    assert len(ours) > 4500
    assert ours == theirs


@pytest.mark.parametrize(
    "day",
    ["2024-07-03", "2024-11-29", "2024-12-24", "2023-07-03", "2026-11-27", "2013-07-03"],
)
def test_half_days_end_at_one_and_funds_a_quarter_later(day: str) -> None:
    half = session(dt.date.fromisoformat(day))
    assert half.early
    assert half.minutes == 210
    assert f"{to_new_york(half.product_close('SPXW')):%H:%M}" == "13:00"
    assert f"{to_new_york(half.product_close('SPY')):%H:%M}" == "13:15"


def test_a_whole_day_runs_390_minutes_and_funds_to_a_quarter_past_four() -> None:
    whole = session(dt.date(2024, 8, 7))
    assert not whole.early
    assert whole.minutes == 390
    assert whole.product_close("XSP") == whole.product_close("SPXW") == whole.close
    assert whole.product_close("QQQ") == whole.close + 15 * MINUTE


@pytest.mark.parametrize(
    ("friday", "monday"), [("2024-03-08", "2024-03-11"), ("2024-11-01", "2024-11-04"), ("2026-03-06", "2026-03-09")]
)
def test_the_open_is_half_past_nine_on_both_sides_of_a_clock_change(friday: str, monday: str) -> None:
    before, after = (session(dt.date.fromisoformat(day)) for day in (friday, monday))
    assert [f"{to_new_york(each.open):%H:%M}" for each in (before, after)] == ["09:30", "09:30"]
    assert abs(after.open - before.open - 3 * 24 * HOUR) == HOUR
    assert before.minutes == after.minutes == 390


@pytest.mark.parametrize(
    ("day", "reason"),
    [
        ("2024-08-10", "2024-08-10 is a Saturday"),
        ("2024-07-04", "2024-07-04 is an exchange holiday (Independence Day)"),
        (
            "2025-01-09",
            "2025-01-09 is a day on which the exchange stayed closed (National Day of Mourning for Jimmy Carter)",
        ),
        ("2012-10-29", "2012-10-29 is a day on which the exchange stayed closed (Hurricane Sandy)"),
        ("2009-12-31", "2009-12-31 is outside the calendar, which runs from 2010-01-04 to 2028-12-29"),
        ("2029-01-02", "2029-01-02 is outside the calendar, which runs from 2010-01-04 to 2028-12-29"),
    ],
)
def test_a_day_without_trading_says_why(day: str, reason: str) -> None:
    with pytest.raises(NotASession) as refused:
        session(dt.date.fromisoformat(day))
    assert str(refused.value) == reason
    assert not is_session(dt.date.fromisoformat(day))


@given(DAYS, st.integers(0, 40))
@settings(deadline=None)
def test_a_range_holds_exactly_its_sessions_ends_included(first: dt.date, length: int) -> None:
    last = first + dt.timedelta(days=length)
    wanted = [day for n in range(length + 1) if is_session(day := first + dt.timedelta(days=n))]
    assert [each.day for each in sessions_between(first, last)] == wanted


def test_a_range_beyond_the_calendar_is_cut_to_it() -> None:
    everything = list(sessions_between(dt.date(1990, 1, 1), dt.date(2100, 1, 1)))
    assert (everything[0].day, everything[-1].day) == (FIRST_DAY, LAST_DAY)


@given(st.dates(FIRST_DAY + dt.timedelta(days=1), LAST_DAY - dt.timedelta(days=1)))
@settings(deadline=None)
def test_neighbours_have_no_session_between(day: dt.date) -> None:
    before, after = previous_session(day), next_session(day)
    assert before.day < day < after.day
    assert [each.day for each in sessions_between(before.day, after.day) if each.day != day] == [before.day, after.day]


def test_no_session_is_made_up_beyond_the_ends() -> None:
    with pytest.raises(NotASession, match="no session beyond 2010-01-04"):
        previous_session(FIRST_DAY)
    with pytest.raises(NotASession, match="no session beyond 2028-12-29 is known: the calendar runs from 2010-01-04"):
        next_session(LAST_DAY)


def test_every_day_without_trading_and_every_half_day_has_a_name() -> None:
    for day in every_day():
        special = special_day(day)
        if day.weekday() >= 5:
            assert special is None
        elif not is_session(day):
            assert special is not None
            assert special.kind in ("holiday", "closure")
            assert holiday_name(day) == special.name != ""
        else:
            assert (special is not None) == session(day).early
            assert holiday_name(day) is None


@pytest.mark.parametrize(
    ("day", "kind", "name"),
    [
        ("2012-10-29", "closure", "Hurricane Sandy"),
        ("2012-10-30", "closure", "Hurricane Sandy"),
        ("2018-12-05", "closure", "National Day of Mourning for George H. W. Bush"),
        ("2025-01-09", "closure", "National Day of Mourning for Jimmy Carter"),
        ("2022-04-15", "holiday", "Good Friday"),
        ("2022-06-20", "holiday", "Juneteenth"),
        ("2024-12-25", "holiday", "Christmas Day"),
        ("2024-07-03", "early", "the day before Independence Day"),
        ("2026-11-27", "early", "the day after Thanksgiving"),
        ("2026-12-24", "early", "Christmas Eve"),
    ],
)
def test_holidays_closures_and_half_days_are_told_apart_by_name(day: str, kind: str, name: str) -> None:
    special = special_day(dt.date.fromisoformat(day))
    assert special is not None
    assert (special.kind, special.name) == (kind, name)


def test_one_off_closures_are_those_that_exchange_calendars_has_no_rule_for() -> None:
    xnys = exchange_calendars.get_calendar("XNYS", start=FIRST_DAY.isoformat(), end=LAST_DAY.isoformat())
    adhoc = {stamp.date() for stamp in xnys.adhoc_holidays if FIRST_DAY <= stamp.date() <= LAST_DAY}
    assert {day for day in every_day() if (special := special_day(day)) and special.kind == "closure"} == adhoc


@given(DAYS)
@settings(deadline=None)
def test_the_next_half_day_and_holiday_are_the_nearest_ones(day: dt.date) -> None:
    for following, kinds in ((next_half_day(day), ("early",)), (next_holiday(day), ("holiday", "closure"))):
        last = LAST_DAY if following is None else following.day
        between = (day + dt.timedelta(days=n) for n in range(1, (last - day).days + (following is None)))
        assert not any((special := special_day(each)) and special.kind in kinds for each in between)
        if following is not None:
            assert following.day > day
            assert following.kind in kinds


def test_after_the_last_half_day_of_the_calendar_none_is_known() -> None:
    assert next_half_day(dt.date(2028, 11, 24)) is None
    assert next_holiday(dt.date(2028, 12, 25)) is None
