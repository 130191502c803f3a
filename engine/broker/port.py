"""What a session needs of a broker outside its engine."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from engine.events import BrokerReport, BrokerState, OrderRequest

Answer = BrokerReport | BrokerState


class BrokerDown(Exception):
    """The broker cannot be reached; nobody knows whether what was sent has arrived.

    Attributes:
        heard: what it had said by then.
    """

    def __init__(self, message: str, heard: Sequence[Answer] = ()) -> None:
        super().__init__(message)
        self.heard = tuple(heard)


class Broker(Protocol):
    """A broker as a conversation in the market's own time, so that it can be simulated, delayed and replayed.

    Every request is answered by an event, sooner or later or never: a submission by ``accepted``, ``rejected`` or
    fills, a cancellation by ``cancelled``, a replacement by ``replaced``, a lookup by the order's executions and how it
    stands, or by ``absent``, a snapshot by a ``BrokerState``. The same client order id is never taken twice.
    """

    def converse(self, requests: Sequence[OrderRequest], now: int) -> list[Answer]:
        """Hand requests over at ``now`` (ns UTC); what the broker has to say by then, each thing once, in its order.

        An answer's ``ts_known`` may lie ahead: it is heard then. Raises ``BrokerDown``.
        """
        ...

    def close(self) -> None:
        """Let go of the connection; orders stay where they are."""
        ...
