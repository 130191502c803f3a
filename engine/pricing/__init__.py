"""What an option is worth, and what its price says: Black (1976) on a forward, as pure functions of arrays.
``engine.pricing.bsm`` is the same on a spot with a yield (Black, Scholes, Merton).

``american`` prices the options on funds that may be exercised early: on a spot, with a rate, a yield or a dividend.

Everything here is stateless: the same arrays give the same bytes, whoever asks and in whichever order. Each element
is computed on its own, so a chain evaluated in pieces is the chain evaluated whole. Arrays are float64 and broadcast
against each other; prices, strikes and forwards are dollars a share (index points); times are years of 365 days to
the product's actual close; volatilities are annualised (0.15 is 15%); ``right_sign`` is +1 for a call, -1 for a put.
Where a number is undefined it is NaN, never zero, and nothing warns or raises.
"""

from engine.pricing import american, bsm
from engine.pricing.american_chain import american_parity_forward
from engine.pricing.arbitrage import Arbitrage, check_arbitrage
from engine.pricing.black76 import evaluate, evaluate_full, full_greeks, greeks, implied_vol, price
from engine.pricing.chain import expected_move, parity_forward
from engine.pricing.columns import ONE
from engine.pricing.daycount import YEAR_SECONDS, years_to
from engine.pricing.density import probability_above, risk_neutral_density
from engine.pricing.derivatives import FullGreeks, Greeks
from engine.pricing.fit import fit_smile
from engine.pricing.kernel import chain_kernel, scratch
from engine.pricing.payoff import Bounds, intrinsic, payoff_bounds, possible
from engine.pricing.probability import probability_in_the_money, probability_of_touch
from engine.pricing.skew import Skew, skew_of
from engine.pricing.smile import Smile
from engine.pricing.uncertainty import iv_error, iv_range

__all__ = [
    "ONE",
    "YEAR_SECONDS",
    "Arbitrage",
    "Bounds",
    "FullGreeks",
    "Greeks",
    "Skew",
    "Smile",
    "american",
    "american_parity_forward",
    "bsm",
    "chain_kernel",
    "check_arbitrage",
    "evaluate",
    "evaluate_full",
    "expected_move",
    "fit_smile",
    "full_greeks",
    "greeks",
    "implied_vol",
    "intrinsic",
    "iv_error",
    "iv_range",
    "parity_forward",
    "payoff_bounds",
    "possible",
    "price",
    "probability_above",
    "probability_in_the_money",
    "probability_of_touch",
    "risk_neutral_density",
    "scratch",
    "skew_of",
    "years_to",
]
