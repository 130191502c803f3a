"""Gamma exposure (GEX): how many dollars of the underlying hedgers trade for a move of 1%, by open interest.

``gamma * open interest * multiplier * spot^2 * 0.01`` a contract: gamma is the change of delta for a point, 1% is
``0.01 spot`` points, and ``spot`` turns shares into dollars. Calls count as positive, puts as negative.

The signs are a convention, not a measurement: customers are taken to have sold the calls and bought the puts, so that
dealers are long calls and short puts (after SqueezeMetrics' white paper "Gamma Exposure"). Who really holds what is not
published, and open interest is counted once, overnight: it says nothing of options opened today. A positive net is read
as hedging against moves, a negative one as hedging with them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from engine import pricing
from engine.market import Chain, Market
from engine.types import SCALE, product

Float = NDArray[np.float64]

_ONE_PERCENT = 0.01
_REACH = 0.10
_STEPS = 200  # each way: a node every 0.05% of spot, two or three points of SPX
_AT_ONCE = 500_000
_NOTHING = 1e-9


@dataclass(frozen=True)
class GammaExposure:
    """Gamma exposure of some contracts at one instant; dollars per 1% move, puts negative.

    Attributes:
        spot: the underlying, dollars.
        strikes: distinct strikes ascending, dollars.
        calls, puts: exposure a strike, arrays like ``strikes``; ``puts`` is zero or negative.
        call_wall, put_wall: the strike with the largest exposure of calls, of puts; of equals the one nearest spot.
            ``None`` where there is none.
        zero_gamma: the spot nearest the present one at which ``net`` would be zero, all volatilities held, within 10%
            either way; ``None`` where it keeps its sign. It is not the strike at which a running sum changes sign.
        priced, unpriced: open interest with and without a known gamma, contracts. The unpriced is in no figure.
    """

    spot: float
    strikes: Float
    calls: Float
    puts: Float
    call_wall: float | None
    put_wall: float | None
    zero_gamma: float | None
    priced: int
    unpriced: int

    @property
    def by_strike(self) -> Float:
        """Calls and puts of each strike together."""
        return self.calls + self.puts

    @property
    def total_calls(self) -> float:
        """All calls."""
        return float(self.calls.sum())

    @property
    def total_puts(self) -> float:
        """All puts, zero or negative."""
        return float(self.puts.sum())

    @property
    def net(self) -> float:
        """Calls and puts together."""
        return self.total_calls + self.total_puts


def gamma_exposure(
    right_sign: ArrayLike,
    strike: ArrayLike,
    years: ArrayLike,
    sigma: ArrayLike,
    open_interest: ArrayLike,
    spot: float,
    forward: ArrayLike | None = None,
    multiplier: float = 100,
) -> GammaExposure | None:
    """Exposure of contracts given one element each; arrays broadcast against each other.

    ``right_sign`` is +1 for a call and -1 for a put, ``years`` act/365 to the product's close, ``sigma`` annual,
    ``open_interest`` contracts (NaN or negative where unknown: counts as none). ``forward`` of each contract's expiry
    moves in step with the spot and is the spot where it is not given. A contract whose gamma is undefined (no
    volatility, expired) is left out and its open interest counted as unpriced.

    ``None`` where there is no contract with open interest and a gamma, or no spot: missing is not zero.
    """
    columns = (right_sign, strike, years, sigma, open_interest, spot if forward is None else forward)
    sign, k, t, vol, held, ahead = (column.ravel() for column in np.broadcast_arrays(*map(_floats, columns)))
    held = np.where(np.isfinite(held) & (held > 0), held, 0.0)
    if not (np.isfinite(spot) and spot > 0):
        return None
    # By the forward: gamma by spot times spot squared is gamma by forward times forward squared.
    gamma = pricing.greeks(sign, ahead, k, t, vol).gamma
    known = np.isfinite(gamma)
    used = known & (held > 0)
    if not used.any():
        return None
    weight = sign * held * multiplier * _ONE_PERCENT
    exposure = weight[known] * (gamma * ahead * ahead)[known]
    strikes, row = np.unique(k[known], return_inverse=True)
    is_call = sign[known] > 0
    calls = _floats(np.bincount(row, np.where(is_call, exposure, 0.0), len(strikes)))
    puts = _floats(np.bincount(row, np.where(is_call, 0.0, exposure), len(strikes)))
    return GammaExposure(
        spot=spot,
        strikes=strikes,
        calls=calls,
        puts=puts,
        call_wall=_wall(strikes, calls, spot),
        put_wall=_wall(strikes, -puts, spot),
        zero_gamma=_zero(spot, weight[used], ahead[used], k[used], t[used], vol[used]),
        priced=round(float(held[used].sum())),
        unpriced=round(float(held[~known].sum())),
    )


def chains_gamma_exposure(market: Market, chains: Sequence[Chain]) -> GammaExposure | None:
    """Exposure of whole chains of one root, one or several expiries, by their own volatilities and the open interest
    the market knows.

    A call and a put of a strike share the volatility of the quote that is out of the money. Spot is that of the first
    chain that has one: the index value where it is fresh, else the forward. The quotes of a delayed snapshot are older
    than the instant at which it came: build the chains at the quotes' own time. ``None`` as in ``gamma_exposure``.
    """
    units = next((chain.spot for chain in chains if chain.spot is not None), None)
    if units is None:
        return None
    spot = units / SCALE
    parts = [_contracts(market, chain, spot) for chain in chains]
    sign, strike, years, sigma, held, forward = (np.concatenate(column) for column in zip(*parts, strict=True))
    multiplier = product(chains[0].root).multiplier
    return gamma_exposure(sign, strike, years, sigma, held, spot, forward, multiplier)


def _contracts(market: Market, chain: Chain, spot: float) -> tuple[Float, ...]:
    """Sign, strike, years, vol, open interest and forward of a chain's contracts, calls first."""
    layout, count = chain.layout, len(chain.layout.strikes)
    held = [_open_interest(market, index) for index in (*layout.calls.tolist(), *layout.puts.tolist())]
    forward = spot if np.isnan(chain.forward) else chain.forward
    return (
        np.repeat([1.0, -1.0], count),
        np.tile(chain.strikes, 2),
        np.full(2 * count, chain.years),
        np.tile(chain.iv, 2),
        np.array(held, np.float64),
        np.full(2 * count, forward),
    )


def _open_interest(market: Market, index: int) -> float:
    found = market.detail(index)["open_interest"] if index >= 0 else None
    return float("nan") if found is None else float(found)


def _floats(values: ArrayLike) -> Float:
    return np.asarray(values, np.float64)


def _wall(strikes: Float, size: Float, spot: float) -> float | None:
    largest = size.max()
    if not largest > 0:
        return None
    equal = strikes[size == largest]
    return float(equal[np.argmin(np.abs(equal - spot))])


def _zero(spot: float, weight: Float, forward: Float, strike: Float, years: Float, sigma: Float) -> float | None:
    """The nearest spot at which the net exposure changes its sign, between two nodes by a straight line."""
    moves = np.linspace(1 - _REACH, 1 + _REACH, 2 * _STEPS + 1)
    net = np.empty(len(moves))
    step = max(1, _AT_ONCE // len(weight))  # a whole chain has 20,000 contracts
    for start in range(0, len(moves), step):
        moved = moves[start : start + step, None] * forward
        gamma = pricing.greeks(1.0, moved, strike, years, sigma).gamma
        net[start : start + step] = (weight * gamma * moved * moved).sum(axis=1)
    # Far from every strike nothing is left, and the sign of nothing means nothing.
    net[np.abs(net) <= _NOTHING * np.abs(net).max()] = np.nan
    with np.errstate(invalid="ignore"):
        crossing = np.flatnonzero(net[:-1] * net[1:] < 0)
    if not len(crossing):
        return None
    left, right = net[crossing], net[crossing + 1]
    found = spot * (moves[crossing] + (moves[crossing + 1] - moves[crossing]) * left / (left - right))
    return float(found[np.argmin(np.abs(found - spot))])
