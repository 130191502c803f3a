"""The look-ahead detector: what is known later is changed, and nothing before may come out in another way.

A day is played once as it is. Then, for each of some instants, everything that its tape knows only later is replaced
by other plausible data (``engine.session.perturbation``), and the day is played again from the open up to the instant:
every event, every record and every wish to be woken must be what it was.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

import msgspec
import numpy as np

from engine.calendar import clock_text
from engine.clock import MINUTE
from engine.config import Config
from engine.core import Engine
from engine.events import (
    AnyEvent,
    BreakerRecord,
    ChainBatch,
    ExitRecord,
    FillRecord,
    IntentRecord,
    Listing,
    Tick,
    Timer,
)
from engine.pacing import Timeline
from engine.session.cause import datum_of
from engine.session.compose import make_engine
from engine.session.perturbation import Alteration, AlteredStore
from engine.session.source import Source, TapeSource
from engine.strategy import Planned, Registry, plan_strategies
from engine.types import MISSING, Contract

_DECISIVE = (BreakerRecord, ExitRecord, FillRecord, IntentRecord)
_LONGEST = 240

MakeSource = Callable[[Alteration | None], Source]
"""The day, with what is known later changed; as it is for ``None``."""
MakeEngine = Callable[[Source], Engine]
"""A new engine for a source."""


class Difference(msgspec.Struct, frozen=True, kw_only=True):
    """The first thing that came out in another way although only later data were changed.

    Attributes:
        instant: what was known after it was changed, ns UTC. at: when the two differ, ns UTC; not after ``instant``.
        what: ``market data``, ``timer``, the table of a record such as ``signals``, ``wake``; ``stamp`` for a datum
            that was used before it can have been known.
        before, after: it, as the day is, and with other data later.
        datum: which later datum it depends on, as far as that could be narrowed down.
    """

    instant: int
    at: int
    what: str
    before: str
    after: str
    datum: str


class DayCheck(msgspec.Struct, frozen=True, kw_only=True):
    """What was compared of a day.

    Attributes:
        trades: filled, on the day as it is.
        instants: after which data were changed, ns UTC.
        events: inputs compared, over all instants. records: the same, by table.
        difference: the first one found, or None.
        failed: what a strategy failed with on the day as it is, after which it did nothing more; or empty.
    """

    day: dt.date
    root: str
    provenance: str
    origin: str
    trades: int
    instants: tuple[int, ...]
    events: int
    records: dict[str, int]
    difference: Difference | None
    failed: str = ""


@dataclass(frozen=True)
class LookaheadPlayer:
    """Checks single stored days at ``instants`` instants each, chosen from ``seed``. Picklable, as a pool wants it."""

    config: Config
    registry: Registry
    store: Path
    root: str
    instants: int
    seed: int

    def play(self, day: dt.date, source: str) -> DayCheck:
        """One day. Raises ``StoreError`` for a file that is damaged."""
        store = AlteredStore(self.store)

        def make_source(change: Alteration | None) -> Source:
            return TapeSource(store.changed(change), self.root, day, source)

        def make(played: Source) -> Engine:
            return make_engine(self.config, self.registry, played, self.config.account.name, planned=self._planned)

        return check_day(make_source, make, self.instants, self.seed)

    @cached_property
    def _planned(self) -> list[Planned]:
        return plan_strategies(self.config.strategies, self.registry, (self.root,))


class Played(NamedTuple):
    """A day as it is: the events as the engine saw them, and its answers."""

    events: list[AnyEvent]
    ticks: list[Tick]


def check_day(make_source: MakeSource, make: MakeEngine, count: int, seed: int) -> DayCheck:
    """Check a day at up to ``count`` instants; the first difference ends it."""
    source = make_source(None)
    engine = make(source)
    base = _play(source, engine)
    seed += source.day.toordinal()
    opens = engine.state.session.open
    found = _early_stamp(base.events, source.provenance[0].meaning == "trade_bar", opens)
    checked: list[int] = []
    events, records = 0, Counter[str]()
    for n, instant in enumerate(choose(base, opens, count, seed) if found is None else ()):
        change = Alteration(instant, seed + n)
        branch = _Branch(base, make_source, make, change)
        found = branch.difference()
        checked.append(instant)
        events += branch.events
        records += branch.records
        if found is not None:
            datum = datum_of(
                change, lambda other: _Branch(base, make_source, make, other).difference() is not None, base.events
            )
            found = msgspec.structs.replace(found, datum=datum)
            break
    label = source.provenance[0]
    failed = engine.state.states.breakers.get("STRATEGY_ERROR")
    return DayCheck(
        day=source.day,
        root=source.roots[0],
        provenance=label.label,
        origin=label.origin,
        trades=sum(trade.filled > 0 for trade in engine.state.portfolio),
        instants=tuple(checked),
        events=events,
        records=dict(sorted(records.items())),
        difference=found,
        failed="" if failed is None else failed.text,
    )


def choose(base: Played, opens: int, count: int, seed: int) -> list[int]:
    """The instants to check at, in order: of orders, fills, exits and breakers, of data, and right before data.

    A bar is known when its minute ends. From its start until right before that it must not matter; and what comes at an
    instant must be on the tape as known by then.
    """
    random = np.random.default_rng(seed)
    last = max((event.ts_known for event in base.events if isinstance(event, ChainBatch)), default=0)
    decisive = {record.ts for tick in base.ticks for record in tick.records if isinstance(record, _DECISIVE)}
    batches = [event.ts_known for event in base.events if isinstance(event, ChainBatch) and event.ts_known > opens]
    known = {ts - before for ts in batches for before in (0, 1) if ts - before < last}
    first = _some(sorted(ts for ts in decisive if ts < last), (count + 1) // 2, random)
    return sorted({*first, *_some(sorted(known - set(first)), count - len(first), random)})


def _some(instants: list[int], count: int, random: np.random.Generator) -> list[int]:
    if len(instants) <= count:
        return instants
    return [instants[n] for n in sorted(random.choice(len(instants), count, replace=False).tolist())]


def _play(source: Source, engine: Engine) -> Played:
    base = Played([], [])
    timeline = Timeline(source.events(), grace=source.grace)
    while (event := timeline.take()) is not None:
        tick = engine.process(event)
        timeline.wake_at = tick.wake_at
        base.events.append(event)
        base.ticks.append(tick)
    return base


class _Branch:
    """The day with other data after an instant, played up to it beside the day as it is.

    Attributes:
        events, records: what was compared so far.
    """

    def __init__(self, base: Played, make_source: MakeSource, make: MakeEngine, change: Alteration) -> None:
        self._base = base
        self._instant = change.after
        self.events = 0
        self.records = Counter[str]()
        source = make_source(change)
        self._engine = make(source)
        self._grace = source.grace
        self._timeline = Timeline(source.events(), grace=self._grace)

    def difference(self) -> Difference | None:
        """The first difference up to the instant."""
        timeline, base = self._timeline, self._base
        while (ts := timeline.certain_ts) is not None and ts <= self._instant:
            event = timeline.take()
            assert event is not None
            n = self.events
            if n == len(base.events) or not same_event(base.events[n], event):
                return self._differs(event)
            tick = self._engine.process(event)
            timeline.wake_at = tick.wake_at
            before = base.ticks[n]
            if tick.records != before.records or tick.outbox != before.outbox:
                return self._other_records(before, tick)
            if tick.wake_at != before.wake_at:
                return self._found(tick.now, "wake", _clock(before.wake_at), _clock(tick.wake_at))
            self.events += 1
            self.records.update(record.table for record in tick.records)
        n = self.events
        if n < len(base.events) and self._certain_ts(base.events[n]) <= self._instant:
            return self._differs(None)
        return None

    def _certain_ts(self, event: AnyEvent) -> int:
        """See ``Timeline.certain_ts``: whether a timer is due shows when its grace is over."""
        return event.ts_known + (self._grace if isinstance(event, Timer) else 0)

    def _differs(self, event: AnyEvent | None) -> Difference:
        """The inputs differ: the tape gives another event, one more, or one less."""
        n = self.events
        before = self._base.events[n] if n < len(self._base.events) else None
        first = min((each for each in (before, event) if each is not None), key=lambda each: each.order)
        what = "market data" if isinstance(first, ChainBatch | Listing) else type(first).__name__.lower()
        old, new = ("nothing" if each is None else _told(each) for each in (before, event))
        if isinstance(before, ChainBatch) and isinstance(event, ChainBatch) and before.ts_known == event.ts_known:
            old, new = _first_value(before, event, self._engine)
        return self._found(first.ts_known, what, old, new)

    def _other_records(self, before: Tick, tick: Tick) -> Difference:
        for n in range(max(len(before.records), len(tick.records))):
            old = before.records[n] if n < len(before.records) else None
            new = tick.records[n] if n < len(tick.records) else None
            some = old if old is not None else new
            if old != new and some is not None:
                return self._found(
                    tick.now, some.table, *("nothing" if each is None else str(each) for each in (old, new))
                )
        return self._found(tick.now, "outbox", str(before.outbox), str(tick.outbox))

    def _found(self, at: int, what: str, before: str, after: str) -> Difference:
        return Difference(instant=self._instant, at=at, what=what, before=_short(before), after=_short(after), datum="")


def same_event(one: AnyEvent, other: AnyEvent) -> bool:
    """Whether two events say the same; events themselves are equal only if they are one."""
    if type(one) is not type(other):
        return False
    for name in one.__struct_fields__:
        a, b = getattr(one, name), getattr(other, name)
        if isinstance(a, np.ndarray) and isinstance(b, np.ndarray):
            if a is not b and not np.array_equal(a, b):
                return False
        elif a is not b and a != b:
            return False
    return True


def _early_stamp(events: list[AnyEvent], are_bars: bool, opens: int) -> Difference | None:
    """The first datum that was used before it was true, or before its bar can have ended."""
    contracts: list[bool] = []
    now = 0
    for event in events:
        now = max(now, event.ts_known)
        if isinstance(event, Listing):
            contracts += [isinstance(instrument, Contract) for instrument in event.instruments]
        if not isinstance(event, ChainBatch):
            continue
        true = event.ts_event if event.quote_ts is None else int(event.quote_ts.max(initial=event.ts_event))
        if true > now:
            return _stamp(event, f"true from {clock_text(true)}", f"used at {clock_text(now)}")
        # Open interest is known before the open; a trade that is no bar has no whole minute for its stamp.
        if are_bars and event.price is not None and now < opens + MINUTE and now % MINUTE == 0:
            priced = event.idx[event.price != MISSING].tolist()
            if not any(contracts[n] for n in priced):
                continue
            return _stamp(event, f"bars begin at {clock_text(opens)}", f"used at {clock_text(now)}: a START stamp?")
    return None


def _stamp(event: ChainBatch, before: str, after: str) -> Difference:
    return Difference(
        instant=event.ts_known, at=event.ts_known, what="stamp", before=before, after=after, datum=_told(event)
    )


def _told(event: AnyEvent) -> str:
    kind = type(event).__name__
    size = f" of {len(event.idx)}" if isinstance(event, ChainBatch) else ""
    return f"{kind}{size} at {clock_text(event.ts_known)}"


def _first_value(before: ChainBatch, after: ChainBatch, engine: Engine) -> tuple[str, str]:
    """The first value in which two batches of an instant differ."""
    instruments = engine.state.market.instruments
    if np.array_equal(before.idx, after.idx):
        for name in before.__struct_fields__:
            a, b = getattr(before, name), getattr(after, name)
            if isinstance(a, np.ndarray) and isinstance(b, np.ndarray) and not np.array_equal(a, b):
                n = int(np.flatnonzero(a != b)[0])
                which = instruments[int(before.idx[n])].symbol
                return f"{which} {name} {int(a[n])}", f"{which} {name} {int(b[n])}"
    return _told(before), _told(after)


def _clock(instant: int | None) -> str:
    return "never" if instant is None else clock_text(instant)


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]} ..."
