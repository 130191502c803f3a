"""The market of a fault session, made once a process, and what its feed does to it on the way to the engine."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

import msgspec
from fault_plan import Market, Plan

from engine.clock import SECOND
from engine.events import AnyEvent, ChainBatch, FeedStatus
from engine.feed.simulator import QuoteModel, SimulatedDay
from engine.session.source import DemoSource

LATE = 45 * SECOND


@cache
def made(market: Market) -> tuple[DemoSource, tuple[AnyEvent, ...]]:
    """A simulated day and all its events."""
    roots = market.roots
    days = []
    for n, root in enumerate(roots):
        day = SimulatedDay(
            market.day,
            root,
            market.seed,
            market.step,
            market.scenario,
            1,
            width=0.02,
            with_vix=n == 0,
            leader=roots[0],
            quote_model=QuoteModel(size=market.size),
        )
        days.append(day)
    source = DemoSource(tuple(days))
    return source, tuple(source.events())


class SeenMarket:
    """A ``Source``: the day as a bad feed and a clock that jumps let the engine see it."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        source, self._events = made(plan.market)
        self.day, self.roots = source.day, source.roots
        self.provenance, self.close_provenance = source.provenance, source.close_provenance
        self.grace = source.grace

    def events(self) -> Iterator[AnyEvent]:
        """The day as it is seen."""
        return self._jumped(self._silenced())

    def undisturbed(self) -> Iterator[AnyEvent]:
        """The day as it was."""
        return iter(self._events)

    def _silenced(self) -> Iterator[AnyEvent]:
        said = [
            each
            for window in self._plan.windows.get("feed_silent", ())
            if window.hard
            for each in (
                FeedStatus(ts_known=window.start + 5 * SECOND, state="stale", text="no quotes for 5 s"),
                FeedStatus(ts_known=window.start + 30 * SECOND, state="down", text="down"),
                FeedStatus(ts_known=window.end, state="ok", text="back"),
            )
        ]
        said.sort(key=lambda status: status.ts_known)
        whole = True
        for event in self._events:
            while said and whole and said[0].ts_known <= event.ts_known:
                yield said.pop(0)
            if isinstance(event, ChainBatch):
                if self._plan.window("feed_silent", event.ts_known):
                    continue
                whole = not event.more
            yield event

    def _jumped(self, events: Iterator[AnyEvent]) -> Iterator[AnyEvent]:
        for event in events:
            window = self._plan.window("clock_jump", event.ts_known)
            if window is not None:
                yield msgspec.structs.replace(event, ts_known=window.end)
            elif isinstance(event, ChainBatch) and event.ts_known in self._plan.late:
                yield msgspec.structs.replace(event, ts_known=event.ts_known - LATE)
            else:
                yield event
