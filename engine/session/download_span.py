"""What is to be downloaded and what became of it: checked and told without the SDK, which takes seconds to load."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final, Literal

from engine.calendar import is_session, session
from engine.clock import MINUTE

OPTIONS_SINCE: Final = dt.date(2024, 2, 1)
STOCKS_SINCE: Final = dt.date(2016, 1, 4)
LATE: Final = 15 * MINUTE
"""What a plan without real-time data may ask for is that much old."""


Result = Literal["stored", "there", "nothing"]


@dataclass(frozen=True, slots=True)
class Asked:
    """What to download.

    Attributes:
        width: how far beyond the day's largest move strikes are taken, as a share of the underlying: 0.02.
        trades: every trade too, as a source of its own.
        options: whether options are wanted at all, and not the underlying alone.
        source: name of the source in the store; that of trades ends with ``-trades``.
    """

    root: str
    days: tuple[dt.date, ...]
    width: float = 0.02
    trades: bool = False
    options: bool = True
    source: str = "alpaca"

    @property
    def trades_source(self) -> str:
        """The source under which trades are stored."""
        return f"{self.source}-trades"


@dataclass(slots=True)
class Downloaded:
    """What became of one day.

    Attributes:
        result: ``there``: all of it was stored before. ``nothing``: Alpaca has nothing of it.
        files: relative paths in the store of what was written now.
        contracts, without: asked for; of them without a single bar.
        bars, trades, minutes: of options, of options, of the underlying.
        sent: requests it took.
        notes: what a person must know.
    """

    day: dt.date
    result: Result = "nothing"
    files: list[str] = field(default_factory=list)
    contracts: int = 0
    without: int = 0
    bars: int = 0
    trades: int = 0
    minutes: int = 0
    sent: int = 0
    notes: list[str] = field(default_factory=list)


def is_over(root: str, day: dt.date, now: int) -> bool:
    """Whether any plan may ask for all of the session ``day`` at ``now`` (ns UTC)."""
    of = session(day)
    return now > max(of.close, of.product_close(root)) + LATE


def past_days(root: str, days: Sequence[dt.date], now: int) -> tuple[tuple[dt.date, ...], tuple[dt.date, ...]]:
    """Sessions among ``days`` that are over, and those that are not."""
    found = [day for day in days if is_session(day)]
    over = tuple(day for day in found if is_over(root, day, now))
    return over, tuple(day for day in found if day not in over)
