"""What a session watches for, and how loudly it says so."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from engine.alerts.model import AlertManners, Kind, Level, Setting
from engine.alerts.rule import Rule
from engine.types import Price

DEFAULT_LEVELS: dict[Kind, Setting] = {
    "short": "alarm",
    "short_near": "warning",
    "breakeven": "warning",
    "limit": "warning",
    "breaker": "alarm",
    "feed": "warning",
    "rejected": "warning",
    "denied": "warning",
    "fill": "info",
    "stop_armed": "info",
    "stop_fired": "warning",
    "unarmed": "alarm",
    "closed": "info",
    "engine": "alarm",
    "rule": "warning",
}


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """The alerts' settings.

    Attributes:
        levels: of each kind, or off.
        near_points: a short strike is near within so many points (price units), or within ``near_move`` of the
            expected move, whichever is further.
        limit_near: the fraction of a risk limit from which on it is near.
        rearm: how far prices must come back to count as away again, a fraction of spot.
        unarmed_ns: how long nobody must have held a stop before that is told.
        rules: those that hold from the start.
    """

    levels: Mapping[Kind, Setting] = msgspec.field(default_factory=lambda: dict(DEFAULT_LEVELS))
    near_points: Price = 0
    near_move: float = 0.25
    limit_near: float = 0.8
    rearm: float = 0.0005
    unarmed_ns: int = 5_000_000_000
    rules: tuple[Rule, ...] = ()
    manners: AlertManners = AlertManners()

    def level(self, kind: Kind) -> Level | None:
        """How loud a kind is; None where it is off."""
        setting = self.levels[kind]
        return None if setting == "off" else setting
