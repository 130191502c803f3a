"""What must hold in every session, whatever goes wrong: looked at after events, at every request and at the end."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

from fault_plan import ANSWER, Plan
from faulty_broker import FaultyBroker

from engine.clock import MINUTE, SECOND
from engine.core import Engine
from engine.core.adoption import OUTSIDE
from engine.core.exits import read_symbols
from engine.core.state import IN_THE_DARK
from engine.events import (
    AnyRecord,
    BreakerRecord,
    BrokerOrder,
    DecisionRecord,
    ExitRecord,
    FillRecord,
    IntentRecord,
    OrderRecord,
    OrderRequest,
    Tick,
    TradeRecord,
)
from engine.portfolio import Trade
from engine.pricing import payoff_bounds
from engine.types import MANUAL, ClientOrderId, Contract, Money, product, sign

UNGUARDED = max(2 * MINUTE, 12 * ANSWER)
"""So long a short may be held without a stop or an exit: while reports of its opening come in."""

SETTLED = 10 * MINUTE
"""After the calm has begun, what is to be mended is mended within this."""

DISK = ("journal_busy", "disk_full")

Journalled = Callable[[str], bool]


class _AtBroker:
    """One trade as the broker has it. ``working``: what its opening orders may lose, no less than is true."""

    def __init__(self) -> None:
        self.working: Money = 0
        self.cash: Money = 0
        self.net: Counter[Contract] = Counter()

    def take(self, order: BrokerOrder) -> None:
        """Fold an order's executions."""
        for each in order.executions:
            signed = sign(each.side) * each.quantity
            self.net[each.contract] += signed
            self.cash -= signed * each.price * product(each.contract.root).multiplier + each.fee

    @property
    def holds(self) -> bool:
        """Whether anything is held."""
        return any(self.net.values())

    @property
    def worst(self) -> Money:
        """The most it can come to lose: what is held, or what was asked where that is more."""
        held = {contract: quantity for contract, quantity in self.net.items() if quantity}
        lowest = payoff_bounds(held).lowest if held else 0
        if lowest is None:
            return self.working
        root = next(iter(held)).root if held else ""
        loss = -self.cash - lowest * (product(root).multiplier if root else 0)
        return max(loss, self.working, 0)


class Checks:
    """Attributes:
    violations: what did not hold, each in a line; empty in a session that went as it must.
    """

    def __init__(self, plan: Plan, tell: Callable[[int, str], None]) -> None:
        self.plan = plan
        self.violations: list[str] = []
        self._tell = tell
        self._said: set[str] = set()
        self._trade_of: dict[str, int] = {}
        self._worst: dict[int, Money] = {}
        self._kind: dict[str, str] = {}
        self._latched: set[str] = set()
        self._bare_since: dict[tuple[int, Contract], int] = {}
        self._begun: set[tuple[int, Contract]] = set()
        self._stays: dict[tuple[int, Contract], int] = {}
        self._last: tuple[int, list[str]] | None = None
        self.now = 0

    def violated(self, key: str, text: str) -> None:
        """Something that must never be; each kind of it is said once a session."""
        if key not in self._said:
            self._said.add(key)
            self.violations.append(f"{key}: {text}")
            self._tell(self.now, f"VIOLATION {key}: {text}")

    # At every request

    def requested(self, request: OrderRequest, now: int, broker: FaultyBroker, journalled: Journalled) -> None:
        """A request is about to leave."""
        self.now = max(self.now, now)
        own = request.client_order_id
        if request.action != "submit":
            return
        if broker.asked[own]:
            self.violated("sent twice", f"{own} is submitted again")
        opens = request.package is not None and request.package.opens
        # The write that is the first to fail fails after the order has its name: then it is in the dark without saying.
        dark = own.startswith(IN_THE_DARK) or any(self.plan.window(kind, now) for kind in DISK)
        if not journalled(own) and (opens or not dark):
            self.violated("sent unwritten", f"{own} leaves and the journal on disk has never heard of it")
        if opens:
            if self._latched:
                self.violated("latch", f"{own} opens while {', '.join(sorted(self._latched))} is latched")
            self._within_limits(own, broker)

    def _within_limits(self, own: str, broker: FaultyBroker) -> None:
        """By what the broker has: the trades that are live there, with this one, keep the limits."""
        if broker.doings or self.plan.rates.get("zombie"):
            return  # what the broker did of itself may be more than was allowed
        live: dict[int, _AtBroker] = {}
        for order in broker.book.orders():
            trade = self._trade_of.get(order.client_order_id)
            if trade is None:
                continue
            there = live.setdefault(trade, _AtBroker())
            there.take(order)
            if order.status in ("accepted", "partially_filled", "pending_cancel") and order.package.opens:
                there.working += self._worst.get(trade, 0)
        if own in self._trade_of:
            live.setdefault(self._trade_of[own], _AtBroker()).working += self._worst.get(self._trade_of[own], 0)
        risk = self.plan.config.risk
        many = sum(1 for there in live.values() if there.working or there.holds)
        if many > risk.max_open:
            self.violated("max_open", f"{many} trades are live at the broker, {risk.max_open} may be")
        worst = sum(there.worst for there in live.values() if there.working or there.holds)
        strategies = len(self.plan.market.roots) + bool(self.plan.hands)
        limit = round(risk.per_strategy * self.plan.config.account.equity_units) * strategies
        if worst > limit:
            self.violated("per_strategy", f"{worst} of worst-case loss, {limit} may be")

    # After every event

    def happened(self, tick: Tick, engine: Engine, broker: FaultyBroker) -> None:
        """An event was processed, and what came of it was sent."""
        self.now = tick.now
        for record in tick.records:
            self._learn(record)
        if tick.records:
            self._exits_go_on(engine, broker)
            self._nothing_is_bare(engine)
        for text in broker.closed_too_far:
            self.violated("closed twice", text)
        if (
            self.plan.calm + SETTLED
            <= tick.now
            < min(engine.state.session.product_close(root) for root in engine.state.roots)
        ):
            self._last = (tick.now, self._differences(engine, broker))

    def _learn(self, record: AnyRecord) -> None:
        match record:
            case OrderRecord():
                self._trade_of[record.client_order_id] = record.trade_id
                self._kind[record.client_order_id] = record.kind
            case TradeRecord():
                self._worst[record.trade_id] = record.worst_case
            case ExitRecord():
                for contract, stays in read_symbols(record.symbols).items():
                    self._stays[record.trade_id, contract] = stays
            case BreakerRecord() if record.latched:
                self._latched.add(record.name)
            case _:
                pass

    def _exits_go_on(self, engine: Engine, broker: FaultyBroker) -> None:
        """An exit that has begun ends when nothing is held of it, or nothing trades any more."""
        state = engine.state
        for trade in state.portfolio:
            exiting = engine.exits.exiting(trade)
            over = state.now >= state.session.product_close(trade.root)
            for contract in trade.holdings:
                key = (trade.trade_id, contract)
                if contract in exiting:
                    self._begun.add(key)
                elif key in self._begun:
                    self._begun.discard(key)
                    stays = abs(self._stays.get(key, 0))
                    if stays and trade.held(contract) > 0:
                        continue  # a long of a part, that nobody bids for, stays with the rest
                    if abs(trade.held(contract)) > stays and not over and contract not in broker.doings:
                        held = f"{trade.held(contract):+d} {contract.short_name}"
                        self.violated("exit gave up", f"#{trade.trade_id} still holds {held}, and nobody closes it")

    def _nothing_is_bare(self, engine: Engine) -> None:
        """Every held short has a stop or is being closed; what others opened and is only shown has neither."""
        state = engine.state
        bare: dict[tuple[int, Contract], int] = {}
        for trade in state.portfolio.open_trades:
            if self._left_to_a_person(trade):
                continue
            if state.now >= state.session.product_close(trade.root):
                continue
            exiting = engine.exits.exiting(trade)
            stopped = {c for side in engine.strategies.sides(trade) if side.stop_at is not None for c in side.contracts}
            for contract, quantity in trade.standing.held.items():
                if quantity < 0 and contract not in exiting and contract not in stopped:
                    key = (trade.trade_id, contract)
                    bare[key] = self._bare_since.get(key, state.now)
                    if state.now - bare[key] > UNGUARDED:
                        minutes = (state.now - bare[key]) // MINUTE
                        text = f"#{trade.trade_id} {quantity:+d} {contract.short_name} for {minutes} min"
                        self.violated("forgotten", f"{text}: no stop, and nobody closes it")
        self._bare_since = bare

    def _left_to_a_person(self, trade: Trade) -> bool:
        """Whether nobody but a person decides when it ends, and whether it has a stop."""
        return trade.strategy == MANUAL or (trade.strategy == OUTSIDE and self.plan.config.broker.outside == "adopt")

    def _differences(self, engine: Engine, broker: FaultyBroker) -> list[str]:
        """What is not as it must be once all has been well for a while."""
        state = engine.state
        found = []
        theirs = broker.exchange.positions
        contracts = {*theirs, *(c for trade in state.portfolio.open_trades for c in trade.standing.held)}
        for contract in sorted(contracts):
            if state.portfolio.net(contract) != theirs.get(contract, 0):
                words = f"{state.portfolio.net(contract):+d} here, {theirs.get(contract, 0):+d} at the broker"
                found.append(f"{contract.short_name}: {words}")
        for order in broker.exchange.resting:
            ours = state.orders.get(order.client_order_id)
            if order.client_order_id not in broker.own and (ours is None or not ours.working):
                found.append(f"order {order.client_order_id} works at the broker alone")
        known = {order.client_order_id for order in broker.exchange.resting}
        found += [
            f"order {order.client_order_id} is {order.status} here alone"
            for order in state.orders.working()
            if order.client_order_id not in known and state.now - order.moved_at > 2 * ANSWER
        ]
        for trade in state.portfolio.open_trades:
            if self._left_to_a_person(trade):
                continue
            found += [
                f"#{trade.trade_id} is still short {quantity:+d} {contract.short_name}"
                for contract, quantity in trade.standing.held.items()
                if quantity < 0 and state.now > self.plan.calm + 3 * SETTLED // 2
            ]
        return found

    # Between runs and at the end

    def restarted(self, latched: set[str]) -> None:
        """The process begins again with what the journal holds."""
        self._latched = latched
        self._begun.clear()
        self._bare_since.clear()

    def restored(self, engine: Engine) -> None:
        """What was latched still is."""
        lost = self._latched - engine.state.states.breakers.keys()
        if lost:
            self.violated("latch lost", f"{', '.join(sorted(lost))} does not stand after a restart")

    def ended(self, engine: Engine, broker: FaultyBroker, records: list[AnyRecord]) -> None:
        """The session is over; ``records``: all that the journal holds of it."""
        if self._last is None:
            self.violated("end", "nothing happened in the calm before the close")
        elif self._last[1]:
            self.violated("not mended", "; ".join(self._last[1][:4]))
        orders = {record.client_order_id for record in records if isinstance(record, OrderRecord)}
        for own, times in broker.taken.items():
            if own not in broker.own and own not in orders and not self._adopted(own, records):
                self.violated("no intent", f"{own} was taken by the broker, and the journal has no intent of it")
            if times > 1:
                self.violated("taken twice", f"{own} was taken {times} times")
        self._intents(records)
        self._fills(engine, records)
        working = [order.client_order_id for order in engine.state.orders.working()]
        if working:
            self.violated("still working", f"{', '.join(working)} at the end")
        held = [f"#{trade.trade_id}" for trade in engine.state.portfolio.open_trades]
        if held:
            self.violated("still held", f"{', '.join(held)} after the official close")

    def _adopted(self, own: str, records: list[AnyRecord]) -> bool:
        """An order in the dark has no intent of its own; what it executed must be adopted under its name."""
        if not own.startswith(IN_THE_DARK):
            return False
        ClientOrderId.parse(own.removeprefix(IN_THE_DARK))
        return True

    def _intents(self, records: list[AnyRecord]) -> None:
        approved = {r.intent_id for r in records if isinstance(r, DecisionRecord) and r.approved}
        intents = {r.intent_id for r in records if isinstance(r, IntentRecord)}
        ours = [r for r in records if isinstance(r, OrderRecord) and r.actor != "broker"]
        used = Counter(r.intent_id for r in ours)
        for intent, times in used.items():
            if times > 1:
                self.violated("one order an intent", f"intent {intent} has {times} orders")
            if intent not in intents or intent not in approved:
                self.violated("no approval", f"intent {intent} has an order and no approval")

    def _fills(self, engine: Engine, records: list[AnyRecord]) -> None:
        """A trade's positions are the sum of its fills, each counted once."""
        fills = [record for record in records if isinstance(record, FillRecord)]
        twice = [own for own, times in Counter(fill.exec_id for fill in fills).items() if times > 1]
        if twice:
            self.violated("fill twice", f"{', '.join(twice[:3])} is in the journal more than once")
        sums: Counter[tuple[int, str]] = Counter()
        for fill in fills:
            sums[fill.trade_id, fill.symbol] += fill.quantity
        for trade in engine.state.portfolio:
            for contract, holding in trade.holdings.items():
                total = sums[trade.trade_id, contract.symbol]
                if total != holding.quantity + holding.settled_quantity:
                    held = holding.quantity + holding.settled_quantity
                    text = f"#{trade.trade_id} {contract.short_name}: fills come to {total:+d}, {held:+d} was held"
                    self.violated("sum of fills", text)


__all__ = ["SECOND", "Checks"]
