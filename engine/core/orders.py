"""From an intent to an order to its fills: every step recorded, reports folded once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec

from engine.core.answers import Answers
from engine.core.filling import Filler
from engine.core.state import SessionState
from engine.core.venue import Venue
from engine.events import (
    Actor,
    BrokerReport,
    DecisionRecord,
    IntentRecord,
    OrderEventRecord,
    OrderKind,
    OrderRecord,
    OrderStatus,
)
from engine.orders import IllegalTransition, Order, exact_in_sum, reversals
from engine.portfolio import Trade
from engine.risk import Decision
from engine.types import Package, Price, dollars_text

ABSENT = "the broker has never heard of it"
"""The text of an order event that closes an order which was proven absent."""

A_STOP = "a stop at the broker"
"""Begins the text of the event that sends a protective stop."""

JOURNAL = "JOURNAL"
"""The breaker that stands while the journal cannot be written."""


class OrderDesk:
    """Writes orders, sends them to the venue, and folds its reports back into orders and trades.

    Attributes:
        unknown: told of reports of orders that are not in the table.
        ended: told once an opening order is done, with the reason.
        reopened: told once executions that had closed something were busted.
        record_trade: writes how a trade stands.
    """

    def __init__(self, state: SessionState, venue: Venue) -> None:
        self._state = state
        self._venue = venue
        self.answers = Answers(state, venue)
        self.filler = Filler(state)
        self.record_trade = self.filler.record_trade
        self.unknown: Callable[[BrokerReport], None] = _unheard
        self.ended: Callable[[Order, Trade, str], None] = _unheard
        self.reopened: Callable[[Trade], None] = _unheard

    @property
    def outside(self) -> bool:
        """Whether the venue answers by events that come later."""
        return self._venue.outside

    def send(
        self,
        trade: Trade,
        kind: OrderKind,
        package: Package,
        quantity: int,
        limit: Price | None,
        actor: Actor,
        reason: str,
        decision: Decision | None = None,
        stop: Price | None = None,
    ) -> Order:
        """Write the intent, what was decided of it and the order, and send it.

        Reducing risk needs no approval, but the record says so: ``decision`` is for orders that open.
        """
        intent_id = self.record_intent(
            decision or Decision("OK", "closes a holding", quantity, 0),
            trade_id=trade.trade_id,
            strategy=trade.strategy,
            root=trade.root,
            actor=actor,
            kind=kind,
            quantity=quantity,
            limit=limit,
            legs=package.legs,
            reason=reason,
        )
        return self.send_approved(intent_id, trade, actor, kind, package, quantity, limit, stop)

    def cancel(self, order: Order, why: str) -> None:
        """Ask for a working order's cancellation; it is over once the venue says so."""
        if order.status == "pending_cancel":
            return
        reports = self._venue.cancel(order, self._state.now, why)
        if not reports:
            order.move("pending_cancel")
            self._moved(order)
            self.record_event(order, why)
            self.answers.expect(order)
        for report in reports:
            self.fold(report)

    def walk(self, order: Order, limit: Price | None, step: str) -> None:
        """Change a working order's limit; where the broker changes none, the order is cancelled to be sent anew."""
        if order.status in ("pending_cancel", "unknown"):
            return
        if not self._state.config.broker.replaces:
            self.cancel(order, f"limit walks to {step}")
            return
        order.limit = limit
        reports = self._venue.replace(order, self._state.now)
        self.record_event(order, f"limit walks to {step}")
        self.answers.expect(order)
        for report in reports:
            self.fold(report)

    def run(self) -> None:
        """Let the venue match, and ask after what it has not answered."""
        state, venue = self._state, self._venue
        if not state.orders.live and venue.idle:
            return
        self.answers.run()
        for report in venue.match(state.market, state.now):
            self.fold(report)
        wake = venue.next_wake
        if wake is not None:
            state.wake(wake)

    def fold(self, report: BrokerReport) -> None:
        """Take a report into its order, its trade and the journal; what cannot be true is noticed, not believed."""
        state = self._state
        order = state.orders.get(report.client_order_id)
        if order is None:
            self.unknown(report)
            return
        self.answers.came(order, report.kind)
        if report.kind == "fill" and report.legs:
            legs = exact_in_sum(order, report.legs)
            report = msgspec.structs.replace(report, legs=tuple(map(self.filler.completed, legs)))
        if order.absent and report.kind in ("accepted", "replaced", "pending_cancel"):
            self.stray(order)
            return
        news = [leg for leg in report.legs if leg.exec_id not in order.executions]
        if report.kind == "busted":
            news = reversals(order, report.legs)
        try:
            changed = state.orders.fold(report)
        except IllegalTransition as refused:
            state.notice("alarm", "broker", f"report {report.kind} refused: {refused}")
            return
        if changed is None:
            return
        if report.kind == "unknown":
            self.answers.doubt(order)
        self._moved(order)
        self.record_event(order, ABSENT if report.kind == "absent" else report.text)
        trade = state.portfolio.get(order.trade_id)
        if trade is None:
            return
        if report.kind in ("fill", "busted"):
            if report.kind == "busted":
                names = ", ".join(f"{leg.quantity} {leg.contract.short_name}" for leg in news)
                state.notice("alarm", "broker", f"#{trade.trade_id} trades were busted: {names}. {report.text}".strip())
            self.filler.book(order, trade, news)
            if report.kind == "busted" and order.kind != "open":
                self.reopened(trade)
        if not order.working and order.kind == "open":
            self.ended(order, trade, report.text or report.kind)

    def stray(self, order: Order) -> None:
        """An order that was closed here works at the broker: it is cancelled there, once a wait."""
        self._state.notice(
            "alarm",
            "broker",
            f"order {order.client_order_id} of #{order.trade_id} was closed here and works: cancelled",
        )
        self._venue.cancel(order, self._state.now, "it was closed here")

    def record_intent(self, decision: Decision, **intent: Any) -> int:
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

    def send_approved(
        self,
        intent_id: int,
        trade: Trade,
        actor: Actor,
        kind: OrderKind,
        package: Package,
        quantity: int,
        limit: Price | None,
        stop: Price | None = None,
    ) -> Order:
        """Write an order of an intent that is written already, and send it."""
        state = self._state
        in_the_dark = kind != "open" and JOURNAL in state.states.breakers
        order = Order(
            client_order_id=state.next_order_id(in_the_dark),
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
            stop=stop,
        )
        self.enter(order)
        steps: tuple[OrderStatus, ...] = ("pending", "sent")
        for status in steps:
            order.move(status)
        self._moved(order)
        protects = kind == "stop" and stop is not None
        self.record_event(order, f"{A_STOP}, at market once the ask is {dollars_text(stop)}" if protects else "")
        self._venue.submit(order, state.now)
        self.answers.expect(order)
        return order

    def enter(self, order: Order) -> None:
        """Take an order into the table and the journal."""
        state = self._state
        state.orders.add(order)
        state.record(
            OrderRecord,
            client_order_id=order.client_order_id,
            intent_id=order.intent_id,
            trade_id=order.trade_id,
            strategy=order.strategy,
            root=order.root,
            actor=order.actor,
            kind=order.kind,
            quantity=order.quantity,
            limit=order.limit,
            legs=order.package.legs,
            stop=order.stop,
            version=state.versions.get((order.strategy, order.root)),
        )

    def record_event(self, order: Order, text: str) -> None:
        """Write how an order stands."""
        self._state.record(
            OrderEventRecord,
            client_order_id=order.client_order_id,
            status=order.status,
            filled=order.filled,
            limit=order.limit,
            text=text,
        )

    def _moved(self, order: Order) -> None:
        order.moved_at = self._state.now
        self._state.dealings += 1


def _unheard(*_: object) -> None:
    """Nobody listens yet."""
