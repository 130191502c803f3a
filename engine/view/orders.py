"""The blotter as a view: every order of the session and every intent that the gate denied."""

from __future__ import annotations

import msgspec

from engine.types import Price


class OrderRow(msgspec.Struct, frozen=True, kw_only=True):
    """One order, or one denied intent. Net prices are signed, a debit positive, price units; times ns UTC.

    Attributes:
        key: the client order id; of a denied intent ``denied.`` and its number.
        ts: when it was created or denied. moved: when its state last changed.
        trade_id: 0 for an intent that made no trade.
        legs: what it trades, in words. kind: open, close or stop.
        filled, quantity: whole packages, of how many.
        limit: None for a market order. trigger: of a stop, the ask at which it becomes a market order.
        mid: net price of the legs' mids when it was sent; None where a leg had no quote, or where it was sent before a
            restart.
        average: net price a package over what was filled; None before, and where legs are filled unevenly.
        status: the state of the order table. working: whether more is expected of it.
        who: the strategy, or person, risk, engine, broker.
        reason: why it was asked for, and what became of it, in words. walked: how often its limit was moved.
    """

    key: str
    ts: int
    moved: int
    trade_id: int
    root: str
    legs: str
    kind: str
    filled: int
    quantity: int
    limit: Price | None
    trigger: Price | None
    mid: Price | None
    average: Price | None
    status: str
    working: bool
    who: str
    reason: str
    walked: int = 0


class OrdersView(msgspec.Struct, frozen=True, kw_only=True):
    """The blotter: working orders first, then the others, newest first in both.

    ``left_out``: how many old ones are not in ``rows``; the journal has them all.
    """

    rows: tuple[OrderRow, ...]
    working: int
    filled: int
    denied: int
    left_out: int = 0
