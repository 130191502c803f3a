"""What alerts are judged by: figures of one instant. Prices in units of 1e-4 dollars a share (points), money in units
of 1e-4 dollars, times ns UTC. None is what is not known."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from engine.types import Money, Price


class ShortFact(NamedTuple):
    """A short strike that is held. ``distance``: points from spot to it, negative once it is in the money."""

    trade_id: int
    root: str
    name: str
    distance: Price
    spot: Price


class TradeFact(NamedTuple):
    """An open trade.

    Attributes:
        pnl: at mid, fees off.
        breakevens: the prices at expiry at which it makes nothing, ascending; breakeven: the one nearest spot.
        inside: points from spot to the breakeven; negative where it loses at expiry at spot.
        armed: who holds its stops, in words; unarmed: what nobody holds one for. Empty for nothing.
    """

    trade_id: int
    root: str
    pnl: Money | None
    breakevens: tuple[Price, ...] = ()
    breakeven: Price | None = None
    inside: Price | None = None
    spot: Price | None = None
    armed: str = ""
    unarmed: str = ""


class LimitFact(NamedTuple):
    """A risk limit and how much of it is used, in its own unit; ``text`` says both."""

    name: str
    code: str
    used: float
    limit: float
    text: str


class BreakerFact(NamedTuple):
    """A breaker that stands, and why."""

    name: str
    text: str


class FeedFact(NamedTuple):
    """The feed: ``well``, or in words what is wrong since ``since``."""

    well: bool
    text: str = ""
    since: int = 0


class Facts(NamedTuple):
    """A session at ``now``. ``figures``: Greeks of a root's book by name, in dollars as the greeks pane has them, in
    units of 1e-4. ``slow``: whether stops, looked at less often, are told too. ``vix_source``: where the VIX is from,
    such as ``chain-implied``; empty for the index's own value."""

    now: int
    roots: tuple[str, ...]
    spots: Mapping[str, Price | None]
    moves: Mapping[str, Price | None]
    vix: int | None
    day_pnl: Money | None
    open_pnl: Money | None
    shorts: tuple[ShortFact, ...]
    trades: tuple[TradeFact, ...]
    figures: Mapping[tuple[str, str], int | None]
    feed: FeedFact
    breakers: tuple[BreakerFact, ...]
    limits: tuple[LimitFact, ...]
    slow: bool
    vix_source: str = ""
