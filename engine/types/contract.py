"""What can be traded or watched: an option contract, or the underlying it settles on."""

from __future__ import annotations

import datetime as dt
import re
from typing import Literal

import msgspec

from engine.types.money import SCALE, Price

Right = Literal["C", "P"]

_OCC = re.compile(r"(?P<root>[A-Z]{1,6}) *(?P<date>[0-9]{6})(?P<right>[CP])(?P<strike>[0-9]{8})")


class Contract(msgspec.Struct, frozen=True, order=True, cache_hash=True, tag="contract"):
    """One listed option.

    Attributes:
        root: option root, such as ``SPXW`` (which settles in the afternoon) or ``SPY``.
        expiry: expiration date in New York.
        strike: in units of 1e-4 dollars.
        right: ``C`` or ``P``.
    """

    root: str
    expiry: dt.date
    strike: Price
    right: Right

    @property
    def symbol(self) -> str:
        """The OCC symbol without padding, such as ``SPXW240807P05300000``."""
        return f"{self.root}{self.expiry:%y%m%d}{self.right}{self.strike // 10:08d}"

    @property
    def short_name(self) -> str:
        """Strike and right as a trader writes them, such as ``5300P``."""
        return f"{strike_text(self.strike)}{self.right}"


class Underlying(msgspec.Struct, frozen=True, order=True, cache_hash=True, tag="underlying"):
    """An index or a share: SPX, XSP, SPY, QQQ, VIX."""

    symbol: str


Instrument = Contract | Underlying


def strike_text(strike: Price) -> str:
    """A strike without needless zeros: ``5300``, ``427.5``."""
    whole, rest = divmod(strike, SCALE)
    return str(whole) if not rest else f"{strike / SCALE:.4f}".rstrip("0")


def parse_symbol(text: str) -> Instrument:
    """Read an OCC option symbol (padded or not), or take the text as an underlying's symbol.

    Raises ``ValueError`` where the text is neither.
    """
    found = _OCC.fullmatch(text)
    if found:
        date = found["date"]
        try:
            expiry = dt.date(2000 + int(date[:2]), int(date[2:4]), int(date[4:]))
        except ValueError:
            raise ValueError(f"not an option symbol, {date} is no date: {text!r}") from None
        right: Right = "C" if found["right"] == "C" else "P"
        return Contract(root=found["root"], expiry=expiry, strike=int(found["strike"]) * 10, right=right)
    if re.fullmatch(r"[A-Z][A-Z0-9.]{0,7}", text):
        return Underlying(text)
    raise ValueError(f"not an option or underlying symbol: {text!r}")
