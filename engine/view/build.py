"""Builds views: everything a screen shows of a session, on request, from the engine between two events."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from engine.calendar import clock_text
from engine.clock import SECOND
from engine.core import Engine
from engine.events import AnyRecord, SignalRecord, Tick
from engine.portfolio import TradeMark
from engine.types import Money, Price
from engine.view.chains import build_chain, looked_at
from engine.view.deal_rows import build_deals
from engine.view.gammas import build_gamma
from engine.view.greeks import build_greeks
from engine.view.lines import as_told, line_of
from engine.view.marks import mark_of
from engine.view.memory import Memory
from engine.view.model import HeaderView, LogRow, Mark, ProgressView, SignalRow, View
from engine.view.payoff import PayoffView
from engine.view.positions import build_positions, stops_doubt
from engine.view.request import ViewRequest
from engine.view.risk import build_risk
from engine.view.risk_graph import build_payoff
from engine.view.smiles import build_smile
from engine.view.story import Story
from engine.view.terms import build_term
from engine.view.tickets import build_proposals, build_ticket

LOG_LINES = 500
STALE = 10 * SECOND


class ViewBuilder:
    """Remembers what a view needs beyond the engine's state: log lines, the newest signals, the timeline's marks."""

    def __init__(self, engine: Engine, banner: str) -> None:
        self._engine = engine
        self._banner = banner
        self._log: list[LogRow] = []
        self._lines = 0
        self._signals: dict[tuple[str, str, str], SignalRow] = {}
        self._marks: list[Mark] = []
        self.story = Story()
        self._seq = 0
        self._memory = Memory(engine)

    def rename(self, banner: str) -> None:
        """Say from now on that this is what is shown."""
        self._banner = banner

    @property
    def marks(self) -> tuple[Mark, ...]:
        """Signals and trades so far."""
        return tuple(self._marks)

    def absorb(self, tick: Tick) -> None:
        """Take note of what an event led to."""
        self._seq = tick.seq
        self._memory.absorb(tick)
        self._take(tick.records)

    def remember(self, records: Iterable[AnyRecord]) -> None:
        """Take note of the records of the session before a restart."""
        records = tuple(records)
        self._memory.restore(records)
        self._take(records)

    def _take(self, records: Iterable[AnyRecord]) -> None:
        records = tuple(records)
        self.story.take(records)
        for record in as_told(records):
            line = line_of(record)
            if line is not None:
                self._lines += 1
                row = LogRow(n=self._lines, ts=record.ts, level=line.level, source=line.source, text=line.text)
                self._log.append(row)
        for record in records:
            if isinstance(record, SignalRecord):
                self._signals[record.strategy, record.root, record.key] = SignalRow(
                    ts=record.ts,
                    strategy=record.strategy,
                    root=record.root,
                    key=record.key,
                    kind=record.kind,
                    text=record.text,
                )
            mark = mark_of(record)
            if mark is not None:
                self._marks.append(mark)
        if len(self._log) > 2 * LOG_LINES:
            del self._log[:-LOG_LINES]

    def build(
        self,
        request: ViewRequest,
        progress: ProgressView,
        alarm: str = "",
        error: str = "",
        streamed: Collection[str] | None = None,
    ) -> View:
        """The session as it stands; ``streamed``: the options whose quotes a feed streams, ``None`` for all."""
        engine = self._engine
        marks = {trade.trade_id: engine.guard.mark(trade) for trade in engine.state.portfolio.open_trades}
        header = self._header(marks, progress)
        return View(
            version=self._seq,
            header=header,
            chain=build_chain(engine, request, max(0, progress.now - engine.state.now), streamed),
            positions=build_positions(engine, marks, stops_doubt(self._banner)),
            greeks=build_greeks(engine),
            signals=tuple(self._signals.values()),
            risk=build_risk(engine, header.day_pnl, progress.now),
            log=tuple(self._log[-LOG_LINES:]),
            progress=progress,
            alarm=alarm,
            error=error,
            asked=request,
            smile=build_smile(engine, request) if "smile" in request.parts else None,
            payoff=self._payoff(request) if "payoff" in request.parts else None,
            gamma=build_gamma(engine, request) if "gamma" in request.parts else None,
            term=build_term(engine, request) if "term" in request.parts else None,
            ticket=build_ticket(engine, request.ticket, progress.now) if request.ticket else None,
            proposals=build_proposals(engine) if "proposals" in request.parts else None,
            deals=build_deals(engine),
            readings=self._memory.readings(request) if "readings" in request.parts else None,
            orders=self._memory.orders() if "orders" in request.parts else None,
            chart=self._memory.chart(request, progress.now) if "chart" in request.parts else None,
            equity=self._memory.equity(progress.now, header.day_pnl) if "equity" in request.parts else None,
        )

    def _payoff(self, request: ViewRequest) -> PayoffView:
        return build_payoff(self._engine, request.payoff, looked_at(self._engine, request)[0])

    def _header(self, marks: dict[int, TradeMark], progress: ProgressView) -> HeaderView:
        state = self._engine.state
        realised = state.portfolio.realised
        unrealised: Money | None = 0
        for found in marks.values():
            unrealised = None if unrealised is None or found.pnl_mid is None else unrealised + found.pnl_mid
        if unrealised is not None:
            unrealised -= sum(trade.realised_so_far for trade in state.portfolio.open_trades)
        deadline = self._engine.strategies.next_deadline()
        close = state.session.product_close(state.roots[0])
        text, at = (deadline.text, deadline.at) if deadline else (f"close {clock_text(close, seconds=False)}", close)
        flat = self._engine.dusk.next_deadline()
        if flat is not None and flat[0] < at:
            at, text = flat
        if at <= state.now:
            text, at = "", 0
        feed, feed_text = self._feed(progress)
        vix = state.vix(state.roots[0])
        ages = [found.oldest for found in marks.values() if found.oldest is not None]
        silence = max(0, progress.now - state.now)  # quotes grow older while nothing happens
        return HeaderView(
            banner=self._banner,
            account=state.account,
            roots=state.roots,
            day=state.session.day,
            now=progress.now,
            feed=feed,
            feed_text=feed_text,
            oldest_held_age=max(ages) + silence if ages else None,
            day_pnl=None if unrealised is None else realised + unrealised,
            realised=realised,
            open_pnl=unrealised,
            provisional=any(trade.provisional for trade in state.portfolio),
            nearest_short=self._nearest_short(),
            next_deadline=text,
            next_deadline_ts=at or None,
            state=state.states.state,
            state_text=state.states.text,
            vix=vix.value,
            vix_source=vix.source,
            breakers=tuple(state.states.breakers),
        )

    def _feed(self, progress: ProgressView) -> tuple[str, str]:
        market = self._engine.state.market
        now = progress.now
        if now >= progress.end or progress.finished:
            return "closed", "the market is closed"
        if now < progress.open:
            return "closed", f"opens at {clock_text(progress.open, seconds=False)}"
        if market.feed.state != "ok":
            return market.feed.state, market.feed.text
        began = self._engine.state.began
        since = max(progress.open, began)
        begun = market.last_batch_ts >= since
        age = now - (market.last_batch_ts if begun else since)
        if "STALE_FEED" in self._engine.state.states.breakers or age > max(STALE, self._engine.state.max_age):
            start = f"the start at {clock_text(began, seconds=False)}" if began > progress.open else "the open"
            return "stale", f"no data for {age // SECOND} s" if begun else f"no data since {start}"
        return "ok", "" if begun else "waiting for the first quotes"

    def _nearest_short(self) -> Price | None:
        state = self._engine.state
        found: list[Price] = []
        for trade in state.portfolio.open_trades:
            chain = state.chain(trade.root, trade.expiry)
            spot = chain.spot if chain is not None else None
            if spot is None:
                continue
            for contract, holding in trade.holdings.items():
                if holding.quantity < 0:
                    found.append(contract.strike - spot if contract.right == "C" else spot - contract.strike)
        return min(found, default=None)
