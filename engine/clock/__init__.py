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


class SystemClock:
    """The machine's wall clock."""

    def now(self) -> int:
        """The machine's time, ns UTC."""
        return time.time_ns()
