"""The underlying's path through the day, its volatility, and the variance options expect from it.

Spot moves by Gaussian log increments without drift, and by rare jumps. The variance of a step is a day's variance,
times a U-shaped profile over the session (loud at the open, quiet after noon, louder into the close), times e^y, where
y is a mean-reverting Ornstein-Uhlenbeck factor whose shocks are correlated with spot's: volatility rises as the market
falls. A jump of spot pushes y up. A scenario leads spot along a course: the shocks lean toward it, so that volatility
answers as it would to such a day, and a Brownian bridge takes what is still missing. A recorded path leads it likewise,
through every recorded value, and recorded options say how dear they were (``recorded``).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.calendar import Session
from engine.feed.simulator.recorded import Anchors, RecordedPath, dearness
from engine.feed.simulator.scenario import FULL_MINUTES, Scenario
from engine.feed.simulator.scenarios import ORDINARY
from engine.feed.simulator.smile import SmileModel
from engine.feed.simulator.variance import (
    FULL_SESSION,
    TRADING_DAYS,
    Ahead,
    expected,
    look_ahead,
    mean_reverting,
    premium,
    profile,
    windowed,
)
from engine.feed.simulator.vix import family
from engine.types import SCALE

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class PathModel:
    """Parameters of the path.

    The defaults are set so that same-day options cost, over VIX and through the day, what SPXW's did in the median of
    2023-11 to 2024-12: at 09:35, 12:00 and 15:00 a standard deviation to the close of 0.56, 0.40 and 0.21 of VIX's day;
    the U is that of SPX's and SPY's minutes of 2026. docs/simulator.md shows them side by side.

    Attributes:
        annual_vol: of close-to-close returns, annualised over 252 days; days scatter around it.
        day_scatter: standard deviation of the log of one day's volatility level.
        persistence: how much of that level is left the day after, where days follow one another.
        intraday_share: share of a day's variance that falls between open and close of a full session.
        open_burst, close_burst: height of the U's arms over its floor of 1, at the open and at the close.
        open_fade, close_fade: e-folding length of the arms, as a share of the session.
        after_close: level of the profile once the session is over (funds trade on for 15 minutes).
        reversion: pull of y to 0, per session. y_scatter: its stationary standard deviation without jumps.
        leverage: correlation of the shocks of y and of spot.
        jumps: how many a session brings on average. jump_size: their standard deviation, in those of the session;
        jump_mean: their mean in the same unit. y_jump: mean of the push that each gives to y.
        premium: variance that options price for today, over the variance that is realised on average.
        far_premium: the same far ahead; premium_days: calendar days in which two thirds of the way there are gone.
        weekend: variance of a day without a session, as a share of a plain night's.
        vix_y: by how many per cent volatility ahead rises with y. vix_elasticity: by how many it falls when spot
            rises one per cent.
        auction: standard deviation of the official close around the last print, as a share of it.
    """

    annual_vol: float = 0.11
    day_scatter: float = 0.20
    persistence: float = 0.97
    intraday_share: float = 0.67
    open_burst: float = 5.4
    open_fade: float = 0.19
    close_burst: float = 2.0
    close_fade: float = 0.06
    after_close: float = 0.3
    reversion: float = 5.0
    y_scatter: float = 0.35
    leverage: float = -0.7
    jumps: float = 1.0
    jump_size: float = 0.2
    jump_mean: float = -0.05
    y_jump: float = 0.25
    premium: float = 1.15
    far_premium: float = 1.6
    premium_days: float = 6.0
    weekend: float = 0.15
    vix_y: float = 0.08
    vix_elasticity: float = 4.0
    auction: float = 4e-5


@dataclass(frozen=True, slots=True)
class Path:
    """One day, on the grid of ``times`` (the open first, the product's close last); arrays of its length.

    Attributes:
        times: ns UTC.
        spot: as a multiple of the previous close.
        remaining: total variance (of the log) that options price from each instant to the product's close.
        level: by how much what is priced beyond today has changed since the evening before, as a factor of variance.
        ahead: what was priced beyond today then.
        vix: index points by symbol. prior_vix: their closes of the session before.
        official_close: as a multiple of the previous close; it differs a little from the session's last print.
        vol_level: log of the day's volatility over the usual. vol_after: the same as the next day will find it.
    """

    times: NDArray[np.int64]
    spot: Floats
    remaining: Floats
    level: Floats
    ahead: Ahead
    vix: dict[str, Floats]
    prior_vix: dict[str, float]
    official_close: float
    vol_level: float
    vol_after: float

    def priced_until(self, close: int, at: slice) -> Floats:
        """Total variance priced at the steps ``at`` to the end of a session, given by its close in ns UTC."""
        beyond = float(self.ahead.until(np.array([close], np.int64))[0])
        return self.remaining[at] + self.level[at] * beyond


def grid(opens: int, closes: int, step_ns: int, recorded: RecordedPath | None = None) -> NDArray[np.int64]:
    """The open, then every step after it, and in any case the close and what is recorded between; ns UTC."""
    inner = np.arange(opens, closes, step_ns, dtype=np.int64)
    if recorded is not None:
        known = np.array(recorded.times, np.int64)
        inner = np.union1d(inner, known[(known >= opens) & (known < closes)])
    return np.append(inner, np.int64(closes))


def simulate(
    model: PathModel,
    smile: SmileModel,
    rng: np.random.Generator,
    times: NDArray[np.int64],
    sessions: list[Session],
    scenario: Scenario = ORDINARY,
    vol_before: float | None = None,
    pin: Callable[[float], float] | None = None,
    recorded: RecordedPath | None = None,
) -> Path:
    """Draw one path. Draws are in the order of time, so a longer day begins as the shorter one of the same seed.

    ``sessions`` are the session before, today and those after it. ``vol_before`` continues another day's
    ``vol_after``. ``pin`` gives the multiple of the previous close on which a scenario that pins ends, from the one at
    which it would have. ``recorded`` is the path that is followed, instead of a course; the grid has its times.
    """
    draws = _draw(rng, len(times) - 1)
    evening, today = sessions[0], sessions[1]
    clock = _Clock.of(model, times, today, scenario)
    vol_level = model.day_scatter * draws.level
    if vol_before is not None:
        kept = model.persistence
        vol_level = kept * vol_before + math.sqrt(1 - kept * kept) * vol_level
    if recorded is not None:
        vol_level = _recorded_level(model, smile, clock, sessions, recorded, vol_level)
    expected_day = model.annual_vol**2 / TRADING_DAYS * math.exp(2 * vol_level)
    day = expected_day * scenario.today**2
    sd = math.sqrt(day * model.intraday_share * clock.length)

    per_step = sd * sd * clock.steps
    anchors = None
    if recorded is not None:
        ends = recorded.official_close / recorded.prior_close
        anchors = Anchors.of(recorded, times, clock.at_close, ends / (1 + model.auction * draws.auction))
    drift = _drift(clock, sd, anchors)
    y, jumps = _volatility(model, draws, clock, drift / np.sqrt(per_step), sd)
    event, event_variance = _announced(scenario, draws, clock, sd)
    move = np.sqrt(per_step * (1 - _jump_variance(model))) * np.exp(0.5 * y[:-1])
    own = math.sqrt(1 - model.leverage**2)
    shocks = own * draws.shocks[:, 0] + model.leverage * draws.shocks[:, 1]
    steps = move * shocks - 0.5 * move * move + drift + jumps + event
    night = day * (1 - model.intraday_share)
    log_spot = _gap(scenario, draws, night) + np.append(0.0, np.cumsum(steps))
    if anchors is None:
        log_spot = log_spot + _bridge(clock, log_spot, sd, scenario, pin)
    else:
        log_spot = log_spot + anchors.bridge(clock.passed, night / (sd * sd), log_spot)

    priced = model.premium * per_step + event_variance
    before_close = expected(model, clock.share, np.where(clock.share[1:] <= 1 + 1e-12, priced, 0.0), y)
    whole = clock.at_close == len(times) - 1
    remaining = before_close if whole else expected(model, clock.share, priced, y)
    if recorded is not None:
        remaining = remaining * dearness(recorded, times, remaining)
    ahead = look_ahead(model, expected_day, sessions[1:])
    change = math.log(scenario.ahead) + model.vix_y * y - model.vix_elasticity * log_spot
    level = np.exp(2 * change)
    spot = np.exp(log_spot)
    return Path(
        times=times,
        spot=spot,
        remaining=remaining,
        level=level,
        ahead=ahead,
        vix=family(smile, times, today, sessions[2], before_close, ahead, level),
        prior_vix=_prior_vix(model, smile, evening, today, expected_day, ahead),
        official_close=float(spot[clock.at_close] * (1 + model.auction * draws.auction)),
        vol_level=vol_level,
        # Most of what a day does to VIX is there the next day.
        vol_after=vol_level + 0.8 * float(change[clock.at_close]),
    )


@dataclass(frozen=True, slots=True)
class _Draws:
    """Everything random of a day: single numbers, and per step shocks (of spot, of y), arrivals and sizes of jumps."""

    level: float
    gap: float
    y: float
    auction: float
    event: float
    event_sign: float
    gap_place: float
    shocks: Floats
    arrivals: Floats
    sizes: Floats


def _draw(rng: np.random.Generator, steps: int) -> _Draws:
    start, step, jump, size = rng.spawn(4)
    level, gap, y, auction, event, event_sign = start.standard_normal(6).tolist()
    return _Draws(
        level=level,
        gap=gap,
        y=y,
        auction=auction,
        event=event,
        event_sign=event_sign,
        gap_place=float(start.random()),
        shocks=step.standard_normal((steps, 2)),
        arrivals=jump.random((steps, 2)),
        sizes=size.standard_normal(steps),
    )


@dataclass(frozen=True, slots=True)
class _Clock:
    """How a session's variance passes.

    Attributes:
        share: of the session, at each grid point. length: of the session, over a full one.
        steps: share of a full session's variance in each step. passed: their sum so far.
        arrivals: share of a session's jumps in each step.
        posts, levels: where on this clock a course has its points, and their levels in standard deviations.
        at_close: the grid point of the session's close.
    """

    share: Floats
    length: float
    steps: Floats
    passed: Floats
    arrivals: Floats
    posts: Floats
    levels: Floats
    at_close: int

    @classmethod
    def of(cls, model: PathModel, times: NDArray[np.int64], today: Session, scenario: Scenario) -> _Clock:
        span = today.close - today.open
        share = (times - today.open) / span
        middle = 0.5 * (share[1:] + share[:-1])
        usual = profile(model, middle) * np.diff(share)
        steps = usual * windowed(scenario.variance, middle)
        passed = np.append(0.0, np.cumsum(steps))
        posts = np.array([0.0, *(minute / FULL_MINUTES for minute, _ in scenario.course)])
        return cls(
            share=share,
            length=span / FULL_SESSION,
            steps=steps,
            passed=passed,
            arrivals=usual * span / FULL_SESSION,
            posts=np.interp(posts, share, passed),
            levels=np.array([0.0, *(level for _, level in scenario.course)]),
            at_close=int(np.searchsorted(times, today.close, side="right")) - 1,
        )


def _recorded_level(
    model: PathModel,
    smile: SmileModel,
    clock: _Clock,
    sessions: list[Session],
    recorded: RecordedPath,
    otherwise: float,
) -> float:
    """The log of a recorded day's volatility over the usual: by the first options that tell, else by the evening's VIX,
    else ``otherwise``."""
    usual = model.annual_vol**2 / TRADING_DAYS
    told = ((time, found) for time, found in zip(recorded.times, recorded.implied, strict=False) if found)
    for time, found in told:
        share = (time - sessions[1].open) / (sessions[1].close - sessions[1].open)
        left = clock.passed[clock.at_close] - float(np.interp(share, clock.share, clock.passed))
        if left > 0:
            return 0.5 * math.log(found**2 / (model.premium * usual * model.intraday_share * clock.length * left))
    if recorded.prior_vix is None:
        return otherwise
    ahead = look_ahead(model, usual, sessions[1:])
    plain = _prior_vix(model, smile, sessions[0], sessions[1], usual, ahead)["VIX"]
    return math.log(recorded.prior_vix / SCALE / plain)


def _jump_variance(model: PathModel) -> float:
    """The share of a session's variance that comes in jumps."""
    return model.jumps * (model.jump_size**2 + model.jump_mean**2)


def _volatility(model: PathModel, draws: _Draws, clock: _Clock, lean: Floats, sd: float) -> tuple[Floats, Floats]:
    """y on the grid, and spot's jumps less their mean. ``lean`` is the drift of each step in its own deviations."""
    chance = model.jumps * clock.arrivals
    jumped = draws.arrivals[:, 0] < chance
    jumps = np.where(jumped, (model.jump_mean + model.jump_size * draws.sizes) * sd, 0.0)
    pushes = np.where(jumped, -model.y_jump * np.log1p(-draws.arrivals[:, 1]), 0.0)
    y = mean_reverting(model, clock.share, draws.y, draws.shocks[:, 1] + model.leverage * lean, pushes)
    return y, jumps - chance * model.jump_mean * sd


def _announced(scenario: Scenario, draws: _Draws, clock: _Clock, sd: float) -> tuple[Floats, Floats]:
    """The announcement's jump and what options price for it, in the step that ends at its minute or just after."""
    jump, variance = np.zeros(len(clock.steps)), np.zeros(len(clock.steps))
    told = scenario.announcement
    if told is not None:
        at = int(np.searchsorted(clock.share[1:], told.at / FULL_MINUTES - 1e-9))
        size = told.size * sd
        jump[at] = math.copysign(size * (0.8 + 0.3 * abs(draws.event)), draws.event_sign)
        variance[at] = told.premium * size * size
    return jump, variance


def _gap(scenario: Scenario, draws: _Draws, night: float) -> float:
    """The log of the open over the close before."""
    if scenario.gap is None:
        return math.sqrt(night) * draws.gap - 0.5 * night
    low, high = scenario.gap
    return math.log1p(low + (high - low) * draws.gap_place)


def _drift(clock: _Clock, sd: float, anchors: Anchors | None) -> Floats:
    """The move of every step that is due to where spot is led."""
    if anchors is not None:
        return anchors.drift(clock.passed)
    return np.diff(np.interp(clock.passed, clock.posts, clock.levels * sd))


def _bridge(
    clock: _Clock, log_spot: Floats, sd: float, scenario: Scenario, pin: Callable[[float], float] | None
) -> Floats:
    """What is to be added so that a course is kept and a pinned day ends on its strike; 0 at the open."""
    added = np.zeros(len(log_spot))
    if scenario.course:
        reached = np.interp(clock.posts, clock.passed, log_spot)
        added = np.interp(clock.passed, clock.posts, clock.levels * sd + log_spot[0] - reached)
    if scenario.pinned and pin is not None:
        end = float(log_spot[clock.at_close] + added[clock.at_close])
        share = np.minimum(clock.passed / clock.passed[clock.at_close], 1.0)
        added = added + (math.log(pin(math.exp(end))) - end) * share
    return added


def _prior_vix(
    model: PathModel, smile: SmileModel, evening: Session, today: Session, expected_day: float, ahead: Ahead
) -> dict[str, float]:
    """The family at the close before: a night and a day are still ahead, priced as they usually are."""
    hours = (today.close - today.open) / FULL_SESSION
    share = (1 - model.intraday_share) + model.intraday_share * hours
    coming = expected_day * share * premium(model, 1.0)
    seen = Ahead(np.concatenate([[evening.close], ahead.closes]), np.concatenate([[0.0], coming + ahead.variance]))
    at = np.array([evening.close], np.int64)
    none, same = np.zeros(1), np.ones(1)
    return {symbol: float(value[0]) for symbol, value in family(smile, at, evening, today, none, seen, same).items()}
