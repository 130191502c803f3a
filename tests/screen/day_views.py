"""The day of ``views`` as the panes that follow it show it: its orders, its prices, its P&L."""

from __future__ import annotations

import math
from typing import Any

from msgspec.structs import replace
from views import DAY, SECOND, at

from engine.calendar import session
from engine.types import to_units
from engine.view import (
    ChartMark,
    ChartStop,
    ChartStrike,
    ChartView,
    Cone,
    EquityMark,
    EquityView,
    OrderRow,
    OrdersView,
    StrategyCurve,
)

MINUTE = 60 * SECOND
NOW = at("12:02:31")
TIMES = (*range(at("09:31:00"), at("12:03:00"), MINUTE), NOW)


def order(**changes: Any) -> OrderRow:
    base = OrderRow(
        key="main-20260115-0-1",
        ts=at("10:00:00"),
        moved=at("10:00:07"),
        trade_id=7,
        root="SPXW",
        legs="+5835-5845P -5900+5910C",
        kind="open",
        filled=2,
        quantity=2,
        limit=to_units(-2.30),
        trigger=None,
        mid=to_units(-2.35),
        average=to_units(-2.30),
        status="filled",
        working=False,
        who="iron_condor",
        reason="5835/5845P 5900/5910C for 2.30 credit",
    )
    return replace(base, **changes)


def orders(**changes: Any) -> OrdersView:
    rows = (
        order(
            key="main-20260115-0-9", ts=at("12:02:01"), moved=at("12:02:21"), trade_id=12, filled=1,
            average=to_units(-2.20), status="partially_filled", working=True, limit=to_units(-2.20),
            mid=to_units(-2.25), walked=2,
        ),
        order(
            key="denied.8", ts=at("12:00:00"), moved=at("12:00:00"), trade_id=0, filled=0, mid=None, average=None,
            status="denied", limit=to_units(-0.85),
            reason="PER_BOOK: all strategies together may lose $2,000; they may lose $1,640, and this $820 more",
        ),
        order(
            key="main-20260115-0-5", ts=at("10:41:00"), moved=at("10:41:02"), trade_id=3, legs="-5835+5845P",
            kind="close", filled=1, quantity=1, limit=to_units(4.10), mid=to_units(3.95), average=to_units(4.15),
            who="risk", reason="stop: puts cost 4.10 to close, stop at 4.00",
        ),
        order(
            key="main-20260115-0-4", ts=at("10:30:00"), moved=at("10:30:03"), trade_id=7, kind="stop", filled=0,
            quantity=2, limit=None, trigger=to_units(4.6), average=None, mid=None, status="rejected", who="engine",
            reason="a stop at the broker; no stop orders on spreads",
        ),
        order(),
    )  # fmt: skip
    base = OrdersView(rows=rows, working=1, filled=2, denied=1)
    return replace(base, **changes)


def _price(ts: int) -> int:
    x = (ts - at("09:31:00")) / (150 * MINUTE)
    return to_units(round(5862 + 10 * math.sin(5 * x) + 9 * x, 2))


def chart(**changes: Any) -> ChartView:
    prices = tuple(_price(ts) for ts in TIMES)
    day = session(DAY)
    base = ChartView(
        root="SPXW",
        symbol="SPX",
        expiry=DAY,
        open=day.open,
        close=day.close,
        now=NOW,
        times=TIMES,
        prices=prices,
        average=tuple(round(sum(prices[: n + 1]) / (n + 1)) for n in range(len(prices))),
        average_kind="TWAP",
        average_why="SPX is an index and has no volume",
        spot=prices[-1],
        high=max(prices),
        low=min(prices),
        marks=(
            ChartMark(at("10:00:07"), "entry", 7, _price(at("10:00:00"))),
            ChartMark(at("10:41:00"), "stop", 3, _price(at("10:41:00"))),
        ),
        strikes=(ChartStrike(to_units(5845), "P", 2), ChartStrike(to_units(5900), "C", 2)),
        stops=(ChartStop(to_units(5850.4), 7, "puts"), ChartStop(to_units(5893.2), 7, "calls")),
        cone=Cone(NOW, day.close, prices[-1], 21.4),
        opening=Cone(at("09:31:00"), day.close, prices[0], 34.0),
        since=TIMES[0],
    )
    return replace(base, **changes)


def equity(**changes: Any) -> EquityView:
    times = tuple(ts for ts in TIMES if ts >= at("10:00:00"))
    mid = tuple(
        to_units(round(186 * n / (len(times) - 1) - 160 * math.sin(math.pi * n / (len(times) - 1)), 2))
        for n in range(len(times))
    )
    base = EquityView(
        times=times,
        mid=mid,
        now=tuple(value - to_units(28) for value in mid),
        realised=tuple(0 if ts < at("10:41:00") else to_units(-212.6) for ts in times),
        marks=(
            EquityMark(at("10:00:07"), 7, "entry"),
            EquityMark(at("10:41:00"), 3, "stop"),
            EquityMark(at("11:00:00"), 12, "entry"),
        ),
        limit=to_units(500),
        high=to_units(186),
        drawdown=to_units(121.4),
        best=to_units(14.2),
        worst=to_units(-22.5),
        closed=3,
        won=2,
        lost=1,
        open=2,
        provisional=0,
        fees=to_units(31.2),
        since=times[0],
    )
    return replace(base, **changes)


def two_strategies() -> EquityView:
    shown = equity()
    half = tuple(None if value is None else value // 2 for value in shown.mid)
    return replace(shown, strategies=(StrategyCurve("iron_condor", half), StrategyCurve("manual", half)))
