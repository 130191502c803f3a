"""One day through several engines at once, over one market: what a sweep of settings is made of."""

from __future__ import annotations

from collections.abc import Callable

from engine.core import FOREVER, Engine
from engine.events import (
    AnyEvent,
    AnyRecord,
    ChainBatch,
    DailyClose,
    FeedStatus,
    Listing,
    MarkRecord,
    SignalRecord,
    Timer,
    TradeRecord,
)
from engine.market import Chains, Market
from engine.session.day import DayFigures, figures
from engine.session.source import Source, meanings

_TELLING = (MarkRecord, SignalRecord, TradeRecord)  # what ``figures`` reads


class _Shared(Market):
    """A market that several engines trade on: each hands it every event, and the first to come is taken."""

    _newest: AnyEvent | None = None

    def _taken(self, event: AnyEvent) -> bool:
        taken, self._newest = event is self._newest, event
        return taken

    def apply(self, batch: ChainBatch) -> None:
        if not self._taken(batch):
            super().apply(batch)

    def list_instruments(self, event: Listing) -> None:
        if not self._taken(event):
            super().list_instruments(event)

    def feed_told(self, event: FeedStatus) -> None:
        if not self._taken(event):
            super().feed_told(event)

    def close_arrived(self, event: DailyClose) -> None:
        if not self._taken(event):
            super().close_arrived(event)


def run_abreast(source: Source, make: Callable[[Chains], list[Engine]]) -> list[DayFigures]:
    """Play a source through several engines at once, each on its own: the figures of each, in their order, as
    ``run_day`` would give them. What the market is at an instant is worked out once for all.

    Between two events of the source each engine has its timers in its own time; market data that can lead an engine
    to nothing is not shown to it.
    """
    market = _Shared(meanings(source))
    engines = make(Chains(market))
    records: list[list[AnyRecord]] = [[] for _ in engines]
    wakes: list[int | None] = [None for _ in engines]

    def process(n: int, event: AnyEvent) -> None:
        tick = engines[n].process(event)
        wakes[n] = tick.wake_at
        if tick.records:
            records[n] += [record for record in tick.records if isinstance(record, _TELLING)]

    grace, newest = source.grace, 0  # when what the source gave last is known; see ``Timeline``

    def timers(before: int) -> None:
        for n in range(len(engines)):
            last = newest
            while (at := wakes[n]) is not None:
                at = last = max(at, last) if grace else at
                if at + grace >= before:
                    break
                process(n, Timer(ts_known=at, ts_event=at))

    soonest: int | None = None  # of the wakes
    for event in source.events():
        now = event.ts_known
        if soonest is not None and soonest < now:
            timers(now)
        newest = max(newest, now)
        if isinstance(event, ChainBatch):
            market.apply(event)
            concerned = [n for n, engine in enumerate(engines) if now >= engine.quiet_until]
        else:
            concerned = list(range(len(engines)))
        for n in concerned:
            process(n, event)
        if concerned:
            soonest = min((at for at in wakes if at is not None), default=None)
    timers(FOREVER)
    return [figures(source, engine, told) for engine, told in zip(engines, records, strict=True)]
