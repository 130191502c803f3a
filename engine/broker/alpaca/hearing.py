"""Whether the stream of trade updates tells what happens: what the account shows is compared with what it has said.

A stream may be connected, answer pings and still say nothing. Nothing but the account itself can tell that.
"""

from __future__ import annotations

from collections.abc import Sequence

from engine.alpaca.parse_orders import AlpacaOrder

_ENDS = ("filled", "cancelled", "expired", "rejected")


class Hearing:
    """Follows each order by Alpaca's id: how much of it the stream has told, and how much the account shows.

    Only what nobody can miss is compared: executions, and that an order has ended. What happened before the stream was
    there, or while it was away, it never tells.

    Attributes:
        begun: whether the account was looked at since the stream came.
    """

    def __init__(self) -> None:
        self._told: dict[str, tuple[int, bool]] = {}
        self._seen: dict[str, tuple[int, bool]] = {}
        self._sent: set[str] = set()
        self.begun = False

    def begin(self) -> None:
        """The stream is there (again): what the account shows next is where it starts from."""
        self.begun = False
        self._told.clear()
        self._sent.clear()

    def sent(self, order_id: str) -> None:
        """An order has left since: of all that becomes of it the stream tells."""
        self._sent.add(order_id)

    def heard(self, order: AlpacaOrder) -> None:
        """The stream has told of an order."""
        self._told[order.order_id] = _furthest(self._told.get(order.order_id), _mark(order))

    def looked(self, orders: Sequence[AlpacaOrder]) -> tuple[list[AlpacaOrder], list[str]]:
        """The account's orders as they are now.

        Returns the orders that have changed since the last look, and those of which the stream had not told at that
        look's time what it showed: it has had from one look to the next to do so.
        """
        now = {order.order_id: _mark(order) for order in orders}
        changed = [order for order in orders if self._seen.get(order.order_id) != now[order.order_id]]
        late = [name for name, mark in self._seen.items() if self.begun and _behind(self._told.get(name), mark)]
        if not self.begun:
            self.begun = True
            before = {name: mark for name, mark in now.items() if name not in self._sent}
            self._told |= {name: _furthest(self._told.get(name), mark) for name, mark in before.items()}
        self._seen = now
        return changed, late


def _mark(order: AlpacaOrder) -> tuple[int, bool]:
    return sum(leg.filled for leg in order.legs), order.status in _ENDS


def _furthest(one: tuple[int, bool] | None, other: tuple[int, bool]) -> tuple[int, bool]:
    return other if one is None else (max(one[0], other[0]), one[1] or other[1])


def _behind(told: tuple[int, bool] | None, shown: tuple[int, bool]) -> bool:
    filled, ended = told or (0, False)
    return filled < shown[0] or (shown[1] and not ended)
