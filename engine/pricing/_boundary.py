"""When a put on a spot is exercised early, and what that right is worth: Kim's integral, solved by collocation.

With a constant rate ``r``, a yield ``q`` and a strike of 1, the put is exercised once the spot falls to ``b(u)``,
``u`` years before expiry. Andersen, Lake and Offengenden ("High-performance American option pricing", Journal of
Computational Finance, 2016) find ``b`` as a fixed point, ``b = e^(-(r - q) u) N/D``, at a few Chebyshev nodes in
``sqrt(u)``, and interpolate ``ln(b/b(0+))^2`` between them, which is nearly straight. The premium of the right is then

    integral over s of  r K e^(-r s) N(-d2(s)) - q S e^(-q s) N(-d1(s)),   d of  S against  K b(T - s):

the interest earned on the strike less the yield given up, while the spot is below the boundary. Calls follow by the
symmetry C(S, K, r, q) = P(K, S, q, r).

Everything is an array of one dimension here, an option an element; nothing depends on an element's neighbours.
"""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

import numpy as np

from engine.pricing.columns import Floats

_SQRT_2PI = 2.5066282746310002

NODES = 8
"""Collocation nodes of the boundary, after expiry."""
POINTS = 16
"""Points of each integral for the boundary."""
FINE_POINTS = 48
"""Points of the integral for the premium: near the boundary its integrand is steep."""
ROUNDS = 8
"""Fixed-point rounds; the last ones no longer change the premium by a millionth of the strike."""


class Premium(NamedTuple):
    """The early exercise premium and its derivatives by the spot."""

    value: Floats
    delta: Floats
    gamma: Floats


class Grid(NamedTuple):
    """Points of one kind of integral, shared by all options, as fractions of the horizon.

    Attributes:
        sin, cos: (points,) of the integral's angle: ``u = horizon sin^2``, which is smooth at both ends.
        weight: (points,) of du over the horizon.
        interpolate: (..., points, nodes) makes of the values at the nodes those at the points.
    """

    sin: Floats
    cos: Floats
    weight: Floats
    interpolate: Floats


def normal(x: Floats) -> Floats:
    """The normal density."""
    return np.exp(-0.5 * x * x) / _SQRT_2PI


@cache
def fractions() -> Floats:
    """(nodes,) ``sqrt(u/horizon)`` at the nodes of the boundary, ascending from above 0 to 1."""
    return 0.5 * (1.0 + np.cos(np.pi * np.arange(NODES - 1, -1, -1) / NODES))


@cache
def node_grid() -> Grid:
    """For the integrals from expiry to each node: (nodes, points)."""
    return _grid(POINTS, fractions())


@cache
def whole_grid() -> Grid:
    """For the integral over the whole horizon: (points,)."""
    return _grid(FINE_POINTS, np.float64(1.0))


def _grid(points: int, upto: Floats | np.float64) -> Grid:
    angle, weight = np.polynomial.legendre.leggauss(points)
    theta = 0.25 * np.pi * (1.0 + angle)
    sin, cos = np.sin(theta), np.cos(theta)
    nodes = np.concatenate([[0.0], fractions()])
    # The boundary's value at expiry is 0 and needs no column.
    interpolate = _interpolate(nodes, np.multiply.outer(upto, sin))[..., 1:]
    return Grid(sin, cos, 0.5 * np.pi * weight * sin * cos, interpolate)


def _interpolate(nodes: Floats, at: Floats) -> Floats:
    """Barycentric weights of the Chebyshev ``nodes``, one row for each of ``at``."""
    weight = np.where(np.arange(nodes.size) % 2 == 0, 1.0, -1.0)
    weight[[0, -1]] *= 0.5
    distance = at[..., None] - nodes
    hit = distance == 0
    terms = weight / np.where(hit, 1.0, distance)
    terms = np.where(hit.any(axis=-1, keepdims=True), hit.astype(np.float64), terms)
    return np.asarray(terms / terms.sum(axis=-1, keepdims=True), np.float64)


class Boundary(NamedTuple):
    """The exercise boundaries of puts with strike 1.

    Attributes:
        start: (options,) the limit at expiry: min(1, r/q).
        squares: (options, nodes) ``ln(b/start)^2`` at the grid's nodes.
    """

    start: Floats
    squares: Floats

    @property
    def now(self) -> Floats:
        """The critical spot at the far end of the horizon."""
        return self.start * np.exp(-np.sqrt(self.squares[:, -1]))

    def at(self, interpolate: Floats) -> Floats:
        """``ln b`` at the points of a grid: (options, points) or (options, nodes, points)."""
        squares = np.maximum(np.tensordot(self.squares, interpolate, axes=(1, -1)), 0.0)
        start = np.log(self.start).reshape(-1, *([1] * (interpolate.ndim - 1)))
        return np.asarray(start - np.sqrt(squares), np.float64)


def put_boundary(horizon: Floats, sigma: Floats, r: Floats, q: Floats) -> Boundary:
    """Solve for the boundary from expiry to ``horizon`` years before it. Needs ``r > 0``, ``q >= 0``, all positive."""
    from scipy.special import ndtr

    g = node_grid()
    start = np.where(q > r, r / np.where(q > r, q, 1.0), 1.0)
    tau = horizon[:, None] * fractions() ** 2
    root = np.sqrt(tau)
    rate, carry, vol = r[:, None], q[:, None], sigma[:, None]
    log_start = np.log(start)[:, None]
    log_b = _first_guess(tau, vol, rate, carry)
    squares = (log_b - log_start) ** 2

    # The integrals' own time ahead, tau - u = tau cos^2, and its root.
    ahead = tau[:, :, None] * g.cos**2
    root_ahead = root[:, :, None] * g.cos
    spread = vol[:, :, None] * root_ahead
    drift = (rate - carry)[:, :, None] * ahead
    half_spread = 0.5 * spread
    weight = tau[:, :, None] * g.weight / spread
    grow_r = np.exp(rate[:, :, None] * (tau[:, :, None] - ahead)) * weight
    grow_q = np.exp(carry[:, :, None] * (tau[:, :, None] - ahead)) * weight
    scale = vol * root
    with_yield = bool((q > 0).any())
    for _ in range(ROUNDS):
        log_b = log_start - np.sqrt(squares)
        middle = (log_b[:, :, None] - Boundary(start, squares).at(g.interpolate) + drift) / spread
        d2 = middle - half_spread
        density2 = grow_r * normal(d2)
        end = (log_b + (rate - carry) * tau) / scale
        e1, e2 = end + 0.5 * scale, end - 0.5 * scale
        f1, f2 = normal(e1) / scale, normal(e2) / scale
        top = f2 + rate * density2.sum(axis=2)
        bottom = f1 + ndtr(e1)
        if with_yield:
            d1 = middle + half_spread
            bottom += carry * (grow_q * (spread * ndtr(d1) + normal(d1))).sum(axis=2)
        new = np.log(top / bottom) - (rate - carry) * tau
        squares = np.where(np.isfinite(new), np.minimum(new - log_start, 0.0) ** 2, squares)
    return Boundary(start, squares)


def _first_guess(tau: Floats, sigma: Floats, r: Floats, q: Floats) -> Floats:
    """``ln b`` by its expansions near expiry (Evans, Kuske, Keller, 2002), kept above the boundary of eternity."""
    variance = sigma * sigma
    slope = 0.5 - (r - q) / variance
    root = slope - np.sqrt(slope * slope + 2.0 * r / variance)
    eternal = np.log(root / (root - 1.0))
    start = np.log(np.where(q > r, r / np.where(q > r, q, 1.0), 1.0))
    gap = np.where(q < r, variance / (8.0 * np.pi * tau * (r - q) ** 2), 1.0 / (4.0 * np.sqrt(np.pi) * r * tau) ** 2)
    width = np.where(q > r, 0.6388, np.sqrt(np.log(np.maximum(gap, 3.0))))
    return np.maximum(start - width * sigma * np.sqrt(tau), 0.5 * (start + eternal))


def put_premium(
    spot: Floats, strike: Floats, wait: Floats, horizon: Floats, sigma: Floats, r: Floats, q: Floats, found: Boundary
) -> Premium:
    """The premium of a right that begins ``wait`` years from now and ends ``horizon`` years later, at expiry."""
    from scipy.special import ndtr

    g = whole_grid()
    s = wait[:, None] + horizon[:, None] * g.cos**2
    root = np.sqrt(s)
    rate, carry, vol, here = r[:, None], q[:, None], sigma[:, None], spot[:, None]
    spread = vol * root
    distance = np.log(spot / strike)[:, None] - found.at(g.interpolate)
    d2 = (distance + (rate - carry - 0.5 * vol * vol) * s) / spread
    d1 = d2 + spread
    weight = horizon[:, None] * g.weight
    earned = rate * strike[:, None] * np.exp(-rate * s) * weight
    given = carry * np.exp(-carry * s) * weight
    density1, density2 = normal(d1), normal(d2)
    value = earned * ndtr(-d2) - given * here * ndtr(-d1)
    delta = -earned * density2 / (here * spread) - given * (ndtr(-d1) - density1 / spread)
    gamma = earned * density2 * (d2 / spread + 1.0) / (here * here * spread)
    gamma += given * density1 * (1.0 - d1 / spread) / (here * spread)
    return Premium(value.sum(axis=1), delta.sum(axis=1), gamma.sum(axis=1))
