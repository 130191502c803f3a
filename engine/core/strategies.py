"""Runs the strategies: what each sees, what becomes of what it asks for, and its state in the journal."""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

import msgspec

from engine.calendar import Session
from engine.core.entries import EntryDesk
from engine.core.entry import Denied
from engine.core.exits import ExitDesk
from engine.core.manual_strategy import ByHand, Plans, attach
from engine.core.state import SessionState
from engine.events import BreakerRecord, SignalRecord, StateRecord
from engine.market import Chain, Quote
from engine.portfolio import ClosingCost, Trade, cost_to_close, worst_in_bar
from engine.pricing import Bounds
from engine.risk import CODES, opposes
from engine.strategy import (
    Action,
    AnyStrategy,
    Close,
    Context,
    Deadline,
    Moved,
    Open,
    Part,
    Proposal,
    Refused,
    Say,
    SidePlan,
    Tally,
    TradeInfo,
    Wake,
    Watch,
)
from engine.types import MANUAL, Contract, Price, Side, product, sign

log = logging.getLogger(__name__)

W = TypeVar("W")


class StrategyContext:
    """One strategy's read-only window on the session; see ``engine.strategy.Context``."""

    def __init__(self, state: SessionState, exits: ExitDesk, strategy: AnyStrategy) -> None:
        self._state = state
        self._exits = exits
        self._strategy = strategy
        self.news = False
        self.denials: dict[str, str] = {}
        self._trades: tuple[int, tuple[TradeInfo, ...]] = (-1, ())
        self.stopped_elsewhere: Callable[[Trade], bool] = _never

    @property
    def now(self) -> int:
        """The instant, ns UTC."""
        return self._state.now

    @property
    def session(self) -> Session:
        """The trading day."""
        return self._state.session

    @property
    def root(self) -> str:
        """The option root this instance trades."""
        return self._strategy.root

    @property
    def trades(self) -> tuple[TradeInfo, ...]:
        """The strategy's trades on this root."""
        if self._trades[0] != self._state.dealings:
            own = self._state.portfolio.of(self._strategy.name, self.root)
            infos = tuple(trade_info(trade, self._exits, self.stopped_elsewhere(trade)) for trade in own)
            self._trades = (self._state.dealings, infos)
        return self._trades[1]

    @property
    def may_open(self) -> str:
        """Why entries are not allowed, or empty."""
        states = self._state.states
        if states.state != "ACTIVE":
            return f"{states.state}: {states.text}"
        paused = (self._strategy.name, self.root) in self._state.hands.paused
        return f"REDUCING: STRATEGY_PAUSED: {CODES['STRATEGY_PAUSED']}" if paused else ""

    def chain(self, expiry: dt.date) -> Chain | None:
        """The chain of one expiry."""
        return self._state.chain(self.root, expiry)

    def quote(self, contract: Contract) -> Quote | None:
        """A fresh, usable quote, or None."""
        quote = self._state.market.quote(contract)
        return quote if quote.usable and self.now - quote.ts <= self._state.max_age else None

    def cost(
        self, held: Mapping[Contract, int], natural: bool = False, bounds: Bounds | None = None
    ) -> ClosingCost | None:
        """What closing signed contracts costs."""
        state = self._state
        return cost_to_close(held, state.market, state.now, state.max_age, natural, bounds)

    @property
    def bars(self) -> bool:
        """Whether the root's source has bars and no quotes."""
        return self._state.market.meaning(self.root) == "trade_bar"

    def worst(self, part: Part, since: int) -> Price | None:
        """What closing a part cost at the worst inside the newest bars."""
        state = self._state
        return worst_in_bar(part.each, state.market, state.now, state.max_age, since, part.bounds)

    def opposed(self, contract: Contract, side: Side) -> bool:
        """Whether a leg to be opened would oppose a holding and may be shifted for it."""
        if self._state.config.risk.on_collision == "deny":
            return False
        return opposes(contract, sign(side), self._state.portfolio, self._state.orders)

    def denial(self, key: str) -> str | None:
        """Why the gate denied the trade of that key."""
        return self.denials.get(key)


def _never(_trade: Trade) -> bool:
    return False


def trade_info(trade: Trade, exits: ExitDesk, stopped_elsewhere: bool = False) -> TradeInfo:
    """A trade as its strategy sees it."""
    contracts = (trade.filled or trade.wanted) * product(trade.root).multiplier
    held = {c: h.quantity for c, h in trade.holdings.items() if h.quantity and c not in trade.left}
    return TradeInfo(
        trade_id=trade.trade_id,
        key=trade.key,
        status=trade.status,
        package=trade.package,
        filled=trade.filled,
        credit=trade.credit if trade.filled else trade.asked,
        cash=sum(h.cash for h in trade.holdings.values()) // contracts,
        held=held,
        exiting=exits.exiting(trade),
        opened_at=trade.opened_at,
        stopped_elsewhere=stopped_elsewhere,
    )


class Running:
    """One strategy on one root with its state."""

    def __init__(self, strategy: AnyStrategy, context: StrategyContext) -> None:
        self.strategy = strategy
        self.context = context
        self.state: msgspec.Struct | None = None
        self.written = b""
        self.halted = False
        self.view_failed = False


class StrategyDesk:
    """All strategies of the session, in the order of the configuration."""

    def __init__(self, state: SessionState, entries: EntryDesk, exits: ExitDesk, strategies: list[AnyStrategy]) -> None:
        self._state = state
        self._entries = entries
        self._exits = exits
        self._elsewhere: Callable[[Trade], bool] = _never
        self._running: list[Running] = []
        for strategy in strategies:
            self._enlist(strategy)

    def _enlist(self, strategy: AnyStrategy) -> Running:
        running = Running(strategy, StrategyContext(self._state, self._exits, strategy))
        running.context.stopped_elsewhere = self._elsewhere
        self._running.append(running)
        self._state.versions[strategy.name, strategy.root] = strategy.identity
        return running

    def by_hand(self, root: str) -> None:
        """See that what watches a person's trades on a root is there. It comes with the first of them: a session
        without one is as it would be without it."""
        if not any((each.strategy.name, each.strategy.root) == (MANUAL, root) for each in self._running):
            running = self._enlist(ByHand(root))
            running.state = Plans()

    def stops_are_held_by(self, elsewhere: Callable[[Trade], bool]) -> None:
        """Whom to ask whether a trade's stops are fired by the broker alone."""
        self._elsewhere = elsewhere
        for running in self._running:
            running.context.stopped_elsewhere = elsewhere

    def begin(self) -> None:
        """Every strategy's first words of the day."""
        for running in self._running:
            self._begin(running)
        self.write_states()

    def _begin(self, running: Running) -> None:
        try:
            running.state, actions = running.strategy.begin(running.context)
        except Exception as error:
            self._halt(running, error)
        else:
            self._carry_out(running, actions)

    def restore(self, record: StateRecord) -> None:
        """Take a strategy's state back from the journal."""
        if record.strategy == MANUAL:
            self.by_hand(record.root)
        for running in self._running:
            if (running.strategy.name, running.strategy.root) == (record.strategy, record.root):
                text = record.state.encode()
                running.state = msgspec.json.decode(text, type=running.strategy.state_model)
                running.written = text

    def resume(self) -> None:
        """After a restart: timers again; a strategy without a state begins its day."""
        for running in self._running:
            if running.state is None:
                self._begin(running)
                continue
            try:
                actions = running.strategy.resume(running.context, running.state)
            except Exception as error:
                self._halt(running, error)
            else:
                self._carry_out(running, actions)
        self.write_states()

    def run(self, news: bool) -> None:
        """Ask every strategy what to do."""
        for running in self._running:
            if running.halted or running.state is None:
                continue
            running.context.news = news
            try:
                actions = running.strategy.decide(running.context, running.state)
            except Exception as error:
                self._halt(running, error)
                continue
            self._carry_out(running, actions)

    def _halt(self, running: Running, error: Exception) -> None:
        """A strategy's bug stops that strategy and new risk, nothing else."""
        name = running.strategy.name
        log.exception("strategy %s on %s failed", name, running.strategy.root)
        running.halted = True
        text = f"{name} on {running.strategy.root} failed: {type(error).__name__}: {error}"
        self._state.notice("alarm", name, f"{text}; its trades are no longer managed, see the log")
        if self._state.states.trip("STRATEGY_ERROR", "REDUCING", True, text):
            self._state.record(BreakerRecord, name="STRATEGY_ERROR", state="REDUCING", latched=True, text=text)

    def _carry_out(self, running: Running, actions: list[Action]) -> None:
        strategy, state = running.strategy, self._state
        for action in actions:
            if isinstance(action, Say):
                state.record(
                    SignalRecord,
                    strategy=strategy.name,
                    root=strategy.root,
                    kind=action.kind,
                    key=action.key,
                    text=action.text,
                )
            elif isinstance(action, Wake):
                state.wake(action.at)
            elif isinstance(action, Tally):
                state.tallies[action.name] = state.tallies.get(action.name, 0) + action.by
            elif isinstance(action, Open):
                answer = self._entries.open(strategy.name, strategy.root, action)
                if isinstance(answer, Denied):
                    running.context.denials[action.key] = f"{answer.code}: {answer.text}"
            elif isinstance(action, Close):
                trade = state.portfolio.get(action.trade_id)
                if trade is not None:
                    self._exits.begin(trade, action, "strategy")

    def asleep(self) -> bool:
        """Whether market data alone concerns no strategy before its next timer."""
        return all(self._waits(running, type(running.strategy).asleep) for running in self._live())

    def watches(self) -> tuple[Watch, ...] | None:
        """What matters to the strategies before their next timers; None where one of them is awake."""
        found: list[Watch] = []
        for running in self._live():
            watch = self._waits(running, type(running.strategy).watch)
            if watch is None:
                return None
            found.append(watch)
        return tuple(found)

    def _live(self) -> list[Running]:
        return [running for running in self._running if not running.halted and running.state is not None]

    def _waits(self, running: Running, ask: Callable[[AnyStrategy, Context, Any], W]) -> W | None:
        """What a strategy says of its waiting; one that fails over it is halted, and does not wait."""
        try:
            return ask(running.strategy, running.context, running.state)
        except Exception as error:
            self._halt(running, error)
            return None

    def write_states(self) -> None:
        """Record every state that has changed."""
        for running in self._running:
            if running.state is None:
                continue
            text = msgspec.json.encode(running.state)
            if text != running.written:
                running.written = text
                self._state.record(
                    StateRecord,
                    strategy=running.strategy.name,
                    root=running.strategy.root,
                    state=text.decode(),
                )

    def _of(self, trade: Trade) -> Running | None:
        """The strategy that manages a trade, unless it has stopped."""
        for running in self._running:
            if (running.strategy.name, running.strategy.root) == (trade.strategy, trade.root):
                return None if running.halted else running
        return None

    def managed(self, trade: Trade) -> bool:
        """Whether a strategy watches a trade; one that has failed watches nothing."""
        return self._of(trade) is not None

    def sides(self, trade: Trade) -> tuple[SidePlan, ...]:
        """The parts of a trade and their stops, as its strategy manages them; none where nobody does."""
        running = self._of(trade)
        if running is None or running.state is None:
            return ()
        try:
            return running.strategy.sides(trade_info(trade, self._exits), running.state)
        except Exception:
            self._view_failed(running)
            return ()

    def adjust(self, trade: Trade, moved: Moved) -> str:
        """Have its strategy move a stop or the target of a trade; what was done in words. Raises ``Refused``."""
        running = self._of(trade)
        if running is None or running.state is None:
            raise Refused(f"nobody watches #{trade.trade_id}: W adopts it, then its stop and target can be set")
        try:
            return running.strategy.adjust(running.context, running.state, trade_info(trade, self._exits), moved)
        except Refused:
            raise
        except Exception as error:
            self._halt(running, error)
            raise Refused(f"{running.strategy.name} has failed over it and stopped") from error

    def plan(self, trade: Trade, moved: Moved) -> None:
        """Attach a level to a trade that a person is opening, which was judged already."""
        self.by_hand(trade.root)
        running = self._of(trade)
        if running is not None and isinstance(running.state, Plans):
            attach(running.state, trade_info(trade, self._exits), moved)

    def context(self, root: str) -> Context:
        """The window that what watches a person's trades on a root has on the session."""
        self.by_hand(root)
        return next(r.context for r in self._running if (r.strategy.name, r.strategy.root) == (MANUAL, root))

    def names(self) -> tuple[tuple[str, str], ...]:
        """Name and root of every strategy that the configuration has put here."""
        names = ((each.strategy.name, each.strategy.root) for each in self._running)
        return tuple((name, root) for name, root in names if name != MANUAL)

    def proposals(self) -> list[tuple[str, str, Proposal]]:
        """What each strategy would enter now, with its name and root; those that propose nothing are left out."""
        found: list[tuple[str, str, Proposal]] = []
        for running in self._running:
            if running.state is None or running.halted:
                continue
            try:
                made = running.strategy.propose(running.context, running.state)
            except Exception:
                self._view_failed(running)
            else:
                found += [] if made is None else [(running.strategy.name, running.strategy.root, made)]
        return found

    def next_deadline(self) -> Deadline | None:
        """What any strategy does next on its own."""
        found: list[Deadline] = []
        for running in self._running:
            if running.state is None or running.halted:
                continue
            try:
                deadline = running.strategy.next_deadline(running.context, running.state)
            except Exception:
                self._view_failed(running)
            else:
                found += [] if deadline is None else [deadline]
        return min(found, default=None)

    @staticmethod
    def _view_failed(running: Running) -> None:
        """A bug in what a strategy shows stops nothing; it is logged once. Views must not change what is decided."""
        if not running.view_failed:
            running.view_failed = True
            log.exception("strategy %s on %s cannot be shown", running.strategy.name, running.strategy.root)

    def versions(self) -> dict[str, str]:
        """Name and version of each strategy, for the session's record."""
        return {running.strategy.name: running.strategy.version for running in self._running}
