"""A timeline of a market that streams: what has come first, timers by the market's clock, an end."""

from __future__ import annotations

import datetime as dt
from itertools import chain, cycle

from hypothesis import given
from hypothesis import strategies as st

from engine.clock import MINUTE, SECOND
from engine.events import AnyEvent, FeedStatus, SessionStart, Timer
from engine.pacing import Timeline
from engine.session.live_pacing import LivePacer, LiveTimeline
from engine.view import Pace

GRACE = SECOND // 20
LEAP = 5 * MINUTE
END = 100 * MINUTE
DAY = dt.date(2026, 1, 15)


class Hand:
    """A clock that a test sets."""

    def __init__(self) -> None:
        self.at = MINUTE

    def now(self) -> int:
        return self.at


class Stream:
    """What comes, when a test says so."""

    def __init__(self) -> None:
        self.waiting: list[str] = []

    def take(self, now: int) -> list[AnyEvent]:
        told, self.waiting = self.waiting, []
        return [FeedStatus(ts_known=now, state="ok", text=text) for text in told]


def timeline(clock: Hand, stream: Stream, *past: AnyEvent) -> LiveTimeline:
    return LiveTimeline(iter(past), stream.take, clock, lambda: END, GRACE, LEAP)


def test_the_past_comes_first_then_what_streams_at_the_instant_it_is_taken() -> None:
    clock, stream = Hand(), Stream()
    stream.waiting = ["new"]
    found = timeline(clock, stream, SessionStart(ts_known=5, day=dt.date(2026, 1, 15)))
    assert found.next_ts == 5
    assert isinstance(found.take(), SessionStart)
    clock.at = 2 * MINUTE
    event = found.take()
    assert isinstance(event, FeedStatus)
    assert (event.text, event.ts_known) == ("new", 2 * MINUTE)
    assert found.take() is None


def test_nothing_to_do_is_not_the_end_before_the_day_is_over() -> None:
    clock, stream = Hand(), Stream()
    found = timeline(clock, stream)
    assert found.next_ts == END
    clock.at = END
    assert found.next_ts is None
    stream.waiting = ["late"]
    assert found.next_ts == END, "what has come is still told"


def test_a_timer_waits_for_data_of_its_instant_and_is_needless_once_they_came() -> None:
    clock, stream = Hand(), Stream()
    found = timeline(clock, stream)
    found.wake_at = 2 * MINUTE
    assert found.next_ts == 2 * MINUTE + GRACE + 1, "what comes up to its end is of the instant"
    clock.at = 2 * MINUTE + GRACE
    assert found.take() is None
    stream.waiting = ["of that instant"]
    assert isinstance(found.take(), FeedStatus)
    assert found.next_ts == 2 * MINUTE + 2 * GRACE + 1, "still wanted, it waits anew"
    clock.at += GRACE + 1
    timer = found.take()
    assert isinstance(timer, Timer)
    assert timer.ts_known == 2 * MINUTE + GRACE, "time never goes back behind what was told"


def test_a_timer_whose_grace_is_over_comes_before_later_data() -> None:
    clock, stream = Hand(), Stream()
    found = timeline(clock, stream)
    found.wake_at = 2 * MINUTE
    clock.at = 3 * MINUTE
    stream.waiting = ["later"]
    timer = found.take()
    assert isinstance(timer, Timer)
    assert timer.ts_known == 2 * MINUTE
    found.wake_at = None
    assert isinstance(found.take(), FeedStatus)


def test_after_a_sleep_what_is_overdue_is_looked_at_once_and_as_of_now() -> None:
    clock, stream = Hand(), Stream()
    found = timeline(clock, stream)
    found.wake_at = 2 * MINUTE
    clock.at = 22 * MINUTE
    timer = found.take()
    assert isinstance(timer, Timer)
    assert timer.ts_known == 22 * MINUTE
    found.wake_at = 23 * MINUTE
    assert found.take() is None


def test_after_a_sleep_what_has_come_is_first_and_timers_of_the_past_are_needless() -> None:
    clock, stream = Hand(), Stream()
    found = timeline(clock, stream)
    found.wake_at = 2 * MINUTE
    clock.at = 22 * MINUTE
    stream.waiting = ["new"]
    event = found.take()
    assert isinstance(event, FeedStatus)
    assert event.ts_known == 22 * MINUTE
    assert found.take() is None


def test_a_day_that_was_slept_to_its_end_is_still_looked_at() -> None:
    clock, stream = Hand(), Stream()
    found = timeline(clock, stream)
    found.wake_at = END - MINUTE
    clock.at = END + 60 * MINUTE
    assert found.next_ts is not None
    timer = found.take()
    assert isinstance(timer, Timer)
    assert timer.ts_known == clock.at
    found.wake_at = clock.at + MINUTE
    assert found.next_ts is None


def test_nothing_hurries_or_holds_a_market() -> None:
    clock = Hand()
    pacer = LivePacer(clock, 2.0)
    pacer.apply(Pace("pause"), 0.0)
    pacer.apply(Pace("speed", value=600.0), 0.0)
    assert (pacer.paused, pacer.standing, pacer.speed) == (False, False, 2.0)
    assert pacer.wait(MINUTE + 4 * SECOND, 0.0) == 2.0, "at twice the machine's speed"
    assert pacer.wait(0, 0.0) == 0.0
    assert pacer.market_now(123.0) == MINUTE


@given(
    st.lists(st.tuples(st.integers(0, 20), st.integers(0, 30)), max_size=25),
    st.lists(st.integers(0, 500), max_size=12, unique=True).map(sorted),
    st.lists(st.integers(1, 25), min_size=1, max_size=20),
    st.integers(1, 20),
    st.lists(st.integers(-30, -1), max_size=2),
)
def test_what_it_gave_is_what_a_timeline_of_the_same_grace_gives_from_the_record(
    sent: list[tuple[int, int]], wakes: list[int], looks: list[int], grace: int, set_back: list[int]
) -> None:
    """Data come as late as they please, the session looks when it can, and its clock may be set back."""
    clock, at, arrivals = Hand(), 0, list[int]()
    for gap, late in sent:
        at += gap
        arrivals.append(at + late)
    arrivals.sort()

    class Late:
        def take(self, now: int) -> list[AnyEvent]:
            come = [arrival for arrival in arrivals if arrival <= clock.at]
            del arrivals[: len(come)]
            return [FeedStatus(ts_known=now, state="ok", text=str(arrival)) for arrival in come]

    def wish(now: int) -> int | None:
        return next((wake for wake in wakes if wake > now), None)

    clock.at, end = 0, 800
    live = LiveTimeline(
        iter([SessionStart(ts_known=0, day=DAY, grace=grace)]), Late().take, clock, lambda: end, grace, LEAP
    )
    gave: list[AnyEvent] = []
    steps = chain(looks, set_back, cycle(looks))
    while (ts := live.next_ts) is not None:
        if ts > clock.at:
            clock.at += next(steps)
            continue
        event = live.take()
        if event is not None:
            gave.append(event)
            live.wake_at = wish(event.ts_known)

    recorded = iter([event for event in gave if not isinstance(event, Timer)])
    again = Timeline(recorded, grace=grace)
    given_again: list[AnyEvent] = []
    while (event := again.take()) is not None:
        given_again.append(event)
        again.wake_at = wish(event.ts_known)

    def told(events: list[AnyEvent]) -> list[tuple[str, int, str]]:
        return [(type(each).__name__, each.ts_known, getattr(each, "text", "")) for each in events]

    assert told(given_again) == told(gave)
    assert not arrivals
