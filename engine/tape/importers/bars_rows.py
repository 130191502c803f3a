"""One bar of trades as text files write it: four prices that fit each other, and a volume."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import NamedTuple

from engine.tape.importers.numbers import price_units, whole

PRICES = ("open", "high", "low", "close")
_PLACES = 4


class Bar(NamedTuple):
    """Prices in units of 1e-4; ``volume`` of this bar alone, ``None`` where the source has none."""

    open: int
    high: int
    low: int
    close: int
    volume: int | None = None


def read_bar(prices: Iterable[str], volume: str | None = None) -> Bar:
    """A bar from the texts of open, high, low, close.

    Raises ``ValueError`` with the reason for a price that is none or 0, an open or close outside low and high, and a
    volume that is no count.
    """
    found = []
    for name, text in zip(PRICES, prices, strict=True):
        found.append(_units(text, name))
    opened, high, low, close = found
    bar = Bar(opened, high, low, close, None if volume is None else whole(volume, "volume"))
    if not bar.low <= min(bar.open, bar.close) <= max(bar.open, bar.close) <= bar.high:
        raise ValueError("its open or close is not between its low and its high")
    return bar


@lru_cache(maxsize=1 << 14)
def _units(text: str, name: str) -> int:
    """The same few prices come again and again in a day of options."""
    units = price_units(text, f"price as its {name}")
    if units == 0:
        raise ValueError(f"not a price above 0 as its {name}: {text[:40]!r}")
    return units


def finer(text: str) -> bool:
    """Whether a plain decimal has more than the four places that are kept."""
    return len(text.partition(".")[2].rstrip("0")) > _PLACES
