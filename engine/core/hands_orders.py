"""Working entries in a person's hands: another limit, or cancelled."""

from __future__ import annotations

from engine.core.entries import EntryDesk
from engine.core.hands_words import net
from engine.core.orders import OrderDesk
from engine.core.state import SessionState
from engine.orders import Order
from engine.risk import Gate, OpenRequest
from engine.strategy import Refused
from engine.types import MoveLimit

BY_HAND = "limit moved by a person"
"""Begins the reason of the intent that moves the limit of an order which is out already."""


class OrdersHand:
    """Moves and cancels orders that open. Those that close are their exit's alone."""

    def __init__(self, state: SessionState, gate: Gate, orders: OrderDesk, entries: EntryDesk) -> None:
        self._state = state
        self._gate = gate
        self._orders = orders
        self._entries = entries

    def move_limit(self, order: MoveLimit) -> str:
        """Ask the gate for the new limit; where it agrees, replace the order, or cancel it to be sent anew."""
        state, found = self._state, self._entry(order.client_order_id)
        parts = self._entries.in_parts(found)
        if parts != 1:
            what = f"its trade is opened in {parts} parts" if parts else "a restart has cut its entry off"
            raise Refused(f"{found.client_order_id}: {what}, its limit cannot be moved")
        if found.status in ("pending_cancel", "unknown"):
            raise Refused(f"{found.client_order_id} is {found.status.replace('_', ' ')}: its limit cannot be moved now")
        trade = state.portfolio.get(found.trade_id)
        before = found.limit
        if trade is None or before is None or order.limit == before:
            raise Refused(f"{found.client_order_id} is at {net(order.limit)} already")
        request = OpenRequest(trade.strategy, found.root, found.package, found.quantity, order.limit)
        decision = self._gate.check_limit(request, self._entries.book(found.root), trade)
        why = f"{BY_HAND}: from {net(before)} to {net(order.limit)}"
        self._orders.record_intent(
            decision,
            trade_id=trade.trade_id,
            strategy=trade.strategy,
            root=trade.root,
            actor="person",
            kind="open",
            quantity=found.quantity,
            limit=order.limit,
            legs=found.package.legs,
            reason=why,
        )
        if not decision.approved:
            return f"denied {decision.code}: {decision.text}"
        trade.asked, trade.worst_case = -order.limit, max(trade.worst_case, decision.worst_case)
        state.dealings += 1
        self._orders.record_trade(trade, why)
        self._entries.move_limit(found, order.limit, why)
        return f"limit of {found.client_order_id} from {net(before)} to {net(order.limit)}; it walks no more"

    def cancel(self, client_order_id: str) -> str:
        """Cancel one entry."""
        found = self._entry(client_order_id)
        self._entries.give_up(found, "a person cancelled it")
        return f"cancelling {client_order_id}, the entry of #{found.trade_id}"

    def cancel_all(self) -> str:
        """Cancel every entry; more may come."""
        entries = [order for order in self._state.orders.working() if order.kind == "open"]
        for order in entries:
            self._entries.give_up(order, "a person cancelled all entries")
        many = "1 working entry" if len(entries) == 1 else f"{len(entries)} working entries"
        return f"cancelling {many}" if entries else "no entry works"

    def _entry(self, client_order_id: str) -> Order:
        found = self._state.orders.get(client_order_id)
        if found is None:
            raise Refused(f"there is no order {client_order_id or 'without an id'}")
        if found.kind != "open":
            what = "protects" if found.kind == "stop" else "closes"
            raise Refused(f"{client_order_id} {what} #{found.trade_id}: its exit would send another; it is left alone")
        if not found.working:
            raise Refused(f"{client_order_id} is {found.status.replace('_', ' ')} already")
        return found
