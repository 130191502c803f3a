"""Where orders go: the simulated exchange inside the engine, or a broker outside, reached through the tick's outbox."""

from __future__ import annotations

from typing import Protocol

from engine.events import BrokerReport
from engine.exchange import SimulatedExchange
from engine.market import Market
from engine.orders import Order
from engine.types import Contract


class Venue(Protocol):
    """What the desks ask of it. An inside venue answers at once, an outside one by events that come later."""

    outside: bool

    def submit(self, order: Order, now: int) -> None:
        """Send a new order."""
        ...

    def replace(self, order: Order, now: int) -> list[BrokerReport]:
        """Ask for the order's new limit."""
        ...

    def cancel(self, order: Order, now: int, text: str) -> list[BrokerReport]:
        """Ask for the order's cancellation."""
        ...

    def cancel_id(self, client_order_id: str) -> None:
        """Ask for the cancellation of an order that is not in our table."""
        ...

    def match(self, market: Market, now: int) -> list[BrokerReport]:
        """What happened there by now; nothing of an outside venue, whose reports are events."""
        ...

    def lookup(self, order: Order) -> None:
        """Ask what became of an order."""
        ...

    def snapshot(self) -> None:
        """Ask for the whole account."""
        ...

    def hold(self, contract: Contract, quantity: int) -> None:
        """After a restart: what the account holds there."""
        ...

    def held(self, contract: Contract) -> int | None:
        """What the account holds of a contract there, signed; None where that must be asked first."""
        ...

    @property
    def idle(self) -> bool:
        """Whether no order rests there, as far as can be told at once."""
        ...

    @property
    def next_wake(self) -> int | None:
        """When something happens there of itself."""
        ...


class Inside:
    """The simulated exchange, matched within the engine's step."""

    outside = False

    def __init__(self, exchange: SimulatedExchange) -> None:
        self._exchange = exchange

    def submit(self, order: Order, now: int) -> None:
        """Send a new order."""
        exchange = self._exchange
        exchange.submit(
            order.client_order_id,
            order.package,
            order.quantity,
            order.limit,
            now,
            stop=order.stop,
            in_bar=order.kind == "close" and order.stop is not None,
        )

    def replace(self, order: Order, now: int) -> list[BrokerReport]:
        """Change a resting order's limit."""
        return self._exchange.replace(order.client_order_id, order.limit, now)

    def cancel(self, order: Order, now: int, text: str) -> list[BrokerReport]:
        """Cancel a resting order: at once, or once the request has arrived there."""
        return self._exchange.cancel(order.client_order_id, now, text)

    def cancel_id(self, client_order_id: str) -> None:
        """Every order here is in our table."""

    def match(self, market: Market, now: int) -> list[BrokerReport]:
        """Let the exchange match."""
        return self._exchange.match(market, now)

    def lookup(self, order: Order) -> None:
        """Nothing is ever in doubt here."""

    def snapshot(self) -> None:
        """Nothing need be asked here."""

    def hold(self, contract: Contract, quantity: int) -> None:
        """After a restart: what the account holds here."""
        self._exchange.hold(contract, quantity)

    def held(self, contract: Contract) -> int | None:
        """Signed contracts held here."""
        return self._exchange.positions.get(contract, 0)

    @property
    def idle(self) -> bool:
        """Whether no order rests here."""
        return self._exchange.idle

    @property
    def next_wake(self) -> int | None:
        """When an order arrives, or the exchange acts of itself."""
        return self._exchange.next_wake
