"""One day of bars of an index or fund as columns: regular hours only, holes counted."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from itertools import pairwise
from typing import Final

from engine.calendar import NotASession, clock_text, session
from engine.clock import HOUR, MINUTE
from engine.tape.builder import DayBuilder
from engine.tape.columns import Columns
from engine.tape.importers.bars_rows import Bar
from engine.tape.importers.bars_times import instant
from engine.tape.importers.flags import day_flags
from engine.tape.importers.index_bars_rows import RawDay
from engine.types import Underlying, round_to_cent

_FIVE: Final = 5 * MINUTE


def bar_length(day: RawDay, known: int = 0) -> int:
    """Length of the day's bars in ns: their smallest spacing, and ``known`` where that was found on a day before.

    Raises ``ValueError`` where there is one bar only and nothing known, where bars are longer than an hour, and where
    the spacing of some is no multiple of it.
    """
    stamps = [row.stamp for row in day.rows]
    steps = {_ns(later - earlier) for earlier, later in pairwise(sorted(set(stamps)))}
    smallest = min(steps, default=known)
    length = known or smallest
    if not length:
        raise ValueError("the length of its bars cannot be found from one bar")
    if length > HOUR:
        raise ValueError(f"its bars are {length // MINUTE} min apart: bars of an hour or less are read")
    if any(step % length for step in steps):
        raise ValueError(f"its bars are {smallest // MINUTE} min apart, and others {length // MINUTE} min")
    return length


class BarsDay:
    """What one day gives. ``why_nothing`` says why ``columns`` is ``None``.

    Attributes:
        columns: rows known at the end of each bar; ``None`` for a day without a session or without a bar in it.
        counts, flags: see ``UnderlyingTable``.
    """

    def __init__(self, symbol: str, day: RawDay, zone: dt.tzinfo, length: int, whole_cents: bool) -> None:
        """Raises ``ValueError`` for a bar that comes twice with different values."""
        self.counts: dict[str, int] = {}
        self.flags: tuple[str, ...] = ()
        self.columns: Columns | None = None
        self.why_nothing = ""
        self._symbol, self._length, self._whole_cents = Underlying(symbol), length, whole_cents
        bars: dict[int, Bar] = {}
        repeated = 0
        for row in day.rows:
            start = instant(row.stamp, zone)
            if bars.setdefault(start, row.bar) is not row.bar:
                if bars[start] != row.bar:
                    raise ValueError(f"two different bars at {row.stamp:%H:%M} ({row.where})")
                repeated += 1
        try:
            of = session(day.day)
        except NotASession as error:
            self.why_nothing = str(error)
            return
        counts = Counter({"rounded": day.rounded, "repeated": repeated})
        kept: dict[int, Bar] = {}
        for start in sorted(bars):
            if start < of.open:
                counts["before_open"] += 1
            elif start + length > of.close:
                counts["after_close"] += 1
            else:
                kept[start] = bars[start]
        if not kept:
            self.why_nothing = "no bar between the open and the close"
            return
        self.columns = self._build(kept)
        last = max(kept)
        missing = [start for start in range(of.open, last, length) if start not in kept]
        counts["holes"] = len(missing)
        self.counts = {name: count for name, count in sorted(counts.items()) if count}
        gaps = [start for start in missing if start - length not in missing]
        self.flags = (
            # Bars outside regular hours are nothing odd in an index or a fund: they are counted without a flag.
            *day_flags(of, last + length, {}, patience=max(_FIVE, length)),
            *(f"gap:{clock_text(start, seconds=False)}" for start in gaps),
        )

    def _build(self, kept: dict[int, Bar]) -> Columns:
        builder, traded = DayBuilder(), 0
        # An index trades nothing: a column of zeros says that there is no volume.
        has_volume = any(bar.volume for bar in kept.values())
        for start, bar in kept.items():
            known = start + self._length
            traded += bar.volume or 0
            prices = [round_to_cent(price) for price in bar[:4]] if self._whole_cents else bar[:4]
            opened, high, low, close = prices
            builder.put(
                known, known, self._symbol,
                price=close, open=opened, high=high, low=low, volume=traded if has_volume else None,
            )  # fmt: skip
        return builder.build()


def _ns(step: dt.timedelta) -> int:
    return int(step.total_seconds()) * (MINUTE // 60)
