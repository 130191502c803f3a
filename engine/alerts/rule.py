"""A person's rule as data: which figure, on which side of which level."""

from __future__ import annotations

from typing import Literal

import msgspec

from engine.alerts.model import Level
from engine.types import SCALE

Subject = Literal[
    "spot", "vix", "pnl", "open pnl", "short", "breakeven", "move", "delta", "gamma", "theta", "vega", "time"
]

OF_ROOT: frozenset[Subject] = frozenset({"spot", "move", "delta", "gamma", "theta", "vega"})
"""What is of one root; without one, of the session's first."""
OF_TRADE: frozenset[Subject] = frozenset({"pnl", "short", "breakeven"})
"""What may be of one trade."""
POSITIVE: frozenset[Subject] = frozenset({"spot", "vix"})
"""What is a price or a volatility: no level at or below 0 says anything of it."""
DISTANCES: frozenset[Subject] = frozenset({"short", "breakeven"})
"""What ``within`` is said of."""
GREEKS: frozenset[Subject] = frozenset({"delta", "gamma", "theta", "vega"})

_SHARE = 20
_LEAST: dict[Subject, int] = {
    "vix": SCALE // 5,
    "pnl": 10 * SCALE,
    "open pnl": 10 * SCALE,
    "move": SCALE // 2,
    "delta": SCALE,
    "gamma": SCALE // 10,
    "theta": SCALE // 10,
    "vega": SCALE,
}


class Rule(msgspec.Struct, frozen=True, kw_only=True):
    """One rule.

    Attributes:
        subject: the figure. Of ``time`` only ``at`` counts.
        above: whether it is true above the level (else below); inclusive: also at the level.
        level: units of 1e-4 of the figure's own unit: points, dollars, VIX points.
        at: a time of day as ``engine.calendar.parse_time_of_day`` reads it.
        root, trade_id: whose figure; empty and 0 for the session's first root and the whole book.
        once: whether it is done after the first time; else it is armed again after it has been false.
        rearm: how far beyond the level counts as false again, units as the level; None for the figure's usual margin.
        severity: of its alerts; None for what the configuration says of rules.
    """

    subject: Subject
    above: bool = False
    inclusive: bool = False
    level: int = 0
    at: str = ""
    root: str = ""
    trade_id: int = 0
    once: bool = False
    rearm: int | None = None
    severity: Level | None = None

    def holds(self, value: int) -> bool:
        """Whether it is true of ``value``, in the level's units."""
        if self.inclusive and value == self.level:
            return True
        return value > self.level if self.above else value < self.level

    def over(self, value: int, spot_margin: int) -> bool:
        """Whether it is clearly false again; ``spot_margin``: the usual margin of prices, units of 1e-4 points."""
        away = self.level - value if self.above else value - self.level
        return not self.holds(value) and away >= self.margin(spot_margin)

    def margin(self, spot_margin: int) -> int:
        """How far beyond the level counts as false again."""
        if self.rearm is not None:
            return self.rearm
        least = _LEAST.get(self.subject)
        return spot_margin if least is None else max(least, abs(self.level) // _SHARE)
