"""Orders of other zdte-tui sessions on the account that this one trades."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from engine.alpaca.parse_orders import AlpacaOrder
from engine.core import another_session

ALONE = "two sessions on one account each take the other's trades for made elsewhere: end one of them"
"""How to mend it."""
IDS, OTHERS = "order ids", "other sessions"
"""What lines of the checklist are about."""


def named(account: str, installation: str) -> str:
    """How this session's own order ids begin, in words."""
    if not installation:
        return "none yet: the id of this installation is made as its first session begins"
    return f"begin with {account}-{installation}-, which no other installation's do"


def strangers(orders: Iterable[AlpacaOrder], account: str, installation: str) -> str:
    """Which other sessions' orders there are, in words; empty where there are none.

    Args:
        orders: those of the day. account, installation: what this session's own order ids begin with.
    """
    all_of: Counter[str] = Counter()
    working: Counter[str] = Counter()
    for order in orders:
        sender = another_session(order.client_order_id, account, installation)
        if sender:
            all_of[sender] += 1
            working[sender] += order.working
    return "; ".join(
        f"{sender}: {count} order{'' if count == 1 else 's'} of today, {working[sender] or 'none'} LIVE"
        for sender, count in sorted(all_of.items())
    )


def lines_of_ids(orders: Iterable[AlpacaOrder], account: str, installation: str) -> list[str]:
    """The lines of the checklist about them, once the session has its id; ``installation``: empty where it has none."""
    lines = [f"check ok: {IDS}: {named(account, installation)}"] if installation else []
    others = strangers(orders, account, installation)
    return [*lines, f"check warn: {OTHERS}: {others}: {ALONE}"] if others else lines
