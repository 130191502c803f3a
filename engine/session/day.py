"""One day flat out, without a screen: the engine over a source, and what came of it in figures."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import msgspec

from engine.core import Engine
from engine.events import AnyRecord, MarkRecord, SignalRecord, TradeRecord
from engine.pacing import Timeline
from engine.session.source import Source
from engine.types import Money


class DayFigures(msgspec.Struct, frozen=True, kw_only=True):
    """A day's result, money units, net of fees.

    Attributes:
        trades: trades that were filled. wins: of those, the ones that ended above zero.
        max_drawdown: the deepest fall of the day's P&L from its highest, minute marks at mid; positive. Minutes in
            which an open trade could not be marked do not count.
        provisional: whether an official close is missing, so that the result is not final.
        skipped: windows without a trade, with the reason.
        tallies: what the strategies counted, such as stop checks that could not be priced.
        failed: what a strategy failed with, after which it did nothing more that day; empty where none did.
    """

    day: dt.date
    root: str
    trades: int
    wins: int
    pnl: Money
    fees: Money
    max_drawdown: Money
    provenance: str
    origin: str
    provisional: bool
    skipped: tuple[tuple[str, str], ...]
    tallies: dict[str, int]
    failed: str = ""


class DayRun(msgspec.Struct, frozen=True):
    """A day's figures, its records tick by tick with the engine's time and sequence, and nothing else."""

    figures: DayFigures
    ticks: tuple[tuple[int, int, tuple[AnyRecord, ...]], ...]


def run_day(
    source: Source, engine: Engine, on_records: Callable[[tuple[AnyRecord, ...]], None] | None = None
) -> DayRun:
    """Play a source through an engine as fast as it goes."""
    timeline = Timeline(source.events(), grace=source.grace)
    ticks: list[tuple[int, int, tuple[AnyRecord, ...]]] = []
    while True:
        event = timeline.take()
        if event is None:
            break
        tick = engine.process(event)
        timeline.wake_at = tick.wake_at
        if tick.records:
            ticks.append((tick.now, tick.seq, tick.records))
            if on_records is not None:
                on_records(tick.records)
    return DayRun(figures(source, engine, [record for _, _, records in ticks for record in records]), tuple(ticks))


def figures(source: Source, engine: Engine, records: list[AnyRecord]) -> DayFigures:
    """What a finished session comes to."""
    filled = [trade for trade in engine.state.portfolio if trade.filled]
    label = source.provenance[0]
    failed = engine.state.states.breakers.get("STRATEGY_ERROR")
    skipped = {
        (record.root, record.key): record.text
        for record in records
        if isinstance(record, SignalRecord) and record.kind == "skipped"
    }
    return DayFigures(
        day=source.day,
        root=source.roots[0],
        trades=len(filled),
        wins=sum((trade.realised or 0) > 0 for trade in filled),
        pnl=sum(trade.realised or 0 for trade in filled),
        fees=sum(trade.fees for trade in filled),
        max_drawdown=max_drawdown(equity_path(records)),
        provenance=label.label,
        origin=label.origin,
        provisional=any(trade.provisional or trade.open for trade in filled),
        skipped=tuple((key, text) for (_, key), text in skipped.items()),
        tallies=dict(sorted(engine.state.tallies.items())),
        failed="" if failed is None else failed.text,
    )


def equity_path(records: list[AnyRecord]) -> list[Money]:
    """The day's net P&L from 0: at each minute in which every open trade is marked, and after each result."""
    path = [0]
    results: dict[int, Money] = {}
    marks: dict[int, Money | None] = {}
    total, minute = 0, -1

    def extend() -> None:
        known = marks.values()
        if None not in known:
            path.append(total + sum(mark for mark in known if mark is not None))

    for record in records:
        if isinstance(record, MarkRecord):
            if record.ts != minute and marks:
                extend()
            minute = record.ts
            marks[record.trade_id] = record.pnl_mid
        elif isinstance(record, TradeRecord) and record.realised is not None:
            total += record.realised - results.get(record.trade_id, 0)  # a settlement may be restated
            results[record.trade_id] = record.realised
            marks.pop(record.trade_id, None)
            extend()
    extend()
    return path


def max_drawdown(path: list[Money]) -> Money:
    """The deepest fall from the highest point before it; 0 or positive."""
    deepest = highest = 0
    for point in path:
        highest = max(highest, point)
        deepest = max(deepest, highest - point)
    return deepest
