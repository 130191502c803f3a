"""The trading state, and what put it there. A latched breaker stays until the exchange's date changes."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

TradingState = Literal["ACTIVE", "REDUCING", "HALTED"]
"""ACTIVE: all orders. REDUCING: only orders that close. HALTED: locked for the day; closing still goes on."""

_SEVERITY: dict[TradingState, int] = {"ACTIVE": 0, "REDUCING": 1, "HALTED": 2}


@dataclass(slots=True)
class Breaker:
    """One reason to trade less: its state, whether a person may lift it today, and why in words."""

    state: TradingState
    latched: bool
    text: str


@dataclass(slots=True)
class TradingStates:
    """All breakers that stand; the severest decides."""

    breakers: dict[str, Breaker] = field(default_factory=dict)

    @property
    def state(self) -> TradingState:
        """The severest state of any breaker."""
        states: list[TradingState] = [breaker.state for breaker in self.breakers.values()]
        return max(states, key=lambda state: _SEVERITY[state], default="ACTIVE")

    @property
    def text(self) -> str:
        """Why it is not ACTIVE, in words; empty where it is."""
        return "; ".join(f"{name}: {breaker.text}" for name, breaker in self.breakers.items())

    def trip(self, name: str, state: TradingState, latched: bool, text: str) -> bool:
        """Set a breaker; False where it stands already."""
        if name in self.breakers:
            return False
        self.breakers[name] = Breaker(state, latched, text)
        return True

    def lift(self, name: str) -> bool:
        """Take a breaker back, unless it is latched or does not stand."""
        breaker = self.breakers.get(name)
        if breaker is None or breaker.latched:
            return False
        del self.breakers[name]
        return True
