"""A broker outside the engine, as the desks see it: requests that wait for the tick to take them along."""

from __future__ import annotations

from engine.events import BrokerReport, OrderRequest
from engine.market import Market
from engine.orders import Order
from engine.types import Contract


class Outside:
    """A broker behind the shell: requests wait in ``outbox`` until the tick takes them."""

    outside = True

    def __init__(self) -> None:
        self.outbox: list[OrderRequest] = []

    def drain(self) -> tuple[OrderRequest, ...]:
        """What is to be sent, in order; each at most once."""
        requests, self.outbox = tuple(self.outbox), []
        return requests

    def submit(self, order: Order, now: int) -> None:
        """Send a new order."""
        self.outbox.append(
            OrderRequest(
                action="submit",
                client_order_id=order.client_order_id,
                package=order.package,
                quantity=order.quantity,
                limit=order.limit,
                stop=order.stop if order.kind == "stop" else None,
                reduces=order.kind != "open",
            )
        )

    def replace(self, order: Order, now: int) -> list[BrokerReport]:
        """Ask for the order's new limit."""
        request = OrderRequest(
            action="replace",
            client_order_id=order.client_order_id,
            package=order.package,
            limit=order.limit,
            reduces=order.kind != "open",
        )
        self.outbox.append(request)
        return []

    def cancel(self, order: Order, now: int, text: str) -> list[BrokerReport]:
        """Ask for the order's cancellation."""
        self.cancel_id(order.client_order_id)
        return []

    def cancel_id(self, client_order_id: str) -> None:
        """Ask for the cancellation of any order."""
        self.outbox.append(OrderRequest(action="cancel", client_order_id=client_order_id))

    def match(self, market: Market, now: int) -> list[BrokerReport]:
        """Nothing: its reports are events."""
        return []

    def lookup(self, order: Order) -> None:
        """Ask what became of an order."""
        self.outbox.append(OrderRequest(action="lookup", client_order_id=order.client_order_id))

    def snapshot(self) -> None:
        """Ask for the whole account, once a tick."""
        if not any(request.action == "snapshot" for request in self.outbox):
            self.outbox.append(OrderRequest(action="snapshot"))

    def hold(self, contract: Contract, quantity: int) -> None:
        """Nothing: the broker knows better."""

    def held(self, contract: Contract) -> int | None:
        """Unknown until the broker was asked."""
        return None

    @property
    def idle(self) -> bool:
        """As far as can be told at once."""
        return True

    @property
    def next_wake(self) -> int | None:
        """Never: what happens there is reported."""
        return None
