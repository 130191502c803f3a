"""At which prices a package fills now, or why it does not: one policy a class."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import NamedTuple

from engine.config import FillsTable
from engine.exchange.improve import UNIT, Draw, concession, draw, met_inside
from engine.market import Market, Quote
from engine.types import Package, Price, sign


class Waiting(NamedTuple):
    """The order that asks: its id, and for how long it has stood at the exchange, ns."""

    client_order_id: str = ""
    waited: int = 0


NEW = Waiting()


class Priced(NamedTuple):
    """One price a leg, the quotes they were made from, and the net before slippage, which a limit is held against.

    Slippage is a cost of the simulation on top of the price that trades; it does not keep an order from trading.
    ``how`` names the model where it is kinder than the far side, in words for the report.
    """

    prices: tuple[Price, ...]
    quotes: tuple[Quote, ...]
    trades_at: Price
    how: str = ""


class FillModel(ABC):
    """Prices a package on fresh quotes, each leg on its own."""

    def __init__(self, max_age: int, slippage: Price = 0) -> None:
        self._max_age = max_age
        self._slippage = slippage

    def price(self, package: Package, market: Market, now: int, order: Waiting = NEW) -> Priced | str:
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
        found, how = self._prices(package, tuple(quotes), order)
        slipped = tuple(
            max(0, price + sign(leg.side) * self._slippage) for leg, price in zip(package.legs, found, strict=True)
        )
        return Priced(slipped, tuple(quotes), package.net(found), how)

    @abstractmethod
    def _prices(self, package: Package, quotes: tuple[Quote, ...], order: Waiting) -> tuple[tuple[Price, ...], str]:
        """What each leg trades at on usable quotes, and ``Priced.how``."""


class Cross(FillModel):
    """Buys at the ask, sells at the bid."""

    def _prices(
        self,
        package: Package,
        quotes: tuple[Quote, ...],
        order: Waiting,  # noqa: ARG002
    ) -> tuple[tuple[Price, ...], str]:
        return far_side(package, quotes), ""


class Mid(FillModel):
    """Trades at the mid; half a unit is rounded against us."""

    def _prices(
        self,
        package: Package,
        quotes: tuple[Quote, ...],
        order: Waiting,  # noqa: ARG002
    ) -> tuple[tuple[Price, ...], str]:
        return _between(package, quotes, 0), "simulated at mid"


class Improve(FillModel):
    """Trades at the far side, or nearer mid once somebody meets the order inside; see ``engine.exchange.improve``."""

    def __init__(self, max_age: int, seed: int, seconds: float, width: Price, at_mid: float) -> None:
        super().__init__(max_age)
        self._seed, self._seconds, self._width, self._at_mid = seed, seconds, width, at_mid
        self._draws: dict[str, Draw] = {}

    def _prices(self, package: Package, quotes: tuple[Quote, ...], order: Waiting) -> tuple[tuple[Price, ...], str]:
        drawn = self._draws.get(order.client_order_id)
        if drawn is None:
            drawn = self._draws[order.client_order_id] = draw(self._seed, order.client_order_id)
        width = sum(
            leg.ratio * ((quote.ask or 0) - (quote.bid or 0)) for leg, quote in zip(package.legs, quotes, strict=True)
        )
        if not met_inside(drawn, order.waited, width, self._seconds, self._width):
            return far_side(package, quotes), "simulated at the far side"
        part = concession(drawn, self._at_mid)
        how = f"simulated inside, {round(100 * part / UNIT)}% of the way from mid to the far side"
        return _between(package, quotes, part), how


def far_side(package: Package, quotes: tuple[Quote, ...]) -> tuple[Price, ...]:
    """The ask of what is bought, the bid of what is sold."""
    found = []
    for leg, quote in zip(package.legs, quotes, strict=True):
        price = quote.ask if leg.side == "buy" else quote.bid
        assert price is not None
        found.append(price)
    return tuple(found)


def _between(package: Package, quotes: tuple[Quote, ...], part: int) -> tuple[Price, ...]:
    """Each leg at ``part / UNIT`` of the way from its mid to its far side, rounded against us."""
    found = []
    for leg, quote in zip(package.legs, quotes, strict=True):
        assert quote.bid is not None
        assert quote.ask is not None
        given_up = part * (quote.ask - quote.bid)
        middle = quote.mid2 * UNIT
        whole = 2 * UNIT
        found.append(-(-(middle + given_up) // whole) if leg.side == "buy" else (middle - given_up) // whole)
    return tuple(found)


def fill_model(table: FillsTable) -> FillModel:
    """The model ``[fills]`` names."""
    if table.model == "mid":
        return Mid(table.max_quote_age_ns, table.slippage_units)
    if table.model == "improve":
        return Improve(
            table.max_quote_age_ns,
            table.seed,
            table.improve_seconds,
            table.improve_width_units,
            table.improve_at_mid,
        )
    return Cross(table.max_quote_age_ns)
