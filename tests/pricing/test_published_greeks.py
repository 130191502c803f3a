"""Published figures of higher Greeks: books and libraries that other people check themselves against."""

from __future__ import annotations

import math

import pytest

from engine.pricing import bsm, full_greeks


@pytest.mark.parametrize(
    ("greek", "sign", "spot", "strike", "t", "rate", "carry", "sigma", "figure"),
    [
        ("delta", -1, 105, 100, 0.5, 0.10, 0.0, 0.36, -0.3566),
        ("gamma", 1, 55, 60, 0.75, 0.10, 0.10, 0.30, 0.0278),
        ("vega", 1, 55, 60, 0.75, 0.10, 0.10, 0.30, 18.9358),
        ("vomma", 1, 90, 130, 0.75, 0.05, 0.0, 0.28, 92.3444),
        ("zomma", 1, 100, 80, 0.25, 0.05, 0.0, 0.26, 0.0463),
        ("speed", 1, 50, 48, 1 / 12, 0.06, 0.01, 0.20, -0.0291),
        ("charm", -1, 105, 90, 0.25, 0.14, 0.0, 0.24, 0.3700),
    ],
)
def test_haug(
    greek: str,
    sign: int,
    spot: float,
    strike: float,
    t: float,
    rate: float,
    carry: float,
    sigma: float,
    figure: float,
) -> None:
    """Haug, The Complete Guide to Option Pricing Formulas, second edition; his cost of carry is rate minus yield."""
    ours = getattr(bsm.greeks(sign, spot, strike, t, sigma, rate, rate - carry), greek)
    assert float(ours) == pytest.approx(figure, abs=5.1e-5)


def test_a_table_of_third_order_greeks() -> None:
    """S 55, K 50, T 1, r 0.0025, vol 0.15. Veta and color are published by the calendar, which is our sign: MINUS the
    derivative in time to expiry."""
    call = bsm.greeks(1, 55.0, 50.0, 1.0, 0.15, 0.0025)
    figures = {
        "vanna": -1.178299396,
        "charm": 0.083267772,
        "vomma": 47.118699480,
        "veta": -11.752500,
        "speed": -0.003946802,
        "zomma": -0.143656915,
        "color": 0.011224,
        "ultima": -827.422943,
    }
    for name, figure in figures.items():
        assert float(getattr(call, name)) == pytest.approx(figure, abs=6e-7 if abs(figure) < 100 else 6e-7 * 10), name


def test_quantlibs_black_calculator() -> None:
    """Forward 100, strike 105, vol 0.20, discount 0.95, T 1; its vanna is by a spot of 98 at a fixed carry."""
    call = full_greeks(1, 100.0, 105.0, 1.0, 0.20, 0.95)
    assert float(call.vega) == pytest.approx(37.508870024, abs=5e-10)
    assert float(call.vomma) == pytest.approx(9.285696424, abs=5e-10)
    assert float(call.vanna) * 100 / 98 == pytest.approx(0.658224828, abs=5e-10)
    on_spot = bsm.greeks(1, 98.0, 105.0, 1.0, 0.20, -math.log(0.95), -math.log(0.95) - math.log(100 / 98))
    assert float(on_spot.vanna) == pytest.approx(0.658224828, abs=5e-10)
