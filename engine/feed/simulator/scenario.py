"""What makes one kind of day: a declaration that the path, the quotes and the feed read. None has code of its own.

Times are minutes after the open of a full session of 390; on a half-day they come at the same share of it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

FULL_MINUTES = 390.0


@dataclass(frozen=True, slots=True)
class Window:
    """From ``start`` to ``end`` something is multiplied by ``factor``."""

    start: float
    end: float
    factor: float


@dataclass(frozen=True, slots=True)
class Announcement:
    """One jump at a known minute, which options price until then.

    Attributes:
        at: the minute.
        size: its standard deviation, in standard deviations of the session; either sign is as likely.
        premium: the variance that options price for it, over its own.
    """

    at: float
    size: float
    premium: float


@dataclass(frozen=True, slots=True)
class Scenario:
    """One kind of day. What is not named is as on any day.

    Attributes:
        name: one word. story: what happens, in a line.
        path: fields of ``PathModel`` that differ.
        course: (minute, level) pairs through which spot is led, in standard deviations of the session from the open.
        pinned: whether the underlying closes on a strike.
        gap: the opening gap lies between these, as shares of the close before.
        today, ahead: by how much the evening before misjudged volatility, of today and of the days after.
        variance: windows of quieter or louder trading; options know of them.
        announcement: a jump at a known minute.
        spreads: windows of wider quotes.
        late_index: minutes until the index has a value of today.
        outage: from one minute to another no data comes; the market goes on.
        half_day: whether it needs a session that closes early.
    """

    name: str = ""
    story: str = "an ordinary day"
    path: tuple[tuple[str, float], ...] = ()
    course: tuple[tuple[float, float], ...] = ()
    pinned: bool = False
    gap: tuple[float, float] | None = None
    today: float = 1.0
    ahead: float = 1.0
    variance: tuple[Window, ...] = ()
    announcement: Announcement | None = None
    spreads: tuple[Window, ...] = ()
    late_index: float = 0.0
    outage: tuple[float, float] | None = None
    half_day: bool = False

    def on_recorded(self) -> Scenario:
        """What is left of it where spot follows a recorded path: its quotes, its feed, its quiet and loud hours."""
        return replace(self, path=(), course=(), pinned=False, gap=None, today=1.0, ahead=1.0, announcement=None)
