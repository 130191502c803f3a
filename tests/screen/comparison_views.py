"""A practice of the day of ``views`` beside its hands-off run: one trade of both, one of either alone."""

from __future__ import annotations

from typing import Any

from msgspec.structs import replace
from views import at

from engine.clock import MINUTE
from engine.types import Money, to_units
from engine.view.comparison import ComparisonView, Difference, Path, SideFigures

OPEN, NOW = at("10:00:00"), at("12:02:00")
MINUTES = (NOW - OPEN) // MINUTE + 1


def _column(last: float, fall: float) -> tuple[Money, ...]:
    """A fall to the middle of the way, and from there in a line to ``last``; dollars."""
    half = MINUTES // 2
    down = [fall * n / half for n in range(half)]
    up = [fall + (last - fall) * n / (MINUTES - half - 1) for n in range(MINUTES - half)]
    return tuple(to_units(round(value, 2)) for value in (*down, *up))


def side(name: str, **changes: Any) -> SideFigures:
    base = SideFigures(
        name=name, net=to_units(186), drawdown=to_units(61.4), fees=to_units(10.4), trades=2, open=1, wins=1
    )
    return replace(base, **changes)


def differences(more: int = 0) -> tuple[Difference, ...]:
    """Three, and so many more trades of the strategies alone."""
    found = [
        Difference(
            ts=at("10:31:00"), side="first", results=(to_units(-15.2), None),
            text="SPXW IC 5875/5895P 5995/6015C x1 (manual): closed 10:33 (person)",
        ),
        Difference(
            ts=at("10:33:05"), side="both", results=(to_units(201.2), to_units(-49.55)),
            text="SPXW IC 10:00 x1 (iron_condor): closed 10:33 (flatten) here, settled 16:00 there",
        ),
        Difference(
            ts=at("11:00:00"), side="second", results=(None, to_units(-34.55)),
            text="SPXW IC 11:00 x1 (iron_condor): open",
        ),
    ]  # fmt: skip
    return (*found, *(replace(found[-1], ts=at("11:00:00") + n * MINUTE) for n in range(1, more + 1)))


def comparison(**changes: Any) -> ComparisonView:
    base = ComparisonView(
        first=side("practice"),
        second=side("hands-off", net=to_units(-84.1), drawdown=to_units(306.7), trades=3, open=2, wins=0),
        path=Path(
            ts=tuple(OPEN + n * MINUTE for n in range(MINUTES)),
            first=_column(186, -61.4),
            second=_column(-84.1, -306.7),
        ),
        differences=differences(),
    )
    return replace(base, **changes)
