"""At which prices a package fills now, or why it does not: one policy a class."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import NamedTuple

from engine.config import FillsTable
from engine.market import Market, Quote
from engine.types import Leg, Package, Price, sign


class Priced(NamedTuple):
    """One price a leg, the quotes they were made from, and the net before slippage, which a limit is held against.

    Slippage is a cost of the simulation on top of the price that trades; it does not keep an order from trading.
    """

    prices: tuple[Price, ...]
    quotes: tuple[Quote, ...]
    trades_at: Price


class FillModel(ABC):
    """Prices a package on fresh quotes, each leg on its own."""

    def __init__(self, max_age: int, slippage: Price = 0) -> None:
        self._max_age = max_age
        self._slippage = slippage

    def price(self, package: Package, market: Market, now: int) -> Priced | str:
        """Prices at which the package could trade now, or in words why it cannot.

        No ask, a crossed or a stale quote fills nothing. A bid of 0 with an ask is a quote: it can be bought, not sold.
        """
        quotes = []
        for leg in package.legs:
            quote = market.quote(leg.contract)
            if not quote.usable:
                return f"{leg.contract.short_name} has no uncrossed quote"
            if now - quote.ts > self._max_age:
                return f"{leg.contract.short_name} has no fresh quote"
            if leg.side == "sell" and not quote.bid:
                return f"{leg.contract.short_name} has no bid"
            quotes.append(quote)
        found = tuple(self._leg_price(leg, quote) for leg, quote in zip(package.legs, quotes, strict=True))
        slipped = tuple(
            max(0, price + sign(leg.side) * self._slippage) for leg, price in zip(package.legs, found, strict=True)
        )
        return Priced(slipped, tuple(quotes), package.net(found))

    @abstractmethod
    def _leg_price(self, leg: Leg, quote: Quote) -> Price:
        """What one leg trades at on a usable quote."""


class Cross(FillModel):
    """Buys at the ask, sells at the bid."""

    def _leg_price(self, leg: Leg, quote: Quote) -> Price:
        price = quote.ask if leg.side == "buy" else quote.bid
        assert price is not None
        return price


class Mid(FillModel):
    """Trades at the mid; half a unit is rounded against us."""

    def _leg_price(self, leg: Leg, quote: Quote) -> Price:
        return -(-quote.mid2 // 2) if leg.side == "buy" else quote.mid2 // 2


def fill_model(table: FillsTable) -> FillModel:
    """The model ``[fills]`` names."""
    if table.model == "mid":
        return Mid(table.max_quote_age_ns, table.slippage_units)
    return Cross(table.max_quote_age_ns)
