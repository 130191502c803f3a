"""Risk reversals and butterflies of a smile: its tilt and its bend, as they are quoted."""

from __future__ import annotations

import math
from typing import Literal, NamedTuple

from engine.pricing.smile import Smile

AtTheMoney = Literal["forward", "straddle"]
"""What counts as at the money: the strike at the forward, or that of the delta-neutral straddle."""

_HALVINGS = 80
_REACH = 12.0


class Skew(NamedTuple):
    """Volatilities, annual (0.01 is a vol point), and the strikes they are of, dollars.

    Attributes:
        atm, call, put: volatility at the money, of the call and of the put of the delta asked for.
        call_strike, put_strike: where those are.
        risk_reversal: call minus put; negative where puts are dearer, as on an index.
        butterfly: mean of call and put, minus at the money.
    """

    atm: float
    call: float
    put: float
    call_strike: float
    put_strike: float
    risk_reversal: float
    butterfly: float


def skew_of(smile: Smile, delta: float = 0.25, at_the_money: AtTheMoney = "forward") -> Skew | None:
    """By forward delta, undiscounted and without the premium: N(d1) for the call, N(-d1) for the put.

    None where the smile has no strike of that delta within twelve standard deviations.

    Raises:
        ValueError: ``delta`` is not between 0 and 0.5.
    """
    if not 0.0 < delta < 0.5:
        raise ValueError(f"delta is {delta}: a risk reversal needs one between 0 and 0.5, such as 0.25")
    call, put = _strike_of(smile, delta), _strike_of(smile, 1.0 - delta)
    middle = 0.0 if at_the_money == "forward" else _strike_of(smile, 0.5)
    if call is None or put is None or middle is None:
        return None
    atm, call_vol, put_vol = (_vol(smile, k) for k in (middle, call, put))
    return Skew(
        atm=atm,
        call=call_vol,
        put=put_vol,
        call_strike=smile.forward * math.exp(call),
        put_strike=smile.forward * math.exp(put),
        risk_reversal=call_vol - put_vol,
        butterfly=0.5 * (call_vol + put_vol) - atm,
    )


def _variance(smile: Smile, k: float) -> float:
    x = k - smile.m
    return smile.a + smile.b * (smile.rho * x + math.sqrt(x * x + smile.s * smile.s))


def _vol(smile: Smile, k: float) -> float:
    return math.sqrt(_variance(smile, k) / smile.t)


def _call_delta(smile: Smile, k: float) -> float:
    root = math.sqrt(max(_variance(smile, k), 1e-300))
    return 0.5 * math.erfc((k / root - 0.5 * root) / math.sqrt(2.0))


def _strike_of(smile: Smile, call_delta: float) -> float | None:
    """Log moneyness at which a call has the delta, by halving; a call's delta falls as its strike rises."""
    low, high = -_REACH * smile.atm_vol * math.sqrt(smile.t), _REACH * smile.atm_vol * math.sqrt(smile.t)
    if not _call_delta(smile, high) < call_delta < _call_delta(smile, low):
        return None
    for _ in range(_HALVINGS):
        middle = 0.5 * (low + high)
        if _call_delta(smile, middle) > call_delta:
            low = middle
        else:
            high = middle
    return 0.5 * (low + high)
