"""A figure beside its limit: what most controls find, for the answer in words and for the screen."""

from __future__ import annotations

from typing import Literal, NamedTuple

from engine.clock import SECOND
from engine.types import dollars_text

Unit = Literal["money", "price", "count", "time"]
"""Money and price: units of 1e-4 dollars, written without and with cents. Time: nanoseconds."""


class Measure(NamedTuple):
    """``used`` may be as much as ``limit`` and no more; ``of`` says what it is of."""

    used: int
    limit: int
    unit: Unit
    of: str = ""

    @property
    def broken(self) -> bool:
        """Whether it is beyond the limit."""
        return self.used > self.limit

    @property
    def text(self) -> str:
        """``3 of 2``, ``$820 of $1,000``."""
        return f"{amount(self.used, self.unit)} of {amount(self.limit, self.unit)}{self.of and ' ' + self.of}"


Finding = Measure | str
"""What a control finds: a figure beside its limit, or in words what is wrong, empty where nothing is."""


def amount(value: int, unit: Unit) -> str:
    """A figure as people write it."""
    if unit == "money":
        return f"${dollars_text(value, 0)}"
    if unit == "price":
        return f"${dollars_text(value, 2 if value % 100 == 0 else 4)}"
    return f"{value / SECOND:,.3f}".rstrip("0").rstrip(".") + " s" if unit == "time" else f"{value:,}"
