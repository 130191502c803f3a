"""The equity curve of a session: minute by minute, its figures, and what cannot be known."""

from __future__ import annotations

import msgspec
from core_builders import CALLS_HIT, PUTS_HIT, SPOT, Tape, at, condor_tape, make_engine
from day_watch import Watched, watch

from engine.clock import MINUTE
from engine.events import FeedStatus, MarkRecord
from engine.types import to_units
from engine.view import EquityView

WITH_STOPS = ("strategies.iron_condor.stop.scope=side",)


def equity(tape: Tape, until: str, *settings: str) -> EquityView:
    found = watch(make_engine(*settings), tape, until).equity
    assert found is not None
    return found


def stopped() -> Tape:
    return condor_tape(until="10:29").quote("10:30", PUTS_HIT, spot=5321).hold("10:31", "15:59")


def test_it_begins_with_the_entry_and_has_a_point_a_minute_while_something_is_held() -> None:
    found = equity(condor_tape(), "10:30")
    minutes = [(ts - at("10:00")) // MINUTE for ts in found.times]
    assert minutes == list(range(31))
    assert found.since == at("10:00")
    assert [(mark.ts, mark.kind) for mark in found.marks] == [(at("10:00"), "entry")]


def test_its_points_are_the_marks_of_the_journal() -> None:
    seen = Watched(make_engine(), stopped().sorted()).play(at("10:20"))
    found = seen.view(at("10:20")).equity
    assert found is not None
    marks = {record.ts: (record.pnl_mid, record.pnl_now) for record in seen.records if isinstance(record, MarkRecord)}
    curve = dict(zip(found.times, zip(found.mid, found.now, strict=True), strict=True))
    shared = [ts for ts in marks if ts in curve]
    assert len(shared) >= 19
    assert all(curve[ts] == marks[ts] for ts in shared)


def test_the_newest_point_is_what_the_header_says() -> None:
    seen = watch(make_engine(*WITH_STOPS), stopped(), "10:45")
    assert seen.equity is not None
    assert seen.equity.times[-1] == at("10:45")
    assert (seen.equity.mid[-1], seen.equity.realised[-1]) == (seen.header.day_pnl, seen.header.realised)


def test_to_liquidate_costs_more_than_the_mids_say() -> None:
    found = equity(condor_tape(), "10:30")
    assert all(now < mid for mid, now in zip(found.mid, found.now, strict=True) if mid is not None and now is not None)


def test_a_fall_is_measured_from_the_highest_before_and_the_day_begins_at_nothing() -> None:
    found = equity(stopped(), "10:45", *WITH_STOPS)
    known = [value for value in found.mid if value is not None]
    high = deepest = 0
    for value in known:
        high, deepest = max(high, value), max(deepest, max(high, value) - value)
    assert (found.high, found.drawdown) == (high, deepest)
    assert found.drawdown > 0
    assert found.worst is not None
    assert found.worst < 0


def test_trades_that_are_over_are_counted_by_their_result() -> None:
    tape = stopped().quote("11:00", CALLS_HIT, spot=5381).hold("11:01", "15:59")
    found = equity(tape, "11:30", *WITH_STOPS)
    assert (found.closed, found.won, found.lost, found.open) == (1, 0, 1, 0)
    assert [mark.kind for mark in found.marks] == ["entry", "stop", "stop"]
    assert found.realised[-1] == found.mid[-1] == found.now[-1]
    assert found.fees > 0


def test_a_settled_day_marks_its_exit() -> None:
    held = "strategies.iron_condor.hold_to_settlement=true"
    found = equity(condor_tape(until="15:59").close(SPOT), "16:20", held)
    assert (found.closed, found.won, found.lost) == (1, 1, 0)
    assert [mark.kind for mark in found.marks] == ["entry", "exit"]
    assert found.mid[-1] == found.realised[-1] == to_units(140) - found.fees


def test_an_exit_by_the_clock_is_an_exit_and_no_stop() -> None:
    found = equity(condor_tape(), "15:40")
    assert [mark.kind for mark in found.marks] == ["entry", "exit"]
    assert (found.won, found.lost) == (0, 1)  # closing costs more than the credit


def test_without_a_trade_there_is_no_curve() -> None:
    found = equity(condor_tape(), "09:59")
    assert (found.times, found.best, found.worst, found.closed) == ((), None, None, 0)
    assert (found.high, found.drawdown) == (0, 0)
    assert found.limit == to_units(500)


def test_what_quotes_do_not_tell_is_missing_and_no_change_is_made_over_it() -> None:
    tape = condor_tape(until="10:20").hold("10:41", "11:00")
    for when, state in (("10:20:30", "down"), ("10:40:30", "ok")):
        tape.events.append(FeedStatus(ts_known=at(when), ts_event=at(when), seq=9999, state=state, text=state))  # type: ignore[arg-type]
    found = equity(tape, "11:00")
    gap = [mid for ts, mid in zip(found.times, found.mid, strict=True) if at("10:22") < ts < at("10:40")]
    assert gap
    assert set(gap) == {None}
    assert found.mid[-1] is not None


def test_with_one_strategy_there_is_no_second_curve() -> None:
    assert equity(condor_tape(), "10:30").strategies == ()


def test_after_a_restart_the_marks_of_the_journal_make_the_curve_again() -> None:
    before = Watched(make_engine(), condor_tape().sorted()).play(at("11:00"))
    whole = before.view(at("11:00")).equity
    again = Watched(before.engine, [])
    again.builder.remember(before.records)
    found = again.view(at("11:00")).equity
    assert whole is not None
    assert found is not None
    assert (found.times, found.mid, found.now, found.marks) == (whole.times, whole.mid, whole.now, whole.marks)
    assert set(found.realised[1:-1]) == {None}  # with a trade open, nobody wrote down what was realised


def test_it_can_be_sent_and_read_again() -> None:
    found = equity(stopped(), "11:30", *WITH_STOPS)
    assert msgspec.msgpack.decode(msgspec.msgpack.encode(found), type=EquityView) == found
