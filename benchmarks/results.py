"""What a benchmark comes to: works, who did them in what time, and the figures that were to be reached."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

OURS = "zdte-tui"

Role = Literal["ours", "variant", "rival", "floor"]


@dataclass(frozen=True)
class Party:
    """One who did a work, and how long it took.

    Attributes:
        median, tail: in the work's unit; ``tail`` is the 99th percentile, ``None`` of too few runs to have one. Both
            are ``None`` where there is no measurement, and ``note`` then says why.
        runs: how many there were.
        note: what is different about this one, such as Greeks it does not have.
        role: ours, ours in another way, something else to pick, or a floor: what the work costs where all but the least
            is left out.
    """

    who: str
    median: float | None
    tail: float | None = None
    runs: int = 0
    note: str = ""
    role: Role = "rival"


@dataclass(frozen=True)
class Target:
    """A figure to reach, and what was found; ``reached`` is ``None`` where it could not be measured."""

    wanted: str
    found: str
    reached: bool | None


@dataclass(frozen=True)
class Work:
    """One thing to do, who did it, and what was to be reached.

    Attributes:
        unit: of the medians; a rate where ``faster`` is "more".
        parties: ours first.
        notes: how it was done, and how well the parties agree on the result.
    """

    title: str
    unit: str
    parties: tuple[Party, ...]
    targets: tuple[Target, ...] = ()
    notes: tuple[str, ...] = ()
    faster: Literal["less", "more"] = "less"

    @property
    def ours(self) -> Party | None:
        """The project's own."""
        return next((party for party in self.parties if party.role == "ours"), None)

    def ratio(self, party: Party) -> float | None:
        """How many times as long it took as ours; above 1 is slower than ours."""
        ours = self.ours
        if ours is None or not ours.median or not party.median:
            return None
        return party.median / ours.median if self.faster == "less" else ours.median / party.median


@dataclass(frozen=True)
class Section:
    """Works that belong together; ``load`` is the machine's load average before and after."""

    name: str
    title: str
    works: tuple[Work, ...]
    load: tuple[float, float] | None = None


def party(who: str, samples: Sequence[float] | np.ndarray, note: str = "", role: Role = "rival") -> Party:
    """The median of some runs, and their 99th percentile where there are enough for one."""
    taken = np.asarray(samples, dtype=np.float64)
    if not taken.size:
        return absent(who, note or "no runs", role)
    tail = float(np.percentile(taken, 99)) if taken.size >= 100 else None
    return Party(who, float(np.median(taken)), tail, taken.size, note, role)


def absent(who: str, why: str, role: Role = "rival") -> Party:
    """One who could not be measured, and why."""
    return Party(who, None, note=why, role=role)


def at_most(limit: float, found: float | None, what: str, unit: str) -> Target:
    """``found`` was to be ``limit`` or less."""
    return _target("<=", limit, found, what, unit)


def at_least(limit: float, found: float | None, what: str, unit: str) -> Target:
    """``found`` was to be ``limit`` or more."""
    return _target(">=", limit, found, what, unit)


def _target(relation: str, limit: float, found: float | None, what: str, unit: str) -> Target:
    ending = unit if unit == "x" else f" {unit}"
    wanted = f"{what} {relation} {limit:,.10g}{ending}"
    if found is None:
        return Target(wanted, "not measured", None)
    return Target(wanted, f"{number(found)}{ending}", found <= limit if relation == "<=" else found >= limit)


def number(value: float) -> str:
    """Three digits, and no exponent: 0.0123, 4.71, 38.2, 1,234."""
    if value == 0 or not np.isfinite(value):
        return f"{value:g}"
    return f"{value:,.{max(2 - int(np.floor(np.log10(abs(value)))), 0)}f}"
