"""The printed time of a Cboe quote table in five spellings and three languages, and which quotes it stands for."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.calendar import NEW_YORK, clock_text, date_of, from_new_york, session, to_new_york
from engine.clock import MINUTE
from engine.tape.importers.cboe_times import printed_at, snapshot
from engine.types import Contract, Underlying


@pytest.mark.parametrize(
    ("text", "new_york"),
    [
        ("July 12, 2022, 11:55 AM EDT", "2022-07-12 11:55"),
        ("September 14, 2023 at 4:31 PM EDT", "2023-09-14 16:31"),
        ("February 5 2022, 8:09 PM EST", "2022-02-05 20:09"),
        ("24 September 2023,1:46 PM EDT", "2023-09-24 13:46"),
        ("9 декабря 2023 г. в 13:49 GMT-5", "2023-12-09 13:49"),
        ("11 de noviembre de 2024, 8:02 GMT-5", "2024-11-11 08:02"),
        ("11 de noviembre de 2024 a las 10:02 GMT-5", "2024-11-11 10:02"),
        ("July 12, 2022, 12:05 PM EDT", "2022-07-12 12:05"),
        ("July 13, 2022, 12:05 AM EDT", "2022-07-13 00:05"),
        ("July 12, 2022, 3:55 PM GMT", "2022-07-12 11:55"),
        ("July 12, 2022, 8:55 AM PDT", "2022-07-12 11:55"),
        ("12 July 2022, 17:55 GMT+2", "2022-07-12 11:55"),
        ("July 12, 2022, 11:55\u202fAM EDT", "2022-07-12 11:55"),
    ],
)
def test_a_printed_time_is_read_in_the_spellings_that_browsers_use(text: str, new_york: str) -> None:
    assert f"{to_new_york(printed_at(text)):%Y-%m-%d %H:%M}" == new_york


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("4 June 4, 3:15 PM EDT", "not a date with a year"),
        ("", "not a date"),
        ("July 12, 2022, 11:55 AM", "a zone"),
        ("July 12, 2022", "a time"),
        ("12. Juli 2022, 17:55 MESZ", "not a date"),
        ("12 juillet 2022, 17:55 GMT+2", "'juillet' is no month in English, Spanish or Russian"),
        ("July 12, 2022, 13:55 PM EDT", "no hour has 13 PM"),
        ("July 12, 2022, 0:55 AM EDT", "no hour has 0 AM"),
        ("February 30, 2022, 1:55 PM EST", "no such date"),
        ("July 12, 2022, 25:55 EDT", "no such date or time"),
        ("July 12, 0000, 1:55 PM EDT", "no such date"),
        ("July 12, 2022, 11:55 AM XYZ", "time zone XYZ"),
        ("July 12, 2022, 11:55 AM GMT+99", "no such date"),
    ],
)
def test_a_time_that_is_not_understood_is_refused_and_not_guessed(text: str, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        printed_at(text)


days = st.dates(dt.date(2021, 1, 4), dt.date(2024, 12, 30))
minutes = st.builds(dt.time, st.integers(0, 23), st.integers(0, 59))


@given(days, minutes)
def test_every_minute_is_read_back_from_new_yorks_own_spelling(day: dt.date, minute: dt.time) -> None:
    moment = dt.datetime.combine(day, minute, NEW_YORK)
    text = f"{moment:%B} {moment.day}, {moment.year} at {moment:%I:%M %p} {moment.tzname()}"
    assert printed_at(text) == int(moment.timestamp()) * 10**9


def at(day: str, time: str) -> int:
    return from_new_york(dt.date.fromisoformat(day), dt.time.fromisoformat(time))


def words(ts: int) -> str:
    return f"{date_of(ts)} {clock_text(ts, seconds=False)}"


@pytest.mark.parametrize(
    ("printed", "quotes", "known"),
    [
        (("2022-07-12", "11:55"), "2022-07-12 11:40", "2022-07-12 11:55"),
        (("2022-07-12", "09:46"), "2022-07-12 09:31", "2022-07-12 09:46"),
        (("2023-09-14", "16:10"), "2023-09-14 15:55", "2023-09-14 16:10"),
        (("2023-09-14", "16:31"), "2023-09-14 16:16", "2023-09-14 16:31"),
        (("2023-09-14", "19:00"), "2023-09-14 17:00", "2023-09-14 19:00"),
        (("2019-09-12", "19:00"), "2019-09-12 16:15", "2019-09-12 19:00"),
        (("2022-02-05", "20:09"), "2022-02-04 17:00", "2022-02-04 17:15"),
        (("2023-09-24", "13:46"), "2023-09-22 17:00", "2023-09-22 17:15"),
        (("2024-11-29", "18:00"), "2024-11-29 13:15", "2024-11-29 18:00"),
        (("2024-11-28", "12:00"), "2024-11-27 17:00", "2024-11-27 17:15"),
    ],
)
def test_quotes_are_fifteen_minutes_older_and_after_the_close_the_closes(
    printed: tuple[str, str], quotes: str, known: str
) -> None:
    taken = snapshot(at(*printed))
    later = Contract("SPXW", dt.date(2025, 1, 3), 45_000_000, "C")
    assert (words(taken.true_at(later, "SPXW")), words(taken.ts_known)) == (quotes, known)
    assert taken.after_close == (taken.ts_known > taken.of.close)


@pytest.mark.parametrize(
    ("printed", "says"),
    [
        (("2024-11-11", "08:02"), "its quotes are of the night session"),
        (("2024-11-11", "09:45"), "import a table printed from 09:46 on"),
        (("2024-11-10", "20:31"), "printed earlier in the evening"),
        (("2024-11-11", "21:00"), "printed earlier in the evening"),
        (("2009-11-11", "12:00"), "calendar"),
        (("2031-11-11", "12:00"), "calendar"),
    ],
)
def test_tables_of_the_night_and_beyond_the_calendar_are_refused(printed: tuple[str, str], says: str) -> None:
    with pytest.raises(ValueError, match=says):
        snapshot(at(*printed))


def test_what_stopped_trading_earlier_was_true_earlier() -> None:
    taken = snapshot(at("2023-09-14", "16:31"))
    today, tomorrow, close = dt.date(2023, 9, 14), dt.date(2023, 9, 15), session(dt.date(2023, 9, 14)).close
    assert taken.true_at(Contract("SPXW", today, 45_000_000, "C"), "SPXW") == close
    assert taken.true_at(Contract("SPXW", tomorrow, 45_000_000, "C"), "SPXW") == close + 16 * MINUTE
    assert taken.true_at(Contract("SPY", tomorrow, 4_500_000, "C"), "SPY") == close + 15 * MINUTE
    assert taken.true_at(Contract("SPY", today, 4_500_000, "C"), "SPY") == close + 15 * MINUTE
    assert taken.true_at(Underlying("SPX"), "SPXW") == close
    assert taken.true_at(Underlying("SPY"), "SPY") == close + 15 * MINUTE


@given(days, st.times(dt.time(9, 46), dt.time(20, 29)))
def test_nothing_is_known_before_it_was_true_nor_before_its_delay(day: dt.date, minute: dt.time) -> None:
    printed = from_new_york(day, minute.replace(second=0, microsecond=0))
    taken = snapshot(printed)
    assert taken.of.open < taken.shown_ts == taken.ts_known - 15 * MINUTE
    assert taken.ts_known <= printed
    assert taken.after_close or taken.ts_known == printed
