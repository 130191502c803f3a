"""The underlying's path through the day, its instantaneous variance, and the variance options expect from it.

Spot moves by Gaussian log increments without drift. Their variance is a day's variance, times a U-shaped profile over
the session (busy at the open, quiet at noon, busy into the close), times e^y, where y is a mean-reverting
Ornstein-Uhlenbeck factor whose shocks are correlated with spot's: volatility rises as the market falls.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.calendar import Session
from engine.clock import MINUTE

Floats = NDArray[np.float64]

_TRADING_DAYS = 252
_FULL_SESSION = 390 * MINUTE


@dataclass(frozen=True, slots=True)
class PathModel:
    """Parameters of the path.

    The defaults are set so that same-day options cost, over VIX and through the day, what SPXW's did in the median of
    2023-11 to 2024-12: at 09:35, 12:00 and 15:00 a standard deviation to the close of 0.56, 0.40 and 0.21 of VIX's day.

    Attributes:
        annual_vol: of close-to-close returns, annualised over 252 days; days scatter around it.
        day_scatter: standard deviation of the log of one day's volatility level.
        intraday_share: share of a day's variance that falls between open and close of a full session.
        open_burst, close_burst: height of the U's arms over its floor of 1, at the open and at the close.
        open_fade, close_fade: e-folding length of the arms, as a share of the session.
        after_close: level of the profile once the session is over (funds trade on for 15 minutes).
        reversion: pull of y to 0, per session. y_scatter: its stationary standard deviation.
        leverage: correlation of the shocks of y and of spot.
        premium: variance that options price, over the variance that is realised on average.
        vix_ratio: VIX over the realised close-to-close volatility, on an ordinary day.
        vix_elasticity: by how many per cent VIX falls when spot rises one per cent.
        auction: standard deviation of the official close around the last print, as a share of it.
    """

    annual_vol: float = 0.11
    day_scatter: float = 0.20
    intraday_share: float = 0.70
    open_burst: float = 1.8
    open_fade: float = 0.14
    close_burst: float = 0.8
    close_fade: float = 0.06
    after_close: float = 0.3
    reversion: float = 5.0
    y_scatter: float = 0.35
    leverage: float = -0.7
    premium: float = 1.15
    vix_ratio: float = 1.5
    vix_elasticity: float = 4.0
    auction: float = 4e-5


@dataclass(frozen=True, slots=True)
class Path:
    """One day, on the grid of ``times`` (the open first, the product's close last); arrays of its length.

    Attributes:
        times: ns UTC.
        spot: as a multiple of the previous close.
        variance_to_close: total variance (of the log) that options price from each instant to the product's close.
        variance_next: the same to the close of the next session.
        vix: index points. prior_vix: its close of the session before.
        official_close: as a multiple of the previous close; it differs a little from the session's last print.
    """

    times: NDArray[np.int64]
    spot: Floats
    variance_to_close: Floats
    variance_next: Floats
    vix: Floats
    prior_vix: float
    official_close: float


def grid(opens: int, closes: int, step_ns: int) -> NDArray[np.int64]:
    """The open, then every step after it, and the close in any case; ns UTC."""
    inner = np.arange(opens, closes, step_ns, dtype=np.int64)
    return np.append(inner, np.int64(closes))


def simulate(
    model: PathModel, rng: np.random.Generator, times: NDArray[np.int64], today: Session, following: Session
) -> Path:
    """Draw one path. Draws are in the order of time, so a longer day begins as the shorter one of the same seed."""
    level_shock, gap_shock, y_shock, auction_shock = rng.standard_normal(4)
    shocks = rng.standard_normal((len(times) - 1, 2))

    annual_variance = (model.annual_vol * np.exp(model.day_scatter * level_shock)) ** 2
    day = annual_variance / _TRADING_DAYS
    span = today.close - today.open
    session_variance = day * model.intraday_share * span / _FULL_SESSION
    night = day * (1 - model.intraday_share)

    share = (times - today.open) / span
    steps = np.diff(share)
    per_step = session_variance * _profile(model, 0.5 * (share[1:] + share[:-1])) * steps

    y = _mean_reverting(model, share, y_shock, shocks[:, 1])
    move = np.sqrt(per_step) * np.exp(0.5 * y[:-1])
    own = np.sqrt(1 - model.leverage**2)
    spot_shocks = own * shocks[:, 0] + model.leverage * shocks[:, 1]
    gap = np.sqrt(night) * gap_shock - 0.5 * night
    log_spot = gap + np.append(0.0, np.cumsum(move * spot_shocks - 0.5 * move * move))

    remaining = _expected(model, share, per_step, y)
    hours_next = (following.close - following.open) / _FULL_SESSION
    tomorrow = night * _nights(today, following) + day * model.intraday_share * hours_next
    spot = np.exp(log_spot)

    base_vix = 100 * model.vix_ratio * np.sqrt(annual_variance)
    # Thirty days average most of y away.
    vix = base_vix * np.exp(0.08 * y - model.vix_elasticity * log_spot)
    last_print = spot[np.searchsorted(times, today.close, side="right") - 1]
    return Path(
        times=times,
        spot=spot,
        variance_to_close=model.premium * remaining,
        variance_next=model.premium * (remaining + tomorrow),
        vix=vix,
        prior_vix=float(base_vix),
        official_close=float(last_print * (1 + model.auction * auction_shock)),
    )


def _profile(model: PathModel, share: Floats) -> Floats:
    """The U at shares of the session, scaled to a mean of 1 over it."""
    opening = model.open_burst * np.exp(-share / model.open_fade)
    closing = model.close_burst * np.exp(-np.abs(1 - share) / model.close_fade)
    mean = 1 + model.open_burst * model.open_fade * (1 - math.exp(-1 / model.open_fade))
    mean += model.close_burst * model.close_fade * (1 - math.exp(-1 / model.close_fade))
    level: Floats = np.where(share <= 1, 1 + opening + closing, model.after_close)
    return level / mean


def _mean_reverting(model: PathModel, share: Floats, start: float, shocks: Floats) -> Floats:
    """y on the grid: an Ornstein-Uhlenbeck process, exact between its points, begun at its stationary law."""
    y = np.empty(len(share))
    y[0] = model.y_scatter * start
    keep = np.exp(-model.reversion * np.diff(share))
    noise = model.y_scatter * np.sqrt(1 - keep * keep) * shocks
    for i in range(len(keep)):
        y[i + 1] = keep[i] * y[i] + noise[i]
    return y


def _expected(model: PathModel, share: Floats, per_step: Floats, y: Floats) -> Floats:
    """Variance expected from each grid point to the last: today's excess e^y - 1 decays at the speed of reversion."""
    keep = np.exp(-model.reversion * np.diff(share))
    plain, excess = np.zeros(len(share)), np.zeros(len(share))
    for i in range(len(keep) - 1, -1, -1):
        plain[i] = per_step[i] + plain[i + 1]
        excess[i] = per_step[i] + keep[i] * excess[i + 1]
    return plain + np.expm1(y) * excess


def _nights(today: Session, following: Session) -> float:
    """How much more variance than a plain night lies between two sessions; a weekend carries little."""
    return 1 + 0.15 * ((following.day - today.day).days - 1)
