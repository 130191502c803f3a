"""The system's clock is the machine's."""

from __future__ import annotations

import time

from engine.clock import HOUR, MINUTE, SECOND, SystemClock


def test_the_system_clock_is_nanoseconds_since_1970() -> None:
    before = time.time_ns()
    assert before <= SystemClock().now() <= time.time_ns()


def test_units_of_time() -> None:
    assert (HOUR, MINUTE, SECOND) == (3600 * 10**9, 60 * 10**9, 10**9)
