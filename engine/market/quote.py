"""One contract's quote, and what makes it one to trade on."""

from __future__ import annotations

from typing import NamedTuple

from engine.types import Price

NEVER = -(2**62)
"""The time of a quote that never came."""


class Quote(NamedTuple):
    """One contract's quote; a missing bid or ask is None, a bid of 0 is a bid."""

    bid: Price | None
    ask: Price | None
    ts: int

    @property
    def usable(self) -> bool:
        """Both sides known, an ask above 0, not crossed. A locked quote and a bid of 0 are usable."""
        return self.bid is not None and self.ask is not None and 0 <= self.bid <= self.ask and self.ask > 0

    @property
    def fault(self) -> str:
        """What is wrong with a quote that is not usable, in words; empty for a usable one."""
        if self.usable:
            return ""
        if self.bid is None and self.ask is None:
            return "has no quote"
        if self.bid is None:
            return "has no bid, not even 0"
        return "has no ask" if not self.ask else "crossed"

    @property
    def mid2(self) -> int:
        """Twice the mid, exact; only for a usable quote."""
        assert self.bid is not None
        assert self.ask is not None
        return self.bid + self.ask
