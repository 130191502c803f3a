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
    is_session,
    next_session,
    previous_session,
    session,
    sessions_between,
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
        ("2024-07-04", "2024-07-04 is an exchange holiday"),
        ("2025-01-09", "2025-01-09 is an exchange holiday"),
        ("2012-10-29", "2012-10-29 is an exchange holiday"),
        ("2009-12-31", "2009-12-31 is outside the calendar, which runs from 2010-01-04 to 2027-12-31"),
        ("2028-01-03", "2028-01-03 is outside the calendar, which runs from 2010-01-04 to 2027-12-31"),
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
    with pytest.raises(NotASession, match="no session beyond 2027-12-31"):
        next_session(LAST_DAY)
