"""Exact prices and money: whole numbers of 1e-4 dollars.

A price is dollars a share (or index points); an amount is dollars. Both are plain ``int`` in units of 1e-4 dollars,
so a package price times the contract multiplier is exact, and so is every sum the journal keeps.
"""

from __future__ import annotations

from decimal import ROUND_HALF_EVEN, Decimal, InvalidOperation

Price = int
"""Dollars a share, in units of 1e-4 dollars."""
Money = int
"""Dollars, in units of 1e-4 dollars."""

SCALE = 10_000
MISSING = -(2**31)
"""An absent number in an int32 column. Never a price; arrays carry it, people are shown 'n/a'."""

CENT = 100


def to_units(value: str | int | float | Decimal) -> int:
    """Convert dollars to units of 1e-4 dollars, rounding half to even on the decimal text of ``value``.

    Raises ``ValueError`` for what is not a finite number.
    """
    try:
        number = Decimal(str(value))
    except InvalidOperation as error:
        raise ValueError(f"not a number: {value!r}") from error
    if not number.is_finite():
        raise ValueError(f"not a finite number: {value!r}")
    return int((number * SCALE).to_integral_value(rounding=ROUND_HALF_EVEN))


def round_to_cent(units: int) -> int:
    """Round units of 1e-4 dollars to whole cents, half to even (index closes are published in cents)."""
    whole, rest = divmod(units, CENT)
    up = rest > CENT // 2 or (rest == CENT // 2 and whole % 2 == 1)
    return (whole + up) * CENT


def to_dollars(units: int) -> float:
    """Dollars as a float, for display and for numerics that leave the exact world."""
    return units / SCALE


def dollars_text(units: int | None, places: int = 2, sign: bool = False, missing: str = "n/a") -> str:
    """Dollars as text with thousands separators; ``None`` is shown as ``missing``, never as zero."""
    if units is None or units == MISSING:
        return missing
    number = Decimal(units) / SCALE
    # z: what rounds to zero has no minus.
    return f"{number:+z,.{places}f}" if sign else f"{number:z,.{places}f}"
