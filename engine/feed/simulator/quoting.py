"""From a fair value to what a screen would show: a bid and an ask on ticks, sizes, volume, open interest."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.types import SCALE, Product

Floats = NDArray[np.float64]
Int32 = NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class QuoteModel:
    """Parameters of the quotes.

    Attributes:
        half_ticks: half-spread in ticks before rounding outward, on top of
        half_share: a share of the fair value. So the spread is narrow in dollars and wide in per cent far out.
        closing: by how much the half-spread has grown at the very close (1 doubles it).
        closing_fade: seconds before the close at which about a third of that has come.
        busiest: contracts a minute at the money, mid-session.
        size: typical quoted size at the money, contracts; cheap wings show more.
        open_interest: of a busy strike at the money, contracts.
    """

    half_ticks: float = 0.2
    half_share: float = 0.002
    closing: float = 1.0
    closing_fade: float = 900.0
    busiest: float = 60.0
    size: float = 30.0
    open_interest: float = 3000.0


def bid_ask(model: QuoteModel, terms: Product, fair: Floats, seconds_left: Floats) -> tuple[Int32, Int32]:
    """Bid and ask around ``fair`` (units of 1e-4 dollars, as floats), rounded outward to the product's ticks.

    The bid is at least 0, which is a bid of 0; the ask is above it by at least a tick. Shapes broadcast.
    """
    widening = 1 + model.closing * np.exp(-seconds_left / model.closing_fade)
    tick = np.where(fair < terms.tick_break, terms.tick_below, terms.tick_above)
    half = (model.half_ticks * tick + model.half_share * fair) * widening
    bid = _to_tick(terms, np.floor, np.maximum(fair - half, 0.0))
    ask = _to_tick(terms, np.ceil, fair + half)
    return bid.astype(np.int32), ask.astype(np.int32)


def _to_tick(terms: Product, rounded: np.ufunc, value: Floats) -> Floats:
    if terms.tick_below == terms.tick_above:
        return np.asarray(rounded(value / terms.tick_below) * terms.tick_below)
    tick = np.where(value < terms.tick_break, float(terms.tick_below), float(terms.tick_above))
    return np.asarray(rounded(value / tick) * tick)


def sizes(model: QuoteModel, rng: np.random.Generator, distance: Floats) -> Int32:
    """Quoted sizes, contracts, at least 1; ``distance`` in standard deviations from the money, any shape."""
    typical = np.round(model.size * (1 + np.minimum(distance, 6.0)), 6)
    return (1 + typical * rng.standard_exponential(distance.shape)).astype(np.int32)


def trades(
    model: QuoteModel, rng: np.random.Generator, distance: Floats, popularity: Floats, activity: Floats
) -> Int32:
    """Contracts traded in one step: lumpy, busiest near the money and at round strikes.

    ``activity``: minutes of mid-session trading that the step is worth, broadcast against ``distance``.
    """
    mean = np.round(model.busiest * activity * popularity * np.exp(-0.6 * distance), 6)
    return (mean * rng.standard_exponential(distance.shape)).astype(np.int32)


def popularity(strikes: NDArray[np.int64], step: int) -> Floats:
    """How much a strike is liked: every fifth twice as much as its neighbours, every twentieth four times."""
    number = strikes // step
    return np.where(number % 20 == 0, 4.0, np.where(number % 5 == 0, 2.0, 1.0))


def open_interest(model: QuoteModel, rng: np.random.Generator, distance: Floats, popularity: Floats) -> Int32:
    """Contracts open at the start of the day; ``distance`` in standard deviations at the open."""
    mean = np.round(model.open_interest * popularity * np.exp(-0.35 * distance), 6)
    return (mean * rng.standard_exponential(distance.shape)).astype(np.int32)


def to_cent(value: Floats) -> NDArray[np.int64]:
    """Dollars as units of 1e-4 dollars, rounded to whole cents."""
    return np.rint(value * 100).astype(np.int64) * (SCALE // 100)
