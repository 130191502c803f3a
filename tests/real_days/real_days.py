"""Days on real spot paths, played through the real engine: how one is made, and what to ask of one that was played."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import TypeVar

from engine.calendar import clock_text, from_new_york
from engine.config import load
from engine.core import Engine
from engine.events import (
    AnyEvent,
    BreakerRecord,
    Command,
    ExitRecord,
    FillRecord,
    Record,
    SettlementRecord,
    SignalRecord,
    Tick,
    TradeRecord,
)
from engine.pacing import Timeline
from engine.session.compose import make_engine
from engine.session.recorded import RecordedDays
from engine.session.simulation import store_days
from engine.session.source import TapeSource
from engine.tape import Store
from engine.types import SCALE
from engine.view import ProgressView, View, ViewRequest
from engine.view.build import ViewBuilder
from engine.view.lines import line_of
from strategies.registry import REGISTRY

TREND = dt.date(2024, 8, 7)
WHIPSAW = dt.date(2024, 9, 11)
FOMC = dt.date(2024, 12, 18)
HALF = dt.date(2024, 7, 3)
OUTAGE = dt.date(2024, 8, 22)
GAP = dt.date(2024, 8, 5)
PIN = dt.date(2024, 10, 11)
DAYS = (TREND, WHIPSAW, FOMC, HALF, OUTAGE, GAP, PIN)

CONDOR = "strategies.iron_condor"
R = TypeVar("R", bound=Record)


def along(store: Store, day: dt.date, root: str = "SPXW", **changes: object) -> TapeSource:
    """A day simulated along the recorded one and stored, as ``data simulate --along`` does, ready to be played."""
    given = {"seed": 7, "step_seconds": 15, "expiries": 1, "source": "path", **changes}
    made = RecordedDays(store, "midpoints", root, day, day, **given)  # type: ignore[arg-type]
    for _ in store_days(made, store):
        pass
    return TapeSource(store, root, day, made.source)


def at(day: dt.date, clock: str) -> int:
    """A time of day in New York, ns UTC."""
    return from_new_york(day, dt.time.fromisoformat(clock))


@dataclass
class Played:
    """A day that was played, or as far as it has been."""

    engine: Engine
    source: TapeSource
    ticks: list[Tick] = field(default_factory=list)

    def of(self, kind: type[R]) -> list[R]:
        """Every record of a kind, in order."""
        return [record for tick in self.ticks for record in tick.records if isinstance(record, kind)]

    def signals(self, kind: str) -> list[tuple[str, str, str]]:
        """Time, key and text of what the strategy said."""
        return [(clock_text(s.ts), s.key, s.text) for s in self.of(SignalRecord) if s.kind == kind]

    def skipped(self) -> dict[str, str]:
        """Windows that did nothing, and why."""
        return {key: text for _, key, text in self.signals("skipped")}

    def entered(self) -> list[str]:
        """The windows that entered."""
        return [key for _, key, _ in self.signals("entered")]

    def stops(self) -> list[tuple[int, str]]:
        """Trade and side of each stop that fired, in order."""
        return [(exit_.trade_id, exit_.scope) for exit_ in self.of(ExitRecord) if exit_.trigger == "stop"]

    def fills(self, trade_id: int) -> list[tuple[str, int, str]]:
        """Time, signed contracts and symbol of a trade's fills."""
        return [(clock_text(f.ts), f.quantity, f.symbol) for f in self.of(FillRecord) if f.trade_id == trade_id]

    def lines(self, *words: str) -> list[tuple[str, str, str]]:
        """Time, level and text of the log's lines, as the screen shows them, that have all of these words."""
        records = (record for tick in self.ticks for record in tick.records)
        told = [(record.ts, line) for record in records if (line := line_of(record)) is not None]
        return [
            (clock_text(ts), line.level, line.text) for ts, line in told if all(word in line.text for word in words)
        ]

    def breakers(self) -> list[tuple[str, str, str]]:
        """Time, name and state of each breaker that tripped or was lifted."""
        return [(clock_text(b.ts), b.name, b.state) for b in self.of(BreakerRecord)]

    def settlements(self) -> list[SettlementRecord]:
        """Every settlement, provisional ones too."""
        return self.of(SettlementRecord)

    def results(self) -> dict[int, TradeRecord]:
        """How each trade stands at last."""
        return {trade.trade_id: trade for trade in self.of(TradeRecord)}

    def spot(self) -> float | None:
        """Where spot is now, in points."""
        state = self.engine.state
        chain = state.chain(self.source.root, self.source.day)
        return None if chain is None or chain.spot is None else chain.spot / SCALE


def playing(
    source: TapeSource, *settings: str, commands: Mapping[str, str] | None = None
) -> Iterator[tuple[AnyEvent, Played]]:
    """Plays a day event by event. ``commands``: by time of day, given after the events of that instant."""
    config = load([], list(settings))
    played = Played(make_engine(config, REGISTRY, source, config.account.name), source)
    timeline = Timeline(source.events())
    given = [
        Command(ts_known=at(source.day, clock), ts_event=at(source.day, clock), command_id=f"c{n}", kind=kind)  # type: ignore[arg-type]
        for n, (clock, kind) in enumerate(sorted((commands or {}).items()))
    ]
    while True:
        event = timeline.take()
        if event is None:
            return
        while given and given[0].ts_known < event.ts_known:
            command = given.pop(0)
            played.ticks.append(played.engine.process(command))
            timeline.wake_at = played.ticks[-1].wake_at
            yield command, played
        played.ticks.append(played.engine.process(event))
        timeline.wake_at = played.ticks[-1].wake_at
        yield event, played


def play(source: TapeSource, *settings: str, commands: Mapping[str, str] | None = None) -> Played:
    """Plays a day to its end."""
    last = None
    for _, last in playing(source, *settings, commands=commands):  # noqa: B007
        pass
    assert last is not None
    return last


def screen(builder: ViewBuilder, played: Played) -> View:
    """What a person sees now."""
    state, day = played.engine.state, played.engine.state.session
    end = day.product_close(played.source.root)
    progress = ProgressView(
        open=day.open, close=day.close, end=end, now=state.now, speed=60, paused=False, finished=False,
        can_control=True, marks=builder.marks,
    )  # fmt: skip
    return builder.build(ViewRequest(), progress)


def watching(
    source: TapeSource, *settings: str, commands: Mapping[str, str] | None = None
) -> Iterator[tuple[AnyEvent, Played, Callable[[], View]]]:
    """Plays a day event by event with a screen beside it."""
    builder: ViewBuilder | None = None
    for event, played in playing(source, *settings, commands=commands):
        builder = builder or ViewBuilder(played.engine, "REPLAY SIMULATED")
        builder.absorb(played.ticks[-1])
        yield event, played, partial(screen, builder, played)
