"""``/control``: switches of faults and the hands of the exchange's clock, from this machine only, without keys.

A web page that is open in a browser here can ask loopback too: what names another host, comes from a page, or brings a
body that is not declared as JSON is refused.
"""

from __future__ import annotations

import ipaddress
import json
import math
from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import web

from engine.venue.app import OPEN
from engine.venue.data_query import BadQuery, parse_instant, rfc3339
from engine.venue.faults import BadSwitch, Faults
from engine.venue.venue import Venue

CONTROL = "/control"
_FASTEST = 100_000.0

Answer = Callable[[web.Request], Awaitable[web.StreamResponse]]


def add_control_routes(app: web.Application, venue: Venue, faults: Faults) -> None:
    """``GET``, ``POST`` and ``DELETE /control/faults``; ``GET`` and ``POST /control/clock``."""
    control = _Control(venue, faults)
    if OPEN in app:
        app[OPEN].add(CONTROL)
    app.router.add_get(f"{CONTROL}/faults", _local(control.faults))
    app.router.add_post(f"{CONTROL}/faults", _local(control.switch))
    app.router.add_delete(f"{CONTROL}/faults", _local(control.clear))
    app.router.add_get(f"{CONTROL}/clock", _local(control.clock))
    app.router.add_post(f"{CONTROL}/clock", _local(control.move))


def is_local(remote: str | None, host: str, origin: str | None) -> bool:
    """Whether a request comes from this machine and not from a web page: by its peer, its Host and its Origin."""
    name = host.rsplit(":", 1)[0] if not host.endswith("]") else host
    if origin is not None or name not in ("127.0.0.1", "localhost", "[::1]"):
        return False
    try:
        return ipaddress.ip_address(remote or "").is_loopback
    except ValueError:
        return False


def _local(answer: Answer) -> Answer:
    async def checked(request: web.Request) -> web.StreamResponse:
        if not is_local(request.remote, request.host, request.headers.get("Origin")):
            return web.json_response({"message": "forbidden: /control answers this machine only"}, status=403)
        if request.method == "POST" and request.content_type != "application/json":
            return web.json_response({"message": "send the body as application/json"}, status=415)
        try:
            return await answer(request)
        except (BadSwitch, BadQuery) as error:
            return web.json_response({"message": str(error)}, status=422)

    return checked


class _Control:
    def __init__(self, venue: Venue, faults: Faults) -> None:
        self._venue = venue
        self._faults = faults

    async def faults(self, _request: web.Request) -> web.Response:
        """The table, with what is on."""
        return web.json_response({"seed": self._faults.seed, "faults": self._faults.told()})

    async def switch(self, request: web.Request) -> web.Response:
        """``{"fault": name, ...}`` switches one on; ``{"seed": n, "share": x}`` all that have a usual chance."""
        body = await _json(request)
        if "fault" in body:
            name = body.pop("fault")
            self._faults.switch(name if isinstance(name, str) else repr(name), **body)
        elif "seed" in body and not body.keys() - {"seed", "share"}:
            seed, share = body["seed"], body.get("share", 1.0)
            if type(seed) is not int or type(share) not in (int, float) or not 0 < share <= 1000:
                raise BadSwitch("give seed as a whole number, and share as a number above 0 and at most 1000")
            self._faults.reseed(seed)
            self._faults.switch_usual(share)
        else:
            raise BadSwitch('give {"fault": name} with what it has, or {"seed": n} for the usual ones')
        return await self.faults(request)

    async def clear(self, request: web.Request) -> web.Response:
        """All off, or the one that ``?fault=`` names."""
        self._faults.clear(request.query.get("fault", ""))
        return await self.faults(request)

    async def clock(self, _request: web.Request) -> web.Response:
        """Market time, how far the market has come, how fast it goes, and the anchor of it all.

        Market time was ``start`` ns UTC when this machine's CLOCK_MONOTONIC was at ``from`` ns.
        """
        clock = self._venue.clock
        now, (start, since) = clock.now(), clock.anchor
        told = {"now": rfc3339(now), "played": rfc3339(self._venue.now), "speed": clock.speed}
        return web.json_response(told | {"start": start, "from": since})

    async def move(self, request: web.Request) -> web.Response:
        """``{"now": instant, "speed": x}``, either or both; the market is played up to there before the answer."""
        body = await _json(request)
        if not body or body.keys() - {"now", "speed"}:
            raise BadQuery('give "now", an instant such as 2026-01-15T15:00:00Z, or "speed", or both')
        clock, speed = self._venue.clock, body.get("speed")
        if speed is not None and not (type(speed) in (int, float) and math.isfinite(speed) and 0 <= speed <= _FASTEST):
            raise BadQuery(f"speed is {speed!r}; give a number from 0 (stands still) to {_FASTEST:,.0f}")
        now = clock.now()
        instant = now if "now" not in body else parse_instant(body["now"], "now")
        if instant < now:
            raise BadQuery(f"the market is at {rfc3339(now)} and does not go back to {body['now']}")
        clock.set(instant, speed)
        self._venue.advance()
        return await self.clock(request)


async def _json(request: web.Request) -> dict[str, Any]:
    try:
        body = await request.json()
    except (json.JSONDecodeError, UnicodeDecodeError):
        raise BadSwitch("the body is not JSON") from None
    if not isinstance(body, dict):
        raise BadSwitch("the body is not a JSON object")
    return body
