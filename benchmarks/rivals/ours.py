"""The kernel of this project."""

from __future__ import annotations

import workload

from engine import pricing


def main() -> None:
    """Time it."""
    work = workload.load()
    sign, strike, years = work["chain_sign"], work["chain_strike"], work["chain_years"]
    price = work["chain_price"]
    many = [work[f"crowd_{name}"] for name in ("sign", "strike", "years", "price")]

    def whole_chain() -> object:
        return pricing.evaluate_full(sign, workload.FORWARD, strike, years, price)

    def volatilities() -> object:
        return pricing.implied_vol(many[0], workload.FORWARD, *many[1:])

    found = pricing.implied_vol(many[0], workload.FORWARD, *many[1:])
    workload.report(work, "13", whole_chain, volatilities, found, len(many[0]), "this checkout")


main()
