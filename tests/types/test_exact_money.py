"""Prices and money are exact whole numbers of 1e-4 dollars."""

from __future__ import annotations

from decimal import ROUND_HALF_EVEN, Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.types import MISSING, SCALE, dollars_text, round_to_cent, to_dollars, to_units

UNITS = st.integers(-(10**13), 10**13)


@given(UNITS)
@settings(deadline=None)
def test_units_survive_dollars_as_decimal_text_and_float(units: int) -> None:
    assert to_units(Decimal(units) / SCALE) == units
    assert to_units(str(Decimal(units) / SCALE)) == units
    assert to_units(to_dollars(units)) == units


@pytest.mark.parametrize(
    ("dollars", "units"),
    [(0.1, 1000), ("5300.15", 53_001_500), (0.00005, 0), (0.00015, 2), (-0.00015, -2), (4378.3799, 43_783_799)],
)
def test_dollars_are_read_as_they_are_written_and_rounded_half_to_even(dollars: float | str, units: int) -> None:
    assert to_units(dollars) == units


@pytest.mark.parametrize("bad", ["", "ten", "1,5", float("nan"), float("inf"), "-inf"])
def test_what_is_no_finite_number_is_refused_by_name(bad: float | str) -> None:
    with pytest.raises(ValueError, match=r"not a (finite )?number: .*"):
        to_units(bad)


@given(UNITS | st.integers(-500, 500).map(lambda halves: 50 * halves))
@settings(deadline=None)
def test_rounding_to_cents_is_half_to_even_for_both_signs(units: int) -> None:
    exact = (Decimal(units) / SCALE).quantize(Decimal("0.01"), ROUND_HALF_EVEN)
    assert round_to_cent(units) == to_units(exact)


def test_a_float_noise_close_becomes_the_published_cents() -> None:
    assert round_to_cent(to_units(4378.3799)) == to_units("4378.38")


def test_a_missing_number_is_never_shown_as_zero() -> None:
    assert dollars_text(None) == dollars_text(MISSING) == "n/a"
    assert dollars_text(None, missing="-") == "-"
    assert dollars_text(0) == "0.00"


def test_signs_and_thousands_in_text() -> None:
    assert dollars_text(12_345_678, sign=True) == "+1,234.57"
    assert dollars_text(-12_345_678) == "-1,234.57"
    assert dollars_text(-5_000_000, places=0, sign=True) == "-500"


@given(st.integers(-50, 0), st.booleans())
@settings(deadline=None)
def test_what_rounds_to_zero_has_no_minus(units: int, sign: bool) -> None:
    assert dollars_text(units, sign=sign) == ("+0.00" if sign else "0.00")
