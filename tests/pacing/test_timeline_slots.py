"""Timers take their place in the stream: each after the data of its instant."""

from __future__ import annotations

from collections.abc import Iterator

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


def test_with_a_grace_data_of_the_instant_may_come_late_and_the_timer_is_of_what_came_last() -> None:
    events = [batch(10, {}), batch(22, {}), batch(27, {}), batch(33, {})]

    assert drain(Timeline(iter(events), wake_at=20, grace=5), {10: 20, 22: 20}) == [
        ("ChainBatch", 10),
        ("ChainBatch", 22),
        ("ChainBatch", 27),
        ("ChainBatch", 33),
    ], "the wish of 27 is none"
    timeline = Timeline(iter(events), taken=3, wake_at=20, last=27, grace=5)
    assert [(type(event).__name__, event.ts_known) for event in (timeline.take(),) if event] == [("Timer", 27)]
    assert drain(Timeline(iter(events), grace=1), {10: 20})[:3] == [
        ("ChainBatch", 10),
        ("Timer", 20),
        ("ChainBatch", 22),
    ]


def test_a_timer_is_certain_once_its_grace_is_over() -> None:
    timeline = Timeline(iter([batch(10, {}), batch(27, {})]), grace=5)
    assert (timeline.next_ts, timeline.certain_ts) == (10, 10)
    timeline.take()
    timeline.wake_at = 20
    assert (timeline.next_ts, timeline.certain_ts, timeline.timer_ts) == (20, 25, 25)


@given(
    st.lists(st.integers(0, 50), max_size=20).map(sorted),
    st.lists(st.integers(0, 60), max_size=10, unique=True).map(sorted),
    st.integers(0, 8),
    st.integers(0, 20),
)
def test_from_any_place_it_goes_on_as_it_would_have(stamps: list[int], wakes: list[int], grace: int, at: int) -> None:
    """Time never goes back, ``next_ts`` tells what comes, and a pass over the day may begin where another stood."""

    def play(timeline: Timeline, now: int, most: int) -> list[tuple[str, int]]:
        found: list[tuple[str, int]] = []
        while len(found) < most:
            expected = timeline.next_ts
            event = timeline.take()
            assert (event.ts_known if event else None) == expected
            if event is None:
                break
            assert event.ts_known >= now
            now = event.ts_known
            timeline.wake_at = next((wake for wake in wakes if wake > now), None)
            found.append((type(event).__name__, now))
        return found

    def events() -> Iterator[AnyEvent]:
        return iter([batch(ts, {}) for ts in stamps])

    whole = play(Timeline(events(), wake_at=0, grace=grace), 0, 100)
    first = Timeline(events(), wake_at=0, grace=grace)
    before = play(first, 0, at)
    rest = Timeline(events(), first.taken, first.wake_at, first.last, grace=grace)
    assert before + play(rest, first.last, 100) == whole
