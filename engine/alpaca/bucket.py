"""How many requests may leave: so many in any minute, the last of them kept for what lessens risk."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from threading import Lock

MINUTE = 60_000_000_000
HOLD = 3_000_000_000


class TokenBucket:
    """Tokens that each come back a minute after they were taken, so no minute ever sees more than ``size`` requests.

    Args:
        size: requests in any sixty seconds. reserve: how many of them only urgent requests may take; one at least is
            left for the others.
        steady: a clock that never goes back, ns.
    """

    def __init__(self, size: int, reserve: int, steady: Callable[[], int]) -> None:
        self._size = size
        self._open = max(1, size - reserve)
        self._steady = steady
        self._taken: deque[int] = deque()
        self._held_until: int | None = None
        self._lock = Lock()

    def take(self, urgent: bool = False) -> int:
        """Take a token: 0, or how long it is until there may be one (ns), and then none was taken."""
        allowed = self._size if urgent else self._open
        with self._lock:
            now = self._steady()
            if not urgent and self._held_until is not None and now < self._held_until:
                return self._held_until - now
            while self._taken and self._taken[0] + MINUTE <= now:
                self._taken.popleft()
            if len(self._taken) < allowed:
                self._taken.append(now)
                return 0
            return self._taken[len(self._taken) - allowed] + MINUTE - now

    def hold(self) -> None:
        """The server says that there were too many, perhaps of others: only urgent requests leave for some seconds."""
        with self._lock:
            self._held_until = self._steady() + HOLD
