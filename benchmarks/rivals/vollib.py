"""py_vollib_vectorized 0.1.1: Black-Scholes at a rate of 0; price and 5 Greeks, the vector functions one by one."""

from __future__ import annotations

import numpy as np
import workload
from py_vollib_vectorized import (
    vectorized_black_scholes,
    vectorized_delta,
    vectorized_gamma,
    vectorized_implied_volatility,
    vectorized_rho,
    vectorized_theta,
    vectorized_vega,
)


def main() -> None:
    """Time it."""
    work = workload.load()
    plain = {"return_as": "numpy"}

    def inputs(prefix: str) -> tuple[np.ndarray, ...]:
        flag = np.where(work[f"{prefix}_sign"] > 0, "c", "p")
        size = len(flag)
        return (
            flag,
            np.full(size, workload.FORWARD),
            work[f"{prefix}_strike"],
            work[f"{prefix}_years"],
            np.zeros(size),
            work[f"{prefix}_price"],
        )

    flag, spot, strike, years, rate, price = inputs("chain")

    def whole_chain() -> list[np.ndarray]:
        iv = vectorized_implied_volatility(price, spot, strike, years, rate, flag, model="black_scholes", **plain)
        greeks = (vectorized_delta, vectorized_gamma, vectorized_theta, vectorized_vega, vectorized_rho)
        at = (flag, spot, strike, years, rate, iv)
        return [vectorized_black_scholes(*at, **plain), *(f(*at, model="black_scholes", **plain) for f in greeks)]

    flags, spots, strikes, times, rates, prices = inputs("crowd")

    def volatilities() -> np.ndarray:
        found = vectorized_implied_volatility(
            prices, spots, strikes, times, rates, flags, model="black_scholes", on_error="ignore", **plain
        )
        return np.asarray(found)

    values = dict(zip(("price", "delta", "gamma", "theta", "vega", "rho"), whole_chain(), strict=True))
    values = {name: values[name] for name in ("price", "delta", "gamma")} | {"vega": values["vega"] * 100}
    workload.report(work, "5", whole_chain, values, volatilities, volatilities(), "0.1.1")


main()
