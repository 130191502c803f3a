"""What a person may order by hand: one message each, encodable, already confirmed. The engine answers in words.

Each goes through the same gate and journal as what a strategy asks for, with ``actor = person``. Prices are units of
1e-4 dollars a share; net prices are signed, a debit positive; closing costs are positive where closing costs money.
"""

from __future__ import annotations

import datetime as dt
from typing import Literal

import msgspec

from engine.types.money import Price
from engine.types.package import Package

MANUAL = "manual"
"""The name under which trades that a person opened or adopted stand, where a strategy's name would."""

Scope = Literal["package", "puts", "calls", "tested"]
"""What it is of a trade; ``tested`` is the side whose short strike is nearest to the spot."""

Part = Literal[1, 2, 4]
"""All, a half or a quarter; rounded up to whole packages, so that the last one can be closed."""


class OpenTrade(msgspec.Struct, frozen=True, kw_only=True, tag="open"):
    """Open a package of opening legs, with what is to end it attached.

    Attributes:
        quantity: packages at the most; 0: as many as the limits allow.
        limit: the last price; entries walk to it from the mid as ``[entries]`` says.
        until: when what is not filled is given up, ns UTC; 0: at the end of trading.
        label: its name on the screen, such as ``IC 5845/5835 5900/5910``.
        stop: closing cost of a package at which all of it is closed; None for no stop. side_stop: closing cost of one
            side (its puts or its calls) at which that side is closed.
        target: closing cost of a package at or below which all of it is closed.
        exact: these legs and no others: one that opposes a holding is not shifted, whatever the configuration says.
    """

    root: str
    package: Package
    quantity: int
    limit: Price
    until: int = 0
    label: str = ""
    stop: Price | None = None
    side_stop: Price | None = None
    target: Price | None = None
    note: str = ""
    tags: tuple[str, ...] = ()
    exact: bool = False


class CloseTrade(msgspec.Struct, frozen=True, kw_only=True, tag="close"):
    """Close a trade, a part of it, or one side; the exit walks to the market like any other.

    Attributes:
        held: packages of it when it was asked for; of another number no part is closed. None: of whatever is held.
    """

    trade_id: int
    scope: Scope = "package"
    part: Part = 1
    held: int | None = None


class RollTrade(msgspec.Struct, frozen=True, kw_only=True, tag="roll"):
    """Close a side of a trade and, once it is closed, open it again further out; the gate is asked before either.

    Attributes:
        strikes: by how many listed strikes away from the money (negative: toward it).
        expiry: another expiry, or None for the same.
    """

    trade_id: int
    scope: Scope = "tested"
    strikes: int = 1
    expiry: dt.date | None = None


class MoveStop(msgspec.Struct, frozen=True, kw_only=True, tag="stop"):
    """Move the stop of a trade or of a side to a closing cost; None takes it away."""

    trade_id: int
    scope: Scope = "package"
    price: Price | None = None


class MoveTarget(msgspec.Struct, frozen=True, kw_only=True, tag="target"):
    """Move the profit target of a trade to a closing cost; None takes it away."""

    trade_id: int
    price: Price | None = None


class MoveLimit(msgspec.Struct, frozen=True, kw_only=True, tag="limit"):
    """Give a working entry another limit; it stays where it is put and walks no more."""

    client_order_id: str
    limit: Price


class CancelOrder(msgspec.Struct, frozen=True, kw_only=True, tag="cancel_order"):
    """Cancel one working entry. An order that closes is not cancelled alone: its exit would send another."""

    client_order_id: str


class CancelAll(msgspec.Struct, frozen=True, kw_only=True, tag="cancel_all"):
    """Cancel every working entry; unlike the kill level, strategies may enter again."""


class PauseStrategy(msgspec.Struct, frozen=True, kw_only=True, tag="pause_strategy"):
    """No new entries of one strategy (on one root, or on all with an empty one), until resumed; exits go on."""

    strategy: str
    root: str = ""
    paused: bool = True


class Adopt(msgspec.Struct, frozen=True, kw_only=True, tag="adopt"):
    """Take over a trade made elsewhere, or one whose strategy has stopped: stops and targets can then be set on it."""

    trade_id: int


class Annotate(msgspec.Struct, frozen=True, kw_only=True, tag="annotate"):
    """A note and tags on a trade; both replace what stood there."""

    trade_id: int
    note: str = ""
    tags: tuple[str, ...] = ()


Manual = (
    OpenTrade
    | CloseTrade
    | RollTrade
    | MoveStop
    | MoveTarget
    | MoveLimit
    | CancelOrder
    | CancelAll
    | PauseStrategy
    | Adopt
    | Annotate
)
