"""Every order of a session and what became of it, as a fold over broker reports."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal

from engine.events import Actor, BrokerReport, OrderStatus
from engine.orders.states import DONE, OVERTAKEN, IllegalTransition, check
from engine.types import Package, Price


@dataclass(slots=True)
class Order:
    """One order: what was asked, and how it stands. ``limit`` is the signed net price, None for a market order."""

    client_order_id: str
    intent_id: int
    trade_id: int
    strategy: str
    root: str
    actor: Actor
    kind: Literal["open", "close"]
    package: Package
    quantity: int
    limit: Price | None
    created: int
    status: OrderStatus = "new"
    filled: int = 0
    executions: set[str] = field(default_factory=set)

    @property
    def working(self) -> bool:
        """Whether anything more is expected of it."""
        return self.status not in DONE

    def move(self, status: OrderStatus) -> None:
        """Go to another state; raises ``IllegalTransition``."""
        check(self.status, status)
        self.status = status


class OrderTable:
    """Orders by client order id, in the order of their creation."""

    def __init__(self) -> None:
        self._orders: dict[str, Order] = {}
        self._live: dict[str, Order] = {}  # those not yet seen to be over, which is final

    def __iter__(self) -> Iterator[Order]:
        return iter(self._orders.values())

    def __len__(self) -> int:
        return len(self._orders)

    def get(self, client_order_id: str) -> Order | None:
        """The order, or None for an id never seen."""
        return self._orders.get(client_order_id)

    def add(self, order: Order) -> None:
        """Take up a new order; an id may not be used twice."""
        if order.client_order_id in self._orders:
            raise ValueError(f"client order id {order.client_order_id} is in use")
        self._orders[order.client_order_id] = self._live[order.client_order_id] = order

    @property
    def live(self) -> bool:
        """Whether any order may still be working."""
        return bool(self._live)

    def working(self, trade_id: int | None = None) -> list[Order]:
        """Orders of which more is expected, of one trade or of all."""
        for order in [order for order in self._live.values() if not order.working]:
            del self._live[order.client_order_id]
        return [order for order in self._live.values() if trade_id in (None, order.trade_id)]

    def fold(self, report: BrokerReport) -> Order | None:
        """Apply a report; the order it changed, or None where it says nothing new.

        A fill whose executions were all seen before changes nothing, nor does a report that a later one has overtaken:
        in whatever order the reports of one order arrive, it ends in the same state. Raises ``IllegalTransition`` for a
        report that cannot be true of the order, and ``KeyError`` for an unknown order.
        """
        order = self._orders[report.client_order_id]
        if report.kind == "fill":
            return _fold_fill(order, report)
        if report.kind == "busted":
            raise IllegalTransition(f"{order.client_order_id}: a busted fill is not taken back here; reconcile it")
        if order.status == report.kind or order.status in OVERTAKEN.get(report.kind, ()):
            return None
        # A broker that gives up cancelling says accepted; what is filled by then stays told.
        order.move("partially_filled" if report.kind == "accepted" and order.filled else report.kind)
        return order


def _fold_fill(order: Order, report: BrokerReport) -> Order | None:
    executions = [leg.exec_id for leg in report.legs]
    news = [exec_id for exec_id in executions if exec_id not in order.executions]
    if executions and not news:
        return None
    if not news or report.quantity < 1 or len(set(executions)) != len(executions):
        raise IllegalTransition(
            f"{order.client_order_id}: a fill needs a quantity and executions, each with its own id"
        )
    if len(news) != len(executions):
        raise IllegalTransition(f"{order.client_order_id}: a fill mixes executions seen before with new ones")
    filled = order.filled + report.quantity
    if filled > order.quantity:
        raise IllegalTransition(
            f"{order.client_order_id} is filled {order.filled} of {order.quantity}; {report.quantity} more are too many"
        )
    if filled == order.quantity:
        order.move("filled")
    elif order.status not in ("pending_cancel", "cancelled", "expired"):
        order.move("partially_filled")
    order.filled = filled
    order.executions.update(news)
    return order
