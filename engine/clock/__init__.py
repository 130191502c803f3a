"""Time as the engine knows it: integer nanoseconds UTC. The system half is the only reader of the wall clock."""

from __future__ import annotations

import time
from typing import Protocol

SECOND = 1_000_000_000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE


class Clock(Protocol):
    """Tells the time, ns UTC."""

    def now(self) -> int:
        """The current instant, ns UTC."""
        ...


class TapeClock:
    """A clock that stands where the tape was last read; it never goes back."""

    def __init__(self, start: int = 0) -> None:
        self._now = start

    def now(self) -> int:
        """The latest instant to which the clock was advanced."""
        return self._now

    def advance(self, instant: int) -> None:
        """Move to ``instant``; an earlier one is ignored."""
        self._now = max(self._now, instant)


class SystemClock:
    """The machine's wall clock."""

    def now(self) -> int:
        """The machine's time, ns UTC."""
        return time.time_ns()
