"""From values to dots and back, and the round values worth a label."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import NamedTuple

from engine.calendar import to_new_york

MINUTE = 60_000_000_000
_STEPS = (1.0, 2.0, 2.5, 5.0, 10.0)
_MINUTES = (1, 2, 5, 10, 15, 30, 60, 120, 180)


class Tick(NamedTuple):
    """A value on an axis and what is written there."""

    value: float
    label: str


class Scale(NamedTuple):
    """Where values lie on ``size`` dots: ``low`` on the first, ``high`` on the last."""

    low: float
    high: float
    size: int

    def at(self, value: float) -> int:
        """The dot of ``value``, from 0 at ``low``; outside of the scale for values outside of it."""
        width = self.high - self.low
        if width <= 0:
            return (self.size - 1) // 2
        return round((value - self.low) / width * (self.size - 1))

    def value(self, dot: int) -> float:
        """The value of a dot."""
        return self.low + (self.high - self.low) * dot / max(1, self.size - 1)

    def holds(self, value: float) -> bool:
        """Whether ``value`` lies on it."""
        return self.low <= value <= self.high


def span(values: Iterable[float | None], least: float = 0.0, margin: float = 0.04) -> tuple[float, float] | None:
    """The lowest and highest of ``values`` with a margin on both sides, at least ``least`` apart; None without any.

    ``margin`` is a fraction of the span.
    """
    known = [value for value in values if value is not None and math.isfinite(value)]
    if not known:
        return None
    low, high = min(known), max(known)
    wide = max(high - low, least)
    middle = (low + high) / 2
    half = wide * (0.5 + margin) or max(1.0, abs(middle)) * 0.001
    return middle - half, middle + half


def value_ticks(low: float, high: float, most: int) -> tuple[float, ...]:
    """At most ``most`` round values from ``low`` to ``high``: 1, 2, 2.5 or 5 times a power of ten apart."""
    if most < 1 or not high > low or not (math.isfinite(low) and math.isfinite(high)):
        return ()
    power = 10.0 ** (math.floor(math.log10((high - low) / most)) - 1)
    while True:
        for step in _STEPS:
            apart = step * power
            first, last = math.ceil(low / apart - 1e-9), math.floor(high / apart + 1e-9)
            if last - first + 1 <= most:
                return tuple(apart * n for n in range(first, last + 1))
        power *= 10


def amount_ticks(low: float, high: float, most: int, sign: bool = False) -> tuple[Tick, ...]:
    """``value_ticks`` with labels of as many places as tell them apart; with ``sign``, plus and minus written."""
    values = value_ticks(low, high, most)
    apart = values[1] - values[0] if len(values) > 1 else abs(values[0]) if values else 0.0
    places = 0
    while places < 4 and apart and abs(round(apart, places) - apart) > 1e-9 * abs(apart):
        places += 1
    return tuple(Tick(value, _amount(value, places, sign)) for value in values)


def _amount(value: float, places: int, sign: bool) -> str:
    value += 0.0  # no minus before a zero
    return f"{value:+,.{places}f}" if sign and value else f"{value:,.{places}f}"


def time_ticks(start: int, end: int, columns: int, label_width: int = 5) -> tuple[Tick, ...]:
    """Whole minutes of New York, as ``10:30``, far enough apart for ``columns`` cells. Instants in ns UTC."""
    if end <= start or columns < label_width:
        return ()
    most = max(1, columns // (label_width + 3))
    minutes = (end - start) / MINUTE
    apart = next((each for each in _MINUTES if minutes / each <= most), _MINUTES[-1])
    local = to_new_york(start)
    midnight = start - ((local.hour * 60 + local.minute) * 60 + local.second) * 1_000_000_000 - local.microsecond * 1000
    step = apart * MINUTE
    first = midnight + math.ceil((start - midnight) / step) * step
    return tuple(Tick(at, f"{to_new_york(at):%H:%M}") for at in range(first, end + 1, step))
