"""Whose an order is that is not in the journal: this session's own, another zdte-tui session's, or anybody's."""

from __future__ import annotations

from engine.types import ClientOrderId

IN_THE_DARK = "K-"
"""Begins the id of an order that had to leave while the journal could not be written."""


def own_id(client_order_id: str, account: str, installation: str) -> bool:
    """Whether an id is one that a session of this account and installation gives."""
    found = _read(client_order_id)
    return found is not None and (found.account, found.installation) == (account, installation)


def another_session(client_order_id: str, account: str, installation: str) -> str:
    """Which other zdte-tui session sent an order, in words; empty for an own one, and for one that none has sent."""
    found = _read(client_order_id)
    if found is None or (found.account, found.installation) == (account, installation):
        return ""
    mark = f"installation {found.installation}" if found.installation else "no installation named"
    return f"another zdte-tui session (account {found.account}, {mark})"


def _read(client_order_id: str) -> ClientOrderId | None:
    try:
        return ClientOrderId.parse(client_order_id.removeprefix(IN_THE_DARK))
    except ValueError:
        return None
