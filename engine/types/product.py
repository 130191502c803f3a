"""What the exchange says of each option root: multiplier, ticks, style, settlement, trading hours on expiry day."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from engine.types.money import SCALE, Price

Style = Literal["european", "american"]
Settlement = Literal["cash", "physical"]


@dataclass(frozen=True, slots=True)
class Product:
    """The terms of one option root.

    Attributes:
        underlying: symbol of the value the options settle on.
        multiplier: shares a contract.
        close_after_minutes: minutes past the session's close at which trading ends on expiry day.
        tick_below, tick_above, tick_break: one leg's tick below and from ``tick_break`` on, in price units.
        package_tick: tick of a package's net price.
        strike_step: usual distance of strikes near the money.
    """

    root: str
    underlying: str
    multiplier: int
    style: Style
    settlement: Settlement
    close_after_minutes: int
    tick_below: Price
    tick_above: Price
    tick_break: Price
    package_tick: Price
    strike_step: Price

    def tick(self, price: Price) -> Price:
        """The smallest price step of one leg at ``price``."""
        return self.tick_below if abs(price) < self.tick_break else self.tick_above


def _index(root: str, underlying: str, step: int) -> Product:
    return Product(
        root, underlying, 100, "european", "cash", 0, SCALE // 20, SCALE // 10, 3 * SCALE, SCALE // 20, step * SCALE
    )


def _fund(root: str) -> Product:
    cent = SCALE // 100
    return Product(root, root, 100, "american", "physical", 15, cent, cent, 3 * SCALE, cent, SCALE)


PRODUCTS: dict[str, Product] = {
    "SPXW": _index("SPXW", "SPX", 5),
    "XSP": Product(
        "XSP", "XSP", 100, "european", "cash", 0, SCALE // 100, SCALE // 100, 3 * SCALE, SCALE // 100, SCALE
    ),
    "SPY": _fund("SPY"),
    "QQQ": _fund("QQQ"),
}


def product(root: str) -> Product:
    """The terms of ``root``; ``KeyError`` names the roots that are known."""
    try:
        return PRODUCTS[root]
    except KeyError:
        raise KeyError(f"unknown option root {root!r}; known: {', '.join(sorted(PRODUCTS))}") from None
