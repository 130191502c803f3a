"""What happens next: the source's next event, a person's command played again, or the timer the engine asked for."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from engine.events import AnyEvent, Timer


class Timeline:
    """A stream of events into which timers are slotted, each after the data of its instant.

    Attributes:
        wake_at: when a timer is wanted. taken: how many of the stream's own events were taken.
    """

    def __init__(self, events: Iterator[AnyEvent], taken: int = 0, wake_at: int | None = None) -> None:
        self._events = events if not taken else islice(events, taken, None)
        self._head: AnyEvent | None = next(self._events, None)
        self.wake_at = wake_at
        self.taken = taken

    @property
    def head_ts(self) -> int | None:
        """When the source's next event happens, ns UTC; None at its end."""
        return None if self._head is None else self._head.ts_known

    @property
    def timer_ts(self) -> int | None:
        """When a timer will be given, if nothing comes before it, ns UTC."""
        return self.wake_at

    @property
    def next_ts(self) -> int | None:
        """When the next event happens, ns UTC; None at the end."""
        if self._head is None:
            return self.wake_at
        return self._head.ts_known if self.wake_at is None else min(self._head.ts_known, self.wake_at)

    def take(self) -> AnyEvent | None:
        """The next event, or None at the end. A timer stays wanted until the engine says otherwise."""
        head = self._head
        if self.wake_at is not None and (head is None or self.wake_at < head.ts_known):
            return Timer(ts_known=self.wake_at, ts_event=self.wake_at)
        if head is not None:
            self._head = next(self._events, None)
            self.taken += 1
        return head
