"""What breakers are tripped by: rejects one after the other, too many errors in a window, a silent feed, clocks apart.

Each only measures. Whether something is broken is a comparison with its limit; ``engine.core.supervision`` acts on it.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

from engine.clock import SECOND
from engine.events import BrokerState, Event, NoticeRecord, OrderEventRecord

_ANSWERED = ("accepted", "partially_filled", "filled")
NO_ERRORS = frozenset({"risk", "feed", "exit"})
"""Whose alarms are no errors: the breakers' own, and what follows from quotes that are missing."""


@dataclass(slots=True)
class RejectStreak:
    """Orders rejected one after the other, closing ones too; one that is accepted or filled ends the streak."""

    count: int = 0

    def follow(self, record: OrderEventRecord) -> None:
        """Take up what became of an order."""
        if record.status == "rejected":
            self.count += 1
        elif record.status in _ANSWERED:
            self.count = 0


@dataclass(slots=True)
class ErrorRate:
    """Alarms of strategies, engine and broker within ``window`` ns."""

    window: int
    _times: deque[int] = field(default_factory=deque)

    def follow(self, record: NoticeRecord) -> None:
        """Take up a notice."""
        if record.level == "alarm" and record.source not in NO_ERRORS:
            self._times.append(record.ts)

    def count(self, now: int) -> int:
        """How many there were in the window that ends at ``now``, which is in it."""
        while self._times and self._times[0] <= now - self.window:
            self._times.popleft()
        return len(self._times)


@dataclass(slots=True)
class ClockWatch:
    """How far the broker's clock is ahead of ours, ns; None before anything has told.

    The broker's answers tell exactly. Any other event tells only where it comes from the future: an older one may be
    late, which is nobody's clock. Then the next event of its kind that is not from the future sets it right.
    """

    ahead: int | None = None
    _told_by: type[Event] | None = None

    def hear(self, event: Event) -> bool:
        """Take up an event; whether it told anything."""
        if isinstance(event, BrokerState):
            self.ahead, self._told_by = event.skew, None
            return True
        future = event.ts_event - event.ts_known
        if future <= 0 and self._told_by is not type(event):
            return False
        self.ahead, self._told_by = max(0, future), type(event)
        return True


def silence(now: int, last: int, pace: int) -> int:
    """How long data have been overdue, ns: what the time since the newest exceeds the feed's own pace by."""
    return max(0, now - last - pace)


def seconds_text(ns: int) -> str:
    """Whole seconds, or milliseconds below one."""
    return f"{ns // SECOND} s" if ns >= SECOND else f"{ns // 1_000_000} ms"
