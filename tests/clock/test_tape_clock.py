"""The tape's clock stands where the tape was read; the system's is the machine's."""

from __future__ import annotations

import time
from itertools import accumulate

from hypothesis import given, settings
from hypothesis import strategies as st

from engine.clock import HOUR, MINUTE, SECOND, SystemClock, TapeClock


@given(st.integers(0, 100), st.lists(st.integers(0, 100), max_size=20))
@settings(deadline=None)
def test_the_tape_clock_never_goes_back(start: int, instants: list[int]) -> None:
    clock, seen = TapeClock(start), [start]
    for instant in instants:
        clock.advance(instant)
        seen.append(clock.now())
    assert seen == list(accumulate([start, *instants], max))


def test_the_system_clock_is_nanoseconds_since_1970() -> None:
    before = time.time_ns()
    assert before <= SystemClock().now() <= time.time_ns()


def test_units_of_time() -> None:
    assert (HOUR, MINUTE, SECOND) == (3600 * 10**9, 60 * 10**9, 10**9)
