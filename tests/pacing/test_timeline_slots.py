"""Timers take their place in the stream: each after the data of its instant."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from pacing_events import batch, command

from engine.events import AnyEvent, Timer
from engine.pacing import Timeline


def drain(timeline: Timeline, wishes: dict[int, int | None]) -> list[tuple[str, int]]:
    """Take everything; after an event at an instant the engine wants what ``wishes`` says of it."""
    found = []
    while (event := timeline.take()) is not None:
        found.append((type(event).__name__, event.ts_known))
        timeline.wake_at = wishes.get(event.ts_known)
    return found


def test_a_timer_comes_between_two_events() -> None:
    timeline = Timeline(iter([batch(10, {}), batch(20, {})]))

    assert drain(timeline, {10: 15}) == [("ChainBatch", 10), ("Timer", 15), ("ChainBatch", 20)]


def test_a_timer_of_an_instant_comes_after_all_its_data() -> None:
    timeline = Timeline(iter([batch(10, {}), command(10), batch(30, {})]))
    timeline.wake_at = 10

    assert [type(timeline.take()).__name__ for _ in range(3)] == ["ChainBatch", "Command", "Timer"]


def test_timers_go_on_after_the_last_event() -> None:
    assert drain(Timeline(iter([batch(10, {})])), {10: 50, 50: 60}) == [
        ("ChainBatch", 10),
        ("Timer", 50),
        ("Timer", 60),
    ]


def test_without_events_and_wishes_it_is_over() -> None:
    timeline = Timeline(iter([]))

    assert timeline.next_ts is None
    assert timeline.take() is None


def test_a_timer_stays_wanted_until_the_engine_says_otherwise() -> None:
    timeline = Timeline(iter([batch(20, {})]))
    timeline.wake_at = 15

    assert [type(timeline.take()).__name__ for _ in range(2)] == ["Timer", "Timer"]
    timeline.wake_at = None
    assert [type(timeline.take()).__name__, timeline.take()] == ["ChainBatch", None]


def test_a_timer_is_an_event_of_its_own_instant() -> None:
    timeline = Timeline(iter([]))
    timeline.wake_at = 7

    event = timeline.take()

    assert isinstance(event, Timer)
    assert (event.ts_known, event.ts_event) == (7, 7)


@given(
    st.lists(st.integers(0, 50), max_size=20).map(sorted),
    st.lists(st.integers(0, 60), max_size=10, unique=True).map(sorted),
)
def test_next_ts_tells_what_take_gives_and_time_never_goes_back(stamps: list[int], wakes: list[int]) -> None:
    events: list[AnyEvent] = [batch(ts, {}) for ts in stamps]
    timeline = Timeline(iter(events))
    now = -1
    seen = []
    while True:
        timeline.wake_at = next((wake for wake in wakes if wake > now), None)
        expected = timeline.next_ts
        event = timeline.take()
        assert (event.ts_known if event else None) == expected
        if event is None:
            break
        assert event.ts_known >= now
        now = event.ts_known
        seen.append(event)

    assert [event.ts_known for event in seen if not isinstance(event, Timer)] == stamps
    timers = {event.ts_known for event in seen if isinstance(event, Timer)}
    assert timers == set(wakes) - set(stamps)
