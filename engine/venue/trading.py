"""The trading half of the exchange as a part of the application: REST endpoints and the trade_updates stream."""

from __future__ import annotations

from aiohttp import web

from engine.venue.app import Part
from engine.venue.desk import Desk, desks
from engine.venue.rules import Rules
from engine.venue.settlement import Settlement
from engine.venue.trading_account import Account
from engine.venue.trading_orders import Orders
from engine.venue.trading_positions import Positions
from engine.venue.trading_reference import Reference
from engine.venue.updates import add_updates
from engine.venue.venue import Venue

DESKS: web.AppKey[dict[str, Desk]] = web.AppKey("desks", dict)
"""By account."""


def trading_routes(rules: Rules | None = None) -> Part:
    """The part that adds the trading endpoints, for accounts under these rules."""

    def add(app: web.Application, venue: Venue) -> None:
        app[DESKS] = found = desks(venue, Rules() if rules is None else rules)
        settlements = {name: Settlement(desk) for name, desk in found.items()}
        for endpoints in (Orders(found), Positions(found), Account(found, settlements), Reference(venue)):
            endpoints.add_to(app)
        add_updates(app, venue, found)

    return add
