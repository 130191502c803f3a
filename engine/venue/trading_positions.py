"""``/v2/positions``: what is held, and closing it at market."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from aiohttp import web

from engine.types import Contract, Instrument
from engine.venue import query
from engine.venue.app import account_of
from engine.venue.asked import Asked, AskedLeg
from engine.venue.desk import Desk
from engine.venue.errors import Refused, malformed, not_found, unprocessable
from engine.venue.ledger import Holding
from engine.venue.positions import body
from engine.venue.trading_orders import cancel_all
from engine.venue.wire import id_of


class Positions:
    """The endpoints of positions, for every account's desk."""

    def __init__(self, desks: dict[str, Desk]) -> None:
        self._desks = desks

    def add_to(self, app: web.Application) -> None:
        """Add the routes."""
        app.router.add_get("/v2/positions", self.list)
        app.router.add_delete("/v2/positions", self.close_all)
        app.router.add_get("/v2/positions/{symbol}", self.get)
        app.router.add_delete("/v2/positions/{symbol}", self.close)
        app.router.add_post("/v2/positions/{symbol}/exercise", self.exercise)
        app.router.add_post("/v2/positions/{symbol}/do-not-exercise", self.decline)

    async def list(self, request: web.Request) -> web.Response:
        """All of them."""
        desk = self._desks[account_of(request)]
        return web.json_response([body(desk, *each) for each in sorted(desk.ledger.held.items(), key=_symbol)])

    def _held(self, request: web.Request) -> tuple[Desk, Instrument, Holding]:
        desk, wanted = self._desks[account_of(request)], request.match_info["symbol"]
        for instrument, holding in desk.ledger.held.items():
            if wanted in (instrument.symbol, id_of(instrument.symbol)):
                return desk, instrument, holding
        raise not_found("position does not exist")

    async def get(self, request: web.Request) -> web.Response:
        """One of them, by symbol or by the contract's id."""
        return web.json_response(body(*self._held(request)))

    async def close(self, request: web.Request) -> web.Response:
        """Close one at market, or a part of it: ``qty``, or ``percentage``."""
        desk, instrument, holding = self._held(request)
        count, percentage = query.number(request, "qty"), query.number(request, "percentage")
        if count is not None and percentage is not None:
            raise malformed("qty and percentage are mutually exclusive")
        held = abs(holding.quantity)
        if percentage is not None:
            if not 0 < percentage <= 100:
                raise malformed("percentage must be between 0 and 100")
            count = held * percentage / 100
        return web.json_response(_close(desk, instrument, holding, Decimal(held) if count is None else count))

    async def exercise(self, request: web.Request) -> web.Response:
        """Exercise all that is long and free; the shares are there at once."""
        return self._exercise(request, True)

    async def decline(self, request: web.Request) -> web.Response:
        """Have nothing of it exercised at expiry."""
        return self._exercise(request, False)

    def _exercise(self, request: web.Request, wanted: bool) -> web.Response:
        desk, symbol = self._desks[account_of(request)], request.match_info["symbol"]
        named = (each.symbol for each in desk.venue.listed if id_of(each.symbol) == symbol)
        desk.exercise(next(named, symbol), wanted)
        return web.Response(status=200)

    async def close_all(self, request: web.Request) -> web.Response:
        """Close everything, the shorts first, so that none is left without its cover."""
        desk = self._desks[account_of(request)]
        if query.flag(request, "cancel_orders"):
            cancel_all(desk)
        rows = []
        for instrument, holding in sorted(
            desk.ledger.held.items(), key=lambda each: (each[1].quantity > 0, _symbol(each))
        ):
            try:
                shown = _close(desk, instrument, holding, Decimal(abs(holding.quantity)))
                rows.append({"symbol": instrument.symbol, "status": 200, "body": shown})
            except Refused as refused:
                rows.append({"symbol": instrument.symbol, "status": refused.status, "body": refused.body})
        return web.json_response(rows, status=207)


def _symbol(each: tuple[Instrument, Holding]) -> str:
    return each[0].symbol


def _close(desk: Desk, instrument: Instrument, holding: Holding, count: Decimal) -> dict[str, Any]:
    if not isinstance(instrument, Contract):
        raise unprocessable("shares are not traded on this exchange")
    if count != count.to_integral_value() or count <= 0:
        raise unprocessable("qty must be integer for options trading")
    leg = AskedLeg(instrument, "buy" if holding.quantity < 0 else "sell", "close")
    return desk.submit(Asked("", "simple", "market", (leg,), int(count), None, None))
