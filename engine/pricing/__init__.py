"""What an option is worth, and what its price says: Black (1976) on a forward, as pure functions of arrays.

``american`` prices the options on funds that may be exercised early: on a spot, with a rate, a yield or a dividend.

Everything here is stateless: the same arrays give the same bytes, whoever asks and in whichever order. Each element
is computed on its own, so a chain evaluated in pieces is the chain evaluated whole. Arrays are float64 and broadcast
against each other; prices, strikes and forwards are dollars a share (index points); times are years of 365 days to
the product's actual close; volatilities are annualised (0.15 is 15%); ``right_sign`` is +1 for a call, -1 for a put.
Where a number is undefined it is NaN, never zero, and nothing warns or raises.
"""

from engine.pricing import american
from engine.pricing.american_chain import american_parity_forward
from engine.pricing.black76 import Greeks, evaluate, greeks, price
from engine.pricing.chain import expected_move, parity_forward
from engine.pricing.daycount import YEAR_SECONDS, years_to
from engine.pricing.implied import implied_vol
from engine.pricing.payoff import Bounds, intrinsic, payoff_bounds, possible

__all__ = [
    "YEAR_SECONDS",
    "Bounds",
    "Greeks",
    "american",
    "american_parity_forward",
    "evaluate",
    "expected_move",
    "greeks",
    "implied_vol",
    "intrinsic",
    "parity_forward",
    "payoff_bounds",
    "possible",
    "price",
    "years_to",
]
