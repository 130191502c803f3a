"""Numbers as foreign files write them, to exact units; every error is a ``ValueError`` with its reason."""

from __future__ import annotations

import re
from typing import Final

from engine.tape.columns import LARGEST
from engine.types import to_units

_DECIMAL: Final = re.compile(r"[0-9]{1,9}(\.[0-9]{0,18})?|\.[0-9]{1,18}")
_WHOLE: Final = re.compile(r"[0-9]{1,12}(\.0*)?")


def price_units(text: str, what: str = "price") -> int:
    """Units of 1e-4 dollars, rounded half to even from a plain decimal such as ``12.35``; 0 is a price (a bid of 0).

    A minus sign, an exponent, a decimal comma, ``nan`` and the like are refused.
    """
    if not _DECIMAL.fullmatch(text):
        raise ValueError(f"not a {what}: {text[:40]!r}")
    units = to_units(text)
    if units > LARGEST:
        raise ValueError(f"{what} out of range: {text[:40]}")
    return units


def strike_units(text: str) -> int:
    """A strike above 0 that an OCC symbol can carry: whole thousandths of a dollar."""
    units = price_units(text, "strike")
    if units == 0 or units % 10:
        raise ValueError(f"not a strike: {text[:40]!r}")
    return units


def whole(text: str, what: str) -> int:
    """A count of contracts or shares, such as ``530`` or ``530.0``."""
    if not _WHOLE.fullmatch(text):
        raise ValueError(f"not a {what}: {text[:40]!r}")
    value = int(text.split(".", maxsplit=1)[0])
    if value > LARGEST:
        raise ValueError(f"{what} out of range: {text[:40]}")
    return value
