"""What happens next: the source's next event, a person's command played again, or the timer the engine asked for."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from engine.events import AnyEvent, Timer


class Timeline:
    """A stream of events into which timers are slotted, each after the data of its instant.

    With a ``grace`` data of a timer's instant may come late, as a market that streams brings them: a timer is given
    once nothing has come for so long after its instant, or after what came last, and then as of the later of the two.

    Args:
        events: the stream, in order of known time. taken: how many of them to pass over.
        last: when the newest of what was given before is known, ns UTC. grace: ns; 0: nothing comes late.

    Attributes:
        wake_at: when a timer is wanted. taken: how many of the stream's own events were taken.
        last: when the newest of what was given is known, ns UTC; 0 at first, and always without a grace.
    """

    def __init__(
        self,
        events: Iterator[AnyEvent],
        taken: int = 0,
        wake_at: int | None = None,
        last: int = 0,
        *,
        grace: int = 0,
    ) -> None:
        self._events = events if not taken else islice(events, taken, None)
        self._head: AnyEvent | None = next(self._events, None)
        self._grace = grace
        self.wake_at = wake_at
        self.taken = taken
        self.last = last

    @property
    def head_ts(self) -> int | None:
        """When the source's next event happens, ns UTC; None at its end."""
        return None if self._head is None else self._head.ts_known

    @property
    def timer_ts(self) -> int | None:
        """By when a timer will be given, if nothing comes up to and at that instant, ns UTC."""
        return None if self.wake_at is None else max(self.wake_at, self.last) + self._grace

    @property
    def next_ts(self) -> int | None:
        """When the next event happens, ns UTC; None at the end."""
        timer, head = self.timer_ts, self._head
        if timer is not None and (head is None or timer < head.ts_known):
            return timer - self._grace
        return None if head is None else head.ts_known

    @property
    def certain_ts(self) -> int | None:
        """From when on nothing can come before the next event any more, ns UTC: of a timer, when its grace is over."""
        timer, head = self.timer_ts, self._head
        if timer is not None and (head is None or timer < head.ts_known):
            return timer
        return None if head is None else head.ts_known

    def take(self) -> AnyEvent | None:
        """The next event, or None at the end. A timer stays wanted until the engine says otherwise."""
        head, at, grace = self._head, self.wake_at, self._grace
        if at is not None:
            if grace and at < self.last:
                at = self.last
            if head is None or at + grace < head.ts_known:
                if grace:
                    self.last = at
                return Timer(ts_known=at, ts_event=at)
        if head is not None:
            self._head = next(self._events, None)
            self.taken += 1
            if grace and head.ts_known > self.last:
                self.last = head.ts_known
        return head
