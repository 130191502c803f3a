"""The exchange's own time: the market's, real or faster, or stood still by hand."""

from __future__ import annotations

import time
from collections.abc import Callable


class VenueClock:
    """Market time from an instant on, ``speed`` times as fast as the machine's.

    Args:
        start: market time now, ns UTC. speed: seconds of market a second; 0 stands still until ``set``.
        steady: a clock that never goes back, ns.

    Attributes:
        moved: called after it was set.
    """

    def __init__(self, start: int, speed: float = 1.0, steady: Callable[[], int] = time.monotonic_ns) -> None:
        self._steady = steady
        self._from = steady()
        self._start = start
        self.speed = speed
        self.moved: list[Callable[[], None]] = []

    @property
    def anchor(self) -> tuple[int, int]:
        """Market time, ns UTC, and where the steady clock stood then, ns: with ``speed``, all there is to know."""
        return self._start, self._from

    def now(self) -> int:
        """Market time, ns UTC."""
        return self._start + round((self._steady() - self._from) * self.speed)

    def set(self, instant: int, speed: float | None = None) -> None:
        """Go on from an instant not before now, at another speed if one is given."""
        self._start, self._from = max(instant, self.now()), self._steady()
        if speed is not None:
            self.speed = speed
        for tell in self.moved:
            tell()

    def resume(self, start: int, since: int, speed: float) -> None:
        """Be the clock that had this ``anchor`` and speed."""
        self._start, self._from, self.speed = start, since, speed
