"""When in the day variance falls, what options expect of it, and what lies beyond today."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from engine.calendar import Session
from engine.clock import MINUTE
from engine.feed.simulator.scenario import FULL_MINUTES, Window

if TYPE_CHECKING:
    from engine.feed.simulator.path import PathModel

Floats = NDArray[np.float64]

TRADING_DAYS = 252
FULL_SESSION = int(FULL_MINUTES) * MINUTE
DAY_NS = 86_400 * 10**9


def profile(model: PathModel, share: Floats) -> Floats:
    """The U at shares of the session, scaled to a mean of 1 over it."""
    opening = model.open_burst * np.exp(-share / model.open_fade)
    closing = model.close_burst * np.exp(-np.abs(1 - share) / model.close_fade)
    mean = 1 + model.open_burst * model.open_fade * (1 - math.exp(-1 / model.open_fade))
    mean += model.close_burst * model.close_fade * (1 - math.exp(-1 / model.close_fade))
    level: Floats = np.where(share <= 1, 1 + opening + closing, model.after_close)
    return level / mean


def windowed(windows: tuple[Window, ...], share: Floats) -> Floats:
    """The product of the windows' factors at shares of the session."""
    found = np.ones(len(share))
    for window in windows:
        inside = (share >= window.start / FULL_MINUTES) & (share < window.end / FULL_MINUTES)
        found[inside] *= window.factor
    return found


def mean_reverting(model: PathModel, share: Floats, start: float, shocks: Floats, jumps: Floats) -> Floats:
    """y on the grid: an Ornstein-Uhlenbeck process begun at its stationary law, pushed up by jumps."""
    y = np.empty(len(share))
    y[0] = model.y_scatter * start
    keep = np.exp(-model.reversion * np.diff(share))
    push = model.y_scatter * np.sqrt(1 - keep * keep) * shocks + jumps
    for i, (kept, pushed) in enumerate(zip(keep.tolist(), push.tolist(), strict=True)):
        y[i + 1] = kept * y[i] + pushed
    return y


def expected(model: PathModel, share: Floats, per_step: Floats, y: Floats) -> Floats:
    """Variance expected from each grid point to the last: today's excess e^y - 1 decays at the speed of reversion."""
    keep = np.exp(-model.reversion * np.diff(share)).tolist()
    steps = per_step.tolist()
    plain, excess = np.zeros(len(share)), np.zeros(len(share))
    p = e = 0.0
    for i in range(len(steps) - 1, -1, -1):
        p = steps[i] + p
        e = steps[i] + keep[i] * e
        plain[i], excess[i] = p, e
    return plain + np.expm1(y) * excess


@dataclass(frozen=True, slots=True)
class Ahead:
    """Variance that options price beyond today, as of a plain evening.

    Attributes:
        closes: ns UTC: of today, and of each session after it.
        variance: cumulated from today's close to each of them; the first is 0.
    """

    closes: NDArray[np.int64]
    variance: Floats

    def until(self, times: NDArray[np.int64]) -> Floats:
        """The same to any instants up to the last close."""
        found: Floats = np.interp(times - self.closes[0], self.closes - self.closes[0], self.variance)
        return found


def look_ahead(model: PathModel, day_variance: float, sessions: list[Session]) -> Ahead:
    """The term structure from the sessions' calendar: today first, ``day_variance`` that of an ordinary day."""
    total, found = 0.0, [0.0]
    for before, after in pairwise(sessions):
        nights = 1 + model.weekend * ((after.day - before.day).days - 1)
        share = (1 - model.intraday_share) * nights
        share += model.intraday_share * (after.close - after.open) / FULL_SESSION
        total += day_variance * share * premium(model, (after.day - sessions[0].day).days)
        found.append(total)
    closes = [each.close for each in sessions]
    # The calendar's table may end before the VIX looks as far: from there on at the usual rate.
    usual = day_variance * model.far_premium * TRADING_DAYS / 365
    closes.append(closes[-1] + 45 * DAY_NS)
    found.append(total + 45 * usual)
    return Ahead(np.array(closes, np.int64), np.array(found))


def premium(model: PathModel, days: float) -> float:
    """What options price over what is realised on average, for a day so many calendar days ahead."""
    return model.far_premium - (model.far_premium - model.premium) * math.exp(-days / model.premium_days)
