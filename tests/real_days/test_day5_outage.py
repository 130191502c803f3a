"""Day 5, the outage of 2024-08-22: the data end at 11:00, and SPX fell 47 points more."""

from __future__ import annotations

import datetime as dt
import functools

import pytest
from real_days import CONDOR, OUTAGE, Played, along, at, play, watching

from engine.events import ExitRecord, FillRecord, OrderRecord
from engine.session.day import figures
from engine.session.source import TapeSource
from engine.tape import Store
from engine.tape.quality import inspect_day
from engine.view import View

ONE = (f'{CONDOR}.entries=["10:00", "12:00"]', f"{CONDOR}.stop.scope=side")
ELEVEN = dt.time(11)


@functools.cache
def market(recorded: Store, until: dt.time | None = None) -> TapeSource:
    name = f"path-{until:%H%M}" if until else "path"
    return along(recorded, OUTAGE, seed=1, step_seconds=5, source=name, silent=(ELEVEN, until))


@pytest.fixture(scope="module")
def views(recorded: Store) -> dict[str, View]:
    """What the screen shows around eleven."""
    wanted = {at(OUTAGE, clock): clock for clock in ("10:59:55", "11:00:10", "11:05:00", "15:00:00")}
    found: dict[str, View] = {}
    last: View | None = None
    for event, _, look in watching(market(recorded), *ONE):
        passed = [instant for instant in wanted if instant < event.ts_known]
        for instant in passed:
            assert last is not None
            found[wanted.pop(instant)] = last
        if not wanted:
            return found
        last = look() if any(instant - event.ts_known < 20 * 10**9 for instant in wanted) else last
    raise AssertionError("the day ended too soon")


def test_before_it_everything_is_known(views: dict[str, View]) -> None:
    view = views["10:59:55"]
    assert view.header.state == "ACTIVE"
    assert view.header.feed == "ok"
    assert view.header.open_pnl is not None
    assert {row.stop_holder for row in view.positions.rows if row.stop_at is not None} == {"e"}


def test_within_ten_seconds_it_is_stale_and_reducing_with_an_alarm(views: dict[str, View]) -> None:
    view = views["11:00:10"]
    assert view.header.now <= at(OUTAGE, "11:00:10")
    assert view.header.feed == "stale"
    assert view.header.state == "REDUCING"
    assert "STALE_FEED" in view.header.breakers
    assert [row for row in view.log if row.level == "alarm" and "STALE_FEED" in row.text]


def test_within_ten_seconds_the_stops_are_unarmed(views: dict[str, View]) -> None:
    stops = [row for row in views["11:00:10"].positions.rows if row.stop_at is not None]
    assert stops
    assert {row.stop_holder for row in stops} == {"UNARMED"}


@pytest.mark.parametrize("clock", ["11:00:10", "11:05:00", "15:00:00"])
def test_the_open_result_is_blank_and_not_frozen(views: dict[str, View], clock: str) -> None:
    header = views[clock].header
    assert header.open_pnl is None
    assert header.day_pnl is None
    assert header.realised is not None


def test_no_window_enters_while_it_is_silent(recorded: Store) -> None:
    played = play(market(recorded), *ONE)
    assert "STALE_FEED" in played.skipped()["12:00"]
    assert not [fill for fill in played.of(FillRecord) if at(OUTAGE, "11:00") <= fill.ts < at(OUTAGE, "16:00")]


def test_flatten_is_taken_at_once_and_asks_at_market_until_somebody_answers(recorded: Store) -> None:
    played = play(market(recorded), *ONE, commands={"11:10:00": "flatten"})
    asked = [e for e in played.of(ExitRecord) if e.trigger == "flatten"]
    assert [e.ts for e in asked] == [at(OUTAGE, "11:10")] * len(asked)
    assert asked
    orders = [o for o in played.of(OrderRecord) if o.kind == "close" and o.ts > at(OUTAGE, "11:10")]
    assert [order.limit for order in orders] == [None]
    assert orders[0].ts <= at(OUTAGE, "11:11:10")
    assert played.lines("cannot be closed yet", "no fresh quote")[0][1] == "alarm"


def test_flatten_is_done_when_the_data_come_back(recorded: Store) -> None:
    played = play(market(recorded, until=dt.time(11, 20)), *ONE, commands={"11:10:00": "flatten"})
    closing = [fill.ts for fill in played.of(FillRecord) if fill.ts > at(OUTAGE, "11:00")]
    assert closing
    assert min(closing) >= at(OUTAGE, "11:20")
    assert max(closing) < at(OUTAGE, "11:21")
    assert ("STALE_FEED", "ACTIVE") in [(name, state) for _, name, state in played.breakers()]
    shorts = [c for trade in played.engine.state.portfolio for c, q in trade.standing.held.items() if q < 0]
    assert not shorts


def test_it_settles_on_the_official_close(recorded: Store) -> None:
    played = play(market(recorded), *ONE)
    final = [s for s in played.settlements() if not s.provisional]
    assert final
    assert {s.value for s in final} == {55_706_400}
    assert {s.ts for s in final} == {at(OUTAGE, "16:15")}
    assert all(s.provisional for s in played.settlements() if s.ts < at(OUTAGE, "16:15"))


def test_the_day_is_marked_incomplete(recorded: Store) -> None:
    played = play(market(recorded), *ONE)
    ((clock, level, text),) = played.lines("incomplete")
    assert (clock, level) == ("16:00:00", "warning")
    assert "no data after 10:59:55" in text
    records = [record for tick in played.ticks for record in tick.records]
    assert figures(played.source, played.engine, records).tallies["days without their end"] == 1


def test_the_stored_day_says_where_it_ends(recorded: Store) -> None:
    entry = market(recorded).entry
    assert entry.header is not None
    assert "truncated:10:59" in entry.header.flags
    report = inspect_day(recorded.open(entry))
    assert any("truncated" in reason for reason in report.reasons)


def test_the_recorded_day_itself_is_marked_too(recorded: Store) -> None:
    played: Played = play(TapeSource(recorded, "SPXW", OUTAGE, "midpoints"), *ONE)
    assert played.lines("incomplete", "no data after 11:01:00")
