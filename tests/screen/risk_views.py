"""The risk graph, gamma exposure and term structure of the day of ``views``."""

from __future__ import annotations

import datetime as dt
from typing import Any

from msgspec.structs import replace
from views import DAY, at

from engine.types import to_units
from engine.view import GammaRow, GammaView, PayoffRequest, PayoffView, TermRow, TermView, VixRow

SPOT = 5870.12
STRIKES = ((5835.0, 2), (5845.0, -2), (5900.0, -2), (5910.0, 2))
SPOTS = tuple(sorted({*(5780.0 + 2 * n for n in range(91)), *(strike for strike, _ in STRIKES), SPOT}))


def worth(spot: float) -> float:
    """The condor's P&L at expiry, dollars: 2.30 of credit, ten points wide, two packages."""
    lost = sum(
        -quantity * max(sign * (spot - strike), 0.0)
        for (strike, quantity), sign in zip(STRIKES, (-1, -1, 1, 1), strict=True)
    )
    return 200 * (2.30 - lost / 2) - 10.40


def payoff(asked: PayoffRequest = PayoffRequest(), **changes: Any) -> PayoffView:  # noqa: B008 - immutable
    expiry = tuple(round(worth(spot), 2) for spot in SPOTS)
    base = PayoffView(
        root="SPXW",
        subject="#7 IC 10:00" if asked.trade_id else "the book",
        choices=(("the book", PayoffRequest()), ("#7 IC 10:00", PayoffRequest(trade_id=7))),
        spots=SPOTS,
        now=tuple(round(0.55 * value + 20 - 8 * asked.shock, 2) for value in expiry),
        chosen=tuple(round(0.7 * value + 25, 2) for value in expiry),
        expiry=expiry,
        at=at("12:02:31") + asked.ahead * 1_000_000_000,
        end=at("16:00:00"),
        shock=asked.shock,
        spot=SPOT,
        strikes=STRIKES,
        breakevens=(5842.65, 5902.35),
        best=449.60,
        worst=-1550.40,
        low=5849.0,
        high=5891.2,
    )
    return replace(base, **changes)


def gamma(**changes: Any) -> GammaView:
    rows = tuple(
        GammaRow(to_units(5840 + 5 * n), 2.1e8 * (n in (12, 13)) + 3e7 * n, -4.4e8 * (n == 2) - 2e7 * (14 - n))
        for n in range(15)
    )
    base = GammaView(
        root="SPXW",
        expiries=(DAY,),
        rows=rows,
        atm=to_units(5870),
        spot=SPOT,
        call_wall=5905.0,
        put_wall=5850.0,
        zero_gamma=5861.25,
        net=sum(row.calls + row.puts for row in rows),
        calls=sum(row.calls for row in rows),
        puts=sum(row.puts for row in rows),
        priced=180_000,
        unpriced=1_200,
    )
    return replace(base, **changes)


def term(**changes: Any) -> TermView:
    def row(days: int, iv: float | None, move: float | None) -> TermRow:
        return TermRow(
            expiry=DAY + dt.timedelta(days=days), days=days + 0.17, iv=iv, move=move, forward=SPOT + days, strikes=120
        )

    base = TermView(
        root="SPXW",
        looked_at=DAY,
        rows=(row(0, 0.212, 21.4), row(1, 0.148, 44.0), row(4, 0.131, 70.5), row(36, None, None)),
        vix=(
            VixRow(symbol="VIX", value=to_units(18.42), age=9_000_000_000, source="streamed"),
            VixRow(symbol="VIX3M", value=to_units(17.90), age=None, source="close of 2026-01-14"),
        ),
        more=2,
    )
    return replace(base, **changes)
