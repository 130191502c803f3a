"""New York's wall time and nanoseconds UTC, and times of day as people write them."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.calendar import TimeOfDay, clock_text, date_of, from_new_york, parse_time_of_day, session, to_new_york
from engine.clock import HOUR, MINUTE, SECOND

DAYS = st.dates(dt.date(2010, 1, 1), dt.date(2027, 12, 31))
TRADING = session(dt.date(2024, 8, 7))


@given(DAYS, st.times(dt.time(3), dt.time(23, 59, 59, 999_999)))
@settings(deadline=None)
def test_wall_time_and_instant_are_inverse_outside_the_hour_of_the_change(day: dt.date, time: dt.time) -> None:
    instant = from_new_york(day, time)
    wall = to_new_york(instant)
    assert (wall.date(), wall.time()) == (day, time)
    assert date_of(instant) == day
    assert clock_text(instant) == f"{time:%H:%M:%S}"
    assert clock_text(instant, seconds=False) == f"{time:%H:%M}"


@given(st.integers(1_262_304_000 * 10**6, 1_830_000_000 * 10**6))
@settings(deadline=None)
def test_every_instant_keeps_its_microsecond(micros: int) -> None:
    wall = to_new_york(micros * 1000)
    assert round((wall - dt.datetime(1970, 1, 1, tzinfo=dt.UTC)) / dt.timedelta(microseconds=1)) == micros


def test_the_repeated_hour_of_autumn_means_its_first_reading() -> None:
    first = from_new_york(dt.date(2024, 11, 3), dt.time(1, 30))
    assert to_new_york(first).utcoffset() == dt.timedelta(hours=-4)
    assert to_new_york(first + HOUR).utcoffset() == dt.timedelta(hours=-5)
    assert clock_text(first) == clock_text(first + HOUR) == "01:30:00"


@pytest.mark.parametrize(
    ("day", "hours"), [(dt.date(2024, 3, 10), 23), (dt.date(2024, 11, 3), 25), (dt.date(2024, 8, 7), 24)]
)
def test_days_of_a_clock_change_are_shorter_or_longer(day: dt.date, hours: int) -> None:
    assert from_new_york(day + dt.timedelta(days=1), dt.time()) - from_new_york(day, dt.time()) == hours * HOUR


@given(st.integers(0, 23), st.integers(0, 59), st.integers(0, 59))
@settings(deadline=None)
def test_a_time_of_day_is_that_wall_time(hour: int, minute: int, second: int) -> None:
    expected = from_new_york(TRADING.day, dt.time(hour, minute, second))
    exact = parse_time_of_day(f"{hour}:{minute:02}:{second:02}")
    assert exact.on(TRADING.day, TRADING.open, TRADING.close) == expected
    short = parse_time_of_day(f" {hour:02}:{minute:02} ")
    assert short.on(TRADING.day, TRADING.open, TRADING.close) == expected - second * SECOND


@given(st.sampled_from(["open", "close", "Close"]), st.sampled_from("+-"), st.integers(0, 999))
@settings(deadline=None)
def test_minutes_are_counted_from_the_open_or_the_close_that_is_given(anchor: str, sign: str, minutes: int) -> None:
    parsed = parse_time_of_day(f"{anchor}{sign}{minutes}m")
    start = 1000 * MINUTE if anchor == "open" else 2000 * MINUTE
    assert parsed.on(TRADING.day, 1000 * MINUTE, 2000 * MINUTE) == start + int(f"{sign}{minutes}") * MINUTE


def test_close_minus_forty_minutes_follows_the_product_and_the_half_day() -> None:
    exit_time = parse_time_of_day("close-40m")
    half = session(dt.date(2024, 7, 3))
    assert clock_text(exit_time.on(half.day, half.open, half.product_close("SPXW"))) == "12:20:00"
    assert clock_text(exit_time.on(TRADING.day, TRADING.open, TRADING.product_close("SPY"))) == "15:35:00"
    assert parse_time_of_day("close").on(half.day, half.open, half.close) == half.close


@pytest.mark.parametrize(
    "text", ["", "10", "10.00", "10:0", "24:00x", "noon", "close-", "close-40", "close-1000m", "open*5m", "10:00 pm"]
)
def test_other_forms_are_refused_with_those_that_are_understood(text: str) -> None:
    with pytest.raises(ValueError, match="is not a time of day") as refused:
        parse_time_of_day(text)
    assert '"close-40m"' in str(refused.value)
    assert repr(text) in str(refused.value)


@pytest.mark.parametrize("text", ["24:00", "10:60", "10:00:60", "99:99"])
def test_impossible_hours_and_minutes_are_told_apart(text: str) -> None:
    with pytest.raises(ValueError, match="hours are 0-23, minutes and seconds 0-59"):
        parse_time_of_day(text)


@given(st.text(max_size=12) | st.from_regex(r"(open|close|[0-9]{1,2}:[0-9]{2})[+-]?[0-9]{0,3}m?", fullmatch=True))
@settings(deadline=None)
def test_any_text_is_a_time_of_day_or_refused(text: str) -> None:
    try:
        parsed = parse_time_of_day(text)
    except ValueError:
        return
    assert isinstance(parsed, TimeOfDay)
    assert parsed.text == text
    assert (parsed.clock is None) == (parsed.anchor in ("open", "close"))
