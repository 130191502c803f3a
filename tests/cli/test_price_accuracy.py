"""``zdte-tui price`` against 60 digits, through its own CSV and JSON: what it prints is what the model says."""

from __future__ import annotations

import csv
import json
import math
from pathlib import Path
from typing import Any

import mpmath as mp
import numpy as np
import pytest
from price_contracts import COMPUTED, HEAD, Contract, csv_text, exact, grid

CONTRACTS = grid()


def printed(run: Any, path: Path, text: str, form: str) -> list[dict[str, Any]]:
    path.write_text(text)
    said = run("price", str(path), f"--{form}")
    assert (said.code, said.err) == (0, "")
    if form == "json":
        return [json.loads(line) for line in said.out.splitlines()]
    rows = csv.DictReader(said.out.splitlines())
    return [{name: cell if name == "right" else float(cell) for name, cell in row.items()} for row in rows]


@pytest.mark.parametrize("form", ["csv", "json"])
def test_price_and_greeks_of_the_grid(form: str, run: Any, tmp_path: Path) -> None:
    rows = printed(run, tmp_path / "grid.csv", csv_text(CONTRACTS), form)
    assert len(rows) == len(CONTRACTS)
    for contract, row in zip(CONTRACTS, rows, strict=True):
        assert tuple(row[name] for name in HEAD) == contract
        assert row["iv"] == contract.sigma
        forward = contract.spot * math.exp((contract.rate - contract.paid) * float(contract.years))
        assert abs(row["price"] - contract.worth()) < 1e-13 * forward
        for name, right in contract.greeks().items():
            scale = exact.SCALES[name](contract.spot, float(contract.years), contract.sigma)
            # The contract asks for 1e-8 and 1e-10 of the scale.
            assert abs(row[name] - right) < max(1e-11 * abs(right), 1e-13 * scale), (name, contract)


@pytest.mark.parametrize("form", ["csv", "json"])
def test_the_volatility_of_a_price(form: str, run: Any, tmp_path: Path) -> None:
    """Where an ulp of the price moves it by less than 1e-10; the Greeks are those at it."""
    told = []
    for contract in CONTRACTS:
        price = float(contract.worth())
        if np.spacing(price) < 1e-10 * float(contract.greeks()["vega"]):
            told.append((contract, price))
    assert len(told) > 0.85 * len(CONTRACTS)
    text = csv_text([(*contract[:6], repr(price)) for contract, price in told], (*HEAD[:6], "price"))
    rows = printed(run, tmp_path / "prices.csv", text, form)
    for (contract, price), row in zip(told, rows, strict=True):
        assert row["price"] == price
        right = exact.implied_vol(contract.sign, *contract[1:3], contract.years, price, *contract[4:])
        assert abs(row["iv"] - right) < 1e-9, contract
        for name, greek in contract._replace(sigma=row["iv"]).greeks().items():
            scale = exact.SCALES[name](contract.spot, float(contract.years), contract.sigma)
            assert abs(row[name] - greek) < max(1e-11 * abs(greek), 1e-13 * scale), (name, contract)


@pytest.mark.parametrize("form", ["csv", "json"])
@pytest.mark.parametrize("right", ["C", "P"])
def test_every_greek_is_the_derivative_its_name_says(right: str, form: str, run: Any, tmp_path: Path) -> None:
    """By differentiating the price numerically: no closed form is trusted, nor the order of the columns."""
    contracts = [
        Contract(right, 5812.37, 5830.0, 60, 0.05, 0.013, 0.18),
        Contract(right, 5812.37, 5700.0, 43_200, -0.02, 0.04, 0.6),
        Contract(right, 61.5, 60.0, 525.6, 0.11, 0.07, 1.4),
    ]
    for contract, row in zip(contracts, printed(run, tmp_path / "few.csv", csv_text(contracts), form), strict=True):
        numbers = (*contract[1:3], contract.years, contract.sigma, *contract[4:6])
        for name, right_value in exact.derivatives(contract.sign, *numbers).items():
            assert abs(row[name] - right_value) < 1e-10 * abs(right_value), (name, contract)
        assert list(row)[len(HEAD) :] == list(COMPUTED)


def test_the_digits_read_back_as_the_same_numbers(run: Any, tmp_path: Path) -> None:
    """CSV and JSON are written by different hands."""
    text = csv_text(CONTRACTS)
    assert printed(run, tmp_path / "a.csv", text, "csv") == printed(run, tmp_path / "b.csv", text, "json")


def test_a_thousandth_of_a_minute_and_ten_years(run: Any, tmp_path: Path) -> None:
    """Far outside the grid the numbers are still the model's."""
    contracts = [
        Contract("C", 5987.31, 5987.5, 0.001, 0.05, 0.013, 0.2),
        Contract("P", 5987.31, 3000.0, 5_256_000, 0.05, 0.013, 0.9),
        Contract("C", 0.004, 0.005, 390, 0.05, 0.013, 12.0),
    ]
    for contract, row in zip(contracts, printed(run, tmp_path / "far.csv", csv_text(contracts), "csv"), strict=True):
        assert abs(row["price"] - contract.worth()) < 1e-13 * contract.spot
        for name, right in contract.greeks().items():
            scale = exact.SCALES[name](contract.spot, float(contract.years), contract.sigma)
            assert abs(mp.mpf(row[name]) - right) < max(1e-10 * abs(right), 1e-12 * scale), (name, contract)
