"""When events are due on the wall: speed, pause, steps and jumps. The wall is given, never read."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.pacing import Pacer
from engine.view import Pace

SECOND = 1_000_000_000
OPEN = 1_723_037_400 * SECOND


def at(seconds: float) -> int:
    """So many seconds of market after the open."""
    return OPEN + round(seconds * SECOND)


def pacer(speed: float = 60) -> Pacer:
    """Started at the open, when the wall stands at 100."""
    return Pacer(speed, OPEN, 100.0)


def test_at_sixty_a_minute_of_market_takes_a_second_of_wall() -> None:
    assert pacer().wait(at(60), 100.0) == pytest.approx(1.0)
    assert pacer().wait(at(60), 100.4) == pytest.approx(0.6)
    assert pacer().wait(at(60), 101.0) == 0.0
    assert pacer().wait(at(60), 107.0) == 0.0


def test_what_is_skipped_to_is_due_now_and_the_clock_runs_on_from_there() -> None:
    paced = pacer()
    paced.skip_to(at(15), 100.0)
    assert paced.wait(at(15), 100.0) == 0.0
    assert paced.market_now(101.0) == at(75)
    paced.skip_to(at(30), 101.0)  # nothing goes back
    assert paced.market_now(101.0) == at(75)


def test_what_lies_before_the_start_is_due_at_once() -> None:
    assert pacer().wait(at(-3600), 100.0) == 0.0


def test_the_clock_runs_at_the_speed() -> None:
    assert pacer().market_now(102.5) == at(150)


def test_as_fast_as_possible_everything_is_due_and_the_clock_stands_at_the_last_event() -> None:
    fast = pacer(0)
    assert fast.wait(at(20_000), 100.0) == 0.0
    fast.happened(at(20_000), news=(), wall=100.1)

    assert fast.market_now(500.0) == at(20_000)


def test_a_change_of_speed_keeps_where_the_market_is() -> None:
    paced = pacer()
    paced.apply(Pace("speed", 600), 101.0)

    assert paced.market_now(101.0) == at(60)
    assert paced.market_now(102.0) == at(660)
    assert paced.wait(at(660), 101.5) == pytest.approx(0.5)


def test_from_as_fast_as_possible_to_a_speed_time_goes_on_from_the_last_event() -> None:
    paced = pacer(0)
    paced.happened(at(300), news=(), wall=150.0)
    paced.apply(Pace("speed", 60), 200.0)

    assert paced.wait(at(360), 200.0) == pytest.approx(1.0)


def test_paused_nothing_is_due_and_the_clock_stands() -> None:
    paced = pacer()
    paced.apply(Pace("pause"), 101.0)

    assert paced.paused
    assert paced.wait(at(61), 500.0) is None
    assert paced.market_now(500.0) == at(60)


@pytest.mark.parametrize("action", ["toggle", "resume"])
def test_going_on_starts_where_it_stopped(action: str) -> None:
    paced = pacer()
    paced.apply(Pace("pause"), 101.0)
    paced.apply(Pace(action), 500.0)

    assert paced.market_now(501.0) == at(120)


def test_pause_of_what_is_paused_changes_nothing() -> None:
    paced = pacer()
    paced.apply(Pace("pause"), 101.0)
    paced.apply(Pace("pause"), 500.0)

    assert paced.market_now(501.0) == at(60)
    assert paced.standing


def test_toggle_stops_a_step_that_is_under_way() -> None:
    paced = pacer()
    paced.apply(Pace("step", 3600), 100.0)
    paced.apply(Pace("toggle"), 101.0)

    assert paced.standing


@pytest.mark.parametrize("wanted", ["trade", "alert", "event"])
def test_next_of_a_kind_passes_what_is_of_another(wanted: str) -> None:
    paced = pacer()
    paced.apply(Pace("next", text=wanted), 100.0)
    paced.happened(at(60), news={"signal"}, wall=100.0)
    assert not paced.paused
    paced.happened(at(120), news={"signal", wanted}, wall=100.0)

    assert paced.standing
    assert paced.market_now(900.0) == at(120)


def test_resume_of_what_runs_changes_nothing() -> None:
    paced = pacer()
    paced.apply(Pace("resume"), 101.0)

    assert paced.market_now(102.0) == at(120)


def test_a_step_plays_so_many_seconds_at_once_and_pauses_there() -> None:
    paced = pacer()
    paced.apply(Pace("pause"), 101.0)
    paced.apply(Pace("step", 60), 110.0)

    assert paced.wait(at(90), 110.0) == 0.0
    assert paced.wait(at(120), 110.0) == 0.0
    assert paced.wait(at(121), 110.0) is None
    assert paced.paused
    assert paced.market_now(900.0) == at(120)


def test_steps_add_up_though_nothing_happens_between_them() -> None:
    paced = pacer()
    paced.apply(Pace("pause"), 100.0)
    for _ in range(3):
        paced.apply(Pace("step", 60), 110.0)
        assert paced.wait(at(10_000), 110.0) is None

    assert paced.market_now(110.0) == at(180)


def test_goto_plays_to_the_instant_and_pauses() -> None:
    paced = pacer()
    paced.apply(Pace("goto", instant=at(3600)), 100.0)

    assert paced.wait(at(3600), 100.0) == 0.0
    assert paced.wait(at(3601), 100.0) is None
    assert (paced.paused, paced.market_now(200.0)) == (True, at(3600))


def test_next_plays_until_something_is_said_or_traded_and_pauses_there() -> None:
    paced = pacer()
    paced.apply(Pace("next"), 100.0)

    assert paced.wait(at(3600), 100.0) == 0.0
    paced.happened(at(3600), news=(), wall=100.0)
    assert paced.wait(at(7200), 100.0) == 0.0
    paced.happened(at(7200), news=("signal",), wall=100.0)

    assert paced.wait(at(7201), 100.0) is None
    assert paced.market_now(300.0) == at(7200)


def test_news_pauses_only_who_waits_for_it() -> None:
    paced = pacer()
    paced.happened(at(60), news=("signal",), wall=101.0)

    assert not paced.paused


def test_resuming_calls_a_jump_off() -> None:
    paced = pacer()
    paced.apply(Pace("goto", instant=at(3600)), 100.0)
    paced.apply(Pace("resume"), 100.0)

    assert paced.wait(at(60), 100.0) == pytest.approx(1.0)


def test_a_jump_back_begins_at_the_start_again() -> None:
    paced = pacer()
    paced.restart(OPEN, 300.0)
    paced.apply(Pace("goto", instant=at(600)), 300.0)

    assert paced.wait(at(600), 300.0) == 0.0
    assert paced.wait(at(601), 300.0) is None
    assert paced.market_now(301.0) == at(600)


def test_when_the_source_has_ended_the_clock_stands_still() -> None:
    paced = pacer()
    paced.finish(110.0)

    assert paced.market_now(110.0) == paced.market_now(900.0) == at(600)


def test_after_the_end_a_jump_back_plays_again() -> None:
    paced = pacer()
    paced.finish(110.0)
    paced.restart(OPEN, 200.0)
    paced.apply(Pace("goto", instant=at(60)), 200.0)
    assert paced.wait(at(61), 200.0) is None
    paced.apply(Pace("resume"), 210.0)

    assert paced.market_now(211.0) == at(120)


def test_a_target_beyond_the_end_ends_there() -> None:
    paced = pacer()
    paced.apply(Pace("step", 120), 100.0)
    paced.finish(100.0)

    assert paced.market_now(500.0) == at(120)


actions = st.one_of(
    st.builds(Pace, st.sampled_from(["pause", "resume", "next"])),
    st.builds(Pace, st.just("speed"), st.sampled_from([0.0, 1.0, 60.0, 3600.0])),
    st.builds(Pace, st.just("step"), st.sampled_from([1.0, 60.0, 300.0])),
)


@given(st.lists(st.tuples(actions, st.floats(0, 5)), max_size=25))
def test_whatever_is_pressed_the_clock_never_goes_back(presses: list[tuple[Pace, float]]) -> None:
    paced = pacer()
    wall, shown = 100.0, OPEN
    ahead = [at(30 * n) for n in range(4000)]
    for pace, seconds in presses:
        wall += seconds
        for _ in range(20):
            if ahead and paced.wait(ahead[0], wall) == 0.0:
                paced.happened(ahead.pop(0), news=("trade",) if len(ahead) % 7 == 0 else (), wall=wall)
        assert paced.market_now(wall) >= shown
        paced.apply(pace, wall)
        assert paced.market_now(wall) >= shown
        shown = paced.market_now(wall)
