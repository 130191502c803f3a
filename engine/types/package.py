"""Packages: one to n legs traded as one order at one signed net price."""

from __future__ import annotations

from math import gcd
from typing import Literal

import msgspec

from engine.types.contract import Contract
from engine.types.money import Price

Side = Literal["buy", "sell"]
Effect = Literal["open", "close"]


def sign(side: Side) -> int:
    """+1 for a purchase, -1 for a sale."""
    return 1 if side == "buy" else -1


class Leg(msgspec.Struct, frozen=True):
    """One contract of a package: ``ratio`` contracts a package, bought or sold, opening or closing a position."""

    contract: Contract
    side: Side
    effect: Effect
    ratio: int = 1

    @property
    def signed_ratio(self) -> int:
        """Contracts a package, positive where bought."""
        return sign(self.side) * self.ratio

    @property
    def position_intent(self) -> str:
        """The broker's word: ``buy_to_open``, ``sell_to_close`` and so on."""
        return f"{self.side}_to_{self.effect}"


class Package(msgspec.Struct, frozen=True):
    """Legs that trade together or not at all. Net prices are signed dollars a share: a debit is positive."""

    legs: tuple[Leg, ...]

    def problem(self) -> str | None:
        """Why this is not a package an exchange would take, or ``None``."""
        if not self.legs:
            return "a package needs a leg"
        if len({leg.contract.root for leg in self.legs}) != 1:
            return "all legs must be of one root"
        if any(leg.ratio < 1 for leg in self.legs):
            return "a leg's ratio must be at least 1"
        if len({leg.contract for leg in self.legs}) != len(self.legs):
            return "a contract may appear in one leg only"
        if gcd(*(leg.ratio for leg in self.legs)) != 1:
            return "leg ratios must be relatively prime"
        return None

    def net(self, prices: tuple[Price, ...]) -> Price:
        """Net price a package from one price a leg, in the order of the legs; a debit is positive."""
        return sum(leg.signed_ratio * price for leg, price in zip(self.legs, prices, strict=True))

    @property
    def opens(self) -> bool:
        """Whether any leg opens a position."""
        return any(leg.effect == "open" for leg in self.legs)
