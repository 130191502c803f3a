"""The chart of a session: its minutes, its average, what of the book lies on it, its cones and its stops."""

from __future__ import annotations

import math

import msgspec
import pytest
from core_builders import CONDOR, DAY, PUTS_HIT, SPOT, Tape, at, condor_tape, ladder, make_engine
from day_watch import Watched, watch

from engine.clock import MINUTE
from engine.events import ChainBatch, FeedStatus
from engine.types import to_units
from engine.view import ChartView, Cone
from engine.view.minutes import MOST, Minutes, average

STRADDLE = {"5350P": (10.0, 10.1), "5350C": (10.0, 10.1)}
WITH_STOPS = ("strategies.iron_condor.stop.scope=side",)


def chart(tape: Tape, until: str, *settings: str) -> ChartView:
    found = watch(make_engine(*settings), tape, until).chart
    assert found is not None
    return found


def rising(tape: Tape, first: str, minutes: int, by: float) -> Tape:
    for n in range(minutes):
        tape.quote(at(first) + n * MINUTE, spot=SPOT + by * n)
    return tape


# --- prices


def test_there_is_one_point_a_minute_and_the_newest_now() -> None:
    tape = rising(condor_tape(until="10:00"), "10:01", 30, 0.5)
    found = chart(tape, "10:15")
    clock = [(ts - at("09:59")) // MINUTE for ts in found.times]
    assert clock == list(range(17))
    assert found.prices[2] == to_units(SPOT)
    assert found.prices[-1] == to_units(SPOT + 7)
    assert (found.high, found.low) == (to_units(SPOT + 7), to_units(SPOT))
    assert found.since == at("09:59")


def test_what_comes_inside_a_minute_moves_only_the_newest_point() -> None:
    tape = condor_tape(until="10:00").quote("10:00:20", spot=SPOT + 3).quote("10:00:40", spot=SPOT - 4)
    found = chart(tape, "10:00:40")
    assert found.prices[-1] == to_units(SPOT - 4)
    assert found.prices[:-1] == (to_units(SPOT), to_units(SPOT))


def test_while_the_feed_is_down_there_are_no_points() -> None:
    tape = rising(condor_tape(until="10:00"), "10:01", 40, 0.1)
    tape.events.append(FeedStatus(ts_known=at("10:05:30"), ts_event=at("10:05:30"), seq=9999, state="down", text="x"))
    tape.events.append(FeedStatus(ts_known=at("10:20:30"), ts_event=at("10:20:30"), seq=9998, state="ok", text=""))
    found = chart(tape, "10:30")
    assert not [ts for ts in found.times if at("10:06") <= ts <= at("10:20")]
    assert [ts for ts in found.times if ts > at("10:21")]


def test_nothing_is_known_before_the_first_quotes() -> None:
    found = chart(condor_tape(), "09:40")
    assert (found.times, found.spot, found.since, found.cone) == ((), None, None, None)
    assert found.symbol == "SPX"


def test_a_reader_who_asks_for_nothing_gets_nothing() -> None:
    assert Watched(make_engine(), condor_tape().sorted()).play(at("10:05")).view(at("10:05"), "orders").chart is None


def test_it_can_be_sent_and_read_again() -> None:
    found = chart(condor_tape(), "11:00", *WITH_STOPS)
    assert found.stops
    assert msgspec.msgpack.decode(msgspec.msgpack.encode(found), type=ChartView) == found


def test_it_does_not_grow_without_end() -> None:
    minutes = Minutes()
    for n in range(3 * MOST):
        minutes.put(n * MINUTE, 1, None)
    assert len(minutes.times) == len(minutes.prices) == len(minutes.volumes) == MOST
    assert minutes.times[-1] == (3 * MOST - 1) * MINUTE


# --- the average


def test_an_index_has_an_average_by_time_and_the_view_says_why() -> None:
    found = chart(rising(condor_tape(until="10:00"), "10:01", 10, 1.0), "10:03")
    assert found.average_kind == "TWAP"
    assert found.average_why == "SPX is an index and has no volume"
    assert found.average[-1] == to_units(SPOT + (0 + 0 + 0 + 1 + 2) / 5)


def test_an_average_by_volume_weighs_what_was_traded_in_each_minute() -> None:
    minutes = Minutes([at("09:31"), at("09:32"), at("09:33")], [100, 200, 300], [10, 40, 40])
    assert average(minutes, at("09:30")) == ([100, 175, 175], "VWAP")


def test_volume_from_before_the_first_point_does_not_count_where_the_point_is_late() -> None:
    minutes = Minutes([at("11:00"), at("11:01")], [100, 200], [5_000_000, 5_000_010])
    assert average(minutes, at("09:30")) == ([None, 200], "VWAP")


def test_a_volume_that_is_missing_once_makes_it_an_average_by_time() -> None:
    assert average(Minutes([1, 2], [100, 200], [None, 40]), 0) == ([100, 150], "TWAP")
    assert average(Minutes([1, 2], [100, 200], [0, 0]), 0) == ([100, 150], "TWAP")


def test_a_fund_is_averaged_by_its_volume() -> None:
    tape = Tape("SPY").list(ladder(530, 540, 1))
    for n, (spot, volume) in enumerate(((535.0, 100), (536.0, 400), (537.0, 500))):
        tape.quote(at("09:31") + n * MINUTE, spot=spot)
        batch = tape.events[-1]
        assert isinstance(batch, ChainBatch)
        column = batch.idx.copy()
        column[:] = volume
        tape.events[-1] = msgspec.structs.replace(batch, volume=column)
    engine = make_engine(roots=("SPY",), strategies=[])
    found = Watched(engine, tape.sorted()).play(at("09:33")).view(at("09:33")).chart
    assert found is not None
    assert found.average_kind == "VWAP"
    assert found.average_why == ""
    assert found.average == (to_units(535), to_units(535.75), to_units(536))


# --- the book


def test_short_strikes_and_entries_are_on_it() -> None:
    found = chart(condor_tape(), "10:30")
    assert [(each.strike, each.right, each.quantity) for each in found.strikes] == [
        (to_units(5325), "P", 1),
        (to_units(5375), "C", 1),
    ]
    assert [(mark.ts, mark.kind, mark.trade_id, mark.price) for mark in found.marks] == [
        (at("10:00"), "entry", 1, to_units(SPOT))
    ]


def test_a_stop_marks_where_it_fired_and_its_strike_is_gone() -> None:
    tape = condor_tape(until="10:29").quote("10:30", PUTS_HIT, spot=5321).hold("10:31", "10:40")
    found = chart(tape, "10:40", *WITH_STOPS)
    assert [mark.kind for mark in found.marks] == ["entry", "stop"]
    assert at("10:30") <= found.marks[-1].ts < at("10:31")
    assert found.marks[-1].price == to_units(5321)
    assert [each.right for each in found.strikes] == ["C"]


def test_the_stops_lie_between_spot_and_beyond_the_short_strikes_on_their_own_side() -> None:
    found = chart(condor_tape(), "10:30", *WITH_STOPS)
    puts, calls = sorted(found.stops, key=lambda each: each.price)
    assert (puts.label, calls.label) == ("puts", "calls")
    assert puts.price < to_units(SPOT) < calls.price
    assert to_units(5300) < puts.price < to_units(5345)
    assert to_units(5355) < calls.price < to_units(5400)


def test_without_stops_there_are_no_levels() -> None:
    assert chart(condor_tape(), "10:30", "strategies.iron_condor.stop.scope=none").stops == ()


# --- the expected move


def test_the_cones_begin_where_they_were_known_and_end_at_the_close() -> None:
    tape = (
        Tape()
        .list(ladder(5300, 5400))
        .quote("09:59", CONDOR, spot=SPOT)
        .quote("09:59", STRADDLE)
        .hold("10:00", "11:00")
    )
    tape.quote("10:30", {"5350P": (5.8, 6.0), "5350C": (5.8, 6.0)}, spot=SPOT)
    found = chart(tape, "10:30")
    assert isinstance(found.cone, Cone)
    assert isinstance(found.opening, Cone)
    assert (found.opening.start, found.opening.centre) == (at("10:00"), to_units(SPOT))
    assert found.opening.move == pytest.approx(20.1, abs=0.1)
    assert (found.cone.start, found.cone.centre) == (at("10:30"), found.spot)
    assert found.cone.move == pytest.approx(11.8, abs=0.1)
    assert found.cone.end == found.opening.end == found.close


def test_without_a_straddle_no_move_is_expected() -> None:
    found = chart(condor_tape(), "10:30")
    assert (found.cone, found.opening) == (None, None)


def test_a_seek_makes_the_same_minutes_again() -> None:
    tape = rising(condor_tape(), "10:01", 60, 0.3)
    first, again = (Watched(make_engine(), tape.sorted()).play(at("11:00")).view(at("11:00")) for _ in range(2))
    assert (first.chart, first.equity, first.orders) == (again.chart, again.equity, again.orders)


# --- after a restart


def test_after_a_restart_it_begins_with_what_the_journal_knows() -> None:
    before = Watched(make_engine(), condor_tape().sorted()).play(at("11:00"))
    again = Watched(before.engine, [])
    again.builder.remember(before.records)
    found = again.view(at("11:00")).chart
    assert found is not None
    assert found.since == at("10:00")  # the first minute with a trade open
    assert len(found.times) == 61
    assert {mark.kind for mark in found.marks} == {"entry"}


@pytest.mark.parametrize("until", ["09:59", "10:00", "12:00", "15:59", "16:00"])
def test_every_number_is_finite(until: str) -> None:
    found = chart(condor_tape().close(SPOT), until, *WITH_STOPS)
    assert found.cone is None or math.isfinite(found.cone.move)
    assert len(found.times) == len(found.prices) == len(found.average)
    assert list(found.times) == sorted(set(found.times))
    assert found.root == "SPXW"
    assert found.expiry in (None, DAY)
