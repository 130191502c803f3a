"""fast-vollib 0.2.4 with its numba backend, at a rate of 0; price and 5 Greeks."""

from __future__ import annotations

from typing import Any

import fast_vollib
import numpy as np
import workload


def main() -> None:
    """Time it."""
    work = workload.load()
    plain = {"return_as": "numpy", "backend": "numba"}

    def inputs(prefix: str) -> tuple[np.ndarray, ...]:
        flag = np.where(work[f"{prefix}_sign"] > 0, "c", "p")
        size = len(flag)
        spot, rate = np.full(size, workload.FORWARD), np.zeros(size)
        return flag, spot, work[f"{prefix}_strike"], work[f"{prefix}_years"], rate, work[f"{prefix}_price"]

    flag, spot, strike, years, rate, price = inputs("chain")

    def whole_chain() -> Any:
        iv = fast_vollib.fast_implied_volatility(price, spot, strike, years, rate, flag, on_error="ignore", **plain)
        worth = fast_vollib.fast_black_scholes(flag, spot, strike, years, rate, iv, **plain)
        keep = {"return_as": "dict", "backend": "numba"}
        return iv, worth, fast_vollib.get_all_greeks(flag, spot, strike, years, rate, iv, model="black_scholes", **keep)

    flags, spots, strikes, times, rates, prices = inputs("crowd")

    def volatilities() -> np.ndarray:
        found = fast_vollib.fast_implied_volatility(
            prices, spots, strikes, times, rates, flags, on_error="ignore", **plain
        )
        return np.asarray(found)

    iv, worth, found = whole_chain()
    values = {"iv": iv, "price": worth, "delta": found["delta"], "gamma": found["gamma"], "vega": found["vega"] * 100}
    workload.report(work, "5", whole_chain, values, volatilities, volatilities(), "0.2.4")


main()
