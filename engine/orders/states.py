"""The states of an order and the only ways between them."""

from __future__ import annotations

from engine.events import OrderStatus

TRANSITIONS: dict[OrderStatus, frozenset[OrderStatus]] = {
    "new": frozenset({"denied", "pending"}),
    "denied": frozenset(),
    "pending": frozenset({"sent", "cancelled"}),
    "sent": frozenset(
        {"unknown", "accepted", "partially_filled", "filled", "rejected", "pending_cancel", "cancelled", "expired"}
    ),
    "unknown": frozenset(
        {"accepted", "partially_filled", "filled", "rejected", "pending_cancel", "cancelled", "expired"}
    ),
    "accepted": frozenset(
        {"partially_filled", "filled", "rejected", "pending_cancel", "cancelled", "expired", "unknown"}
    ),
    "partially_filled": frozenset({"partially_filled", "filled", "pending_cancel", "cancelled", "expired", "unknown"}),
    # A fill may overtake a cancellation, and a broker may give up cancelling.
    "pending_cancel": frozenset(
        {"cancelled", "accepted", "partially_filled", "filled", "expired", "rejected", "unknown"}
    ),
    # A late fill of the rest; a late fill of a part leaves them as they are.
    "cancelled": frozenset({"filled"}),
    "expired": frozenset({"filled"}),
    "rejected": frozenset(),
    "filled": frozenset(),
}

OVERTAKEN: dict[OrderStatus, frozenset[OrderStatus]] = {
    "accepted": frozenset({"partially_filled", "filled", "cancelled", "expired", "rejected"}),
    "pending_cancel": frozenset({"filled", "cancelled", "expired", "rejected"}),
    "cancelled": frozenset({"filled"}),
    "expired": frozenset({"filled"}),
    # A timeout that is told once the broker has answered after all.
    "unknown": frozenset({"filled", "cancelled", "expired", "rejected"}),
}
"""Reports that arrive late where an order stands already: true once, and nothing new."""

DONE: frozenset[OrderStatus] = frozenset({"denied", "cancelled", "rejected", "expired", "filled"})
"""States in which nothing more is expected; a late fill is still folded."""


class IllegalTransition(ValueError):
    """An order was asked to go where the table has no way."""


def check(old: OrderStatus, new: OrderStatus) -> None:
    """Raise ``IllegalTransition`` unless the table leads from ``old`` to ``new``."""
    if new not in TRANSITIONS[old]:
        raise IllegalTransition(f"an order cannot go from {old} to {new}")
