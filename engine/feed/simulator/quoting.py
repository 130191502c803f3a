"""From a fair value to what a screen would show: a bid and an ask on ticks, and their sizes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.types import SCALE, Product

Floats = NDArray[np.float64]
Int32 = NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class QuoteModel:
    """Parameters of the quotes. A half-spread, before rounding outward, is the sum of the first three, each grown.

    Attributes:
        half_ticks: in ticks. half_share: a share of the time value. half_deep: a share of spot, for options that are
            in the money, reached a standard deviation away.
        opening: by how much half-spreads are wider at the open; opening_fade: seconds after which a third is left.
        closing, closing_fade: the same toward the close, and deep_closing, deep_fade for what is deep in the money.
        size: typical quoted size at the money, contracts. size_growth: how fast sizes grow toward the wings, per
            standard deviation.
    """

    half_ticks: float = 0.25
    half_share: float = 0.006
    half_deep: float = 1.6e-4
    opening: float = 1.2
    opening_fade: float = 300.0
    closing: float = 1.2
    closing_fade: float = 1200.0
    deep_closing: float = 2.5
    deep_fade: float = 2400.0
    size: float = 40.0
    size_growth: float = 0.8


def widening(model: QuoteModel, since_open: Floats, until_close: Floats) -> tuple[Floats, Floats]:
    """Factors of the half-spread at seconds after the open and before the close: of all quotes, and deep in the money.

    Seconds after an expiry's own day are many, so only the expiry of today feels the close.
    """
    opening = model.opening * np.exp(-since_open / model.opening_fade)
    closing = model.closing * np.exp(-until_close / model.closing_fade)
    deep = model.deep_closing * np.exp(-until_close / model.deep_fade)
    return 1 + opening + closing, 1 + opening + deep


def half_spread(
    model: QuoteModel, terms: Product, fair: Floats, time_value: Floats, distance: Floats, spot: Floats
) -> tuple[Floats, Floats]:
    """Half-spreads in units: of every option, and what is added deep in the money. Shapes broadcast."""
    tick = np.where(fair < terms.tick_break, terms.tick_below, terms.tick_above)
    deep = np.where(fair > time_value + 1, model.half_deep * spot * (1 - np.exp(-distance * distance)), 0.0)
    return model.half_ticks * tick + model.half_share * time_value, deep


def bid_ask(terms: Product, fair: Floats, half: Floats) -> tuple[Int32, Int32]:
    """Bid and ask around ``fair`` (units of 1e-4 dollars, as floats), rounded outward to the product's ticks.

    The bid is at least 0, which is a bid of 0, and the ask above it by a tick or more. No half-spread is above the
    fair value (or half a tick), so the mid is off it by half a tick at most.
    """
    tick = np.where(fair < terms.tick_break, terms.tick_below, terms.tick_above)
    half = np.minimum(half, np.maximum(fair, 0.5 * tick))
    bid = _to_tick(terms, np.floor, np.maximum(fair - half, 0.0))
    ask = _to_tick(terms, np.ceil, fair + half)
    return bid.astype(np.int32), ask.astype(np.int32)


def _to_tick(terms: Product, rounded: np.ufunc, value: Floats) -> Floats:
    if terms.tick_below == terms.tick_above:
        return np.asarray(rounded(value / terms.tick_below) * terms.tick_below)
    tick = np.where(value < terms.tick_break, float(terms.tick_below), float(terms.tick_above))
    return np.asarray(rounded(value / tick) * tick)


def typical_size(model: QuoteModel, distance: Floats) -> Floats:
    """Quoted sizes on average; ``distance`` in standard deviations from the money."""
    return np.round(model.size * np.exp(model.size_growth * np.minimum(distance, 4.5)), 6)


def sizes(rng: np.random.Generator, typical: Floats) -> Int32:
    """Quoted sizes, contracts, at least 1."""
    return (1 + typical * rng.standard_exponential(typical.shape, dtype=np.float32)).astype(np.int32)


def to_cent(value: Floats) -> NDArray[np.int64]:
    """Dollars as units of 1e-4 dollars, rounded to whole cents."""
    return np.rint(value * 100).astype(np.int64) * (SCALE // 100)
