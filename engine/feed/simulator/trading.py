"""What trades: contracts and shares with the side that started them, last prices, and open interest."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.types import MISSING

Floats = NDArray[np.float64]
Int32 = NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class TradeModel:
    """Parameters of the flow.

    Attributes:
        busiest: contracts a minute at the money, mid-session.
        fade: how fast trading falls off, per standard deviation from the money.
        chase: how far buyers follow a move: 0.25 means 75% of call volume is bought as spot rises hard.
        share_scatter: standard deviation of the log of a minute's shares.
        open_interest: of a busy strike at the money, contracts.
    """

    busiest: float = 60.0
    fade: float = 0.6
    chase: float = 0.25
    share_scatter: float = 0.35
    open_interest: float = 3000.0


class Flow(NamedTuple):
    """One block of steps: contracts traded, the part buyers started, and the last price (``MISSING``: no trade)."""

    volume: Int32
    bought: Int32
    last: Int32


def flow(
    model: TradeModel, rng: np.random.Generator, typical: Floats, move: Floats, calls: Floats, bid: Int32, ask: Int32
) -> Flow:
    """Trades of a block, rows by contracts.

    ``typical``: contracts expected; ``move``: spot's move in each step, in standard deviations, one a row; ``calls``:
    1 for calls, -1 for puts. A buyer pays the ask, a seller takes the bid; nobody sells at 0.
    """
    volume = (typical * rng.standard_exponential(typical.shape, dtype=np.float32)).astype(np.int32)
    luck = rng.random(typical.shape, dtype=np.float32)
    eager = 0.5 + model.chase * np.tanh(move)[:, None] * calls
    eager = np.where(bid > 0, eager, 1.0)
    bought = np.rint(volume * np.clip(0.5 + eager - luck, 0.0, 1.0)).astype(np.int32)
    last = np.where(volume > 0, np.where(luck < eager, ask, bid), MISSING).astype(np.int32)
    return Flow(volume, np.where(bid > 0, bought, volume).astype(np.int32), last)


def shares(model: TradeModel, rng: np.random.Generator, expected: Floats, move: Floats) -> tuple[Int32, Int32]:
    """Shares of a fund traded in each step, and the part buyers started; arrays of one dimension."""
    scatter = model.share_scatter
    volume = np.rint(expected * np.exp(scatter * rng.standard_normal(len(expected)) - 0.5 * scatter * scatter))
    part = 0.5 + model.chase * np.tanh(move) + 0.1 * (rng.random(len(expected)) - 0.5)
    return volume.astype(np.int32), np.rint(volume * np.clip(part, 0.0, 1.0)).astype(np.int32)


_OPEN_ARM, _OPEN_FADE, _CLOSE_ARM, _CLOSE_FADE = 1.9, 0.15, 2.9, 0.06
MEAN_ACTIVITY = 1 + _OPEN_ARM * _OPEN_FADE + _CLOSE_ARM * _CLOSE_FADE
"""The mean of ``activity`` over a session."""


def activity(share: Floats) -> Floats:
    """How busy the market is at shares of the session, 1 at its quietest."""
    opening = _OPEN_ARM * np.exp(-share / _OPEN_FADE)
    return np.asarray(1 + opening + _CLOSE_ARM * np.exp(-(1 - share) / _CLOSE_FADE))


def popularity(strikes: NDArray[np.int64], step: int) -> Floats:
    """How much a strike is liked: every fifth twice as much as its neighbours, every twentieth four times."""
    number = strikes // step
    return np.where(number % 20 == 0, 4.0, np.where(number % 5 == 0, 2.0, 1.0))


def open_interest(model: TradeModel, rng: np.random.Generator, distance: Floats, liked: Floats) -> Int32:
    """Contracts open at the start of the day; ``distance`` in standard deviations at the open."""
    mean = np.round(model.open_interest * liked * np.exp(-0.35 * distance), 6)
    return (mean * rng.standard_exponential(distance.shape)).astype(np.int32)
