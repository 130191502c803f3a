"""An account's equity of the day, minute by minute, as ``/v2/account/portfolio/history`` shows it."""

from __future__ import annotations

import datetime as dt
from typing import Any

from aiohttp import web

from engine.calendar import previous_session
from engine.clock import MINUTE, SECOND
from engine.events import AnyEvent, ChainBatch
from engine.types import SCALE, Money
from engine.venue import query
from engine.venue.desk import Desk
from engine.venue.errors import malformed
from engine.venue.positions import long_value, short_value

_FRAMES = {"1Min": 1, "5Min": 5, "15Min": 15, "1H": 60, "1D": 0}
"""Minutes of a window; 0: the day."""
_DAYS = {"D": 1, "W": 7, "M": 30, "A": 365}


class EquityHistory:
    """Follows one account. The equity of a minute is what it was when the first quotes after its end had come."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._minutes: dict[int, Money] = {}
        self._marked = desk.venue.day.open // MINUTE * MINUTE
        desk.venue.happened.append(self._look)

    def _look(self, event: AnyEvent) -> None:
        minute = event.ts_known // MINUTE * MINUTE
        if isinstance(event, ChainBatch) and minute > self._marked:
            equity = self._equity()
            for each in range(self._marked, min(minute, self._desk.venue.day.close), MINUTE):
                self._minutes[each] = equity
            self._marked = minute

    def _equity(self) -> Money:
        return self._desk.cash + long_value(self._desk) + short_value(self._desk)

    def body(self, request: web.Request) -> dict[str, Any]:
        """What a request asks for. There is no day but this one: a longer period has no more in it.

        Raises ``Refused``.
        """
        asked = request.query
        if all(asked.get(name) for name in ("start", "end", "period")):
            raise malformed("only two of start, end and period can be specified")
        period = asked.get("period") or "1M"
        if period[-1:] not in _DAYS or not (period[:-1].isascii() and period[:-1].isdigit()):
            raise malformed(f"invalid period: {period}")
        days = int(period[:-1][:6]) * _DAYS[period[-1]]
        usual = "1Min" if days < 7 else "15Min" if days < 30 else "1D"
        timeframe = query.choice(request, "timeframe", usual, *_FRAMES)
        query.choice(request, "intraday_reporting", "market_hours", "extended_hours", "continuous")
        query.choice(request, "pnl_reset", "per_day", "no_reset")
        start, end = query.instant(request, "start"), query.instant(request, "end")
        base = self._desk.cash - self._desk.ledger.cash
        found = {
            at: equity
            for at, equity in self._windows(_FRAMES[timeframe]).items()
            if (start is None or at >= start) and (end is None or at <= end)
        }
        profits = [equity - base for equity in found.values()]
        day = self._desk.venue.day.day
        return {
            "timestamp": [at // SECOND for at in found],
            "equity": [equity / SCALE for equity in found.values()],
            "profit_loss": [profit / SCALE for profit in profits],
            "profit_loss_pct": [round(profit / base, 6) if base else 0.0 for profit in profits],
            "base_value": base / SCALE,
            "base_value_asof": f"{previous_session(day).day}",
            "timeframe": timeframe,
            **({"cashflow": {}} if asked.get("cashflow_types", "NONE") != "NONE" else {}),
        }

    def _windows(self, minutes: int) -> dict[int, Money]:
        """Equity at the end of each window, by its start, ns UTC; the last is the one under way."""
        day, now = self._desk.venue.day, self._desk.venue.now
        if now < day.open:
            return {}
        if not minutes:
            midnight = dt.datetime.combine(day.day, dt.time(), dt.UTC)
            return {int(midnight.timestamp()) * SECOND: self._equity()}
        width, found = minutes * MINUTE, {}
        for minute, equity in self._minutes.items():
            found[day.open + (minute - day.open) // width * width] = equity
        if now < day.close:
            found[day.open + (now - day.open) // width * width] = self._equity()
        return found
