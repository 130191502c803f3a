"""A session with a view builder beside it, up to a time of day."""

from __future__ import annotations

from collections.abc import Iterable

from core_builders import DAY, Tape, at

from engine.calendar import session
from engine.core import Engine
from engine.events import AnyEvent, AnyRecord
from engine.pacing import Timeline
from engine.view import ProgressView, View, ViewRequest
from engine.view.build import ViewBuilder

PARTS = ("chart", "equity", "orders")


class Watched:
    """An engine, its builder, and every record so far."""

    def __init__(self, engine: Engine, events: Iterable[AnyEvent]) -> None:
        self.engine = engine
        self.builder = ViewBuilder(engine, "SIMULATED")
        self.records: list[AnyRecord] = []
        self._timeline = Timeline(iter(events))

    def play(self, until: int) -> Watched:
        """On to an instant, which is included."""
        while (ts := self._timeline.next_ts) is not None and ts <= until:
            event = self._timeline.take()
            assert event is not None
            tick = self.engine.process(event)
            self._timeline.wake_at = tick.wake_at
            self.builder.absorb(tick)
            self.records += tick.records
        return self

    def view(self, now: int, *parts: str, root: str | None = None) -> View:
        """What the screen shows."""
        return seen(self.builder, self.engine, now, *parts, root=root)


def seen(builder: ViewBuilder, engine: Engine, now: int, *parts: str, root: str | None = None) -> View:
    day = engine.state.session
    progress = ProgressView(
        open=day.open, close=day.close, end=day.close, now=now, speed=60, paused=False, finished=False,
        can_control=True, marks=builder.marks,
    )  # fmt: skip
    return builder.build(ViewRequest(root=root, parts=parts or PARTS), progress)


def watch(engine: Engine, tape: Tape, until: str) -> View:
    """What the screen shows of a tape at a time."""
    return Watched(engine, tape.sorted()).play(at(until)).view(at(until))


__all__ = ["DAY", "PARTS", "Watched", "seen", "session", "watch"]
