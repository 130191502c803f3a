"""A recorded day's path, which a simulated day follows: values of an underlying at the instants they were known.

Spot passes through every value exactly. Between two of them, over the night before the first and from the last to the
official close, the model's own noise goes on, tied to both ends by a Brownian bridge in the clock of variance. Such a
bridge knows where it ends: what is drawn here is no evidence of what could have been foreseen.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.feed.simulator.listing import LEVELS
from engine.feed.simulator.variance import TRADING_DAYS
from engine.types import SCALE, Price, round_to_cent

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class RecordedPath:
    """One recorded day of an underlying.

    Attributes:
        symbol: the underlying the values are of.
        source: the store's name of where they are from.
        times: ns UTC at which each value was known, ascending, within the session.
        values: price units, one a time.
        prior_close, official_close: official closes of the session before and of this one, price units.
        prior_vix: VIX's close of the session before, index points in price units; None where it is not known.
        implied: what recorded options priced at each time as the standard deviation of the log of spot from then to the
            close; None where they told nothing. Empty where there were no options.
        told: the values' provenance in words, for the label of what is made of them.
    """

    symbol: str
    source: str
    times: tuple[int, ...]
    values: tuple[Price, ...]
    prior_close: Price
    official_close: Price
    prior_vix: Price | None = None
    implied: tuple[float | None, ...] = ()
    told: str = ""

    @property
    def deviation(self) -> float:
        """The standard deviation of the day that was expected in its morning: by the first options that tell, else by
        the VIX of the evening; 0 where neither is known."""
        first = next((found for found in self.implied if found), None)
        if first is not None or self.prior_vix is None:
            return first or 0.0
        return self.prior_vix / SCALE / 100 / math.sqrt(TRADING_DAYS)

    def scale(self, underlying: str) -> float:
        """What one point of the recorded underlying is in points of another: 1 for its own, else the simulator's usual
        levels one over the other. Raises ``ValueError`` for one that does not move as it does."""
        if underlying == self.symbol:
            return 1.0
        ours, theirs = LEVELS.get(underlying), LEVELS.get(self.symbol)
        if ours is None or theirs is None or ours.beta != theirs.beta:
            raise ValueError(f"{underlying} does not follow the path of {self.symbol}")
        return ours.close / theirs.close

    def scaled(self, value: Price, underlying: str) -> Price:
        """A recorded value as one of another underlying, whole cents."""
        return round_to_cent(round(value * self.scale(underlying)))


@dataclass(frozen=True, slots=True)
class Anchors:
    """A recorded path on a grid: its points, and the logs of spot there over the close before."""

    at: NDArray[np.intp]
    logs: Floats

    @classmethod
    def of(cls, recorded: RecordedPath, times: NDArray[np.int64], at_close: int, last: float) -> Anchors:
        """The values, and ``last`` (over the close before) at the session's close. The grid has every time."""
        at = np.searchsorted(times, np.array(recorded.times, np.int64))
        over = np.array(recorded.values, np.float64) / recorded.prior_close
        before = at < at_close
        return cls(np.append(at[before], at_close), np.log(np.append(over[before], last)))

    def drift(self, passed: Floats) -> Floats:
        """The move of every step that is due to the path alone; none before the first anchor. ``passed``: the clock of
        variance at each grid point, from 0 at the open."""
        moves: Floats = np.diff(np.interp(passed, passed[self.at], self.logs))
        return moves

    def bridge(self, passed: Floats, night: float, log_spot: Floats) -> Floats:
        """What is to be added to ``log_spot`` so that it passes through the anchors; ``night``: the clock from the
        close before, where nothing is to be added, to the open."""
        posts = np.append(0.0, night + passed[self.at])
        missing = np.append(0.0, self.logs - log_spot[self.at])
        added: Floats = np.interp(night + passed, posts, missing)
        return added


def dearness(recorded: RecordedPath, times: NDArray[np.int64], remaining: Floats) -> Floats:
    """By how much recorded options were dearer than the model's, as a factor of variance at each of ``times``.

    Exact where they tell, geometric in time between, the nearest where nothing is known before or after; 1 where they
    never tell. ``remaining``: the variance that the model prices.
    """
    at, logs = list[int](), list[float]()
    for time, deviation in zip(recorded.times, recorded.implied, strict=False):
        i = int(np.searchsorted(times, time))
        if deviation is not None and remaining[i] > 0:
            at.append(i)
            logs.append(math.log(deviation**2 / remaining[i]))
    if not at:
        return np.ones(len(times))
    since = (times - times[0]).astype(np.float64)
    factor: Floats = np.exp(np.interp(since, since[at], logs))
    return factor
