"""How much of a package one look at the market can fill: no more than is shown, and what is taken is gone."""

from __future__ import annotations

from typing import Literal, NamedTuple

from engine.market import Market, Quote
from engine.types import Contract, Package, Side

SizeLimit = Literal["quoted", "required", "none"]

PLENTY = 2**31
"""As many packages as anybody wants."""


class Room(NamedTuple):
    """How many packages fit, and whether a leg's size is not known."""

    packages: int
    unknown: bool


class _Used(NamedTuple):
    quote: Quote
    shown: int
    taken: int


class QuotedSizes:
    """Remembers what was taken of each quote: one that has not changed since does not refill."""

    def __init__(self, limit: SizeLimit) -> None:
        self._limit = limit
        self._used: dict[tuple[Contract, Side], _Used] = {}

    def room(self, package: Package, quotes: tuple[Quote, ...], market: Market) -> Room:
        """The least over the legs of what is left of the shown size, in whole packages."""
        if self._limit == "none":
            return Room(PLENTY, False)
        fits, unknown = PLENTY, False
        for leg, quote in zip(package.legs, quotes, strict=True):
            shown = _shown(market, leg.contract, leg.side)
            if shown is None:
                unknown = True
                continue
            used = self._of(leg.contract, leg.side, quote, shown)
            fits = min(fits, (shown - used) // leg.ratio)
        return Room(0 if unknown and self._limit == "required" else fits, unknown)

    def take(self, package: Package, quotes: tuple[Quote, ...], market: Market, packages: int) -> None:
        """Use up what so many packages took."""
        for leg, quote in zip(package.legs, quotes, strict=True) if self._limit != "none" else ():
            shown = _shown(market, leg.contract, leg.side)
            if shown is not None:
                taken = self._of(leg.contract, leg.side, quote, shown) + leg.ratio * packages
                self._used[leg.contract, leg.side] = _Used(quote, shown, taken)

    def _of(self, contract: Contract, side: Side, quote: Quote, shown: int) -> int:
        used = self._used.get((contract, side))
        return used.taken if used is not None and used[:2] == (quote, shown) else 0


def _shown(market: Market, contract: Contract, side: Side) -> int | None:
    bid, ask = market.sizes(contract)
    return ask if side == "buy" else bid
