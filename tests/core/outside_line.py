"""A session whose orders go to an honest exchange outside the engine, over a line on which a test can lose things."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import msgspec
import numpy as np
from core_builders import DAY, Played, Tape, at, clock, configure, option

from engine.broker import SimulatedBroker
from engine.broker.port import Answer
from engine.calendar import session
from engine.core import Engine
from engine.events import AnyEvent, BrokerReport, ChainBatch, LegFill, OrderRequest, Restore
from engine.session.courier import Courier
from engine.session.playing import Playing, Resumption
from engine.strategy import build_strategies
from strategies.registry import REGISTRY


@dataclass
class Line:
    """The way to an honest exchange, on which a test can lose things.

    Attributes:
        lost: actions that never arrive. mute: client order ids of which no report is heard. said: what was sent.
    """

    broker: SimulatedBroker
    lost: set[str] = field(default_factory=set)
    mute: set[str] = field(default_factory=set)
    said: list[tuple[str, OrderRequest]] = field(default_factory=list)
    extra: list[Answer] = field(default_factory=list)

    def converse(self, requests: Sequence[OrderRequest], now: int) -> list[Answer]:
        self.said += [(clock(now), request) for request in requests]
        answers = self.broker.converse([each for each in requests if each.action not in self.lost], now)
        heard = [each for each in answers if not (isinstance(each, BrokerReport) and each.client_order_id in self.mute)]
        extra, self.extra = self.extra, []
        return [*heard, *extra]

    def close(self) -> None:
        """Nothing is held open."""

    def actions(self, action: str) -> list[str]:
        return [when for when, request in self.said if request.action == action]


@dataclass
class OneDay:
    """A source of one tape."""

    tape: Tape
    grace: int = 0

    @property
    def day(self) -> dt.date:
        return self.tape.day

    def events(self) -> Iterator[AnyEvent]:
        return iter(self.tape.sorted())


def session_on(tape: Tape, *settings: str) -> tuple[Playing, Line]:
    config = configure("broker.kind=socket", *settings)
    strategies = build_strategies(config.strategies, REGISTRY, ["SPXW"])
    engine = Engine(config, session(DAY), "main", ("SPXW",), {}, strategies, outside=True)
    line = Line(SimulatedBroker(config, session(DAY), {}, iter(tape.sorted())))
    return Playing(engine, OneDay(tape), 0, None, (), Courier(line)), line  # type: ignore[arg-type]


def restarted(tape: Tape, before: Played, line: Line, *settings: str) -> Playing:
    """The session after it was killed: what it had recorded is in the journal, and the broker has gone on."""
    config = configure("broker.kind=socket", *settings)
    strategies = build_strategies(config.strategies, REGISTRY, ["SPXW"])
    engine = Engine(config, session(DAY), "main", ("SPXW",), {}, strategies, outside=True)
    ts = max(before.ticks[-1].now, line.broker.now)
    restore = Restore(ts_known=ts, ts_event=ts, records=tuple(before.records))
    return Playing(engine, OneDay(tape), 1, Resumption(ts, restore), (), Courier(line))  # type: ignore[arg-type]


def go_on(playing: Playing, played: Played, until: str) -> Played:
    while (ts := playing.next_ts) is not None and ts <= at(until):
        event = playing.take()
        assert event is not None
        tick = playing.process(event)
        playing.carry(tick, written=True)
        played.events.append(event)
        played.ticks.append(tick)
        assert len(played.ticks) < 20_000, "the session does not end"
    return played


def trade(tape: Tape, until: str, *settings: str) -> tuple[Played, Line, Playing]:
    playing, line = session_on(tape, *settings)
    return go_on(playing, Played(playing.engine), until), line, playing


def fill(name: str, side: str, quantity: int, price: int, exec_id: str = "x1") -> LegFill:
    return LegFill(exec_id, option(name), side, quantity, price)  # type: ignore[arg-type]


def done_elsewhere(line: Line, *legs: LegFill, order_id: str = "LIQ-20240807-1") -> BrokerReport:
    """The exchange has done this of its own accord."""
    for leg in legs:
        line.broker.exchange.hold(leg.contract, leg.quantity if leg.side == "buy" else -leg.quantity)
    report = BrokerReport(
        ts_known=line.broker.now, client_order_id=order_id, kind="fill", quantity=1, legs=legs, text="liquidated"
    )
    line.broker.book.note(report)
    return report


def thin(tape: Tape, size: int = 1) -> Tape:
    """The same market with so many contracts shown on each side: what wants more is filled a look at a time."""
    for n, event in enumerate(tape.events):
        if isinstance(event, ChainBatch):
            shown = np.full(len(event.idx), size, np.int32)
            tape.events[n] = msgspec.structs.replace(event, bid_size=shown, ask_size=shown)
    return tape
