"""Faults of HTTP answers, of trading and of data alike, as a middleware behind the keys' check."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from engine.clock import SECOND
from engine.events import BrokerReport
from engine.venue.app import account_of
from engine.venue.faults import UNKNOWN_STATUS, Faults, faults_of
from engine.venue.faults_control import CONTROL, add_control_routes
from engine.venue.venue import Venue

_HTML_504 = (
    "<html>\r\n<head><title>504 Gateway Time-out</title></head>\r\n"
    "<body>\r\n<center><h1>504 Gateway Time-out</h1></center>\r\n</body>\r\n</html>\r\n"
)
_CHANGING = ("POST", "PATCH", "DELETE", "PUT")


def add_faults(app: web.Application, venue: Venue) -> None:
    """Let HTTP answers fail as ``faults_of(app)`` says, and add the switches under ``/control``. A part of the app."""
    faults = faults_of(app)
    app.middlewares.append(_faulty(faults))
    add_control_routes(app, venue, faults)
    venue.reported.append(_Buster(venue, faults))


def part_of(path: str) -> str:
    """``data`` or ``trading``."""
    return "data" if path.startswith(("/v1beta", "/v2/stocks")) else "trading"


def _faulty(faults: Faults) -> Middleware:
    @web.middleware
    async def answer(request: web.Request, handler: Handler) -> web.StreamResponse:
        if request.path.startswith(CONTROL) or request.headers.get("Upgrade"):
            return await handler(request)
        about = (account_of(request), request.path, part_of(request.path))
        if faults.take("http_429", *about):
            return web.json_response({"message": "too many requests."}, status=429)
        response = await handler(request)  # a refusal goes past what follows: only what was taken is answered wrongly
        if about[2] == "trading" and request.method in _CHANGING:
            if faults.take("http_504", *about):
                return web.Response(status=504, text=_HTML_504, content_type="text/html")
            if faults.take("dropped_ack", *about):
                if request.transport is not None:
                    request.transport.abort()
                return response
        return _altered(request, response, faults, about)

    return answer


def _altered(
    request: web.Request, response: web.StreamResponse, faults: Faults, about: tuple[str, str, str]
) -> web.StreamResponse:
    if not isinstance(response, web.Response) or response.status != 200 or not faults.on:
        return response
    if request.path == "/v2/clock" and (skew := faults.take("clock_skew", *about)):
        body = _body(response)
        told = dt.datetime.fromisoformat(body["timestamp"]) + dt.timedelta(seconds=skew.value)
        response.text = json.dumps(body | {"timestamp": told.isoformat()})
    elif request.path.startswith("/v2/orders"):
        body = _body(response)
        orders = body if isinstance(body, list) else [body]
        if orders and isinstance(orders[0], dict) and "status" in orders[0] and faults.take("unknown_enum", *about):
            orders[0]["status"] = UNKNOWN_STATUS
            response.text = json.dumps(body)
    return response


def _body(response: web.Response) -> Any:
    return json.loads(response.text or "null")


class _Buster:
    """Takes an execution back, a second of market time after it was told."""

    def __init__(self, venue: Venue, faults: Faults) -> None:
        self._venue = venue
        self._faults = faults

    def __call__(self, account: str, report: BrokerReport) -> None:
        if report.kind == "fill" and report.legs and self._faults.take("busted_trade", account, part="trading"):
            exec_id = report.legs[0].exec_id
            self._venue.at(self._venue.now + SECOND, lambda: self._bust(account, exec_id))

    def _bust(self, account: str, exec_id: str) -> None:
        broker = self._venue.brokers[account]
        broker.advance(self._venue.now)
        broker.bust(exec_id)
