"""Whether an order can be cancelled or replaced as it stands, in Alpaca's words."""

from __future__ import annotations

from engine.types import Price
from engine.venue.errors import forbidden, unprocessable
from engine.venue.orders import Order


def check_cancel(order: Order) -> None:
    """Raise ``Refused`` where an order cannot be cancelled."""
    _unchained(order)
    if not order.is_open:
        raise unprocessable(f'order is already in "{order.status}" state')


def check_replace(order: Order) -> None:
    """Raise ``Refused`` where an order cannot be replaced."""
    if order.order_class == "mleg":
        raise forbidden("replace mleg order is disabled")
    _unchained(order)
    if order.status not in ("new", "accepted", "partially_filled"):
        raise unprocessable(f"cannot replace order in {order.status} status")


def replacement(
    order: Order, quantity: int | None, limit: Price | None, stop: Price | None
) -> tuple[int, Price | None, Price | None]:
    """Quantity, limit and stop of the order in its place; None is as it was. Raises ``Refused``."""
    wanted = (
        order.quantity if quantity is None else quantity,
        order.limit if limit is None else limit,
        order.stop if stop is None else stop,
    )
    if wanted == (order.quantity, order.limit, order.stop):
        raise unprocessable("order parameters are not changed")
    if wanted[0] <= order.filled:
        raise unprocessable("qty must be > filled_qty")
    return wanted


def _unchained(order: Order) -> None:
    if order.status == "replaced":
        raise unprocessable("order already replaced")
    if order.status == "pending_replace":
        raise unprocessable("order chain not fully replaced")
