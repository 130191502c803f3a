"""One pass over a day: an engine, its source, and the commands that are given again exactly where they were given."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from typing import NamedTuple

import msgspec

from engine.core import Engine
from engine.events import AnyEvent, ChainBatch, Command, Restore, SessionStart, Tick, Warming
from engine.pacing import Timeline
from engine.session.courier import Courier
from engine.session.live import LiveSource
from engine.session.source import Source


class Given(NamedTuple):
    """A command and the number of the event it was: its place in the session, whatever else happens at its instant."""

    seq: int
    command: Command


class Resumption(msgspec.Struct, frozen=True):
    """Where a restart goes on: the last committed instant, and what the journal remembers."""

    ts: int
    restore: Restore

    def at_least(self, ts: int) -> Resumption:
        """The same, going on at ``ts`` where that is later."""
        if ts <= self.ts:
            return self
        return Resumption(ts, msgspec.structs.replace(self.restore, ts_known=ts))


class Step(NamedTuple):
    """An event and what came of it."""

    event: AnyEvent
    tick: Tick


class Place(NamedTuple):
    """Where a pass over a day stands between two instants, beside its engine: enough to go on from there; see
    ``Timeline``."""

    taken: int
    wake_at: int | None
    last: int


class Playing:
    """Plays a source through an engine, event by event, timers and commands in their places.

    Attributes:
        ready: whether commands can be taken: the session has started, and what is to be restored is.

    With a ``place`` the engine is one that has come so far: ``again`` holds what comes after.
    """

    def __init__(
        self,
        engine: Engine,
        source: Source,
        epoch: int,
        resumption: Resumption | None,
        again: Iterable[Given] = (),
        courier: Courier | None = None,
        place: Place | None = None,
    ) -> None:
        self.engine = engine
        self._courier = courier
        self.ready = place is not None
        self._again = deque(again)
        self._resumption = resumption
        self._instant_is_whole = True
        self._listened = 0
        events = started(source, epoch) if resumption is None else resumed(source, epoch, resumption)
        self._live = isinstance(source, LiveSource)
        if isinstance(source, LiveSource):
            self._timeline: Timeline = source.timeline(events)
        else:
            self._timeline = Timeline(events, *(place or ()), grace=source.grace)

    @property
    def seq(self) -> int:
        """Number of the last event."""
        return self.engine.state.seq

    @property
    def now(self) -> int:
        """The engine's time."""
        return self.engine.state.now

    @property
    def warming(self) -> bool:
        """Whether a restart is still catching up: nothing of it is news."""
        return self._resumption is not None and not self.ready

    @property
    def takes_commands(self) -> bool:
        """Whether a command may come now: not before the start, nor between two batches of one instant."""
        return self.ready and self._instant_is_whole

    @property
    def ahead(self) -> bool:
        """Whether commands are still to be given again."""
        return bool(self._again)

    @property
    def place(self) -> Place:
        """Where it stands."""
        return Place(self._timeline.taken, self._timeline.wake_at, self._timeline.last)

    @property
    def next_ts(self) -> int | None:
        """When the next event happens; None at the end."""
        if self._command_is_due():
            return self._again[0].command.ts_known
        return self._heard_ts() if self._broker_is_first() else self._timeline.next_ts

    def _command_is_due(self) -> bool:
        return bool(self._again) and self._again[0].seq == self.seq + 1

    def take(self) -> AnyEvent | None:
        """The next event, or None at the end."""
        if self._command_is_due():
            return self._again.popleft().command
        if self._courier is not None:
            if not self._live:
                self._listen_before_timer(self._courier)
            if self._broker_is_first():
                return self._courier.take(self.now)
        return self._timeline.take()

    def _listen_before_timer(self, courier: Courier) -> None:
        """Before a timer says that an answer is overdue, hear whether it has come since the market last moved."""
        head, wake = self._timeline.head_ts, self._timeline.wake_at
        if wake is None or wake == self._listened or not (self.ready and self._instant_is_whole):
            return
        if (head is None or wake < head) and not self._broker_is_first():
            self._listened = wake
            courier.carry((), wake, written=True)

    def _heard_ts(self) -> int | None:
        """When what the broker has said is heard; not in the past, and not before the session takes part."""
        heard = None if self._courier is None or not self.ready else self._courier.next_ts
        return None if heard is None else max(heard, self.now)

    def _broker_is_first(self) -> bool:
        """Whether the broker speaks before the market does; of one instant the market comes first, timers after."""
        heard = self._heard_ts()
        if heard is None or not self._instant_is_whole:
            return False
        head, timer = self._timeline.head_ts, self._timeline.timer_ts
        return (head is None or heard < head) and (timer is None or heard <= timer)

    def process(self, event: AnyEvent) -> Tick:
        """Let the engine process an event."""
        tick = self.engine.process(event)
        self._timeline.wake_at = tick.wake_at
        self._instant_is_whole = not (isinstance(event, ChainBatch) and event.more)
        self.ready = self.ready or isinstance(event, SessionStart if self._resumption is None else Restore)
        return tick

    def carry(self, tick: Tick, written: bool) -> None:
        """Send what an event led to, once it is journalled (``written``), and listen; nothing in the middle of an
        instant, and nothing while the day is only caught up with."""
        if self._courier is not None and self.ready and (self._instant_is_whole or tick.outbox):
            self._courier.carry(tick.outbox, tick.now, written)

    def listen(self, now: int) -> None:
        """Hear at ``now`` (ns UTC) what the broker has said, though nothing has happened in the market."""
        if self._courier is not None and self.takes_commands:
            self._courier.carry((), max(now, self.now), written=True)

    def catch_up(self, instant: int | None = None, seq: int | None = None) -> list[Step]:
        """Play at once up to an instant, or to the event of a number, both included; what was played."""
        return list(self.onward(instant, seq))

    def onward(self, instant: int | None = None, seq: int | None = None) -> Iterator[Step]:
        """The same, a step at a time."""
        while (ts := self.next_ts) is not None:
            if (instant is not None and ts > instant) or (seq is not None and self.seq >= seq):
                break
            event = self.take()
            assert event is not None
            yield Step(event, self.process(event))


def started(source: Source, epoch: int) -> Iterator[AnyEvent]:
    """A source's events, the session's start with its epoch."""
    for event in source.events():
        yield msgspec.structs.replace(event, epoch=epoch) if isinstance(event, SessionStart) else event


def resumed(source: Source, epoch: int, resumption: Resumption) -> Iterator[AnyEvent]:
    """The day from where it was left: the market is caught up with in silence, then the journal is folded back."""
    events = source.events()
    whose = source.installation if isinstance(source, LiveSource) else ""
    yield SessionStart(ts_known=0, day=source.day, epoch=epoch, resumed=True, grace=source.grace, installation=whose)
    yield Warming(ts_known=0, on=True)
    ahead: AnyEvent | None = None
    for event in events:
        if event.ts_known > resumption.ts:
            ahead = event
            break
        if not isinstance(event, SessionStart):
            yield event
    yield Warming(ts_known=resumption.ts, on=False)
    yield resumption.restore
    if ahead is not None:
        yield ahead
    yield from events
