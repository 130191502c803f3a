"""From an intent to an order to its fills: every step recorded, reports folded once."""

from __future__ import annotations

from typing import Any, Literal, NamedTuple

from engine.core.state import SessionState
from engine.events import (
    Actor,
    BrokerReport,
    DecisionRecord,
    FillRecord,
    IntentRecord,
    OrderEventRecord,
    OrderRecord,
    OrderStatus,
    PositionRecord,
    TradeRecord,
)
from engine.exchange import SimulatedExchange
from engine.orders import IllegalTransition, Order
from engine.portfolio import Trade
from engine.risk import Book, Decision, Gate, OpenRequest
from engine.strategy import Open
from engine.types import Package, Price


class Denied(NamedTuple):
    """The gate said no."""

    code: str
    text: str


class OrderDesk:
    """Takes intents through the gate to the exchange, and reports back into orders and trades."""

    def __init__(self, state: SessionState, gate: Gate, exchange: SimulatedExchange) -> None:
        self._state = state
        self._gate = gate
        self._exchange = exchange
        self._until: dict[str, int] = {}

    def open(self, strategy: str, root: str, wanted: Open, actor: Actor = "strategy") -> Denied | Trade:
        """Ask the gate for an opening order; where it agrees, send it."""
        state = self._state
        decision = self._gate.check(
            OpenRequest(strategy, root, wanted.package, wanted.quantity, wanted.limit), self._book(root)
        )
        trade_id = state.last_trade + 1 if decision.approved else 0
        intent_id = self._record_intent(
            decision,
            trade_id=trade_id,
            strategy=strategy,
            root=root,
            actor=actor,
            kind="open",
            quantity=wanted.quantity,
            limit=wanted.limit,
            legs=wanted.package.legs,
            reason=wanted.reason,
        )
        if not decision.approved:
            return Denied(decision.code, decision.text)
        state.last_trade = trade_id
        expiry = min(leg.contract.expiry for leg in wanted.package.legs)
        trade = Trade(
            trade_id=trade_id,
            strategy=strategy,
            root=root,
            key=wanted.key,
            label=wanted.label,
            expiry=expiry,
            package=wanted.package,
            wanted=decision.quantity,
            worst_case=decision.worst_case,
        )
        state.portfolio.add(trade)
        state.dealings += 1
        self.record_trade(trade, "")
        order = self._new_order(intent_id, trade, actor, "open", wanted.package, decision.quantity, wanted.limit)
        self._until[order.client_order_id] = wanted.until
        state.wake(wanted.until)
        return trade

    def close(
        self, trade: Trade, package: Package, quantity: int, limit: Price | None, actor: Actor, reason: str
    ) -> Order:
        """Send a closing order; reducing risk needs no approval, but the record says so."""
        intent_id = self._record_intent(
            Decision("OK", "closes a holding", quantity, 0),
            trade_id=trade.trade_id,
            strategy=trade.strategy,
            root=trade.root,
            actor=actor,
            kind="close",
            quantity=quantity,
            limit=limit,
            legs=package.legs,
            reason=reason,
        )
        return self._new_order(intent_id, trade, actor, "close", package, quantity, limit)

    def cancel(self, order: Order, why: str) -> None:
        """Cancel a working order."""
        for report in self._exchange.cancel(order.client_order_id, self._state.now, why):
            self.fold(report)

    def walk(self, order: Order, limit: Price | None, step: str) -> None:
        """Change a working order's limit."""
        order.limit = limit
        self._exchange.replace(order.client_order_id, limit)
        self._record_event(order, f"limit walks to {step}")

    def run(self) -> None:
        """Cancel entries whose time is over or that may no longer be, then let the exchange match."""
        states = self._state.states
        if not self._state.orders.live and self._exchange.idle:
            return
        for order in self._state.orders.working():
            until = self._until.get(order.client_order_id)
            if order.kind == "open" and states.state != "ACTIVE":
                self.cancel(order, f"{states.state}: no new risk")
            elif until is not None and self._state.now >= until:
                self.cancel(order, "its entry window is over")
        for report in self._exchange.match(self._state.market, self._state.now):
            self.fold(report)
        arrival = self._exchange.next_arrival
        if arrival is not None:
            self._state.wake(arrival)

    def fold(self, report: BrokerReport) -> None:
        """Take a report into its order, its trade and the journal; what cannot be true is noticed, not believed."""
        state = self._state
        try:
            order = state.orders.fold(report)
        except KeyError:
            state.notice("alarm", "broker", f"report {report.kind} for an unknown order {report.client_order_id}")
            return
        except IllegalTransition as refused:
            state.notice("alarm", "broker", f"report {report.kind} refused: {refused}")
            return
        if order is None:
            return
        state.dealings += 1
        self._record_event(order, report.text)
        trade = state.portfolio.get(order.trade_id)
        if trade is None:
            return
        if report.kind == "fill":
            self._fold_fill(order, trade, report)
        elif not order.working and order.kind == "open" and not trade.filled:
            trade.status = "abandoned"
            self.record_trade(trade, report.text or report.kind)

    def _fold_fill(self, order: Order, trade: Trade, report: BrokerReport) -> None:
        state = self._state
        for leg in report.legs:
            if not state.portfolio.fold(trade.trade_id, leg, order.kind == "open", state.now):
                continue
            signed = leg.quantity if leg.side == "buy" else -leg.quantity
            state.record(
                FillRecord,
                exec_id=leg.exec_id,
                client_order_id=order.client_order_id,
                trade_id=trade.trade_id,
                symbol=leg.contract.symbol,
                quantity=signed,
                price=leg.price,
                fee=leg.fee,
                bid=leg.bid,
                ask=leg.ask,
                quote_age_ns=leg.quote_age_ns,
            )
            holding = trade.holdings[leg.contract]
            state.record(
                PositionRecord,
                trade_id=trade.trade_id,
                symbol=leg.contract.symbol,
                quantity=holding.quantity,
                cash=holding.cash,
            )
        if order.kind == "open":
            trade.filled += report.quantity
            trade.status = "open"
        elif not trade.open:
            trade.status = "closed"
        self.record_trade(trade, "")

    def record_trade(self, trade: Trade, text: str) -> None:
        """Write how a trade stands."""
        self._state.record(
            TradeRecord,
            trade_id=trade.trade_id,
            strategy=trade.strategy,
            root=trade.root,
            key=trade.key,
            label=trade.label,
            expiry=trade.expiry,
            status=trade.status,
            quantity=trade.filled or trade.wanted,
            credit=trade.credit,
            fees=trade.fees,
            realised=trade.realised,
            worst_case=trade.worst_case,
            text=text,
        )

    def _record_intent(self, decision: Decision, **intent: Any) -> int:
        """Write an intent (the fields of ``IntentRecord``) and what was decided of it; the intent's number."""
        state = self._state
        state.last_intent += 1
        state.record(IntentRecord, intent_id=state.last_intent, **intent)
        state.record(
            DecisionRecord,
            intent_id=state.last_intent,
            approved=decision.approved,
            code=decision.code,
            text=decision.text,
            quantity=decision.quantity,
            worst_case=decision.worst_case,
        )
        return state.last_intent

    def _new_order(
        self,
        intent_id: int,
        trade: Trade,
        actor: Actor,
        kind: Literal["open", "close"],
        package: Package,
        quantity: int,
        limit: Price | None,
    ) -> Order:
        state = self._state
        order = Order(
            client_order_id=state.next_order_id(),
            intent_id=intent_id,
            trade_id=trade.trade_id,
            strategy=trade.strategy,
            root=trade.root,
            actor=actor,
            kind=kind,
            package=package,
            quantity=quantity,
            limit=limit,
            created=state.now,
        )
        state.orders.add(order)
        state.record(
            OrderRecord,
            client_order_id=order.client_order_id,
            intent_id=intent_id,
            trade_id=trade.trade_id,
            strategy=trade.strategy,
            root=trade.root,
            actor=actor,
            kind=order.kind,
            quantity=quantity,
            limit=limit,
            legs=package.legs,
        )
        steps: tuple[OrderStatus, ...] = ("pending", "sent")
        for status in steps:
            order.move(status)
        self._record_event(order, "")
        self._exchange.submit(order.client_order_id, package, quantity, limit, state.now)
        return order

    def _record_event(self, order: Order, text: str) -> None:
        self._state.record(
            OrderEventRecord,
            client_order_id=order.client_order_id,
            status=order.status,
            filled=order.filled,
            limit=order.limit,
            text=text,
        )

    def _book(self, root: str) -> Book:
        state = self._state
        return Book(
            now=state.now,
            session=state.session,
            market=state.market,
            orders=state.orders,
            portfolio=state.portfolio,
            states=state.states,
            vix=state.vix(root),
            equity=state.equity,
            fee_each=state.fee_each(root),
            max_quote_age=state.max_age,
        )
