"""The kernel of this project."""

from __future__ import annotations

import numpy as np
import workload

from engine import pricing


def main() -> None:
    """Time it."""
    work = workload.load()
    sign, strike, years = work["chain_sign"], work["chain_strike"], work["chain_years"]
    price = work["chain_price"]
    many = [work[f"crowd_{name}"] for name in ("sign", "strike", "years", "price")]

    def whole_chain() -> tuple[np.ndarray, pricing.FullGreeks]:
        return pricing.evaluate_full(sign, workload.FORWARD, strike, years, price)

    def volatilities() -> np.ndarray:
        return pricing.implied_vol(many[0], workload.FORWARD, *many[1:])

    iv, at = whole_chain()
    values = {"iv": iv, **at._asdict()}
    workload.report(work, "13", whole_chain, values, volatilities, volatilities(), "this checkout")


main()
