"""The engine: one event in, one tick out. Synchronous, deterministic; it does no I/O and reads no clock."""

from __future__ import annotations

from engine.calendar import Session
from engine.config import Config
from engine.core.adoption import Adoption
from engine.core.assignment import AssignmentWatch
from engine.core.commands import CommandDesk
from engine.core.dusk import DuskDesk
from engine.core.entries import EntryDesk
from engine.core.exits import ExitDesk
from engine.core.guard import Guard
from engine.core.hands import HandsDesk
from engine.core.orders import OrderDesk
from engine.core.outside import Outside
from engine.core.reconcile import Reconciler
from engine.core.rereading import Rereading
from engine.core.restore import Restorer
from engine.core.settlement import SettlementDesk
from engine.core.state import SessionState
from engine.core.stops import StopDesk
from engine.core.strategies import StrategyDesk
from engine.core.supervision import Supervisor
from engine.core.venue import Inside, Venue
from engine.core.watch import BookWatch
from engine.events import (
    AnyEvent,
    BrokerReport,
    BrokerState,
    ChainBatch,
    Command,
    DailyClose,
    FeedStatus,
    Listing,
    Restore,
    SessionStart,
    Settlement,
    Tick,
    Timer,
    Warming,
)
from engine.exchange import SimulatedExchange
from engine.market import Chains, Market
from engine.risk import Gate
from engine.strategy import AnyStrategy
from engine.types import PriceMeaning

MAX_ROUNDS = 100

FOREVER = 2**63 - 1

_NOTHING: frozenset[str] = frozenset()
_MARKET = frozenset({"market"})
_SESSION = frozenset({"session"})


class NoFixpoint(RuntimeError):
    """The parts of the engine kept answering one another: a bug in a strategy or here."""


class Engine:
    """One session of trading, in any mode.

    Per event: apply it, then settle, match, exits, strategies, guard, again and again until nothing changes. While
    nothing is held, worked or waited for, market data is only applied; while trades are open and their strategies have
    said what matters to them, it is looked at for that alone. Either way the records are the same.

    Args:
        chains: the market to trade on, where several engines share one; its own if not given.
        price_marks: whether the minute's marks of open trades have Greeks and spot, for which chains are priced.
        outside: whether orders leave in the tick's outbox, for a broker whose reports come back as events; else the
            simulated exchange takes them here.
    """

    def __init__(
        self,
        config: Config,
        day: Session,
        account: str,
        roots: tuple[str, ...],
        meanings: dict[str, PriceMeaning],
        strategies: list[AnyStrategy],
        chains: Chains | None = None,
        price_marks: bool = True,
        outside: bool = False,
    ) -> None:
        self.state = SessionState(config, day, account, roots, chains or Chains(Market(meanings)))
        self.gate = Gate(config.risk)
        self._exchange = SimulatedExchange(config.fills, config.fees, day, config.cutoffs)
        self._outside = Outside()
        venue: Venue = self._outside if outside else Inside(self._exchange)
        self._venue = venue
        self._orders = OrderDesk(self.state, venue)
        rereading = Rereading(self.state, venue)
        self.exits = ExitDesk(self.state, self._orders, rereading)
        self.dusk = DuskDesk(self.state, self._orders, self.exits)
        self.entries = EntryDesk(self.state, self.gate, self._orders, self.exits, self.dusk)
        self.supervision = Supervisor(self.state, self.gate)
        adoption = Adoption(self.state, self._orders, self.exits)
        self.reconciler = Reconciler(self.state, venue, self._orders, adoption, rereading, self.supervision)
        self.strategies = StrategyDesk(self.state, self.entries, self.exits, strategies)
        self.stops = StopDesk(self.state, self._orders, self.exits, self.strategies.sides)
        self.strategies.stops_are_held_by(self.stops.alone)
        self.guard = Guard(self.state, self.exits, price_marks)
        self.assignment = AssignmentWatch(self.state)
        self._watch = BookWatch(self.state, self.guard, self.strategies)
        self._settlement = SettlementDesk(self.state, self._orders, venue)
        self.hands = HandsDesk(
            self.state, self.gate, self._orders, self.entries, self.exits, self.strategies, self.stops
        )
        self._commands = CommandDesk(self.state, self._orders, self.exits, self.hands)
        self._warming = False
        self._quiet_until = 0

    def process(self, event: AnyEvent) -> Tick:
        """Apply one event and everything that follows from it at its instant.

        Events must come in the order of ``Event.order``; time never goes back (a late event happens now).
        """
        state = self.state
        state.seq += 1
        state.advance(event.ts_known)
        state.records = []
        state.revision = 0
        if state.now < self._quiet_until and isinstance(event, ChainBatch | Timer):
            return self._wait(event)
        self.supervision.hear(event)
        changes = self._apply(event)
        waits = isinstance(event, Listing) or (isinstance(event, ChainBatch) and event.more)
        if not self._warming and not waits:
            return self._settle_down(changes, isinstance(event, ChainBatch))
        self._quiet_until = 0
        return self._tick(changes)

    def _wait(self, event: ChainBatch | Timer) -> Tick:
        """Market data, or the time for the minute's marks, while everybody waits."""
        news = isinstance(event, ChainBatch)
        changes = self._apply(event)
        if (isinstance(event, ChainBatch) and event.more) or not self.state.portfolio.open_trades:
            return self._tick(changes)
        if (not news and self.supervision.overdue) or not self._watch.quiet(news):
            return self._settle_down(changes, news)
        self.assignment.look()
        self._watch.write_marks()
        return self._tick(changes)

    def _settle_down(self, changes: frozenset[str], news: bool) -> Tick:
        """Everything that follows from what was applied, and until when it may now be waited."""
        self._until_nothing_changes(news)
        self._quiet_until = self._quiet()
        return self._tick(changes)

    def _tick(self, changes: frozenset[str]) -> Tick:
        state = self.state
        return Tick(
            seq=state.seq,
            now=state.now,
            changes=changes | _SESSION if state.records else changes,
            records=tuple(state.records),
            outbox=self._outside.drain(),
            wake_at=self.supervision.wake(state.next_wake()),
        )

    @property
    def quiet_until(self) -> int:
        """Until when (ns UTC, not included) market data leads to nothing but newer quotes; 0 where it may."""
        return 0 if self.state.portfolio.open_trades else self._quiet_until

    def _quiet(self) -> int:
        """Until the next timer, where no order works, nothing waits to be settled, and no exit and no strategy is
        awake: with trades open, each has said what matters to it; else 0."""
        state, exits = self.state, self.exits.watch()
        if (
            exits is None
            or state.orders.working()
            or self._settlement.waits
            or self.supervision.awake
            or self.hands.awake
        ):
            return 0
        waited_for = self._watch.ready(exits) if state.portfolio.open_trades else self.strategies.asleep()
        asked = state.next_asked()
        return (FOREVER if asked is None else asked) if waited_for else 0

    def _until_nothing_changes(self, news: bool) -> None:
        state = self.state
        for _ in range(MAX_ROUNDS):
            before = state.revision
            self.supervision.look()
            self._settlement.run()
            self.reconciler.run()
            self.entries.run()
            self._orders.run()
            self._commands.enforce()
            self.dusk.run()
            self.stops.run()
            self.exits.run()
            self.hands.run()
            self.strategies.run(news)
            self.guard.judge()
            self.assignment.look()
            news = False
            if state.revision == before:
                self.strategies.write_states()
                self.guard.write_marks()
                return
        raise NoFixpoint(f"event {state.seq} led to more than {MAX_ROUNDS} rounds")

    def _apply(self, event: AnyEvent) -> frozenset[str]:
        state = self.state
        match event:
            case ChainBatch():
                state.market.apply(event)
            case Listing():
                state.market.list_instruments(event)
            case DailyClose():
                state.market.close_arrived(event)
            case FeedStatus():
                state.market.feed_told(event)
                if not self._warming:
                    state.notice("info" if event.state == "ok" else "warning", "feed", event.text or event.state)
            case SessionStart():
                state.epoch, state.installation, state.began = event.epoch, event.installation, event.ts_known
                if not event.resumed:
                    self.reconciler.begin()
                    self._settlement.begin()
                    self.dusk.begin()
                    self.strategies.begin()
            case Warming():
                self._warming = event.on
            case Restore():
                self._restore(event)
            case Timer():
                pass
            case Command():
                self._commands.carry_out(event)
                if event.kind == "resume" and event.actor == "broker":
                    self.reconciler.begin()
            case BrokerReport():
                self._orders.fold(event)
            case BrokerState():
                self.reconciler.arrived(event)
            case Settlement():
                self._settlement.apply(event)
        return _MARKET if isinstance(event, ChainBatch | Listing | DailyClose | FeedStatus) else _NOTHING

    def _restore(self, event: Restore) -> None:
        restorer = Restorer(
            self.state, self._orders, self.exits, self.entries, self.strategies, self._venue, self.hands
        )
        restorer.fold(event.records)
        self.state.dealings += 1
        self.reconciler.begin()
        self._settlement.begin()
        self.dusk.begin()
        self.strategies.resume()
        self.hands.resume()
        held = len(self.state.portfolio.open_trades)
        many = "1 trade is" if held == 1 else f"{held} trades are"
        self.state.notice("warning", "session", f"restarted from the journal; {many} open")
