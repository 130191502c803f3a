"""An order may be called filled before all of its executions are there; and some may be taken back after it."""

from __future__ import annotations

import time
from collections.abc import Callable

from engine.alpaca.parse_orders import AlpacaOrder

PATIENCE = 5_000_000_000
"""So long executions are waited for, ns of the machine; what is still not there then was taken back."""


class Lagging:
    """Which filled orders have fewer executions than that takes, and since when."""

    def __init__(self, steady: Callable[[], int] = time.monotonic_ns) -> None:
        self._steady = steady
        self._since: dict[str, tuple[tuple[int, ...], int]] = {}
        self._taken_back: set[str] = set()

    def take_back(self, own: str) -> None:
        """An execution of the order was taken back, by the stream's word."""
        self._taken_back.add(own)

    def waits(self, order: AlpacaOrder) -> bool:
        """Whether more executions of it are still to come before it can be told."""
        own = order.client_order_id
        if order.status != "filled" or all(leg.filled >= leg.ratio * order.quantity for leg in order.legs):
            self._since.pop(own, None)
            return False
        if own in self._taken_back:
            return False
        there, now = tuple(leg.filled for leg in order.legs), self._steady()
        seen = self._since.get(own)
        if seen is None or seen[0] != there:
            self._since[own] = seen = (there, now)
        return now - seen[1] < PATIENCE
