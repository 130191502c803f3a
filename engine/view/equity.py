"""The day's P&L as a view: minute by minute, all together and by strategy, and its figures."""

from __future__ import annotations

import msgspec

from engine.types import Money


class StrategyCurve(msgspec.Struct, frozen=True):
    """The P&L at mid of one strategy's trades, beside the times of ``EquityView``."""

    name: str
    pnl: tuple[Money | None, ...]


class EquityMark(msgspec.Struct, frozen=True):
    """Something that changed the book: ``kind`` is entry, exit or stop."""

    ts: int
    trade_id: int
    kind: str


class EquityView(msgspec.Struct, frozen=True, kw_only=True):
    """P&L of the day, fees taken off, money; None where it could not be known then.

    Attributes:
        times: ns UTC, one a minute at most, ascending; the last is now. The columns are as long.
        mid: all trades at mid. now: if everything were closed at that instant. realised: of what is closed or settled.
        strategies: of more than one.
        limit: the loss at which the day is locked, positive.
        high: the highest ``mid`` so far, at least 0, which is where the day begins; drawdown: the most it ever fell
            below the highest before, positive.
        best, worst: the largest and the smallest change from one minute to the next.
        closed, won, lost: trades that are over, with a result above and below zero; open: that hold something.
        provisional: how many of the results wait for an official close.
        since: from when the minutes are known, ns UTC; later than the open after a restart without records.
    """

    times: tuple[int, ...] = ()
    mid: tuple[Money | None, ...] = ()
    now: tuple[Money | None, ...] = ()
    realised: tuple[Money | None, ...] = ()
    strategies: tuple[StrategyCurve, ...] = ()
    marks: tuple[EquityMark, ...] = ()
    limit: Money
    high: Money
    drawdown: Money
    best: Money | None
    worst: Money | None
    closed: int
    won: int
    lost: int
    open: int
    provisional: int
    fees: Money
    since: int
