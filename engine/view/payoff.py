"""What a risk graph is asked for and what it shows; ``engine.view.risk_graph`` works it out."""

from __future__ import annotations

import msgspec

from engine.types import Package


class PayoffRequest(msgspec.Struct, frozen=True):
    """What to draw, and under which assumptions.

    Attributes:
        trade_id: one trade; 0 for more. strategy: all trades of one; empty for the whole book.
        package, quantity, price: a package that is not open yet, at a signed net price (1e-4 dollars a share, a debit
            positive), instead.
        ahead: the chosen time, seconds from now. shock: vol points on every volatility.
    """

    trade_id: int = 0
    strategy: str = ""
    package: Package | None = None
    quantity: int = 1
    price: int = 0
    ahead: int = 1800
    shock: float = 0.0


class PayoffView(msgspec.Struct, frozen=True, kw_only=True):
    """Curves over ``spots`` (dollars): P&L in dollars, of what is held, fees paid so far and what was realised in it.

    Attributes:
        subject: what it is of, in words. choices: what else there is to draw, as (words, request) pairs.
        now, chosen, expiry: the curves; None where they cannot be known.
        at: the chosen instant, ns UTC. end: when the nearest expiry ends trading.
        spot: where the underlying is, dollars. strikes: strike and signed contracts, ascending.
        breakevens: spots at which the curve of expiry is zero. best, worst: of that curve over all spots; None where
            there is no bound.
        low, high: one expected move about the spot, dollars; None where it is not known.
        note: what the curves leave out. why_empty: why there is nothing to draw.
    """

    root: str
    subject: str
    choices: tuple[tuple[str, PayoffRequest], ...] = ()
    spots: tuple[float, ...] = ()
    now: tuple[float, ...] | None = None
    chosen: tuple[float, ...] | None = None
    expiry: tuple[float, ...] = ()
    at: int = 0
    end: int = 0
    shock: float = 0.0
    spot: float | None = None
    strikes: tuple[tuple[float, int], ...] = ()
    breakevens: tuple[float, ...] = ()
    best: float | None = None
    worst: float | None = None
    low: float | None = None
    high: float | None = None
    note: str = ""
    why_empty: str = ""
