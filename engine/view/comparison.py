"""Two ways through one day side by side: what a person made of it, and what the strategies made of it alone.

Amounts are units of 1e-4 dollars, net of fees; times ns UTC.
"""

from __future__ import annotations

import msgspec

from engine.types import Money


class SideFigures(msgspec.Struct, frozen=True, kw_only=True):
    """What one way came to.

    Attributes:
        net: of all its trades, open ones at mid; None where that cannot be known. drawdown: the deepest fall of ``net``
            from its highest minute before, positive. fees: of all trades. trades: that were filled; open: that still
            are; wins: that are over and ended above zero. provisional: whether a result waits for an official close.
    """

    name: str
    net: Money | None
    drawdown: Money
    fees: Money
    trades: int
    open: int
    wins: int
    provisional: bool = False


class Path(msgspec.Struct, frozen=True, kw_only=True):
    """Net P&L at the end of each minute of both ways, on one axis: three columns of one length."""

    ts: tuple[int, ...] = ()
    first: tuple[Money | None, ...] = ()
    second: tuple[Money | None, ...] = ()


class Difference(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that only one way did, or that both did otherwise.

    Attributes:
        ts: when. side: ``first``, ``second`` or ``both``. text: what was traded and how it ended, in words.
        results: net of the trade in the first and in the second way so far; None where it has none there.
    """

    ts: int
    side: str
    text: str
    results: tuple[Money | None, Money | None]


class ComparisonView(msgspec.Struct, frozen=True, kw_only=True):
    """Two ways through one day up to an instant. ``why_empty`` says what is missing, where there is nothing yet."""

    first: SideFigures | None = None
    second: SideFigures | None = None
    path: Path = Path()
    differences: tuple[Difference, ...] = ()
    why_empty: str = ""
