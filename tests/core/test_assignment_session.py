"""A simulated SPY day before its ex-dividend day: the short call comes into the money, and the log says it once."""

from __future__ import annotations

import datetime as dt

from core_builders import Played, run
from spy_eve import SETTINGS, quiet_day, spy_day

from engine.calendar import clock_text
from engine.events import NoticeRecord


def told(played: Played) -> list[tuple[str, str]]:
    found = [record for record in played.of(NoticeRecord) if record.source == "assignment"]
    assert all(record.level == "warning" for record in found)
    return [(clock_text(record.ts, seconds=False), record.text) for record in found]


def test_on_the_eve_the_log_says_once_that_the_short_call_may_be_assigned_tonight() -> None:
    found = told(run(spy_day(), *SETTINGS))

    assert len(found) == 1
    when, text = found[0]
    assert when == "14:00"
    assert text.startswith("#1 SPY short 10 453C is in the money by 0.80, its time value (0.18) is below the dividend")
    assert "(1.58 a share, ex-day 2023-09-15)" in text


def test_on_another_day_it_says_so_near_the_close() -> None:
    found = told(run(spy_day(dt.date(2023, 9, 12)), *SETTINGS))

    assert [when for when, _ in found] == ["15:45"]
    assert found[0][1].endswith("near the close: unless it is closed, 1000 shares are sold at the strike")


def test_a_condor_out_of_the_money_is_left_in_peace() -> None:
    assert told(run(quiet_day(), *SETTINGS)) == []
