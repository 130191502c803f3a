"""QuantLib: its Black calculator and implied standard deviation, a contract at a time; price and 7 Greeks.

Dates have no minutes in its Python wheel, so the standard-deviation functions are used. IV is timed on 50,000.
"""

from __future__ import annotations

import math

import numpy as np
import QuantLib as Ql
import workload

IV_SIZE = 50_000
ACCURACY = 1e-12


def main() -> None:
    """Time it."""
    work = workload.load()
    kinds = {1.0: Ql.Option.Call, -1.0: Ql.Option.Put}
    forward = workload.FORWARD

    def rows(prefix: str, size: int) -> list[tuple[int, float, float, float]]:
        columns = (work[f"{prefix}_{name}"][:size].tolist() for name in ("sign", "strike", "years", "price"))
        return [
            (kinds[sign], strike, math.sqrt(years), price) for sign, strike, years, price in zip(*columns, strict=True)
        ]

    def deviation(kind: int, strike: float, price: float) -> float:
        try:
            return float(
                Ql.blackFormulaImpliedStdDev(kind, strike, forward, price, 1.0, 0.0, Ql.nullDouble(), ACCURACY)
            )
        except RuntimeError:
            return math.nan

    chain_rows = rows("chain", workload.CHAIN)

    def whole_chain() -> list[tuple[float, ...]]:
        made = []
        for kind, strike, root, price in chain_rows:
            sd = deviation(kind, strike, price)
            at, years = Ql.BlackCalculator(Ql.PlainVanillaPayoff(kind, strike), forward, sd, 1.0), root * root
            made.append(
                (
                    sd / root,
                    at.value(),
                    at.delta(forward),
                    at.gamma(forward),
                    at.theta(forward, years),
                    at.vega(years),
                    at.rho(years),
                    at.vanna(forward, years),
                    at.volga(years),
                )
            )
        return made

    many = rows("crowd", IV_SIZE)

    def volatilities() -> np.ndarray:
        return np.array([deviation(kind, strike, price) / root for kind, strike, root, price in many])

    def by_default(kind: int, strike: float, price: float) -> float:
        try:
            return float(Ql.blackFormulaImpliedStdDev(kind, strike, forward, price))
        except RuntimeError:
            return math.nan

    default = np.array([by_default(kind, strike, price) / root for kind, strike, root, price in many])
    names = ("iv", "price", "delta", "gamma", "theta", "vega", "rho", "vanna", "vomma")
    columns = dict(zip(names, np.array(whole_chain()).T, strict=True))
    columns["vomma"] *= np.sqrt(work["chain_years"])  # its volga is by the standard deviation
    values = {name: columns[name] for name in ("iv", "price", "delta", "gamma", "vega", "vanna", "vomma")}
    workload.report(work, "7", whole_chain, values, volatilities, volatilities(), Ql.__version__, default)


main()
