"""Scales, round ticks and labels that do not collide."""

from __future__ import annotations

import datetime as dt

from hypothesis import given
from hypothesis import strategies as st

from engine.calendar import from_new_york
from zdte_tui.screen.draw import Scale, amount_ticks, span, spread, spread_along, time_ticks, value_ticks


def at(text: str, day: dt.date = dt.date(2026, 1, 15)) -> int:
    return from_new_york(day, dt.time.fromisoformat(text))


def test_ticks_are_round_and_as_many_as_have_room() -> None:
    assert value_ticks(5838.2, 5903.7, 6) == (5840, 5860, 5880, 5900)
    assert value_ticks(5838.2, 5903.7, 8) == (5840, 5850, 5860, 5870, 5880, 5890, 5900)
    assert value_ticks(-500, 500, 5) == (-400, -200, 0, 200, 400)


def test_labels_tell_neighbours_apart_and_write_signs_where_asked() -> None:
    assert [tick.label for tick in amount_ticks(0, 1, 5)] == ["0.00", "0.25", "0.50", "0.75", "1.00"]
    assert [tick.label for tick in amount_ticks(-1000, 1000, 3, sign=True)] == ["-1,000", "0", "+1,000"]
    assert [tick.label for tick in amount_ticks(5840, 5900, 4)] == ["5,840", "5,860", "5,880", "5,900"]


def test_no_ticks_where_there_is_no_span_or_no_room() -> None:
    assert value_ticks(5, 5, 4) == ()
    assert value_ticks(1, 2, 0) == ()
    assert value_ticks(0, float("inf"), 4) == ()
    assert amount_ticks(5, 5, 4) == ()


@given(
    low=st.floats(-1e7, 1e7), wide=st.floats(1e-3, 1e7), most=st.integers(1, 30)
)  # fmt: skip
def test_ticks_lie_inside_ascend_and_are_never_too_many(low: float, wide: float, most: int) -> None:
    ticks = value_ticks(low, low + wide, most)
    slack = 1e-6 * (abs(low) + wide)
    assert len(ticks) <= most
    assert all(low - slack <= tick <= low + wide + slack for tick in ticks)
    assert list(ticks) == sorted(set(ticks))


def test_times_are_whole_in_new_york_summer_and_winter() -> None:
    labels = [tick.label for tick in time_ticks(at("09:30"), at("16:00"), 60)]
    assert labels == ["10:00", "11:00", "12:00", "13:00", "14:00", "15:00", "16:00"]
    july = dt.date(2026, 7, 15)
    assert [tick.label for tick in time_ticks(at("09:30", july), at("16:00", july), 60)] == labels
    assert [tick.label for tick in time_ticks(at("11:47:30"), at("12:17:30"), 60)] == [
        "11:50", "11:55", "12:00", "12:05", "12:10", "12:15",
    ]  # fmt: skip
    assert time_ticks(at("09:30"), at("09:30"), 60) == ()


def test_a_span_has_a_margin_and_a_least_width() -> None:
    assert span([100, None, 200, float("nan")], margin=0.1) == (90, 210)
    assert span([100], least=10, margin=0) == (95, 105)
    assert span([None]) is None
    low, high = span([5870.0]) or (0, 0)
    assert low < 5870 < high


@given(low=st.floats(-1e6, 1e6), wide=st.floats(1e-2, 1e6), size=st.integers(2, 400), dot=st.integers(0, 399))
def test_a_dot_is_found_again_by_its_value(low: float, wide: float, size: int, dot: int) -> None:
    scale = Scale(low, low + wide, size)
    assert scale.at(scale.value(dot % size)) == dot % size


def test_labels_that_want_one_row_are_moved_apart_in_order() -> None:
    assert spread([3, 3, 3], 10) == (2, 3, 4)
    assert spread([0, 0], 5) == (0, 1)
    assert spread([4, 4], 5) == (3, 4)
    assert spread([1, 5], 10) == (1, 5)


def test_labels_without_a_row_are_the_least_important() -> None:
    assert spread([5, 1, 1], 2) == (1, 0, None)
    assert spread([1], 0) == (None,)


@given(wanted=st.lists(st.integers(-5, 40), max_size=30), size=st.integers(0, 30))
def test_no_two_labels_share_a_row(wanted: list[int], size: int) -> None:
    rows = spread(wanted, size)
    placed = [row for row in rows if row is not None]
    assert len(placed) == len(set(placed)) == min(len(wanted), size)
    assert all(0 <= row < size for row in placed)
    kept = [(wanted[index], row) for index, row in enumerate(rows) if row is not None]
    assert all(a[1] < b[1] for a in kept for b in kept if a[0] < b[0])


def test_labels_in_a_line_that_would_touch_are_left_out() -> None:
    assert spread_along([(2, "10:00"), (6, "10:30"), (12, "11:00")], 20) == ((0, "10:00"), (10, "11:00"))
    assert spread_along([(19, "16:00")], 20) == ((15, "16:00"),)
    assert spread_along([(25, "out"), (3, "")], 20) == ()
