"""Event days: against a second source of FOMC days, their hours, and what is not known."""

from __future__ import annotations

import csv
import datetime as dt
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.calendar import (
    EVENT_KINDS,
    FIRST_DAY,
    LAST_DAY,
    EventKind,
    clock_text,
    coverage,
    date_of,
    events_between,
    events_on,
    is_session,
    next_event,
    to_new_york,
    unknown_on,
)

D = dt.date
EVER = (D(1990, 1, 1), D(2100, 1, 1))


def days_of(kind: str, first: dt.date = EVER[0], last: dt.date = EVER[1]) -> list[dt.date]:
    return [event.day for event in events_between(first, last) if event.kind == kind]


def test_the_fomc_days_are_those_of_a_second_source(shared: Path) -> None:
    with (shared / "data/vix_daily/fomc_days_magis.csv").open() as file:
        rows = list(csv.DictReader(file))
    theirs = {D.fromisoformat(row["date"]) for row in rows if row["kind"] == "scheduled"}
    span = (min(theirs).replace(month=1, day=1), max(theirs).replace(month=12, day=31))
    events = [event for event in events_between(*span) if event.kind == "fomc"]
    assert {event.day for event in events if event.status != "unscheduled"} == theirs
    # Unscheduled: they list the day of the meeting in October 2019, we the day its statement came, a week later;
    # and they lack the announcement of 2020-03-23.
    unscheduled = {D.fromisoformat(row["date"]) for row in rows if row["kind"] == "unscheduled"}
    ours = {event.day for event in events if event.status == "unscheduled"}
    assert unscheduled - ours == {D(2019, 10, 4)}
    assert ours - unscheduled == {D(2019, 10, 11), D(2020, 3, 23)}


def test_every_year_has_its_number_of_announcements() -> None:
    per_year = {kind: Counter(day.year for day in days_of(kind)) for kind in ("fomc", "cpi", "nfp")}
    for year in range(2010, 2027):
        for kind in ("cpi", "nfp"):
            assert per_year[kind][year] == (11 if year == 2025 else 12), (kind, year)  # October 2025 fell out
    for year in range(2016, 2028):
        assert per_year["fomc"][year] == {2019: 9, 2020: 10}.get(year, 8), year
    assert len(days_of("witching", D(2011, 1, 1), D(2027, 12, 31))) == 17 * 4
    assert len(days_of("vix", D(2011, 1, 1), D(2027, 12, 31))) == 17 * 12


def test_announcements_keep_their_hours_in_new_york_in_both_seasons() -> None:
    hours = {"cpi": "08:30", "nfp": "08:30", "fomc": "14:00", "fomc-press": "14:30"}
    seasons = set()
    for event in events_between(*EVER):
        if event.kind in hours and event.status != "unscheduled":
            assert clock_text(event.at, seconds=False) == hours[event.kind], event
            assert date_of(event.at) == event.day
            seasons.add(to_new_york(event.at).utcoffset())
    assert len(seasons) == 2


def test_unscheduled_statements_came_at_other_hours_and_days() -> None:
    emergencies = [event for event in events_between(*EVER) if event.status == "unscheduled"]
    found = {(f"{event.day}", clock_text(event.at, seconds=False)) for event in emergencies}
    assert found == {
        ("2019-10-11", "11:00"), ("2020-03-03", "10:00"), ("2020-03-15", "17:00"), ("2020-03-23", "08:00"),
    }  # fmt: skip
    assert not is_session(D(2020, 3, 15))
    assert events_on(D(2020, 3, 18)) == tuple(event for event in events_on(D(2020, 3, 18)) if event.kind == "vix")


def test_since_2019_every_scheduled_meeting_has_a_press_conference_and_before_four_a_year() -> None:
    meetings = [e.day for e in events_between(*EVER) if e.kind == "fomc" and e.status != "unscheduled"]
    talks = days_of("fomc-press")
    assert [day for day in meetings if day.year >= 2019] == [day for day in talks if day.year >= 2019]
    assert set(talks) <= set(meetings)
    assert Counter(day.year for day in talks if day.year < 2019) == {2016: 4, 2017: 4, 2018: 4}


def test_payrolls_come_on_fridays_except_before_holidays_and_after_shutdowns() -> None:
    others = [day for day in days_of("nfp") if day.weekday() != 4]
    assert others == [
        D(2013, 10, 22), D(2014, 7, 3), D(2015, 7, 2), D(2020, 7, 2), D(2025, 7, 3),
        D(2025, 11, 20), D(2025, 12, 16), D(2026, 2, 11), D(2026, 7, 2),
    ]  # fmt: skip
    first_fridays = [day for day in days_of("nfp") if day.weekday() == 4 and day.day <= 7]
    assert len(first_fridays) < len(days_of("nfp")) - len(others)  # it is no rule: 2026-05-08 was the second one


def test_shutdowns_are_noted_on_the_day_the_release_came() -> None:
    for day, kind in ((D(2013, 10, 30), "cpi"), (D(2025, 11, 20), "nfp"), (D(2026, 2, 13), "cpi")):
        (event,) = [event for event in events_on(day) if event.kind == kind]
        assert "shutdown" in event.note
    assert not [event for event in events_on(D(2025, 10, 3)) if event.kind == "nfp"]


def test_every_row_names_its_source_and_the_day_it_was_taken() -> None:
    for event in events_between(*EVER):
        if event.status == "computed":
            assert event.source.startswith("rule: ")
            assert event.taken is None
        else:
            assert "https://www.federalreserve.gov/" in event.source or "https://www.bls.gov/" in event.source
            assert event.taken == D(2026, 11, 22)
            assert event.day < event.taken or event.status == "scheduled"


def test_outside_its_coverage_an_event_is_not_known_rather_than_absent() -> None:
    assert unknown_on(D(2015, 6, 17)) == ("fomc", "fomc-press")
    assert unknown_on(D(2019, 6, 25)) == ()
    assert unknown_on(D(2027, 3, 17)) == ("cpi", "nfp")
    assert unknown_on(D(2028, 12, 28)) == ("fomc", "fomc-press", "cpi", "nfp", "vix")
    assert unknown_on(D(2005, 1, 7)) == EVENT_KINDS
    assert next_event("fomc", D(2012, 1, 1)) is None
    assert next_event("cpi", D(2026, 12, 10)) is None
    with pytest.raises(KeyError, match="known: fomc, fomc-press, cpi, nfp, witching, vix"):
        coverage("earnings")  # type: ignore[arg-type]


@pytest.mark.parametrize("kind", EVENT_KINDS)
def test_no_event_lies_outside_the_coverage_of_its_kind(kind: EventKind) -> None:
    days = days_of(kind)
    assert days
    assert all(day in coverage(kind) for day in days)


@given(st.dates(FIRST_DAY, LAST_DAY), st.sampled_from(EVENT_KINDS))
@settings(deadline=None)
def test_the_next_event_is_the_nearest_that_could_be_awaited(day: dt.date, kind: EventKind) -> None:
    following = next_event(kind, day)
    later = events_between(day + dt.timedelta(days=1), EVER[1])
    awaited = [event for event in later if event.kind == kind and event.status != "unscheduled"]
    assert following == (awaited[0] if awaited and day in coverage(kind) else None)


@given(st.dates(FIRST_DAY, LAST_DAY), st.integers(0, 60))
@settings(deadline=None)
def test_a_span_of_events_is_its_days_one_after_the_other(first: dt.date, length: int) -> None:
    days = [first + dt.timedelta(days=n) for n in range(length + 1)]
    assert events_between(days[0], days[-1]) == tuple(event for day in days for event in events_on(day))


def test_an_emergency_cannot_be_awaited() -> None:
    following = next_event("fomc", D(2020, 2, 28))
    assert following is not None
    assert following.day == D(2020, 4, 29)
