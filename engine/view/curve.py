"""The equity curve: the day's P&L a minute, from the minute's marks and what trades brought."""

from __future__ import annotations

from itertools import pairwise
from typing import NamedTuple

from engine.clock import MINUTE
from engine.core import Engine
from engine.events import AnyRecord, ExitRecord, MarkRecord, TradeRecord
from engine.types import Money
from engine.view.equity import EquityMark, EquityView, StrategyCurve

MOST = 24 * 60
"""Minutes kept."""
MARKS = 1000
"""Entries and exits kept."""
STOPS = ("stop", "double stop", "daily_loss")


class _Point(NamedTuple):
    ts: int
    mid: Money | None
    now: Money | None
    realised: Money | None
    by_strategy: dict[str, Money | None]


class Curve:
    """One point a minute while anything is held, and one whenever a result comes in. It reads records alone."""

    def __init__(self) -> None:
        self._points: list[_Point] = []
        self._results: dict[int, Money] = {}
        self._open: dict[int, tuple[Money | None, Money | None]] = {}
        self._strategy: dict[int, str] = {}
        self._marks: list[EquityMark] = []
        self._entered: set[int] = set()
        self._over: set[int] = set()
        self._stopped: dict[int, str] = {}

    def take(self, record: AnyRecord) -> bool:
        """Take note of a record; whether it moves the curve."""
        match record:
            case MarkRecord():
                self._open[record.trade_id] = (record.pnl_mid, record.pnl_now)
                return True
            case TradeRecord():
                return self._trade(record)
            case ExitRecord():
                kind = "stop" if record.trigger in STOPS else "exit"
                self._stopped[record.trade_id] = kind
                self._marked(record.ts, record.trade_id, kind)
            case _:
                pass
        return False

    def _trade(self, record: TradeRecord) -> bool:
        number = record.trade_id
        self._strategy[number] = record.strategy
        if record.status == "open" and number not in self._entered:
            self._entered.add(number)
            self._marked(record.ts, number, "entry")
            return True
        if record.realised is None:
            return self._results.pop(number, None) is not None  # a busted trade holds something again
        self._open.pop(number, None)
        self._results[number] = record.realised
        if record.status in ("settled", "settled_provisional") and number not in self._over:
            self._marked(record.ts, number, "exit")
        self._over.add(number)
        return True

    @property
    def marks(self) -> tuple[EquityMark, ...]:
        """What opened and closed trades so far."""
        return tuple(self._marks)

    def _marked(self, ts: int, trade_id: int, kind: str) -> None:
        self._marks.append(EquityMark(ts, trade_id, kind))
        del self._marks[:-MARKS]

    def point(self, ts: int, realised: Money | None) -> None:
        """The P&L stands so at ``ts``; of a minute the last counts. ``realised`` None: not known."""
        new = _Point(ts, self._total(0), self._total(1), realised, self._by_strategy())
        if self._points and self._points[-1].ts // MINUTE == ts // MINUTE:
            self._points[-1] = new
        else:
            self._points.append(new)
            del self._points[:-MOST]

    def restored(self, ts: int) -> None:
        """The same for a minute before a restart: with trades open nobody wrote down what was realised."""
        self.point(ts, None if self._open else sum(self._results.values()))

    def _total(self, which: int) -> Money | None:
        total = sum(self._results.values())
        for pair in self._open.values():
            value = pair[which]
            if value is None:
                return None
            total += value
        return total

    def _by_strategy(self) -> dict[str, Money | None]:
        found: dict[str, Money | None] = {}
        for number, result in self._results.items():
            found[self._strategy[number]] = (found.get(self._strategy[number]) or 0) + result
        for number, (mid, _) in self._open.items():
            name = self._strategy.get(number, "")
            before = found.get(name, 0)
            found[name] = None if mid is None or before is None else before + mid
        return found

    def build(self, engine: Engine, now: int, day_pnl: Money | None) -> EquityView:
        """The curve up to now, and its figures. The newest point is what the header says."""
        state = engine.state
        points = [point for point in self._points if point.ts < now]
        if points or any(trade.filled for trade in state.portfolio):
            points.append(_standing(engine, now, day_pnl))
        mids = [point.mid for point in points]
        high, drawdown = _falls(mids)
        changes = _changes(points)
        names = sorted({name for point in points for name in point.by_strategy if name})
        results = list(self._results.values())
        return EquityView(
            times=tuple(point.ts for point in points),
            mid=tuple(mids),
            now=tuple(point.now for point in points),
            realised=tuple(point.realised for point in points),
            strategies=tuple(
                StrategyCurve(name, tuple(point.by_strategy.get(name, 0) for point in points)) for name in names
            )
            if len(names) > 1
            else (),
            marks=tuple(self._marks),
            limit=state.config.risk.daily_loss_units,
            high=high,
            drawdown=drawdown,
            best=max(changes, default=None),
            worst=min(changes, default=None),
            closed=len(results),
            won=sum(result > 0 for result in results),
            lost=sum(result < 0 for result in results),
            open=len(state.portfolio.open_trades),
            provisional=sum(trade.provisional for trade in state.portfolio),
            fees=sum(trade.fees for trade in state.portfolio),
            since=points[0].ts if points else now,
        )


def _standing(engine: Engine, now: int, day_pnl: Money | None) -> _Point:
    """How the day stands, from the engine itself."""
    at_once: Money | None = 0
    strategies: dict[str, Money | None] = {}
    for trade in engine.state.portfolio:
        mid: Money | None = trade.realised_so_far
        closed: Money | None = mid
        if trade.open:
            found = engine.guard.mark(trade)
            mid, closed = found.pnl_mid, found.pnl_now
        elif not trade.filled and not mid:
            continue
        at_once = None if at_once is None or closed is None else at_once + closed
        before = strategies.get(trade.strategy, 0)
        strategies[trade.strategy] = None if mid is None or before is None else before + mid
    return _Point(now, day_pnl, at_once, engine.state.portfolio.realised, strategies)


def _falls(values: list[Money | None]) -> tuple[Money, Money]:
    """The highest value and the deepest fall below the highest before; the day begins at 0."""
    high = deepest = 0
    for value in values:
        if value is not None:
            high = max(high, value)
            deepest = max(deepest, high - value)
    return high, deepest


def _changes(points: list[_Point]) -> list[Money]:
    """From each minute to the next; none over a gap, in which nobody knows what happened."""
    found = []
    for before, after in pairwise(points):
        if before.mid is not None and after.mid is not None and after.ts - before.ts <= 2 * MINUTE:
            found.append(after.mid - before.mid)
    return found
