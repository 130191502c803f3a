"""What a session's day has brought so far that the engine's state does not keep: minutes, the curve, the blotter."""

from __future__ import annotations

from collections.abc import Iterable

from engine.core import Engine
from engine.events import AnyRecord, MarkRecord, Tick, TradeRecord
from engine.types import Money
from engine.view.blotter import Blotter
from engine.view.chart import ChartView
from engine.view.charts import build_chart
from engine.view.curve import Curve
from engine.view.equity import EquityView
from engine.view.minutes import Recorder
from engine.view.orders import OrdersView
from engine.view.reading import ReadingRow
from engine.view.readings import Readings
from engine.view.request import ViewRequest


class Memory:
    """Follows one engine from its beginning; a seek makes another, which follows the day again."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._curve = Curve()
        self._blotter = Blotter()
        self._minutes = Recorder(engine)
        self._readings = Readings()
        self._roots: dict[int, str] = {}

    def absorb(self, tick: Tick) -> None:
        """Take note of what an event led to."""
        self._minutes.look(tick.now)
        if not tick.records:
            return
        state, moved = self._engine.state, False
        for record in tick.records:
            self._blotter.take(record, state.market)
            moved = self._curve.take(record) or moved
        if moved:
            self._curve.point(tick.now, state.portfolio.realised)

    def restore(self, records: Iterable[AnyRecord]) -> None:
        """Take note of the session before a restart."""
        for record in records:
            self._blotter.take(record, None)
            if isinstance(record, TradeRecord):
                self._roots[record.trade_id] = record.root
            elif isinstance(record, MarkRecord) and record.spot is not None and record.trade_id in self._roots:
                self._minutes.restored(self._roots[record.trade_id], record.ts, record.spot)
            if self._curve.take(record):
                self._curve.restored(record.ts)

    def orders(self) -> OrdersView:
        """The blotter."""
        return self._blotter.build(self._engine)

    def equity(self, now: int, day_pnl: Money | None) -> EquityView:
        """The curve up to ``now``."""
        return self._curve.build(self._engine, now, day_pnl)

    def chart(self, request: ViewRequest, now: int) -> ChartView:
        """The chart of the root that is looked at."""
        return build_chart(self._engine, request, self._minutes, self._curve.marks, now)

    def readings(self, request: ViewRequest) -> tuple[ReadingRow, ...]:
        """What the market says of the root that is looked at."""
        return self._readings.of(self._engine, request, self._minutes.all)
