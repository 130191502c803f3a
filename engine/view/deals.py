"""What the keys that trade need to know of trades and working entries before they ask: what closing costs and brings.

Prices are units of 1e-4 dollars a share, closing costs positive where closing costs money; amounts units of 1e-4
dollars. None is what cannot be known now.
"""

from __future__ import annotations

import msgspec

from engine.types import Money, Price, Scope


class DealPart(msgspec.Struct, frozen=True, kw_only=True):
    """A whole trade, or one of its sides, as far as it is held.

    Attributes:
        scope: package, puts or calls. legs: the contracts, such as ``5845/5835P``.
        quantity: packages held; contracts: of all legs.
        mid, natural: what closing one package costs halfway and at once.
        pnl_mid, pnl_now: what closing all of it brings at those prices against what it was opened at; fees of opening
            and closing it are taken off.
        stop_at: the closing cost at which it is stopped; None for no stop.
        distance: points from the spot to its nearest short strike, negative once that is in the money.
    """

    scope: Scope
    legs: str
    quantity: int
    contracts: int
    mid: Price | None
    natural: Price | None
    pnl_mid: Money | None
    pnl_now: Money | None
    stop_at: Price | None = None
    distance: Price | None = None


class Deal(msgspec.Struct, frozen=True, kw_only=True):
    """One trade that is open or working: the whole of it first in ``parts``, then its sides.

    Attributes:
        working: the id of its working entry; empty for none. closing: whether all that is held is being closed.
        watched: whether anybody watches it; else ``W`` adopts it.
        tested: the side whose short strike is nearest to the spot; empty where that is not known.
        tick: of its prices.
    """

    trade_id: int
    strategy: str
    root: str
    label: str
    parts: tuple[DealPart, ...]
    tick: Price
    working: str = ""
    closing: bool = False
    watched: bool = True
    tested: str = ""
    note: str = ""
    tags: tuple[str, ...] = ()


class WorkingEntry(msgspec.Struct, frozen=True, kw_only=True):
    """An entry that works: its limit, and what its package trades at now (signed, a debit positive)."""

    client_order_id: str
    trade_id: int
    strategy: str
    label: str
    quantity: int
    filled: int
    limit: Price | None
    mid: Price | None
    natural: Price | None
    tick: Price


class DealsView(msgspec.Struct, frozen=True, kw_only=True):
    """All of them, oldest first. ``strategies``: name, root and whether a person has paused it."""

    deals: tuple[Deal, ...] = ()
    entries: tuple[WorkingEntry, ...] = ()
    strategies: tuple[tuple[str, str, bool], ...] = ()
