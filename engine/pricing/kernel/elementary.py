"""exp, log and Mills' ratio as straight lines of multiplications and additions, so that compilers can vectorise them.

The processor's library functions are calls, which no loop can be vectorised across, and differ from one C library to
the next. These are polynomials and rationals fitted in 50 digits, without a branch: within about one unit in the last
place, and the same bits on every processor. Arguments they are not meant for (NaN, zero, subnormal) give some number or
NaN, never a trap: callers select afterwards.
"""

from __future__ import annotations

import math

from engine.pricing.kernel.instructions import bits, fma, from_bits
from engine.pricing.kernel.jit import compiled

_LOG2E = 1.4426950408889634
_LN2 = 0.6931471805599453
_LN2_REST = 2.3190468138462996e-17  # ln 2 - _LN2
_SHIFT = 6755399441055744.0  # 1.5 * 2^52: adding it leaves a rounded integer in the low bits of the sum
_SHIFT_BITS = 0x4338000000000000
_ROOT_HALF_BITS = 0x3FE6A09E667F3BCD  # sqrt(1/2)
_HALF_EXPONENT = 1 << 51
_LEAST_EXPONENT = -708.0  # e^-708 is the last normal float64; below, exp is 0
_INF = math.inf


@compiled
def power_of_two(y: float) -> tuple[float, float]:
    """``2^n`` and ``e^r - 1`` with ``e^y = 2^n e^r``, ``|r| <= ln(2)/2``; for -708 <= y <= 709."""
    shifted = fma(y, _LOG2E, _SHIFT)
    n = shifted - _SHIFT
    r = fma(n, -_LN2_REST, fma(n, -_LN2, y))
    p = 2.510038549551032e-08
    p = fma(p, r, 2.7620088445409746e-07)
    p = fma(p, r, 2.7557268459997064e-06)
    p = fma(p, r, 2.4801521295954376e-05)
    p = fma(p, r, 0.00019841269863053618)
    p = fma(p, r, 0.0013888888917213717)
    p = fma(p, r, 0.008333333333330062)
    p = fma(p, r, 0.04166666666662413)
    p = fma(p, r, 0.16666666666666669)
    p = fma(p, r, 0.5)
    return from_bits((bits(shifted) << 52) + (1023 << 52)), fma(r * r, p, r)


@compiled
def exp(y: float) -> float:
    """``e^y``; 0 below -708, infinite above 709."""
    scale, rest = power_of_two(y)
    value = fma(scale, rest, scale)
    value = 0.0 if y < _LEAST_EXPONENT else value
    return _INF if y > 709.0 else value


@compiled
def expm1(y: float) -> float:
    """``e^y - 1`` with all its digits near 0."""
    scale, rest = power_of_two(y)
    value = fma(scale, rest, scale - 1.0)
    value = -1.0 if y < _LEAST_EXPONENT else value
    return _INF if y > 709.0 else value


@compiled
def twice_atanh(r: float) -> float:
    """``2 atanh(r) = ln((1 + r)/(1 - r))`` for ``|r| <= 0.2``."""
    u = r * r
    p = 0.13644194446437688
    p = fma(p, u, 0.1320508877046769)
    p = fma(p, u, 0.1538910477945013)
    p = fma(p, u, 0.1818173164090507)
    p = fma(p, u, 0.2222222312530122)
    p = fma(p, u, 0.2857142856680967)
    p = fma(p, u, 0.4000000000000899)
    p = fma(p, u, 0.6666666666666666)
    return fma(r * u, p, 2.0 * r)


@compiled
def _times_ln2(n: int, rest: float) -> float:
    """``n ln 2 + rest``; the integer becomes a float by its bits, for which every processor has a vector operation."""
    whole = from_bits(n + _SHIFT_BITS) - _SHIFT
    return fma(whole, _LN2, fma(whole, _LN2_REST, rest))


@compiled
def log(a: float) -> float:
    """``ln a`` of a positive normal number."""
    n = (bits(a) - _ROOT_HALF_BITS) >> 52
    m = from_bits(bits(a) - (n << 52))
    return _times_ln2(n, twice_atanh((m - 1.0) / (m + 1.0)))


@compiled
def log_ratio(a: float, b: float, difference: float) -> float:
    """``ln(a/b)`` of positive normal numbers, given ``a - b``: with all its digits however near they are."""
    n = (bits(a) - bits(b) + _HALF_EXPONENT) >> 52
    scaled = from_bits(bits(b) + (n << 52))  # b brought within a factor of 1.5 of a
    gap = difference if n == 0 else a - scaled
    return _times_ln2(n, twice_atanh(gap / (a + scaled)))


@compiled
def mills(z: float) -> float:
    """Mills' ratio ``N(-z)/n(z)`` for 0 <= z <= 40: a rational of positive terms only, so that nothing cancels."""
    p = 3.498669105083411e-06
    p = fma(p, z, 9.395779308584028e-05)
    p = fma(p, z, 0.001235701035163609)
    p = fma(p, z, 0.01029508551320447)
    p = fma(p, z, 0.05942462381879952)
    p = fma(p, z, 0.24559420886712546)
    p = fma(p, z, 0.726813901459805)
    p = fma(p, z, 1.4912553278748681)
    p = fma(p, z, 1.943849486857993)
    p = fma(p, z, 1.2533141373155001)
    q = 3.498669105092708e-06
    q = fma(q, z, 9.39577930838864e-05)
    q = fma(q, z, 0.0012391997044535789)
    q = fma(q, z, 0.010389043295785638)
    q = fma(q, z, 0.060653327919484294)
    q = fma(q, z, 0.2557013675722457)
    q = fma(q, z, 0.7838023455167403)
    q = fma(q, z, 1.7171950908521643)
    q = fma(q, z, 2.563962392534637)
    q = fma(q, z, 2.3488520548914207)
    q = fma(q, z, 1.0)
    return p / q
