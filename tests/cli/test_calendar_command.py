"""``zdte-tui calendar`` as a person reads it: half-days, closures, clock changes, cutoffs, what is not known."""

from __future__ import annotations

import datetime as dt
import json
import time
from collections.abc import Iterator

import pytest

from engine.calendar import FIRST_DAY, LAST_DAY, from_new_york, sessions_between
from zdte_tui.commands.calendar_data import day_json
from zdte_tui.commands.calendar_text import day_lines, month_picture, span_lines
from zdte_tui.main import main

D = dt.date
SUNDAY = D(2026, 11, 22)


@pytest.fixture
def berlin(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("TZ", "Europe/Berlin")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


def said(day: dt.date, today: dt.date = SUNDAY, clock: dt.time = dt.time(12)) -> str:
    return "\n".join(day_lines(day, from_new_york(today, clock)))


def test_a_half_day_is_named_and_cuts_every_root_short() -> None:
    text = said(D(2024, 7, 3))
    assert "Wednesday 2024-07-03: a half-day, the day before Independence Day" in text
    assert "09:30-13:00 ET, 210 minutes" in text
    assert "SPXW    13:00" in text
    assert "SPY     13:15       shares, if $0.01 in the money; exercise cutoff 14:30" in text


def test_a_closure_a_holiday_and_a_weekend_are_told_in_words() -> None:
    assert "closed out of turn, Hurricane Sandy" in said(D(2012, 10, 29))
    assert "closed, Good Friday" in said(D(2022, 4, 15))
    sunday = said(D(2026, 11, 22))
    assert "no session, the exchange is closed at weekends (today)" in sunday
    assert "  Thu 2026-11-26        4 days, 3 sessions      closed: Thanksgiving Day" in sunday
    assert "expires" not in sunday
    assert "sessions: previous Fri 2026-11-20, next Mon 2026-11-23" in sunday


def test_a_tuesday_of_2019_had_no_same_day_options() -> None:
    text = said(D(2019, 6, 25))
    assert "expires   nothing\n" in text
    assert "SPXW    not today; next on Wed 2019-06-26" in text
    assert "QQQ     not known: the table begins on 2021-03-08" in text


def test_the_day_before_the_third_friday_is_the_last_for_morning_settled_options() -> None:
    thursday = said(D(2026, 11, 19))
    assert "SPX     of 2026-11-20: trades until 16:15 today, then settles on Friday's opening quotation" in thursday
    assert "SPX     Thu 16:15   cash, on the morning's opening quotation (SOQ)  (monthly)" in said(D(2026, 11, 20))


@pytest.mark.usefixtures("berlin")
def test_both_clocks_are_followed_where_they_change_on_different_weeks() -> None:
    spring = said(D(2026, 3, 9))
    assert "your time 14:30-21:00 CET" in spring
    assert "New York's went forward, to summer time, since 2026-03-06: it is now UTC-4" in spring
    assert "for you the open moved from 15:30 to 14:30" in spring
    europe = said(D(2026, 3, 30))
    assert "clocks " not in europe
    assert "for you the open moved from 14:30 to 15:30" in europe
    autumn = said(D(2026, 11, 2))
    assert "went back, to winter time, since 2026-10-30: it is now UTC-5" in autumn
    assert "clocks " not in said(D(2026, 11, 3))


@pytest.mark.parametrize(
    ("clock", "state", "countdown"),
    [
        (dt.time(7, 0), "opens in 2h 30m", "FOMC statement, in 7h 00m"),
        (dt.time(13, 59, 30), "open, closes in 2h 00m", "FOMC statement, in less than a minute"),
        (dt.time(16, 45), "closed 45m ago", "FOMC statement, 2h 45m ago"),
    ],
)
def test_today_counts_down_to_the_bell_and_to_the_announcement(clock: dt.time, state: str, countdown: str) -> None:
    text = said(D(2026, 12, 9), today=D(2026, 12, 9), clock=clock)
    assert state in text
    assert countdown in text
    assert "(today)" in text


def test_what_the_tables_do_not_reach_is_called_not_known() -> None:
    early = said(D(2012, 10, 31))
    assert "not known on this day: FOMC" in early
    assert "FOMC statement: not known (known from 2016-01-01 to 2028-01-31)" in early
    assert "not known on this day: CPI, NFP" in said(D(2027, 6, 9))
    span = "\n".join(span_lines(D(2026, 12, 20), D(2027, 1, 20), D(2026, 11, 22)))
    assert "CPI: known from 2010-01-01 to 2026-12-31 only" in span
    assert "FOMC: known" not in span
    beyond = span_lines(D(2028, 12, 20), D(2029, 1, 20), D(2026, 11, 22))
    assert beyond[-1] == "  the calendar ends on 2028-12-29; what comes after is not known"


def test_a_scheduled_release_that_has_passed_is_not_said_to_have_taken_place() -> None:
    assert "that it took place is not recorded" in said(D(2026, 11, 10))
    assert "not recorded" not in said(D(2026, 9, 11))


def test_an_emergency_is_told_on_its_day_and_never_before() -> None:
    assert "17:00  FOMC statement: unscheduled: on a Sunday" in said(D(2020, 3, 15))
    assert "unscheduled" not in said(D(2020, 3, 13))


def test_the_month_is_a_picture_of_its_special_days() -> None:
    picture = month_picture(D(2026, 12, 1))
    assert picture[:2] == ["December 2026", ""]
    assert "  14      15      16 V    17      18 Q" in picture
    assert "  21      22      23      24 H    25 X" in picture
    assert "F FOMC" in picture[-2]
    assert "M monthly" not in picture[-2]
    assert all(line == line.rstrip() for line in picture)


@pytest.mark.parametrize(
    "day", [*[each.day for each in sessions_between(FIRST_DAY, LAST_DAY)][::97], FIRST_DAY, LAST_DAY]
)
def test_every_day_of_the_calendar_can_be_told_in_words_and_as_data(day: dt.date) -> None:
    now = from_new_york(day, dt.time(10))
    assert max(map(len, day_lines(day, now))) <= 112
    told = json.loads(json.dumps(day_json(day, now)))
    assert told["today"] is True
    assert told["session"]["minutes"] in (390, 210)
    listed = {row["root"] for key in ("expires", "expires_later", "expiry_not_known") for row in told[key]}
    assert listed == {"SPX", "SPXW", "XSP", "SPY", "QQQ"}


def test_the_command_prints_the_day_and_its_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["calendar", "2024-12-18"]) == 0
    assert "14:00  FOMC statement" in capsys.readouterr().out
    assert main(["calendar", "20241218", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert [event["kind"] for event in told["events"]] == ["vix", "fomc", "fomc-press"]
    assert told["events"][1]["at"] == "2024-12-18T14:00:00-05:00"
    assert told["coverage"]["cpi"] == {"first": "2010-01-01", "last": "2026-12-31"}
    assert main(["calendar", "2024-07-01", "--days", "5", "--json"]) == 0
    span = json.loads(capsys.readouterr().out)
    assert (span["last"], span["sessions"]) == ("2024-07-05", 4)
    assert [item["what"] for item in span["items"]] == ["half-day to 13:00 ET", "closed", "employment situation (NFP)"]
    assert main(["calendar", "2024-07-19", "--month"]) == 0
    assert capsys.readouterr().out.startswith("July 2024\n")
    assert main(["calendar"]) == 0
    assert "(today)" in capsys.readouterr().out.splitlines()[0]


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["calendar", "2024-02-30"], "'2024-02-30' is not a date"),
        (["calendar", "someday"], "'someday' is not a date"),
        (
            ["calendar", "2031-01-02"],
            "2031-01-02 is outside the calendar, which runs from 2010-01-04 to 2028-12-29; a newer",
        ),
        (["calendar", "1999-12-31"], "1999-12-31 is outside the calendar"),
        (["calendar", "--days", "none"], "'none' is not a number of days; write 1 to 366"),
        (["calendar", "--days", "5", "--month"], "not allowed with argument --days"),
    ],
)
def test_bad_dates_are_one_line_and_exit_64(
    arguments: list[str], says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    try:
        code = main(arguments)
    except SystemExit as left:
        code = int(left.code or 0)
    captured = capsys.readouterr()
    assert code == 64
    assert says in captured.err
    assert captured.err.count("\n") == 1
    assert captured.out == ""


def test_help_has_examples(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        main(["calendar", "--help"])
    assert left.value.code == 0
    assert "examples:" in capsys.readouterr().out
