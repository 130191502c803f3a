"""American options on a share: price, implied volatility, Greeks, and what the right of early exercise is worth.

The price is the European one (Black, 1976, on the forward) plus the early exercise premium, which is computed as such:
a premium of a millionth of a dollar keeps its digits. See ``_boundary`` for rates and yields, ``_dividend`` for a cash
dividend. Every function takes the same terms, arrays that broadcast against each other:

- ``right_sign``: +1 for a call, -1 for a put. ``spot``: dollars, with the dividend still in it (cum). ``strike``:
  dollars. ``t``: years to expiry. ``sigma``: annual volatility, of the spot less the dividend's present value.
- ``rate`` and ``yield_rate``: continuous, a year.
- ``dividend`` and ``ex_t``: ONE cash dividend, dollars a share, and the years until the last instant at which exercise
  still brings it: the exercise cutoff of the session before the ex-day. It counts where ``0 <= ex_t < t``. A fund that
  pays quarterly has at most one before the expirations of a quarter.

Where early exercise is worth nothing the answer is the European one exactly: calls without dividend and yield, puts at
a rate of 0, options that expire before the dividend. NaN, never a number, where an input is not finite or out of its
domain: ``spot``, ``strike`` or ``sigma`` not positive, ``t``, ``dividend``, ``rate`` or ``yield_rate`` negative (a
negative rate has a second boundary, which is not modelled), a dividend beside a yield, a dividend as large as the spot.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from engine.pricing import black76
from engine.pricing._boundary import Boundary, Premium, put_boundary, put_premium
from engine.pricing._dividend import call_boundary, call_premium, put_pause, put_premium_before
from engine.pricing.black76 import implied_vol as european_vol
from engine.pricing.columns import Floats, floats

NEGLIGIBLE = 1e-9
"""Dollars: at a smaller premium an option is European."""

_NOTHING = 1e-14  # of the strike; float64 knows an option's price no better
_BUMP = 5e-4
_ROUNDS = 60
_WIDEST = 8.0  # total volatility, sigma sqrt(t)
_LEAST = 1e-3  # of the volatility above; a price that stands there already tells none
_NOISE = 4 * np.finfo(np.float64).eps


class Greeks(NamedTuple):
    """Raw derivatives a share, arrays of one shape; NaN where undefined.

    Attributes:
        price: the model's price.
        delta: by the SPOT. gamma: second derivative by the spot.
        theta: the change of the price as time passes, a year, spot, rate and dividend held: mostly negative.
        vega: by volatility, for 1.00 of it.
    """

    price: Floats
    delta: Floats
    gamma: Floats
    theta: Floats
    vega: Floats


class _Terms(NamedTuple):
    """The terms as flat arrays; ``dividend`` is 0 where none counts, ``net`` the spot less its present value."""

    call: NDArray[np.bool_]
    spot: Floats
    strike: Floats
    t: Floats
    rate: Floats
    carry: Floats
    dividend: Floats
    ex_t: Floats
    net: Floats
    known: NDArray[np.bool_]

    def some(self, where: NDArray[np.bool_] | NDArray[np.intp]) -> _Terms:
        return _Terms._make([each[where] for each in self])

    @property
    def forward(self) -> Floats:
        return self.net * np.exp((self.rate - self.carry) * self.t)

    @property
    def intrinsic(self) -> Floats:
        return np.maximum(np.where(self.call, self.spot - self.strike, self.strike - self.spot), 0.0)

    @property
    def sign(self) -> Floats:
        return np.where(self.call, 1.0, -1.0)

    @property
    def exercisable(self) -> NDArray[np.bool_]:
        """Where early exercise may be worth something: more than what the strike or the shares earn until expiry."""
        earned = np.where(self.call, self.carry, self.rate) * self.t > _NOTHING
        return earned | (self.call & (self.dividend > 0) & (self.t > 0))


class _Early(NamedTuple):
    """The premium, and where exercise at once is best; there the premium is no use."""

    premium: Premium
    exercised: NDArray[np.bool_]


def price(
    right_sign: ArrayLike,
    spot: ArrayLike,
    strike: ArrayLike,
    t: ArrayLike,
    sigma: ArrayLike,
    rate: ArrayLike = 0.0,
    yield_rate: ArrayLike = 0.0,
    dividend: ArrayLike = 0.0,
    ex_t: ArrayLike = np.inf,
) -> Floats:
    """American price, dollars a share; the intrinsic value at ``t`` 0 and where exercise at once is best."""
    shape, terms, vol = _flatten(right_sign, spot, strike, t, rate, yield_rate, dividend, ex_t, sigma)
    with np.errstate(all="ignore"):
        early = _early(terms, vol)
        return _price(terms, vol, early).reshape(shape)


def early_exercise_premium(
    right_sign: ArrayLike,
    spot: ArrayLike,
    strike: ArrayLike,
    t: ArrayLike,
    sigma: ArrayLike,
    rate: ArrayLike = 0.0,
    yield_rate: ArrayLike = 0.0,
    dividend: ArrayLike = 0.0,
    ex_t: ArrayLike = np.inf,
) -> Floats:
    """What the American right adds to the European price, dollars a share; 0 exactly where it adds nothing."""
    shape, terms, vol = _flatten(right_sign, spot, strike, t, rate, yield_rate, dividend, ex_t, sigma)
    with np.errstate(all="ignore"):
        early = _early(terms, vol)
        european = _european(terms, vol)
        value = np.where(early.exercised, terms.intrinsic - european, early.premium.value)
        value = np.maximum(value, np.where(terms.exercisable, terms.intrinsic - european, 0.0))
        return np.where(np.isfinite(european), value, np.nan).reshape(shape)


def greeks(
    right_sign: ArrayLike,
    spot: ArrayLike,
    strike: ArrayLike,
    t: ArrayLike,
    sigma: ArrayLike,
    rate: ArrayLike = 0.0,
    yield_rate: ArrayLike = 0.0,
    dividend: ArrayLike = 0.0,
    ex_t: ArrayLike = np.inf,
) -> Greeks:
    """Price and Greeks; see ``Greeks``. Where exercise at once is best they are those of the shares.

    Delta and gamma are derivatives under the integral, theta follows from them by the pricing equation, and the
    premium's part of vega is a central difference over a thousandth of ``sigma``. NaN at ``t`` 0.
    """
    shape, terms, vol = _flatten(right_sign, spot, strike, t, rate, yield_rate, dividend, ex_t, sigma)
    with np.errstate(all="ignore"):
        early = _early(terms, vol)
        value = _price(terms, vol, early)
        plain = black76.greeks(terms.sign, terms.forward, terms.strike, terms.t, vol, np.exp(-terms.rate * terms.t))
        scale = terms.forward / terms.net
        delta = plain.delta * scale + early.premium.delta
        gamma = plain.gamma * scale * scale + early.premium.gamma
        up, down = (_early(terms, vol * (1.0 + bump)).premium.value for bump in (_BUMP, -_BUMP))
        vega = plain.vega + (up - down) / (2.0 * _BUMP * vol)
        drift = (terms.rate - terms.carry) * terms.net
        theta = terms.rate * value - drift * delta - 0.5 * (vol * terms.net) ** 2 * gamma
        theta -= terms.rate * (terms.spot - terms.net) * delta
        defined = np.isfinite(value) & (terms.t > 0)
        none = np.zeros_like(value)
        shares = (terms.sign, none, none, none)
        found = [
            np.where(defined, np.where(early.exercised, share, each), np.nan).reshape(shape)
            for share, each in zip(shares, (delta, gamma, theta, vega), strict=True)
        ]
        return Greeks(value.reshape(shape), *found)


def implied_vol(
    right_sign: ArrayLike,
    spot: ArrayLike,
    strike: ArrayLike,
    t: ArrayLike,
    price: ArrayLike,
    rate: ArrayLike = 0.0,
    yield_rate: ArrayLike = 0.0,
    dividend: ArrayLike = 0.0,
    ex_t: ArrayLike = np.inf,
) -> Floats:
    """Annual volatility at which the American price is ``price``.

    The European volatility itself where the premium at it is below ``NEGLIGIBLE``. NaN where there is none: as for
    European options, and where the price is not above what exercise at once, or waiting without any volatility, brings.
    """
    shape, terms, paid = _flatten(right_sign, spot, strike, t, rate, yield_rate, dividend, ex_t, price)
    with np.errstate(all="ignore"):
        plain = european_vol(terms.sign, terms.forward, terms.strike, terms.t, paid, np.exp(-terms.rate * terms.t))
        plain = np.where(terms.known, plain, np.nan)
        early = _early(terms, plain)
        # An American price may lie above the European bound, and then has no European volatility to start from.
        bound = np.where(terms.call, terms.spot, terms.strike)
        beyond = np.isnan(plain) & terms.known & terms.exercisable & (paid > terms.intrinsic) & (paid < bound)
        differs = beyond | (terms.exercisable & (early.exercised | (early.premium.value > NEGLIGIBLE)))
        found = np.where(differs, np.nan, plain)
        if differs.any():
            some = terms.some(differs)
            high = np.where(np.isnan(plain[differs]), _WIDEST / np.sqrt(some.t), plain[differs])
            found[differs] = _solve(some, paid[differs], high)
        return found.reshape(shape)


def dividend_boundary(
    strike: ArrayLike,
    t: ArrayLike,
    sigma: ArrayLike,
    dividend: ArrayLike,
    ex_t: ArrayLike,
    rate: ArrayLike = 0.0,
) -> Floats:
    """The spot, with the dividend in it, above which a call is exercised at ``ex_t``; dollars.

    inf where none is high enough: the dividend does not outweigh the interest on the strike until expiry, or is not
    paid within the option's life.
    """
    arrays = np.broadcast_arrays(*(floats(each) for each in (strike, t, sigma, dividend, ex_t, rate)))
    shape = arrays[0].shape
    k, years, vol, cash, when, r = (each.ravel() for each in arrays)
    known = (k > 0) & (years >= 0) & (vol > 0) & (cash >= 0) & (r >= 0) & np.isfinite(k * years * vol * cash * r)
    known &= ~np.isnan(when)
    pays = known & (cash > 0) & (when >= 0) & (when < years)
    found = np.where(known, np.inf, np.nan)
    with np.errstate(all="ignore"):
        found[pays] = call_boundary(k[pays], (years - when)[pays], vol[pays], cash[pays], r[pays]) + cash[pays]
    return found.reshape(shape)


def exercise_boundary(
    right_sign: ArrayLike,
    strike: ArrayLike,
    t: ArrayLike,
    sigma: ArrayLike,
    rate: ArrayLike = 0.0,
    yield_rate: ArrayLike = 0.0,
) -> Floats:
    """The spot at which exercise at once is best, without a dividend: at or below it for a put, above for a call.

    0 for a put and inf for a call that is never exercised early; the strike's side of it at ``t`` 0.
    """
    shape, terms, vol = _flatten(right_sign, strike, strike, t, rate, yield_rate, 0.0, np.inf, sigma)
    found = np.where(terms.call, np.inf, 0.0)
    with np.errstate(all="ignore"):
        where = terms.known & terms.exercisable & (vol > 0)
        some = terms.some(where)
        paid, given = _swapped(some)
        now = put_boundary(some.t, vol[where], paid, given).now
        found[where] = np.where(some.call, some.strike / now, some.strike * now)
        start = np.where(
            terms.call, np.maximum(1.0, terms.rate / terms.carry), np.minimum(1.0, terms.rate / terms.carry)
        )
        at_expiry = np.where(terms.carry > 0, start, np.where(terms.call, np.inf, 1.0)) * terms.strike
        at_expiry = np.where(terms.call | (terms.rate > 0), at_expiry, 0.0)
        found = np.where(terms.t == 0, at_expiry, found)
    return np.where(terms.known & (vol > 0), found, np.nan).reshape(shape)


def _flatten(
    right_sign: ArrayLike,
    spot: ArrayLike,
    strike: ArrayLike,
    t: ArrayLike,
    rate: ArrayLike,
    yield_rate: ArrayLike,
    dividend: ArrayLike,
    ex_t: ArrayLike,
    last: ArrayLike,
) -> tuple[tuple[int, ...], _Terms, Floats]:
    """The shape of the answer, the terms, and ``last`` (volatility or price) as flat arrays."""
    given = (right_sign, spot, strike, t, rate, yield_rate, dividend, ex_t, last)
    arrays = np.broadcast_arrays(*(floats(each) for each in given))
    sign, s, k, years, r, q, cash, when, other = (each.ravel() for each in arrays)
    with np.errstate(all="ignore"):
        counts = (cash > 0) & (when >= 0) & (when < years)
        counted, when_counted = np.where(counts, cash, 0.0), np.where(counts, when, 0.0)
        net = s - counted * np.exp(-r * when_counted)
        known = (s > 0) & (k > 0) & (years >= 0) & (r >= 0) & (q >= 0) & (cash >= 0) & (net > 0)
        known &= np.isfinite(s * k * years) & np.isfinite(r * q * cash) & np.isfinite(sign) & (sign != 0)
        known &= ~(counts & (q > 0)) & ~((cash > 0) & np.isnan(when))
    terms = _Terms(sign > 0, s, k, years, r, q, counted, when_counted, net, known)
    return arrays[0].shape, terms, other


def _european(terms: _Terms, sigma: Floats) -> Floats:
    discount = np.exp(-terms.rate * terms.t)
    found = black76.price(terms.sign, terms.forward, terms.strike, terms.t, sigma, discount)
    return np.where(terms.known & (sigma > 0), found, np.nan)


def _price(terms: _Terms, sigma: Floats, early: _Early) -> Floats:
    european = _european(terms, sigma)
    held = european + early.premium.value
    floor = np.where(terms.exercisable, terms.intrinsic, held)
    value = np.where(early.exercised, terms.intrinsic, np.maximum(held, floor))
    return np.where(np.isfinite(european), value, np.nan)


def _swapped(terms: _Terms) -> tuple[Floats, Floats]:
    """Rate and yield of the put: a call's are swapped."""
    return np.where(terms.call, terms.carry, terms.rate), np.where(terms.call, terms.rate, terms.carry)


def _early(terms: _Terms, sigma: Floats) -> _Early:
    size = sigma.shape
    found = _Early(Premium(np.zeros(size), np.zeros(size), np.zeros(size)), np.zeros(size, np.bool_))
    at_risk = terms.known & terms.exercisable & (sigma > 0) & np.isfinite(sigma)
    with_cash = terms.dividend > 0
    for chosen, compute in (
        (terms.call & with_cash, _call_with_dividend),
        (~terms.call & with_cash, _put_with_dividend),
        (~with_cash, _with_rates),
    ):
        where = at_risk & chosen
        if not where.any():
            continue
        part = compute(terms.some(where), sigma[where])
        for whole, piece in zip(found.premium, part.premium, strict=True):
            whole[where] = piece
        found.exercised[where] = part.exercised
    return found


def _call_with_dividend(terms: _Terms, sigma: Floats) -> _Early:
    t = terms
    return _Early(*call_premium(t.net, t.strike, t.t, sigma, t.rate, t.dividend, t.ex_t))


def _with_rates(terms: _Terms, sigma: Floats) -> _Early:
    paid, given = _swapped(terms)
    boundary = put_boundary(terms.t, sigma, paid, given)
    spot, strike = np.where(terms.call, terms.strike, terms.net), np.where(terms.call, terms.net, terms.strike)
    value, delta, gamma = put_premium(spot, strike, np.zeros_like(sigma), terms.t, sigma, paid, given, boundary)
    # The premium is of the first degree in spot and strike together: Euler turns one derivative into the other.
    by_strike = (value - spot * delta) / strike
    by_strike_twice = gamma * (spot / strike) ** 2
    premium = Premium(value, np.where(terms.call, by_strike, delta), np.where(terms.call, by_strike_twice, gamma))
    return _Early(premium, spot <= strike * boundary.now)


def _put_with_dividend(terms: _Terms, sigma: Floats) -> _Early:
    t = terms
    left = t.t - t.ex_t
    none = np.zeros_like(sigma)
    boundary = put_boundary(left, sigma, t.rate, none)
    found = [np.array(each) for each in put_premium(t.net, t.strike, t.ex_t, left, sigma, t.rate, none, boundary)]
    exercised = np.zeros(sigma.shape, np.bool_)
    before = t.ex_t > put_pause(t.strike, t.dividend, t.rate)
    if before.any():
        some, after = t.some(before), Boundary(*(each[before] for each in boundary))
        more, critical = put_premium_before(
            some.net, some.strike, sigma[before], some.rate, some.dividend, some.ex_t, left[before], after
        )
        for whole, piece in zip(found, more, strict=True):
            whole[before] += piece
        exercised[before] = some.net <= critical
    return _Early(Premium(*found), exercised)


def _solve(terms: _Terms, paid: Floats, high: Floats) -> Floats:
    """The volatility at most ``high`` whose price is ``paid``: secants within a bracket, each element on its own."""
    noise = _NOISE * np.maximum(terms.spot, terms.strike)
    low = _LEAST * high
    excess, premium = _excess(terms, high, paid)
    below, _ = _excess(terms, low, paid)
    found = np.where(excess == 0, high, np.nan)
    live = np.flatnonzero((excess > 0) & (below < -noise))
    terms, paid, noise, low, high = terms.some(live), paid[live], noise[live], low[live], high[live]
    # First the European volatility of what is left of the price without the premium.
    x, f = high, excess[live]
    discount = np.exp(-terms.rate * terms.t)
    new = european_vol(terms.sign, terms.forward, terms.strike, terms.t, paid - premium[live], discount)
    stuck = np.zeros(live.size, np.bool_)
    for _ in range(_ROUNDS):
        new = np.where((new > low) & (new < high) & ~stuck, new, 0.5 * (low + high))
        f_new, _ = _excess(terms, new, paid)
        low, high = np.where(f_new < 0, new, low), np.where(f_new < 0, high, new)
        stuck = np.abs(f_new) > 0.5 * np.abs(f)
        step = f_new * (new - x) / (f_new - f)
        x, f = new, f_new
        done = (np.abs(step) <= 1e-14 * x) | (np.abs(f) <= noise) | (high - low <= 1e-14 * x)
        found[live[done]] = x[done]
        left = ~done
        if not left.any():
            break
        new = x - step
        terms, live, stuck = terms.some(left), live[left], stuck[left]
        paid, noise, low, high, x, f, new = (each[left] for each in (paid, noise, low, high, x, f, new))
    return found


def _excess(terms: _Terms, vol: Floats, paid: Floats) -> tuple[Floats, Floats]:
    """Price at ``vol`` less what is paid, and the premium in it."""
    early = _early(terms, vol)
    return _price(terms, vol, early) - paid, early.premium.value
