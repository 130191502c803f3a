"""What the keys ask of the port."""

from __future__ import annotations

import datetime as dt
import math

import pytest
import views
from hypothesis import given
from hypothesis import strategies as st
from views import FakePort

from engine.view import Pace, ViewRequest
from zdte_tui.screen.desk import SPEEDS, Desk, goto_instant, next_speed


class Deaf(FakePort):
    """A port whose views do not follow yet."""

    def look_at(self, request: ViewRequest) -> None:
        self.looks.append(request)

    def pace(self, pace: Pace) -> None:
        self.paces.append(pace)


def desk(port: FakePort) -> Desk:
    made = Desk(port)
    assert port.current is not None
    made.saw(port.current)
    return made


def test_speeds_run_through_the_list_and_stop_at_its_ends() -> None:
    speed: float = 0.5
    seen = [speed]
    for _ in range(len(SPEEDS) + 1):
        speed = next_speed(speed, 1)
        seen.append(speed)
    assert seen == [*SPEEDS, 0, 0]
    assert next_speed(0, -1) == 600
    assert next_speed(0.5, -1) == 0.5


@given(st.floats(0.01, 10_000), st.sampled_from([1, -1]))
def test_from_any_speed_a_key_moves_the_way_it_says(speed: float, by: int) -> None:
    found = next_speed(speed, by) or math.inf
    if by > 0:
        assert found > speed
    else:
        assert found < speed or found == SPEEDS[0]


def test_two_quick_presses_count_from_what_was_asked() -> None:
    port = Deaf()
    made = desk(port)
    made.change_speed(1)
    made.change_speed(1)
    assert [pace.value for pace in port.paces] == [120, 300]


def test_a_speed_set_elsewhere_is_where_the_next_press_counts_from() -> None:
    port = Deaf()
    made = desk(port)
    made.change_speed(1)
    made.saw(views.view(progress=views.progress(speed=5)))
    made.change_speed(1)
    assert [pace.value for pace in port.paces] == [120, 10]


def test_expiries_turn_round_also_when_pressed_quickly() -> None:
    port = Deaf()
    made = desk(port)
    for _ in range(4):
        made.next_expiry()
    days = [views.DAY + dt.timedelta(days=n) for n in (1, 5, 0, 1)]
    assert [look.expiry for look in port.looks] == days


def test_roots_turn_round_and_take_their_nearest_expiry() -> None:
    port = Deaf()
    made = desk(port)
    made.next_root()
    made.next_root()
    assert port.looks == [ViewRequest("XSP", None), ViewRequest("SPXW", None)]


def test_an_only_root_or_expiry_asks_nothing() -> None:
    port = FakePort(views.view(header=views.header(roots=("SPXW",)), chain=views.chain(expiries=(views.DAY,))))
    made = desk(port)
    assert made.next_root() == "SPXW is the only root"
    assert made.next_expiry() == "SPXW has no other expiry"
    assert port.looks == []


def test_before_the_first_view_nothing_is_asked() -> None:
    port = FakePort(None)
    made = Desk(port)
    assert not made.paced
    assert made.next_root() == made.next_expiry() == "no chain yet"
    assert made.change_speed(1) == "no session yet"
    assert port.paces == []


def test_a_finished_day_cannot_be_played_on() -> None:
    port = FakePort(views.view(progress=views.progress(finished=True)))
    assert "g goes back" in desk(port).play()
    assert port.paces == []


@pytest.mark.parametrize(
    ("text", "time"),
    [
        ("10:30", "10:30:00"),
        (" 10:30:15 ", "10:30:15"),
        ("close-40m", "15:20:00"),
        ("open+5m", "09:35:00"),
        ("close", "16:00:00"),
    ],
)
def test_times_to_go_to(text: str, time: str) -> None:
    assert goto_instant(text, views.DAY, views.progress()) == views.at(time)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "write a time"),
        ("noon", "not a time of day"),
        ("25:00", "not a time of day"),
        ("09:00", "before the open of this day, which runs from 09:30:00 to 16:00:00"),
        ("16:30", "after the end"),
    ],
)
def test_bad_times_say_in_one_line_what_is_wrong(text: str, says: str) -> None:
    with pytest.raises(ValueError, match=says) as caught:
        goto_instant(text, views.DAY, views.progress())
    assert "\n" not in str(caught.value)


def test_a_session_continued_after_a_restart_does_not_go_back() -> None:
    progress = views.progress(earliest=views.at("11:02:15"))
    with pytest.raises(ValueError, match="continued after a restart and cannot go back"):
        goto_instant("10:30", views.DAY, progress)
    assert goto_instant("11:30", views.DAY, progress) == views.at("11:30")
