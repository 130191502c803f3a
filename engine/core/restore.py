"""Restart: the session's records folded back into orders, trades, breakers, exits and strategy states."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import ClassVar

from engine.clock import MINUTE
from engine.core.commands import LOST
from engine.core.entries import EntryDesk
from engine.core.entry import IN_PARTS, PARTLY
from engine.core.exits import ExitDesk, read_symbols
from engine.core.hands import HandsDesk
from engine.core.hands_orders import BY_HAND
from engine.core.orders import ABSENT, OrderDesk
from engine.core.state import SessionState
from engine.core.strategies import StrategyDesk
from engine.core.supervision import CLOCK_SKEW
from engine.core.venue import Venue
from engine.events import (
    AnyRecord,
    BreakerRecord,
    ExitRecord,
    FillRecord,
    IntentRecord,
    LegFill,
    MarkRecord,
    OrderEventRecord,
    OrderRecord,
    SettlementRecord,
    StateRecord,
    TradeRecord,
)
from engine.orders import Order
from engine.portfolio import Trade
from engine.strategy import Close
from engine.types import MANUAL, Contract, Package, Price, parse_symbol

RESUMED = " (resumed after a restart)"

OF_THE_PROCESS = frozenset({*LOST.values(), CLOCK_SKEW})
"""Breakers of what only the process that has died saw: its journal, its connection, its clock."""


class Restorer:
    """Folds records in the order in which they were written."""

    def __init__(
        self,
        state: SessionState,
        orders: OrderDesk,
        exits: ExitDesk,
        entries: EntryDesk,
        strategies: StrategyDesk,
        venue: Venue,
        hands: HandsDesk,
    ) -> None:
        self._state = state
        self._orders = orders
        self._exits = exits
        self._entries = entries
        self._strategies = strategies
        self._venue = venue
        self._hands = hands
        self._first_trade: dict[int, TradeRecord] = {}
        self._asked: dict[int, Price] = {}
        self._moved_to: dict[int, Price] = {}
        self._parts: dict[int, int] = {}
        self._judged_anew: dict[str, bool] = {}
        self._exits_begun: list[tuple[ExitRecord, dict[Contract, int]]] = []

    def fold(self, records: Iterable[AnyRecord]) -> None:
        """Rebuild the state; then close what the simulated exchange has lost, and go on with exits under way."""
        for record in records:
            take = self._TAKERS.get(type(record))
            if take is not None:
                take(self, record)
        for trade in self._state.portfolio:
            for contract, holding in trade.holdings.items():
                self._venue.hold(contract, holding.quantity)
        if self._venue.outside:
            self._doubt_orders()
        else:
            self._close_lost_orders()
        for trade_id, parts in self._parts.items():
            self._resume_saga(trade_id, parts)
        for record, contracts in self._exits_begun:
            self._resume_exit(record, contracts)
        self._end_lost_entries()
        for name in (name for name, stood in self._judged_anew.items() if stood):
            text = "a restart judges it anew"
            self._state.record(BreakerRecord, name=name, state="ACTIVE", latched=False, text=text)

    def _intent(self, record: IntentRecord) -> None:
        self._state.last_intent = max(self._state.last_intent, record.intent_id)
        if record.kind == "open" and record.limit is not None:
            if record.reason.startswith(BY_HAND):
                self._moved_to[record.trade_id] = -record.limit
            self._asked.setdefault(record.trade_id, -record.limit)

    def _trade(self, record: TradeRecord) -> None:
        self._state.last_trade = max(self._state.last_trade, record.trade_id)
        trade = self._state.portfolio.get(record.trade_id)
        if trade is None:
            self._first_trade.setdefault(record.trade_id, record)
            if record.text.startswith(IN_PARTS):
                self._parts[record.trade_id] = int(record.text.removeprefix(IN_PARTS))
        else:
            trade.status, trade.strategy, trade.worst_case = record.status, record.strategy, record.worst_case
            if record.text.startswith(BY_HAND):
                trade.asked = self._moved_to[record.trade_id]
            if record.status in ("open", "closed") and record.text.startswith(PARTLY):
                trade.wanted = record.quantity

    def _order(self, record: OrderRecord) -> None:
        package = Package(record.legs)
        order = Order(
            client_order_id=record.client_order_id,
            intent_id=record.intent_id,
            trade_id=record.trade_id,
            strategy=record.strategy,
            root=record.root,
            actor=record.actor,
            kind=record.kind,
            package=package,
            quantity=record.quantity,
            limit=record.limit,
            created=record.ts,
            stop=record.stop,
        )
        self._state.orders.add(order)
        first = self._first_trade.pop(record.trade_id, None)
        if first is not None:
            trade = Trade(
                trade_id=first.trade_id,
                strategy=first.strategy,
                root=first.root,
                key=first.key,
                label=first.label,
                expiry=first.expiry,
                package=package,
                wanted=first.quantity,
                worst_case=first.worst_case,
                asked=self._asked.get(first.trade_id, 0),
            )
            self._state.portfolio.add(trade)
        elif record.kind == "open":
            self._add_part(record.trade_id, package)

    def _add_part(self, trade_id: int, part: Package) -> None:
        """A later order that opens a trade: the legs that are new are of a further part of its package."""
        trade = self._state.portfolio.get(trade_id)
        if trade is not None:
            known = {leg.contract for leg in trade.package.legs}
            trade.package = Package((*trade.package.legs, *(leg for leg in part.legs if leg.contract not in known)))

    def _order_event(self, record: OrderEventRecord) -> None:
        order = self._state.orders.get(record.client_order_id)
        if order is not None:
            order.status, order.filled, order.limit = record.status, record.filled, record.limit
            order.absent = order.absent or (record.status == "cancelled" and record.text == ABSENT)
            order.moved_at = record.ts

    def _fill(self, record: FillRecord) -> None:
        order = self._state.orders.get(record.client_order_id)
        contract = parse_symbol(record.symbol)
        if order is None or not isinstance(contract, Contract):
            raise ValueError(f"the journal holds fill {record.exec_id} of an order it does not hold")
        leg = LegFill(
            exec_id=record.exec_id,
            contract=contract,
            side="buy" if record.quantity > 0 else "sell",
            quantity=abs(record.quantity),
            price=record.price,
            fee=record.fee,
        )
        order.take((leg,))
        self._state.portfolio.fold(record.trade_id, leg, order.kind == "open", record.ts)
        trade = self._state.portfolio.get(record.trade_id)
        if trade is not None and order.kind == "open":
            trade.filled = self._orders.filler.packages(trade)
        if trade is not None and not trade.held(contract):
            self._closed(trade, contract)

    def _closed(self, trade: Trade, contract: Contract) -> None:
        """A strategy's exit is over with what it has closed, also where a bust opens that again."""
        for record, contracts in self._exits_begun:
            if record.trade_id == trade.trade_id and record.actor == "strategy":
                contracts.pop(contract, None)

    def _settlement(self, record: SettlementRecord) -> None:
        trade, contract = self._state.portfolio.get(record.trade_id), parse_symbol(record.symbol)
        if trade is not None and isinstance(contract, Contract):
            self._state.portfolio.settle(trade, contract, record.value, record.provisional)

    def _breaker(self, record: BreakerRecord) -> None:
        if record.name in OF_THE_PROCESS:
            self._judged_anew[record.name] = record.state != "ACTIVE"
        elif record.state == "ACTIVE":
            self._state.states.lift(record.name)
        else:
            self._state.states.trip(record.name, record.state, record.latched, record.text)

    def _strategy_state(self, record: StateRecord) -> None:
        if record.strategy == MANUAL and not record.root:
            self._hands.restore(record)
        else:
            self._strategies.restore(record)

    def _mark(self, record: MarkRecord) -> None:
        self._state.last_marks = record.ts // MINUTE

    def _exit(self, record: ExitRecord) -> None:
        self._exits_begun.append((record, read_symbols(record.symbols)))

    def _doubt_orders(self) -> None:
        """Whether what was written was also sent, and what became of it, only the broker knows: it is asked."""
        for order in self._state.orders.working():
            if order.status in ("new", "pending", "sent"):
                order.status = "unknown"
                self._orders.record_event(order, "a restart found it without an answer")
            self._orders.answers.doubt(order)

    def _close_lost_orders(self) -> None:
        """The simulated exchange died with the process: what was working there is proven absent, and closed."""
        for order in self._state.orders.working():
            order.status = "cancelled"
            self._state.record(
                OrderEventRecord,
                client_order_id=order.client_order_id,
                status="cancelled",
                filled=order.filled,
                limit=order.limit,
                text="absent at the exchange after a restart",
            )
            trade = self._state.portfolio.get(order.trade_id)
            if trade is not None and order.kind == "open" and not trade.filled:
                trade.status = "abandoned"
                self._orders.record_trade(trade, "its order was lost in a restart")

    def _end_lost_entries(self) -> None:
        """Entries of which nothing works any more: what they have opened is all that is wanted."""
        for trade in self._state.portfolio:
            orders = [order for order in self._state.orders.of(trade.trade_id) if order.kind == "open"]
            over = trade.over or trade.trade_id in self._parts or self._exits.exiting(trade)
            if orders and not over and trade.filled < trade.wanted and not any(order.working for order in orders):
                self._orders.ended(orders[-1], trade, "its entry was cut off by a restart")

    def _resume_saga(self, trade_id: int, parts: int) -> None:
        trade = self._state.portfolio.get(trade_id)
        if trade is not None and not trade.over:
            self._entries.resume(trade, parts)

    def _resume_exit(self, record: ExitRecord, wanted: dict[Contract, int]) -> None:
        trade = self._state.portfolio.get(record.trade_id)
        if trade is None:
            return
        contracts = tuple(contract for contract in trade.contracts if contract in wanted)
        if contracts:
            again = Close(
                trade_id=trade.trade_id,
                scope=record.scope,
                contracts=contracts,
                trigger=record.trigger,
                level=record.level,
                observed=record.observed,
                reason=record.text.removesuffix(RESUMED) + RESUMED,
                stays=tuple((contract, wanted[contract]) for contract in contracts if wanted[contract]),
            )
            self._exits.resume(trade, again, record.actor)

    _TAKERS: ClassVar[dict[type, Callable[..., None]]] = {
        IntentRecord: _intent,
        TradeRecord: _trade,
        OrderRecord: _order,
        OrderEventRecord: _order_event,
        FillRecord: _fill,
        SettlementRecord: _settlement,
        BreakerRecord: _breaker,
        StateRecord: _strategy_state,
        ExitRecord: _exit,
        MarkRecord: _mark,
    }
