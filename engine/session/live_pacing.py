"""A day that nobody paces: events happen as they come, timers by the clock of the market itself."""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Callable, Collection, Iterator

from engine.clock import SECOND, Clock
from engine.events import AnyEvent
from engine.pacing import Pacer, Timeline
from engine.view import Pace

log = logging.getLogger(__name__)

Take = Callable[[int], list[AnyEvent]]
"""What has come by an instant (ns UTC), as events known then; it never waits."""


class LiveTimeline(Timeline):
    """What has come, then timers; what is still on its way at the instant of a timer is waited for a moment.

    Where nothing has run for longer than ``leap``, the machine slept or was too busy, and time leaps: what is overdue
    is looked at once, as of now. Played through at their own instants, timers would decide by quotes of then what
    leaves now, and ask a broker hundreds of times for what it had no time to answer.

    Args:
        past: what a restart catches up with first. take: what has come since. clock: the market's.
        until: says when the day is over, ns UTC.
        grace: how long a timer waits for data of its instant, ns of the market.
        leap: a timer overdue for longer is given as of now, or needless where something has come; ns of the market.
    """

    def __init__(
        self, past: Iterator[AnyEvent], take: Take, clock: Clock, until: Callable[[], int], grace: int, leap: int
    ) -> None:
        self._come: deque[AnyEvent] = deque()
        self._take = take
        self._clock = clock
        self._until = until
        self._waited = 0
        self._leap = leap
        self._streams = False  # what is at hand has come, and is not what a restart catches up with
        super().__init__(past, grace=grace)

    @property
    def head_ts(self) -> int | None:
        """When what came first happened, ns UTC; None where nothing waits."""
        self._look()
        return super().head_ts

    @property
    def next_ts(self) -> int | None:
        """When there is something to do, ns UTC: what has come, a timer, at the latest the day's end; None after it."""
        head = self.head_ts
        if head is not None:
            return head
        until, timer = self._until(), self.timer_ts
        if self._clock.now() >= until:  # what was due before, and slept through, is still looked at
            return None if timer is None or timer >= until else timer + 1
        return until if timer is None else min(timer + 1, until)

    def take(self) -> AnyEvent | None:
        """The next event: what came, unless a timer's grace is over before it; None where nothing is due."""
        self._look()
        timer, now = self.timer_ts, self._now()
        if self._head is None:
            if timer is None or timer >= now:
                return None
            self._waited = now  # what comes from here on is later, though the clock be set back
            if now - timer > self._leap:
                log.warning(
                    "nothing ran for %.0f s of the market: the machine slept, or was too busy", (now - timer) / SECOND
                )
                self.last = now
        elif timer is not None and self._streams and self._head.ts_known - timer > self._leap:
            late = (self._head.ts_known - timer) / SECOND
            log.warning("nothing ran for %.0f s of the market: the machine slept, or was too busy", late)
            self.wake_at = None  # the engine looks at everything with what has come, and says anew
        return super().take()

    def _look(self) -> None:
        """Have what came first at hand, if anything has."""
        if self._head is None:
            if not self._come:
                self._come.extend(self._take(self._now()))
            if self._come:
                self._head, self._streams = self._come.popleft(), True

    def _now(self) -> int:
        return max(self._clock.now(), self.last, self._waited)


class LivePacer(Pacer):
    """The wall's own pace: nothing pauses, jumps or hurries a market."""

    def __init__(self, clock: Clock, speed: float) -> None:
        super().__init__(speed, clock.now(), 0.0)
        self._clock = clock

    def market_now(self, wall: float) -> int:  # noqa: ARG002 - the market's own clock tells
        """The market time the screen's clock shows."""
        return self._clock.now()

    def wait(self, ts: int, wall: float) -> float | None:  # noqa: ARG002
        """Seconds until an instant."""
        return max(0.0, (ts - self._clock.now()) / (self.speed * SECOND))

    def happened(self, ts: int, news: Collection[str], wall: float) -> None:
        """Nothing is played to."""

    def apply(self, pace: Pace, wall: float) -> None:
        """A market takes no orders about its pace."""

    def restart(self, instant: int, wall: float) -> None:
        """There is no way back."""

    def skip_to(self, instant: int, wall: float) -> None:
        """Nor ahead."""

    def finish(self, wall: float) -> None:
        """The day is over; time goes on."""
