"""Waits for an outside broker's answers: what stays without one is unknown, and asked after until it is known."""

from __future__ import annotations

from dataclasses import dataclass

from engine.clock import MINUTE
from engine.core.state import SessionState
from engine.core.venue import Venue
from engine.events import OrderEventRecord, ReportKind
from engine.orders import Order

AFTER_CLOSE = 60 * MINUTE
"""So long after the last product's close a broker is still asked; what it has not said by then, the next start asks."""

LONGEST = 8
"""The wait for an answer doubles up to this many times the first."""

_NO_ANSWER: frozenset[ReportKind] = frozenset({"fill", "busted", "replaced", "pending_cancel"})
"""Reports that do not say whether an order is cancelled."""


@dataclass(slots=True)
class _Asked:
    due: int
    tries: int = 1


class Answers:
    """One wait an order; the engine's own timers say when it has lasted too long. Nothing waits on an inside venue."""

    def __init__(self, state: SessionState, venue: Venue) -> None:
        self._state = state
        self._venue = venue
        self._wait = state.config.broker.answer_ns
        self._asked: dict[str, _Asked] = {}
        self._end = max(state.session.product_close(root) for root in state.roots) + AFTER_CLOSE

    def expect(self, order: Order) -> None:
        """Something was sent that the broker must answer."""
        if self._venue.outside:
            self._asked[order.client_order_id] = _Asked(self._state.now + self._wait)
            self._state.wake(self._state.now + self._wait)

    def came(self, order: Order, kind: ReportKind) -> None:
        """The broker has said something of the order. What it has executed is no answer to a cancellation."""
        if order.status != "pending_cancel" or kind not in _NO_ANSWER:
            self._asked.pop(order.client_order_id, None)

    def doubt(self, order: Order) -> None:
        """Nobody knows what became of the order: ask at once."""
        self.expect(order)
        self._venue.lookup(order)

    def run(self) -> None:
        """Ask after what has waited too long."""
        state = self._state
        for client_order_id, asked in list(self._asked.items()):
            if state.now < asked.due:
                continue
            order = state.orders.get(client_order_id)
            if order is None or not order.working:
                del self._asked[client_order_id]
                continue
            if state.now >= self._end:
                del self._asked[client_order_id]
                text = f"order {client_order_id} of #{order.trade_id}: the day is over and the broker has not answered"
                state.notice("alarm", "broker", text)
                continue
            if asked.tries == 1:
                text = f"no answer for {self._wait / 1e9:g} s: what became of it is asked"
                state.notice("warning", "broker", f"order {client_order_id} of #{order.trade_id}: {text}")
                if order.status in ("sent", "accepted", "partially_filled"):
                    order.move("unknown")
                    order.moved_at = state.now
                    state.dealings += 1
                state.record(
                    OrderEventRecord,
                    client_order_id=client_order_id,
                    status=order.status,
                    filled=order.filled,
                    limit=order.limit,
                    text=text,
                )
            self._venue.lookup(order)
            if order.status == "pending_cancel":
                self._venue.cancel(order, state.now, "asked again")
            asked.due = state.now + self._wait * min(2**asked.tries, LONGEST)
            asked.tries += 1
            state.wake(asked.due)
