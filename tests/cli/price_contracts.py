"""Contracts to price: a grid from a minute to a month with their 60-digit figures, and CSV of any columns."""

from __future__ import annotations

import itertools
import math
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from statistics import NormalDist
from typing import NamedTuple

import mpmath as mp

sys.path.insert(0, str(Path(__file__).parents[1] / "pricing"))
import exact

YEAR = 525_600  # minutes
HEAD = ("right", "S", "K", "minutes_act365", "r", "q", "sigma")
COMPUTED = ("iv", "price", *exact.NAMES)

MINUTES = (1, 13, 390, 2880, 43_200)
VOLS = (0.03, 0.17, 0.8, 3.0)
DELTAS = (0.001, 0.05, 0.4, 0.55, 0.93, 0.999)
CARRY = (0.047, 0.0131)
SPOT = 5987.31


class Contract(NamedTuple):
    """A row, with its volatility."""

    right: str
    spot: float
    strike: float
    minutes: float
    rate: float
    paid: float
    sigma: float

    @property
    def sign(self) -> int:
        return 1 if self.right == "C" else -1

    @property
    def years(self) -> mp.mpf:
        return mp.mpf(self.minutes) / YEAR

    def worth(self) -> mp.mpf:
        """The exact price."""
        numbers = (mp.mpf(self.spot), mp.mpf(self.strike), self.years, mp.mpf(self.sigma))
        return exact.price(self.sign, *numbers, mp.mpf(self.rate), mp.mpf(self.paid))

    def greeks(self) -> dict[str, mp.mpf]:
        """Closed forms in 60 digits."""
        return exact.greeks(self.sign, self.spot, self.strike, self.years, self.sigma, self.rate, self.paid)


def grid() -> list[Contract]:
    """A strike for each delta."""
    found = []
    for minutes, sigma, delta, right in itertools.product(MINUTES, VOLS, DELTAS, "CP"):
        years = minutes / YEAR
        total = sigma * math.sqrt(years)
        carry = (CARRY[0] - CARRY[1]) * years
        strike = SPOT * math.exp(carry - NormalDist().inv_cdf(delta) * total + total * total / 2)
        found.append(Contract(right, SPOT, strike, minutes, *CARRY, sigma))
    return found


def csv_text(rows: Iterable[Sequence[object]], head: Sequence[str] = HEAD) -> str:
    """Plain CSV, floats in full."""
    return "".join(",".join(map(str, row)) + "\n" for row in (head, *rows))
