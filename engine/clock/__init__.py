"""Time as the engine knows it: integer nanoseconds UTC. The system half is the only reader of the wall clock."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Protocol

SECOND = 1_000_000_000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE


class Clock(Protocol):
    """Tells the time, ns UTC."""

    def now(self) -> int:
        """The current instant, ns UTC."""
        ...


class SystemClock:
    """The machine's wall clock."""

    def now(self) -> int:
        """The machine's time, ns UTC."""
        return time.time_ns()


class ForwardClock:
    """The machine's wall clock, but it never stops and never goes back: where that is set back, this one goes at half
    speed until it is caught up with. What waits for an instant, such as a check that quotes still come, must not wait
    for an hour to pass twice. Any thread may ask.

    Args:
        wall: the machine's time, ns UTC. steady: a clock that never goes back, ns.
    """

    def __init__(self, wall: Callable[[], int] = time.time_ns, steady: Callable[[], int] = time.monotonic_ns) -> None:
        self._wall = wall
        self._steady = steady
        self._lock = threading.Lock()
        self._told, self._at = wall(), steady()

    def now(self) -> int:
        """The current instant, ns UTC."""
        with self._lock:
            wall, steady = self._wall(), self._steady()
            if wall >= self._told:
                self._told, self._at = wall, steady
            else:
                half = (steady - self._at) // 2
                self._told, self._at = max(wall, self._told + half), self._at + 2 * half
            return self._told


class ScaledClock:
    """A market's own time, such as a local exchange's: from an instant on, ``speed`` times as fast as the machine's.

    Args:
        start: market time at ``since``, ns UTC. since: the machine's steady time then, ns.
        speed: seconds of market a second. steady: a clock that never goes back, ns; processes of one machine share it.
    """

    def __init__(self, start: int, since: int, speed: float, steady: Callable[[], int] = time.monotonic_ns) -> None:
        self._start = start
        self._since = since
        self._steady = steady
        self.speed = speed

    def now(self) -> int:
        """Market time, ns UTC."""
        return self._start + round((self._steady() - self._since) * self.speed)
