"""What the order ticket asks for with each view, and what it is told: a package as it stands now, before it is sent.

Prices are units of 1e-4 dollars a share, net ones signed (a debit positive); amounts units of 1e-4 dollars, of the
whole quantity. None is what cannot be known now.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from engine.types import Contract, Money, Package, Price


class TicketRequest(msgspec.Struct, frozen=True, kw_only=True):
    """A package somebody thinks about.

    Attributes:
        quantity: packages; 0: as many as the limits leave room for.
        limit: None: at ``at``, which follows the market.
        stop, side_stop, target: as in ``OpenTrade``.
    """

    root: str
    package: Package
    quantity: int = 0
    limit: Price | None = None
    at: Literal["mid", "natural"] = "mid"
    stop: Price | None = None
    side_stop: Price | None = None
    target: Price | None = None


class TicketLeg(msgspec.Struct, frozen=True, kw_only=True):
    """A leg's quote and Greek now. ``ratio`` is signed, bought positive; ``touch`` is told of shorts alone."""

    contract: Contract
    ratio: int
    bid: Price | None
    ask: Price | None
    age: int | None
    delta: float | None
    touch: float | None


class ControlRow(msgspec.Struct, frozen=True, kw_only=True):
    """One control of the gate, asked of this order.

    Attributes:
        words: what its code means. now, after: what is used of ``limit`` before and with this order, in units of
            ``unit``: money, price (1e-4 dollars), count or time (ns); None where there is no figure.
        why: why it denies, in words; empty where it does not.
        unasked: the code that must hold before this one can be asked; empty where it was asked.
    """

    code: str
    words: str
    now: int | None
    after: int | None
    limit: int | None
    unit: str
    why: str = ""
    unasked: str = ""


class CollisionRow(msgspec.Struct, frozen=True, kw_only=True):
    """A leg that opposes what is held or working, and the next strike further out that does not."""

    contract: Contract
    side: str
    against: str
    shifted: Contract | None


class TicketView(msgspec.Struct, frozen=True, kw_only=True):
    """The package now.

    Attributes:
        request: what this answers. problem: why it is no package that can be priced; then the rest is missing.
        tick: of its limit. limit: the one asked for, or what ``at`` comes to.
        quantity: what is asked for; approved: what the gate would send of it, 0 where it denies. code: why.
        verdict: the same in words. parts: in how many orders it would be sent.
        room: how many packages the limits leave room for; binding: the code of the limit that leaves no more; rooms: by
            code, how many packages each limit alone leaves room for.
        width: the most its strikes can cost, a share; credit_to_width: the credit as a fraction of that.
        fees_open, fees_close: of all contracts, at the most.
        delta, gamma: dollars a point; theta: dollars a minute; vega: dollars a vol point.
        max_gain, max_loss: at expiry, opening fees in; None without a bound. margin: what its strikes may cost: what
            a broker sets aside for defined risk.
        loss_both, loss_one: where the stops of both sides fill at their level, or of one while the other expires
            worthless; loss_stop: the same of the package's stop; gain_target: at the target. Fees both ways are in.
        breakevens: where the underlying must close for nothing, fees aside.
        oldest: age of the oldest quote of a leg, ns.
        walk: how the entry's limit would be worked, in words.
    """

    request: TicketRequest
    problem: str = ""
    legs: tuple[TicketLeg, ...] = ()
    tick: Price = 0
    natural: Price | None = None
    mid: Price | None = None
    limit: Price | None = None
    quantity: int = 0
    approved: int = 0
    code: str = ""
    verdict: str = ""
    parts: int = 1
    room: int | None = None
    binding: str = ""
    rooms: tuple[tuple[str, int], ...] = ()
    width: Price | None = None
    credit_to_width: float | None = None
    fees_open: Money | None = None
    fees_close: Money | None = None
    delta: float | None = None
    gamma: float | None = None
    theta: float | None = None
    vega: float | None = None
    max_gain: Money | None = None
    max_loss: Money | None = None
    margin: Money | None = None
    loss_both: Money | None = None
    loss_one: Money | None = None
    loss_stop: Money | None = None
    gain_target: Money | None = None
    breakevens: tuple[Price, ...] = ()
    oldest: int | None = None
    collisions: tuple[CollisionRow, ...] = ()
    controls: tuple[ControlRow, ...] = ()
    walk: str = ""


class ProposalRow(msgspec.Struct, frozen=True, kw_only=True):
    """What a strategy would enter now. ``why``: why it does not, in words; empty where it would. ``package`` is None
    where it cannot even be chosen. ``limit``: its net price a package, a debit positive."""

    strategy: str
    root: str
    label: str
    package: Package | None
    quantity: int
    limit: Price | None
    why: str = ""
