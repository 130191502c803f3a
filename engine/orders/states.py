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
    "cancelled": frozenset({"partially_filled", "filled"}),
    "expired": frozenset({"partially_filled", "filled"}),
    "rejected": frozenset(),
    # A bust takes a fill back.
    "filled": frozenset({"partially_filled"}),
}

DONE: frozenset[OrderStatus] = frozenset({"denied", "cancelled", "rejected", "expired", "filled"})
"""States in which nothing more is expected; a late fill is still folded."""


class IllegalTransition(ValueError):
    """An order was asked to go where the table has no way."""


def check(old: OrderStatus, new: OrderStatus) -> None:
    """Raise ``IllegalTransition`` unless the table leads from ``old`` to ``new``."""
    if new not in TRANSITIONS[old]:
        raise IllegalTransition(f"an order cannot go from {old} to {new}")
